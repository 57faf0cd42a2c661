"""Options of Therapist: on only with it, gone with it, back with it, and no roles by themselves (TA-26)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from motlink.audit.undo import UndoRefused, undo
from motlink.audit.words import detail_words
from motlink.errors import NotAllowed, NotFound
from motlink.roles.catalogue import OPTIONS
from motlink.roles.queries import role_by_key
from motlink.staff.actions import add_member, deactivate, reactivate, switch_role
from motlink.staff.granting import ParentOff, set_role_end
from motlink.staff.queries import profile
from motlink.staff.roster import roster, roster_rows
from motlink.staff.rows import RosterView
from motlink.staff.undo import restore_roles
from motlink.work import begin_work, system
from tests.acts import (
    add_someone,
    cleo_and_strangers_may_not,
    do,
    faults,
    log,
    refusal,
    roles_of,
    see,
    switching,
)
from tests.people import Practice
from tests.roles.holding import all_of, ends_of
from tests.staff.orders import wrong_orders

pytestmark = pytest.mark.req("TA-26")


def test_a_practice_begins_with_the_four_options_under_therapist(practice: Practice) -> None:
    shown = see(practice, practice.ana, profile, member_id=practice.cleo).switches
    keys = [switch.key for switch in shown]

    assert keys[:5] == [
        "therapist",
        "telehealth",
        "accept_client_payments",
        "client_financials",
        "own_reports",
    ]
    assert {one.option_of for one in shown if one.option_of} == {"therapist"}


def test_an_option_is_switched_by_whoever_may_switch_its_role(practice: Practice) -> None:
    done = do(
        practice, practice.sam, switch_role, **switching(practice, practice.cleo, "telehealth", on=True)
    )

    assert done.sentence == "Telehealth turned on for Cleo Marchetti."
    assert all_of(practice, practice.cleo) == {"therapist", "telehealth"}
    assert see(practice, practice.ana, profile, member_id=practice.cleo).monthly == "$25.00"
    assert log(practice)[-1].action == "staff.role_on"


def test_nobody_else_may(practice: Practice) -> None:
    given = switching(practice, practice.cleo, "telehealth", on=True)
    cleo_and_strangers_may_not(practice, switch_role, **given)


def test_without_its_role_an_option_stays_off(practice: Practice) -> None:
    refused = refusal(
        practice,
        practice.ana,
        switch_role,
        ParentOff,
        **switching(practice, practice.ben, "telehealth", on=True),
    )

    assert (
        str(refused)
        == "Telehealth goes with Therapist, which is off for Ben Okafor. Turn Therapist on first."
    )


def test_an_option_is_not_the_last_role(practice: Practice) -> None:
    do(practice, practice.ana, switch_role, **switching(practice, practice.cleo, "telehealth", on=True))

    done = do(
        practice, practice.ana, switch_role, **switching(practice, practice.cleo, "telehealth", on=False)
    )

    assert done.sentence == "Telehealth turned off for Cleo Marchetti."
    assert roles_of(practice, practice.cleo) == {"therapist"}


def test_taking_the_role_takes_its_options_and_undo_gives_them_back(practice: Practice) -> None:
    nora = add_someone(practice, practice.ana, "Nora", "therapist", "biller", "telehealth", "own_reports").id

    done = do(practice, practice.ben, switch_role, **switching(practice, nora, "therapist", on=False))

    assert all_of(practice, nora) == {"biller"}
    assert log(practice)[-1].payload["with_it"] == ["Telehealth", "Own Reports"]
    do(practice, practice.ben, undo, entry_id=done.undo)
    assert all_of(practice, nora) == {"therapist", "biller", "telehealth", "own_reports"}
    assert (wrong_orders(), faults()) == ([], [])


def test_a_role_whose_option_was_given_since_is_not_undone(practice: Practice) -> None:
    done = do(practice, practice.ana, switch_role, **switching(practice, practice.ben, "therapist", on=True))
    do(practice, practice.ana, switch_role, **switching(practice, practice.ben, "telehealth", on=True))

    refusal(practice, practice.ana, undo, UndoRefused, entry_id=done.undo)

    assert all_of(practice, practice.ben) == {"manager", "therapist", "telehealth"}


def test_letting_go_takes_the_options_and_restoring_gives_them_back(practice: Practice) -> None:
    nora = add_someone(practice, practice.ana, "Nora", "telehealth", "therapist").id
    do(practice, practice.ana, deactivate, member_id=nora)
    assert all_of(practice, nora) == set()
    do(practice, practice.ana, reactivate, member_id=nora)

    do(practice, practice.ana, restore_roles, member_id=nora)

    assert all_of(practice, nora) == {"therapist", "telehealth"}


def test_the_add_form_takes_an_option_only_with_its_role(practice: Practice) -> None:
    who = {"first_name": "Nora", "last_name": "Li", "email": "nora@x.example"}

    refusal(practice, practice.ana, add_member, ParentOff, role_ids=[practice.roles["telehealth"]], **who)


def test_an_option_ends_with_its_role(practice: Practice) -> None:
    last = (datetime.now(UTC) + timedelta(days=40)).date()
    given = {"member_id": practice.cleo, "role_id": practice.roles["therapist"]}
    do(practice, practice.ana, switch_role, **switching(practice, practice.cleo, "telehealth", on=True))
    done = do(practice, practice.ana, set_role_end, ends_on=last, **given)
    ends = ends_of(practice, practice.cleo)
    assert ends["telehealth"] == ends["therapist"] is not None

    do(practice, practice.ana, switch_role, **switching(practice, practice.cleo, "own_reports", on=True))

    assert ends_of(practice, practice.cleo)["own_reports"] == ends["therapist"]
    do(practice, practice.ana, undo, entry_id=done.undo)
    assert set(ends_of(practice, practice.cleo).values()) == {None}


def test_undoing_an_end_gives_each_option_its_own_end_back(practice: Practice) -> None:
    today = datetime.now(UTC).date()
    therapist, telehealth = (
        {"member_id": practice.cleo, "role_id": practice.roles[key]} for key in ("therapist", "telehealth")
    )
    for key in ("telehealth", "own_reports"):
        do(practice, practice.ana, switch_role, **switching(practice, practice.cleo, key, on=True))
    do(practice, practice.ana, set_role_end, ends_on=today + timedelta(days=70), **therapist)
    do(practice, practice.ana, set_role_end, ends_on=today + timedelta(days=40), **telehealth)
    before = ends_of(practice, practice.cleo)

    done = do(practice, practice.ana, set_role_end, ends_on=today + timedelta(days=20), **therapist)

    assert len(set(ends_of(practice, practice.cleo).values())) == 1
    details = detail_words(log(practice)[-1].payload, ZoneInfo("America/New_York"))
    assert "options: Telehealth: until" in details and "Own Reports: until" in details
    assert not [one for one in practice.roles.values() if str(one) in details]
    do(practice, practice.ana, undo, entry_id=done.undo)
    assert ends_of(practice, practice.cleo) == before
    assert faults() == []


def test_an_option_whose_end_was_moved_since_keeps_it_when_its_role_is_undone(practice: Practice) -> None:
    today = datetime.now(UTC).date()
    do(practice, practice.ana, switch_role, **switching(practice, practice.cleo, "telehealth", on=True))
    therapist, telehealth = (
        {"member_id": practice.cleo, "role_id": practice.roles[key]} for key in ("therapist", "telehealth")
    )
    done = do(practice, practice.ana, set_role_end, ends_on=today + timedelta(days=20), **therapist)
    do(practice, practice.ben, set_role_end, ends_on=today + timedelta(days=10), **telehealth)
    moved = ends_of(practice, practice.cleo)["telehealth"]

    do(practice, practice.ana, undo, entry_id=done.undo)

    assert ends_of(practice, practice.cleo) == {"therapist": None, "telehealth": moved}


def test_an_option_is_no_chip_no_filter_and_no_place_in_the_order(practice: Practice) -> None:
    do(practice, practice.ana, switch_role, **switching(practice, practice.cleo, "telehealth", on=True))

    (row,) = see(practice, practice.ana, roster_rows, member_ids=[practice.cleo])
    page = see(practice, practice.ana, roster, view=RosterView(roles=("telehealth",)))
    choices = {one.key for one in see(practice, practice.ana, roster, view=RosterView()).role_choices}

    assert [chip.name for chip in row.roles] == ["Therapist"]
    assert page.shown == 0 and not choices & {option.key for option in OPTIONS}
    assert wrong_orders() == []


def test_an_option_of_another_practice_is_not_here(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org, writes=False) as work:
        theirs = role_by_key(work, "telehealth")
    assert theirs

    refusal(
        practice, practice.ana, switch_role, NotFound, member_id=practice.cleo, role_id=theirs.id, on=True
    )
    refusal(
        practice, practice.cleo, switch_role, NotAllowed, member_id=practice.ben, role_id=theirs.id, on=True
    )
