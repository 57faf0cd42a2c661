"""An end date on any role, and whose records a custodian reads (TA-27)."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlmodel import col

from motlink.accounts.actions import open_session
from motlink.accounts.queries import digest_of
from motlink.audit.undo import UndoRefused, undo
from motlink.errors import Conflict, Invalid, NotAllowed, NotFound
from motlink.moments import end_of_day, last_day
from motlink.permissions import Permission
from motlink.roles.models import GrantProvider
from motlink.roles.queries import ended_between, grant_in_force
from motlink.sign_in.queries import signed_in
from motlink.sign_in.rules import NoRole
from motlink.staff.actions import deactivate, switch_role
from motlink.staff.ended import practices_to_tidy, tidy_ended
from motlink.staff.errors import LastOwner, OwnersOnly, OwnRoles, TermsChanged
from motlink.staff.granting import grant_records, set_role_end
from motlink.staff.models import StaffMember
from motlink.staff.queries import profile
from motlink.staff.roster import roster, roster_rows
from motlink.staff.rows import RosterView
from motlink.staff.terms import providers_like, terms_shown
from motlink.work import begin_work, system
from tests.acts import (
    add_someone,
    cleo_and_strangers_may_not,
    count,
    do,
    faults,
    log,
    refusal,
    roles_of,
    see,
    switching,
)
from tests.people import Practice
from tests.roles.holding import all_of, ends_of, may
from tests.staff.orders import wrong_orders

pytestmark = pytest.mark.req("TA-27")
NEW_YORK = ZoneInfo("America/New_York")
TODAY = datetime.now(NEW_YORK).date()
IN_JANUARY = date(TODAY.year + 1, 1, 31)
AFTER = datetime(TODAY.year + 1, 2, 1, 6, tzinfo=UTC)


def term(
    practice: Practice, key: str = "therapist", who: str = "cleo", ends_on: date | None = IN_JANUARY
) -> dict:
    return {"member_id": getattr(practice, who), "role_id": practice.roles[key], "ends_on": ends_on}


@given(
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    st.sampled_from(
        [
            *("America/New_York", "America/St_Johns", "America/Sao_Paulo", "Africa/Cairo", "Asia/Tokyo"),
            # Where midnight comes twice.
            *("America/Havana", "Atlantic/Azores"),
        ]
    ),
)
@example(date(2026, 10, 31), "America/Havana")
@example(date(2026, 10, 24), "Atlantic/Azores")
def test_a_day_ends_where_the_next_one_begins(on: date, zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    end = end_of_day(on, zone)

    before, after = (end - timedelta(seconds=1)).astimezone(zone), end.astimezone(zone)
    assert (before.date(), after.date(), last_day(end, zone)) == (on, on + timedelta(days=1), on)


def test_the_days_of_a_year_of_changing_clocks_leave_no_gap() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(366)]
    lengths = {
        (end_of_day(b, NEW_YORK) - end_of_day(a, NEW_YORK)).total_seconds() / 3600 for a, b in pairwise(days)
    }

    assert lengths == {23.0, 24.0, 25.0}


def test_a_role_ends_at_midnight_of_the_practices_zone(practice: Practice) -> None:
    done = do(practice, practice.ben, set_role_end, **term(practice))

    assert done.sentence == f"Therapist for Cleo Marchetti: until 31 January {IN_JANUARY.year}."
    midnight = datetime(IN_JANUARY.year, 2, 1, 5, tzinfo=UTC)
    assert ends_of(practice, practice.cleo) == {"therapist": midnight}
    assert all_of(practice, practice.cleo, at=midnight - timedelta(seconds=1)) == {"therapist"}
    assert all_of(practice, practice.cleo, at=midnight) == set()
    shown = see(practice, practice.ben, profile, member_id=practice.cleo)
    assert shown.switches[0].note == f"until 31 January {IN_JANUARY.year}"
    assert shown.history[0].what.startswith("Therapist: until 31 January")
    assert faults() == []


def test_its_past_date_counts_everywhere_at_once(practice: Practice) -> None:
    do(practice, practice.ben, set_role_end, **term(practice))

    (row,) = see(practice, practice.ana, roster_rows, at=AFTER, member_ids=[practice.cleo])
    shown = see(practice, practice.ana, profile, at=AFTER, member_id=practice.cleo)
    found = see(practice, practice.ana, roster, at=AFTER, view=RosterView(roles=("therapist",)))

    assert [(chip.name, chip.on) for chip in row.roles] == [("Therapist", False)]
    assert (row.state, shown.state, shown.monthly, found.shown) == ("no_role", "no_role", "$0.00", 0)
    assert shown.switches[0].note == "off since 1 February"


def test_whose_last_role_has_ended_is_out(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        account_id = work.get(StaffMember, practice.cleo).account_id
        cookie = open_session(work, account_id=account_id, address="", browser="")
    soon = datetime.now(UTC) + timedelta(minutes=1)
    with begin_work(system(), org=practice.org) as work:
        grant_in_force(work, practice.cleo, practice.roles["therapist"]).ends_at = soon  # type: ignore[union-attr]

    with begin_work(signed_in(digest_of(cookie)), org=practice.org, writes=False) as work:
        assert work.actor.member_id == practice.cleo
    with (
        pytest.raises(NoRole),
        begin_work(signed_in(digest_of(cookie)), org=practice.org, writes=False, at=soon),
    ):
        pass
    with begin_work(system(), writes=False) as work:
        before, after = soon - timedelta(seconds=2), soon
        assert ended_between(work.session, before, after) == [(practice.org, practice.cleo)]
        assert ended_between(work.session, after, after + timedelta(days=1)) == []


def test_sweeping_tidies_and_tells(practice: Practice) -> None:
    do(practice, practice.ben, switch_role, **switching(practice, practice.cleo, "biller", on=True))
    do(practice, practice.ben, set_role_end, **term(practice))
    with begin_work(system(), writes=False) as work:
        assert practices_to_tidy(work) == []

    with begin_work(system("End dates"), org=practice.org, at=AFTER) as work:
        assert practices_to_tidy(work) == [practice.org]
        assert not tidy_ended(work)
        cleo = work.get(StaffMember, practice.cleo)
        told = {(notice.kind, notice.ids) for notice in work.notices}
        assert told >= {("staff", (cleo.id,)), ("access_changed", (cleo.account_id,))}

    assert ends_of(practice, practice.cleo) == {"biller": None}
    assert log(practice)[-1].action == "staff.role_ended"
    assert wrong_orders() == []


def test_screens_look_before_it_is_tidied(practice: Practice) -> None:
    do(practice, practice.ben, set_role_end, **term(practice))
    midnight = ends_of(practice, practice.cleo)["therapist"]
    assert midnight

    # The worker may be another process: what it tells reaches no screen.
    at = midnight + timedelta(seconds=3)
    with begin_work(system("End dates"), org=practice.org, at=at) as work:
        tidy_ended(work)
        assert practices_to_tidy(work) == []
        seen = ended_between(work.session, midnight - timedelta(seconds=1), at)

    assert seen == [(practice.org, practice.cleo)] and all_of(practice, practice.cleo, at=at) == set()
    with begin_work(system(), org=practice.org, writes=False, at=midnight + timedelta(seconds=10)) as work:
        assert practices_to_tidy(work) == [practice.org]


def test_an_end_is_taken_away_and_each_of_it_undone(practice: Practice) -> None:
    first = do(practice, practice.ben, set_role_end, **term(practice))
    second = do(practice, practice.ben, set_role_end, **term(practice, ends_on=None))
    assert second.sentence == "Therapist for Cleo Marchetti: no end date."

    refusal(practice, practice.ben, undo, UndoRefused, entry_id=first.undo)
    do(practice, practice.ben, undo, entry_id=second.undo)

    assert ends_of(practice, practice.cleo)["therapist"] is not None
    assert do(practice, practice.ben, set_role_end, **term(practice)).undo is None


def test_an_undo_gives_a_role_back_until_its_date_only(practice: Practice) -> None:
    do(practice, practice.ben, switch_role, **switching(practice, practice.cleo, "biller", on=True))
    do(practice, practice.ben, set_role_end, **term(practice))
    ends = ends_of(practice, practice.cleo)
    off = do(practice, practice.ben, switch_role, **switching(practice, practice.cleo, "therapist", on=False))
    do(practice, practice.ben, undo, entry_id=off.undo)
    assert ends_of(practice, practice.cleo) == ends

    gone = do(practice, practice.ben, deactivate, member_id=practice.cleo)
    do(practice, practice.ben, undo, entry_id=gone.undo)
    assert ends_of(practice, practice.cleo) == ends

    off = do(practice, practice.ben, switch_role, **switching(practice, practice.cleo, "therapist", on=False))
    with pytest.raises(UndoRefused):
        do(practice, practice.ben, undo, at=AFTER, entry_id=off.undo)


def test_a_day_that_is_over_is_refused_and_today_is_not(practice: Practice) -> None:
    wrong = refusal(
        practice, practice.ben, set_role_end, Invalid, **term(practice, ends_on=TODAY - timedelta(days=1))
    )
    assert wrong.field == "ends_on" and wrong.sentence.startswith("This day is over.")
    refusal(practice, practice.ben, set_role_end, Invalid, **term(practice, ends_on=date(9999, 12, 31)))
    refusal(practice, practice.ben, set_role_end, Conflict, **term(practice, "biller"))

    do(practice, practice.ben, set_role_end, **term(practice, ends_on=TODAY))

    assert roles_of(practice, practice.cleo) == {"therapist"}


def test_who_may_not(practice: Practice) -> None:
    cleo_and_strangers_may_not(practice, set_role_end, **term(practice))
    refusal(practice, practice.ben, set_role_end, OwnRoles, **term(practice, "manager", "ben"))
    refusal(practice, practice.sam, set_role_end, NotAllowed, **term(practice, "manager", "ben"))
    refusal(practice, practice.ben, set_role_end, OwnersOnly, **term(practice, "owner", "ana"))
    refusal(practice, practice.ana, set_role_end, OwnRoles, **term(practice, "owner", "ana"))


def test_letting_a_role_go_on_longer_is_giving_it(practice: Practice) -> None:
    do(
        practice,
        practice.ana,
        switch_role,
        **switching(practice, practice.cleo, "records_custodian", on=True),
    )
    do(practice, practice.ben, set_role_end, **term(practice, "records_custodian"))

    refusal(
        practice, practice.ben, set_role_end, NotAllowed, **term(practice, "records_custodian", ends_on=None)
    )

    do(practice, practice.ana, set_role_end, **term(practice, "records_custodian", ends_on=None))


@pytest.mark.req("TA-01")
def test_the_last_owner_for_good_gets_no_end_date(practice: Practice) -> None:
    joan = add_someone(practice, practice.ana, "Joan", "owner").id
    with begin_work(system(), org=practice.org) as work:
        work.get(StaffMember, joan).joined_at = work.now
    until_then = {"member_id": joan, "role_id": practice.roles["owner"], "ends_on": IN_JANUARY}
    do(practice, practice.ana, set_role_end, **until_then)

    # Joan is an owner, but only until January: Ana has to stay.
    with pytest.raises(LastOwner) as refused:
        do(practice, joan, deactivate, member_id=practice.ana)
    assert str(refused.value).startswith("Ana Castellanos is the only owner who stays.")
    for act, more in (
        (switch_role, {"on": False, "confirmed": True}),
        (set_role_end, {"ends_on": IN_JANUARY}),
    ):
        with pytest.raises(LastOwner):
            do(practice, joan, act, member_id=practice.ana, role_id=practice.roles["owner"], **more)

    do(practice, practice.ana, set_role_end, **until_then | {"ends_on": None})
    do(practice, joan, set_role_end, **term(practice, "owner", "ana"))


def test_an_owner_lets_someone_read_chosen_providers_until_a_day(practice: Practice) -> None:
    chosen = {"all_providers": False, "provider_ids": [practice.cleo], "ends_on": IN_JANUARY}
    given_to = {"member_id": practice.sam, "role_id": practice.roles["records_custodian"]}

    done = do(practice, practice.ana, grant_records, **given_to, **chosen)

    assert f"reads 1 provider, until 31 January {IN_JANUARY.year}" in done.sentence
    shown = see(practice, practice.ana, terms_shown, **given_to)
    assert (shown.all_providers, [one.name for one in shown.providers]) == (False, ["Cleo Marchetti"])
    switches = {one.key: one for one in see(practice, practice.ana, profile, member_id=practice.sam).switches}
    assert switches["records_custodian"].note == f"reads 1 provider, until 31 January {IN_JANUARY.year}"

    wider = do(practice, practice.ana, grant_records, **given_to, all_providers=True)
    assert "reads all providers, no end date" in wider.sentence and count(GrantProvider) == 0
    do(practice, practice.ana, undo, entry_id=wider.undo)
    assert see(practice, practice.ana, terms_shown, **given_to) == shown

    off = do(practice, practice.ana, switch_role, **given_to, on=False)
    do(practice, practice.ana, undo, entry_id=off.undo)
    assert see(practice, practice.ana, terms_shown, **given_to) == shown
    assert faults() == []


@pytest.mark.req("LV-02")
def test_a_dialog_that_shows_what_is_no_longer_so_widens_nothing(practice: Practice) -> None:
    nora = add_someone(practice, practice.ana, "Nora", "therapist").id
    custodian = {"member_id": practice.sam, "role_id": practice.roles["records_custodian"]}
    both, one = (
        {"all_providers": False, "provider_ids": ids} for ids in ([practice.cleo, nora], [practice.cleo])
    )
    do(practice, practice.ana, grant_records, **custodian, **both)
    mark = see(practice, practice.ana, terms_shown, **custodian).mark
    do(practice, practice.ana, grant_records, **custodian, **one, shown=mark)

    late = {**custodian, **both, "ends_on": IN_JANUARY, "shown": mark}
    refused = refusal(practice, practice.ana, grant_records, TermsChanged, **late)

    assert refused.sentence == (
        "Someone else changed Records Custodian for Sam Whitfield meanwhile: reads 1 provider, no end date."
    )
    shown = see(practice, practice.ana, terms_shown, **custodian)
    assert [provider.name for provider in shown.providers] == ["Cleo Marchetti"]
    do(practice, practice.ana, grant_records, **{**late, "shown": shown.mark})
    assert do(practice, practice.ana, grant_records, **late).sentence == "Nothing has changed."


@pytest.mark.req("LV-02")
def test_nor_does_it_move_an_end_or_turn_on_what_was_turned_off(practice: Practice) -> None:
    ids = {"member_id": practice.cleo, "role_id": practice.roles["therapist"]}
    mark = see(practice, practice.ana, terms_shown, **ids).mark
    do(practice, practice.ana, set_role_end, **term(practice))
    later = term(practice, ends_on=IN_JANUARY + timedelta(days=9))
    refusal(practice, practice.ben, set_role_end, TermsChanged, **later, shown=mark)

    custodian = {"member_id": practice.sam, "role_id": practice.roles["records_custodian"]}
    off = see(practice, practice.ana, terms_shown, **custodian).mark
    do(practice, practice.ana, grant_records, **custodian, all_providers=True, shown=off)
    on = see(practice, practice.ana, terms_shown, **custodian).mark
    few = {**custodian, "all_providers": False, "provider_ids": [practice.cleo]}
    refusal(practice, practice.ana, grant_records, TermsChanged, **few, shown=off)
    do(practice, practice.ana, switch_role, **custodian, on=False)

    refused = refusal(practice, practice.ana, grant_records, TermsChanged, **few, shown=on)

    assert refused.sentence.endswith("meanwhile: it is off.")


def test_only_an_owner_grants_records(practice: Practice) -> None:
    given_to = {
        "member_id": practice.sam,
        "role_id": practice.roles["records_custodian"],
        "all_providers": True,
    }

    cleo_and_strangers_may_not(practice, grant_records, **given_to)
    refusal(practice, practice.ben, grant_records, NotAllowed, **given_to)
    refusal(practice, practice.sam, grant_records, NotAllowed, **given_to)

    assert Permission.READ_NOTES not in may(practice, practice.sam)


def test_whom_a_custodian_can_read(practice: Practice) -> None:
    given_to = {
        "member_id": practice.sam,
        "role_id": practice.roles["records_custodian"],
        "all_providers": False,
    }

    nobody = refusal(practice, practice.ana, grant_records, Invalid, **given_to)
    refusal(practice, practice.ana, grant_records, NotFound, **given_to, provider_ids=[practice.ben])
    refusal(practice, practice.ana, grant_records, NotFound, **given_to, provider_ids=[practice.dov])
    no_reader = given_to | {"role_id": practice.roles["biller"], "all_providers": True}
    refusal(practice, practice.ana, grant_records, Invalid, **no_reader)

    assert nobody.field == "providers"
    do(practice, practice.ana, deactivate, member_id=practice.cleo)
    assert [one.name for one in see(practice, practice.ana, providers_like, q="marCH cle")] == [
        "Cleo Marchetti"
    ]
    assert see(practice, practice.ana, providers_like, q="ben") == ()
    do(practice, practice.ana, grant_records, **given_to, provider_ids=[practice.cleo])
    assert count(GrantProvider, col(GrantProvider.member_id) == practice.cleo) == 1
