"""Letting go and taking back: on both databases."""

import pytest

from motlink.accounts.actions import open_session
from motlink.accounts.models import AccountSession
from motlink.audit.undo import undo
from motlink.staff.actions import deactivate, reactivate, switch_role
from motlink.staff.errors import Inactive, LastOwner, ManagersOnly, OwnersOnly, OwnRoles
from motlink.staff.leaving import leaving_checklist
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.queries import profile
from motlink.staff.roster import roster
from motlink.staff.rows import RosterView
from motlink.staff.undo import restore_roles
from motlink.work import begin_work, system
from tests.acts import (
    add_someone,
    cleo_and_strangers_may_not,
    count,
    do,
    log,
    refusal,
    roles_of,
    see,
    switching,
)
from tests.people import Practice


@pytest.mark.req("TA-01", "TA-20")
def test_the_only_owner_stays_one(practice: Practice) -> None:
    zed = add_someone(practice, practice.ana, "Zed", "owner")
    with begin_work(system(), org=practice.org) as work, pytest.raises(LastOwner):
        deactivate(work, member_id=practice.ana)
    with begin_work(system(), org=practice.org) as work, pytest.raises(LastOwner):
        switch_role(work, **switching(practice, practice.ana, "owner", on=False, confirmed=True))

    do(practice, practice.ana, deactivate, member_id=zed.id)

    assert roles_of(practice, practice.ana) == {"owner"}


@pytest.mark.req("TA-20", "AU-02")
def test_a_therapist_deactivates_nobody_and_a_stranger_nobody_here(practice: Practice) -> None:
    cleo_and_strangers_may_not(practice, deactivate, member_id=practice.sam)
    refusal(practice, practice.ben, deactivate, OwnersOnly, member_id=practice.ana)
    refusal(practice, practice.sam, deactivate, ManagersOnly, member_id=practice.ben)
    refusal(practice, practice.ben, deactivate, OwnRoles, member_id=practice.ben)

    assert count(StaffMember, StaffMember.deactivated_at.is_not(None)) == 0  # type: ignore[union-attr]


@pytest.mark.req("TA-20")
@pytest.mark.asvs("7.4.2")
def test_deactivating_ends_roles_sessions_and_links_at_once(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        account = work.session.get_one(StaffMember, practice.ben).account_id
        open_session(work, account_id=account)
    jo = add_someone(practice, practice.ben, "Jo")

    checks = see(practice, practice.ana, leaving_checklist, member_id=practice.ben).checks
    do(practice, practice.ana, deactivate, member_id=practice.ben)

    assert any("1 invitation" in check.fact for check in checks) and any(
        "open session" in check.fact for check in checks
    )
    assert roles_of(practice, practice.ben) == set()
    assert count(AccountSession, AccountSession.ended_at.is_(None)) == 0  # type: ignore[union-attr]
    assert count(Invitation, Invitation.member_id == jo.id, Invitation.revoked_at.is_(None)) == 0  # type: ignore[union-attr]
    assert [(entry.action, entry.subject_id) for entry in log(practice)[-2:]] == [
        ("staff.deactivated", practice.ben), ("staff.invitation_revoked", jo.id)
    ]  # fmt: skip


@pytest.mark.req("TA-20")
def test_the_checklist_decides_whether_their_invitations_stay(practice: Practice) -> None:
    jo = add_someone(practice, practice.ben, "Jo")

    do(practice, practice.ana, deactivate, member_id=practice.ben, revoke_invitations=False)

    assert see(practice, practice.ana, roster, view=RosterView(q="jo l")).rows[0].state == "no_role"
    assert count(Invitation, Invitation.member_id == jo.id, Invitation.revoked_at.is_(None)) == 1  # type: ignore[union-attr]


@pytest.mark.req("TA-20")
def test_deactivating_twice_is_deactivating_once(practice: Practice) -> None:
    first, again = (do(practice, practice.ben, deactivate, member_id=practice.cleo) for _ in range(2))

    assert first.undo and again.undo is None and "already" in again.sentence


@pytest.mark.req("TA-20", "TA-24")
def test_someone_let_go_here_stays_signed_in_where_they_still_work(practice: Practice) -> None:
    here = add_someone(practice, practice.ana, "Dov", email="dov.stranger@riverbend.example")
    with begin_work(system(), org=practice.org) as work:
        open_session(work, account_id=here.account_id, browser="A secret browser")

    checks = see(practice, practice.ana, leaving_checklist, member_id=here.id).checks
    do(practice, practice.ana, deactivate, member_id=here.id)

    assert not any("session" in check.fact or "browser" in check.detail for check in checks)
    assert count(AccountSession, AccountSession.ended_at.is_(None)) == 1  # type: ignore[union-attr]


@pytest.mark.req("TA-20")
def test_undoing_a_deactivation_gives_the_roles_back(practice: Practice) -> None:
    lines = see(practice, practice.ana, leaving_checklist, member_id=practice.cleo)
    done = do(practice, practice.ana, deactivate, member_id=practice.cleo)
    sentence = do(practice, practice.ana, undo, entry_id=done.undo).sentence
    assert "Therapist" in sentence and lines.refusal == ""


@pytest.mark.req("TA-21", "AU-02")
def test_a_therapist_takes_nobody_back_and_restores_nothing(practice: Practice) -> None:
    do(practice, practice.ben, deactivate, member_id=practice.sam)
    cleo_and_strangers_may_not(practice, reactivate, member_id=practice.sam)
    do(practice, practice.ana, reactivate, member_id=practice.sam)

    cleo_and_strangers_may_not(practice, restore_roles, member_id=practice.sam)

    assert roles_of(practice, practice.sam) == set()


@pytest.mark.req("TA-21")
def test_someone_taken_back_has_no_roles_until_they_are_restored(practice: Practice) -> None:
    do(practice, practice.ben, deactivate, member_id=practice.cleo)
    refusal(practice, practice.ben, restore_roles, Inactive, member_id=practice.cleo)
    refusal(
        practice, practice.ben, switch_role, Inactive, **switching(practice, practice.cleo, "biller", on=True)
    )

    do(practice, practice.ben, reactivate, member_id=practice.cleo)
    back = see(practice, practice.ben, profile, member_id=practice.cleo)
    sentence = do(practice, practice.ben, restore_roles, member_id=practice.cleo).sentence

    assert (back.state, back.can_restore) == ("no_role", True)
    assert "Therapist" in sentence and roles_of(practice, practice.cleo) == {"therapist"}


@pytest.mark.req("TA-21", "TA-01")
def test_a_reactivation_that_was_taken_back_forgets_no_roles(practice: Practice) -> None:
    do(practice, practice.ben, deactivate, member_id=practice.cleo)
    done = do(practice, practice.ben, reactivate, member_id=practice.cleo)
    do(practice, practice.ben, undo, entry_id=done.undo)
    do(practice, practice.ben, reactivate, member_id=practice.cleo)

    do(practice, practice.ben, restore_roles, member_id=practice.cleo)

    assert roles_of(practice, practice.cleo) == {"therapist"}


def test_restoring_gives_only_what_the_restorer_may_give(practice: Practice) -> None:
    for key in ("therapist", "auditor"):
        do(practice, practice.ana, switch_role, **switching(practice, practice.cleo, key, on=True))
    do(practice, practice.ana, deactivate, member_id=practice.cleo)
    do(practice, practice.sam, reactivate, member_id=practice.cleo)

    do(practice, practice.sam, restore_roles, member_id=practice.cleo)

    assert roles_of(practice, practice.cleo) == {"therapist"}
