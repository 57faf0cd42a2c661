"""Undo: the same person, the same checks, once, and only while nothing has changed (UX-02)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import col

from motlink.accounts.actions import open_session
from motlink.accounts.models import AccountSession
from motlink.audit.undo import UndoRefused, undo
from motlink.errors import NotAllowed, NotFound
from motlink.roles.queries import grants_of
from motlink.staff.actions import deactivate, edit_member, reactivate, switch_role
from motlink.staff.granting import grant_records
from motlink.staff.invitations import send_invitation
from motlink.staff.last_days import plan_leaving
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.queries import profile
from motlink.staff.terms import terms_shown
from motlink.staff.undo import restore_roles
from motlink.work import begin_work, system
from tests.acts import add_someone, count, do, faults, log, refusal, roles_of, see, switching
from tests.people import Practice

pytestmark = pytest.mark.req("UX-02")


def switched(practice: Practice, key: str = "biller", *, on: bool = True) -> dict[str, object]:
    return switching(practice, practice.cleo, key, on=on)


def test_an_undo_is_a_new_act_that_names_the_old_one(practice: Practice) -> None:
    done = do(practice, practice.ben, switch_role, **switched(practice))

    do(practice, practice.ben, undo, entry_id=done.undo)

    newest = log(practice)[-1]
    assert (newest.action, newest.undoes, newest.subject_id) == ("staff.role_off", done.undo, practice.cleo)
    assert roles_of(practice, practice.cleo) == {"therapist"}
    assert faults() == []


def test_an_undo_works_once(practice: Practice) -> None:
    done = do(practice, practice.ben, switch_role, **switched(practice))
    do(practice, practice.ben, undo, entry_id=done.undo)

    refusal(practice, practice.ben, undo, UndoRefused, entry_id=done.undo)


@pytest.mark.req("TA-12")
def test_the_first_role_is_taken_back_and_the_person_stays(practice: Practice) -> None:
    do(practice, practice.ben, deactivate, member_id=practice.cleo)
    do(practice, practice.ben, reactivate, member_id=practice.cleo)
    done = do(practice, practice.ben, switch_role, **switched(practice))

    do(practice, practice.ben, undo, entry_id=done.undo)

    shown = see(practice, practice.ben, profile, member_id=practice.cleo)
    assert shown.state == "no_role" and roles_of(practice, practice.cleo) == set()
    assert log(practice)[-1].action == "staff.role_off"


def test_an_undo_belongs_to_whoever_did_it(practice: Practice) -> None:
    done = do(practice, practice.ben, switch_role, **switched(practice))

    for who in (practice.ana, practice.cleo):
        refusal(practice, who, undo, NotAllowed, entry_id=done.undo)
    refusal(practice, practice.ben, undo, NotFound, entry_id=uuid4())
    with pytest.raises(NotFound), begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        undo(work, entry_id=done.undo)

    assert "biller" in roles_of(practice, practice.cleo)


def test_a_manager_who_no_longer_is_one_undoes_nothing(practice: Practice) -> None:
    done = do(practice, practice.ben, switch_role, **switched(practice))
    do(practice, practice.ana, switch_role, **switching(practice, practice.ben, "reporting", on=True))
    do(practice, practice.ana, switch_role, **switching(practice, practice.ben, "manager", on=False))

    refusal(practice, practice.ben, undo, NotAllowed, entry_id=done.undo)

    assert "biller" in roles_of(practice, practice.cleo)


@pytest.mark.parametrize("turns", [(False,), (False, True)])
def test_a_role_that_someone_has_moved_since_is_left_alone(
    practice: Practice, turns: tuple[bool, ...]
) -> None:
    done = do(practice, practice.ben, switch_role, **switched(practice))
    for on in turns:
        do(practice, practice.ana, switch_role, **switched(practice, on=on))
    now_on = roles_of(practice, practice.cleo)

    refusal(practice, practice.ben, undo, UndoRefused, entry_id=done.undo)

    assert roles_of(practice, practice.cleo) == now_on


def test_another_role_moved_since_does_not_matter(practice: Practice) -> None:
    done = do(practice, practice.ben, switch_role, **switched(practice))
    do(practice, practice.ana, switch_role, **switched(practice, "reporting"))

    do(practice, practice.ben, undo, entry_id=done.undo)

    assert roles_of(practice, practice.cleo) == {"therapist", "reporting"}


@pytest.mark.req("TA-20")
def test_undoing_a_deactivation_revives_no_session_and_no_link(practice: Practice) -> None:
    jo = add_someone(practice, practice.ben, "Jo", "biller")
    with begin_work(system(), org=practice.org) as work:
        open_session(work, account_id=work.session.get_one(StaffMember, jo.id).account_id)
    done = do(practice, practice.ben, deactivate, member_id=jo.id)

    do(practice, practice.ben, undo, entry_id=done.undo)

    assert roles_of(practice, jo.id) == {"biller"}
    assert count(AccountSession, col(AccountSession.ended_at).is_(None)) == 0
    assert count(Invitation, Invitation.member_id == jo.id, col(Invitation.revoked_at).is_(None)) == 0
    assert see(practice, practice.ben, profile, member_id=jo.id).state == "not_invited"


@pytest.mark.req("TA-20")
def test_a_deactivation_is_not_undone_after_somebody_else_took_the_person_back(practice: Practice) -> None:
    done = do(practice, practice.ben, deactivate, member_id=practice.cleo)
    do(practice, practice.ana, reactivate, member_id=practice.cleo)
    refusal(practice, practice.ben, undo, UndoRefused, entry_id=done.undo)
    do(practice, practice.ana, deactivate, member_id=practice.cleo)

    refusal(practice, practice.ben, undo, UndoRefused, entry_id=done.undo)

    assert see(practice, practice.ana, profile, member_id=practice.cleo).state == "inactive"


@pytest.mark.req("TA-27", "TA-30")
def test_whoever_had_left_before_somebody_deactivated_them_gets_no_more_back_than_they_had(
    practice: Practice,
) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=10)
    late = moment + timedelta(hours=1)
    custodian = {"member_id": practice.sam, "role_id": practice.roles["records_custodian"]}
    last = (moment + timedelta(days=40)).date()
    chosen = {"all_providers": False, "provider_ids": [practice.cleo], "ends_on": last}
    do(practice, practice.ana, grant_records, **custodian, **chosen)
    before = see(practice, practice.ana, terms_shown, **custodian)
    do(practice, practice.ana, plan_leaving, member_id=practice.sam, leaves_at=moment)

    # Nothing has tidied up yet.
    done = do(practice, practice.ana, deactivate, member_id=practice.sam, at=late)

    entry = next(one for one in reversed(log(practice)) if one.action == "staff.deactivated")
    assert (done.sentence, done.undo) == ("Sam Whitfield has left already.", None)
    refusal(practice, practice.ana, undo, UndoRefused, entry_id=entry.id)
    with begin_work(system(), org=practice.org, writes=False) as work:
        ended = {grant.ended_at for grant in grants_of(work, practice.sam)}
        assert ended == {moment, work.get(StaffMember, practice.sam).deactivated_at}
    do(practice, practice.ana, reactivate, member_id=practice.sam, at=late)
    do(practice, practice.ana, restore_roles, member_id=practice.sam, at=late)
    assert see(practice, practice.ana, terms_shown, at=late, **custodian) == before


@pytest.mark.req("TA-27")
def test_what_no_grant_tells_of_is_not_given_back(practice: Practice) -> None:
    done = do(practice, practice.ben, deactivate, member_id=practice.cleo)
    with begin_work(system(), org=practice.org) as work:
        (grant,) = grants_of(work, practice.cleo)
        assert grant.ended_at
        grant.ended_at += timedelta(seconds=1)

    back = do(practice, practice.ben, undo, entry_id=done.undo)

    assert back.sentence.startswith("Cleo Marchetti is active again, with no roles.")


@pytest.mark.req("TA-21")
def test_a_reactivation_is_undone_only_while_the_person_has_no_role_yet(practice: Practice) -> None:
    do(practice, practice.ben, deactivate, member_id=practice.cleo)
    first = do(practice, practice.ben, reactivate, member_id=practice.cleo)
    do(practice, practice.ben, undo, entry_id=first.undo)
    second = do(practice, practice.ben, reactivate, member_id=practice.cleo)
    do(practice, practice.ana, switch_role, **switched(practice, "therapist"))

    refusal(practice, practice.ben, undo, UndoRefused, entry_id=second.undo)

    assert roles_of(practice, practice.cleo) == {"therapist"}


def test_an_edit_is_undone_only_while_nobody_has_saved_since(practice: Practice) -> None:
    given = {"member_id": practice.cleo, "first_name": "Cleo", "last_name": "Marchetti", "phone": ""}
    first = do(practice, practice.ben, edit_member, version=1, designation="Lead", **given)
    do(practice, practice.ben, undo, entry_id=first.undo)
    assert see(practice, practice.ben, profile, member_id=practice.cleo).designation == ""
    second = do(practice, practice.ben, edit_member, version=3, designation="Lead", **given)
    do(practice, practice.ana, edit_member, version=4, designation="Head", **given)

    refusal(practice, practice.ben, undo, UndoRefused, entry_id=second.undo)

    assert see(practice, practice.ben, profile, member_id=practice.cleo).designation == "Head"


def test_sent_mail_and_added_people_are_not_undone(practice: Practice) -> None:
    jo = add_someone(practice, practice.ben, "Jo")
    do(practice, practice.ben, send_invitation, member_id=jo.id)

    for entry in log(practice)[-3:]:
        refusal(practice, practice.ben, undo, UndoRefused, entry_id=entry.id)
