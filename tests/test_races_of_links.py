"""Links at once with what ends them (R9); one email from everywhere at once (R10): one winner, one place, one link."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from motlink.accounts.models import Account, AccountSession
from motlink.errors import MotlinkError
from motlink.mail.models import Letter
from motlink.staff.actions import add_member, deactivate
from motlink.staff.import_actions import start_import
from motlink.staff.invitations import revoke_invitation, send_invitation
from motlink.staff.models import Invitation, StaffMember
from motlink.work import begin_work, system
from tests.acts import add_someone, count, do, faults, newest_token
from tests.people import Practice
from tests.staff.imports import MINA, bring, sheet
from tests.test_races import ROUNDS, accept, at_once

pytestmark = pytest.mark.soak
OPEN = (
    col(Invitation.accepted_at).is_(None),
    col(Invitation.superseded_at).is_(None),
    col(Invitation.revoked_at).is_(None),
)


def joined(practice: Practice, member_id: UUID) -> bool:
    with begin_work(system(), org=practice.org, writes=False) as work:
        return work.get(StaffMember, member_id).joined_at is not None


@pytest.mark.req("R9", "TA-10", "TA-11")
@pytest.mark.parametrize("other", [revoke_invitation, send_invitation, deactivate])
def test_r9_of_accepting_and_what_ends_the_link_one_comes_first(practice: Practice, other: Any) -> None:
    for number in range(ROUNDS):
        email = f"jo{number}@riverbend.example"
        jo = add_someone(practice, practice.ana, "Jo", "therapist", email=email).id
        token = newest_token(email)
        accepted, ended = at_once(
            partial(accept, practice, token, f"jo.{number}"),
            partial(do, practice, practice.ben, other, member_id=jo),
        )
        came_in = not isinstance(accepted, MotlinkError)
        assert joined(practice, jo) == came_in
        # Whoever came second found the other's work done: a refusal, or (letting go) somebody who had just come in.
        assert came_in or not isinstance(ended, MotlinkError), (accepted, ended)
        assert count(Invitation, Invitation.member_id == jo, *OPEN) == (
            other is send_invitation and not came_in
        )
        with pytest.raises(MotlinkError):
            accept(practice, token, f"again.{number}")
    assert faults() == []


@pytest.mark.req("R9", "TA-10")
def test_r9_two_new_links_at_once_leave_one_that_works(practice: Practice) -> None:
    jo = add_someone(practice, practice.ana, "Jo", "therapist").id
    for _ in range(ROUNDS):
        at_once(
            *[
                partial(do, practice, who, send_invitation, member_id=jo)
                for who in (practice.ana, practice.ben)
            ]
        )

        assert count(Invitation, Invitation.member_id == jo, *OPEN) == 1
    with begin_work(system(), writes=False) as work:
        waiting = [
            letter.values["link"]
            for letter in work.session.exec(select(Letter))
            if letter.values and "link" in letter.values
        ]
    (link,) = waiting
    accept(practice, link.split("?t=")[1], "jo.li")
    assert joined(practice, jo) and count(AccountSession, col(AccountSession.ended_at).is_(None)) == 1


@pytest.mark.req("R10", "TA-18", "IE-01")
def test_r10_one_email_from_two_managers_and_a_file_at_once_is_one_person_with_one_link(
    practice: Practice,
) -> None:
    for number in range(ROUNDS):
        email = f"jo{number}@riverbend.example"
        someone = {"first_name": "Jo", "last_name": "Li", "email": email}
        file = bring(practice, practice.ana, sheet(MINA | {"Email": email.upper()}))
        at_once(
            partial(do, practice, practice.ben, add_member, **someone),
            partial(do, practice, practice.sam, add_member, **someone),
            partial(do, practice, practice.ana, start_import, batch_id=file),
        )
        assert count(Account, Account.email == email) == 1
        assert count(StaffMember, StaffMember.email == email, StaffMember.org_id == practice.org) == 1
        with begin_work(system(), org=practice.org, writes=False) as work:
            (jo,) = work.session.exec(select(StaffMember.id).where(StaffMember.email == email))
        assert count(Invitation, Invitation.member_id == jo, *OPEN) <= 1
    assert faults() == []
