"""Two at once, on both databases: one row, one owner, one winner, no lost write.

Without the lock (work.py: BEGIN IMMEDIATE and the organization's row) each of these fails within its few rounds;
`make soak` runs 200.
"""

import os
from collections.abc import Callable
from functools import partial
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col

from motlink.accounts.models import Account
from motlink.audit.undo import UndoRefused, undo
from motlink.errors import MotlinkError
from motlink.roles.models import RoleGrant
from motlink.roles.queries import roles_in_force
from motlink.sign_in.actions import accept_invitation
from motlink.staff.actions import add_member, deactivate, reactivate, switch_role
from motlink.staff.batches import CHUNK
from motlink.staff.errors import AlreadyHere
from motlink.staff.import_actions import start_import
from motlink.staff.invitations import send_invitation
from motlink.staff.models import Invitation, StaffMember
from motlink.work import begin_work, nobody, system
from tests.acts import add_someone, count, do, faults, newest_token, switching
from tests.people import Practice, add_person
from tests.staff.imports import MINA, bring, fates, sheet

ROUNDS = 200 if os.environ.get("MOTLINK_SOAK") else 5

pytestmark = [pytest.mark.soak, pytest.mark.asvs("15.4.2", "2.3.4")]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all at the same moment; returns what each gave or the refusal it got. Anything else fails the test."""
    gate, results = Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = act()
        except Exception as refused:  # noqa: BLE001 - looked at below
            results[place] = refused

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, MotlinkError):
            raise result
    return results


@pytest.mark.req("TA-18")
def test_two_managers_who_add_the_same_email_make_one_member(practice: Practice) -> None:
    for number in range(ROUNDS):
        someone = {"first_name": "Jo", "last_name": "Li", "email": f"jo{number}@riverbend.example"}
        results = at_once(
            lambda given=someone: do(practice, practice.ben, add_member, **given),
            lambda given=someone: do(practice, practice.ana, add_member, **given),
        )
        won = [one for one in results if isinstance(one, StaffMember)]
        lost = [one for one in results if isinstance(one, AlreadyHere)]
        assert (len(won), len(lost)) == (1, 1)
        assert lost[0].member_id == won[0].id
        assert count(Account, Account.email == someone["email"]) == 1
        assert count(Invitation, Invitation.member_id == won[0].id) == 1
    assert faults() == []


@pytest.mark.req("TA-18", "TA-24")
def test_two_practices_that_add_the_same_new_email_share_one_account(practice: Practice) -> None:
    def elsewhere(given: dict[str, str]) -> StaffMember:
        with begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
            return add_member(work, **given)

    for number in range(ROUNDS):
        someone = {"first_name": "Jo", "last_name": "Li", "email": f"both{number}@riverbend.example"}
        here, there = at_once(
            lambda given=someone: do(practice, practice.ana, add_member, **given),
            lambda given=someone: elsewhere(given),
        )
        assert here.account_id == there.account_id and here.org_id != there.org_id
    assert faults() == []


@pytest.mark.req("TA-24", "IE-01")
def test_two_imports_of_the_same_new_people_in_opposite_orders_both_end(practice: Practice) -> None:
    for number in range(ROUNDS):
        emails = [f"p{place}-{number}@both.example" for place in range(CHUNK)]
        elsewhere = Practice(**(practice.__dict__ | {"org": practice.other_org}))
        down = bring(practice, practice.ana, listed(emails))
        up = bring(elsewhere, practice.dov, listed(emails[::-1]))
        at_once(
            lambda batch=down: do(practice, practice.ana, start_import, batch_id=batch),
            lambda town=elsewhere, batch=up: do(town, practice.dov, start_import, batch_id=batch),
        )
        for town, who, batch in ((practice, practice.ana, down), (elsewhere, practice.dov, up)):
            assert {outcome for outcome, _ in fates(town, who, batch).values()} == {"done"}
        assert count(Account, col(Account.email).in_(emails)) == len(emails)
    assert faults() == []


@pytest.mark.req("TA-12")
def test_two_managers_who_switch_the_same_role_switch_it_once(practice: Practice) -> None:
    biller = practice.roles["biller"]
    for number in range(ROUNDS):
        wish = switching(practice, practice.cleo, "biller", on=number % 2 == 0)
        results = at_once(
            lambda given=wish: do(practice, practice.ben, switch_role, **given),
            lambda given=wish: do(practice, practice.ana, switch_role, **given),
        )
        assert sum(done.undo is not None for done in results) == 1, results
        running = (
            RoleGrant.role_id == biller,
            RoleGrant.member_id == practice.cleo,
            col(RoleGrant.ended_at).is_(None),
        )
        assert count(RoleGrant, *running) == wish["on"]
    assert faults() == []


@pytest.mark.req("TA-01")
def test_the_last_two_owners_who_demote_each_other_leave_one(practice: Practice) -> None:
    zed = second_owner(practice)
    for _ in range(ROUNDS):
        hers, mine = (
            switching(practice, one, "owner", on=False, confirmed=True) for one in (zed, practice.ana)
        )
        results = at_once(
            lambda given=hers: do(practice, practice.ana, switch_role, **given),
            lambda given=mine: do(practice, zed, switch_role, **given),
        )
        assert sum(isinstance(one, MotlinkError) for one in results) == 1, results
        assert len(owners(practice, zed)) == 1
        both_owners_again(practice, zed)
    assert faults() == []


@pytest.mark.req("TA-20")
def test_the_last_two_owners_who_deactivate_each_other_leave_one(practice: Practice) -> None:
    zed = second_owner(practice)
    for _ in range(ROUNDS):
        results = at_once(
            lambda: do(practice, practice.ana, deactivate, member_id=zed),
            lambda: do(practice, zed, deactivate, member_id=practice.ana),
        )
        assert sum(isinstance(one, MotlinkError) for one in results) == 1, results
        assert len(owners(practice, zed)) == 1
        both_owners_again(practice, zed)
    assert faults() == []


@pytest.mark.req("TA-10")
def test_of_fifty_who_use_one_link_at_once_one_is_in(practice: Practice) -> None:
    jo = add_someone(practice, practice.ana, "Jo", "therapist")
    for number in range(ROUNDS):
        if number:
            forget_acceptance(practice, jo)
        token = newest_token("jo@riverbend.example")
        results = at_once(*[partial(accept, practice, token, f"jo.{nth}") for nth in range(50)])
        won = [one for one in results if isinstance(one, str)]
        assert len(won) == 1 and {one.why for one in results if one not in won} == {"used"}, results
        with begin_work(system(), org=practice.org, writes=False) as work:
            assert work.session.get_one(Account, jo.account_id).username == won[0]
        assert count(Invitation, col(Invitation.accepted_at).is_not(None)) == number + 1
    assert faults() == []


@pytest.mark.req("UX-02")
def test_an_undo_clicked_twice_at_once_undoes_once(practice: Practice) -> None:
    for number in range(ROUNDS):
        wish = switching(practice, practice.cleo, "biller", on=number % 2 == 0)
        done = do(practice, practice.ben, switch_role, **wish)
        results = at_once(*[lambda entry=done.undo: do(practice, practice.ben, undo, entry_id=entry)] * 2)
        assert sum(isinstance(one, UndoRefused) for one in results) == 1, results
        do(practice, practice.ben, switch_role, **wish)
    assert faults() == []


def listed(emails: list[str]) -> bytes:
    return sheet(*(MINA | {"Email": email} for email in emails))


def accept(practice: Practice, token: str, username: str) -> str:
    with begin_work(nobody(), org=practice.org) as work:
        accept_invitation(work, token=token, username=username, password_hash="a hash")
    return username


def forget_acceptance(practice: Practice, member: StaffMember) -> None:
    """Put the person back to before, with a new link."""
    with begin_work(system(), org=practice.org) as work:
        row = work.get(StaffMember, member.id)
        account = work.session.get_one(Account, row.account_id)
        row.joined_at = account.set_up_at = account.username = account.password_hash = None
    do(practice, practice.ana, send_invitation, member_id=member.id)


def second_owner(practice: Practice) -> UUID:
    with begin_work(system(), org=practice.org) as work:
        return add_person(work, "Zed", "Zander", "owner")


def owners(practice: Practice, zed: UUID) -> list[UUID]:
    with begin_work(system(), org=practice.org, writes=False) as work:
        held = {one: roles_in_force(work.session, work.org_id, one, work.now) for one in (practice.ana, zed)}
        return [one for one, roles in held.items() if "owner" in {role.key for role in roles}]


def both_owners_again(practice: Practice, zed: UUID) -> None:
    with begin_work(system(), org=practice.org) as work:
        for one in (practice.ana, zed):
            reactivate(work, member_id=one)
            switch_role(work, **switching(practice, one, "owner", on=True, confirmed=True))
