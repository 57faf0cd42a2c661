"""Two practices let the same person go at once: whichever is later sees that it was the last (TA-20, ASVS 15.4.2)."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from motlink.accounts.actions import open_session
from motlink.accounts.email_changes import write_change
from motlink.accounts.models import Account, AccountSession, EmailChange, ResetLink
from motlink.accounts.resets import locked, write_reset_link
from motlink.staff.actions import deactivate
from motlink.staff.batches import CHUNK, start_batch
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.acts import count, do, faults
from tests.meeting import overtaken
from tests.people import Practice, add_person
from tests.test_races import ROUNDS, at_once

pytestmark = [pytest.mark.req("TA-20"), pytest.mark.asvs("15.4.2", "7.4.2")]


def in_both(practice: Practice, first: str) -> tuple[UUID, UUID, UUID]:
    """Somebody with a place in both practices and all that is open to them: account and places."""
    email = f"{first}@both.example".lower()
    with begin_work(system(), org=practice.other_org) as work:
        there = add_person(work, first, "Both", "therapist", email=email)
    with begin_work(system(), org=practice.org) as work:
        here = add_person(work, first, "Both", "therapist", email=email)
        account = work.session.exec(select(Account).where(Account.email == email)).one()
        locked(work, account.id)
        open_session(work, account_id=account.id)
        write_reset_link(work, account=account)
        write_change(work, account=account, email=f"new.{email}")
        return account.id, here, there


def left_open(account_id: UUID) -> list[int]:
    return [
        count(table, table.account_id == account_id, *(col(getattr(table, end)).is_(None) for end in ends))
        for table, ends in (
            (AccountSession, ("ended_at",)),
            (ResetLink, ("revoked_at",)),
            (EmailChange, ("revoked_at",)),
        )
    ]


def let_go(org: UUID, member_id: UUID) -> Any:
    with begin_work(system(), org=org) as work:
        return deactivate(work, member_id=member_id)


def test_of_two_that_let_go_at_once_the_later_ends_sessions_and_links(practice: Practice) -> None:
    account, here, there = in_both(practice, "Jo")
    assert left_open(account) == [1, 1, 1]

    overtaken(
        partial(let_go, practice.other_org, there), partial(deactivate, member_id=here), org=practice.org
    )

    assert left_open(account) == [0, 0, 0] and faults() == []


@pytest.mark.soak
def test_nor_is_anything_left_open_in_any_of_many_rounds(practice: Practice) -> None:
    for number in range(ROUNDS):
        account, here, there = in_both(practice, f"Jo{number}")

        at_once(partial(let_go, practice.org, here), partial(let_go, practice.other_org, there))

        assert left_open(account) == [0, 0, 0]
    assert faults() == []


@pytest.mark.soak
@pytest.mark.req("TA-31")
def test_two_practices_that_let_the_same_many_go_in_opposite_orders_both_end(practice: Practice) -> None:
    elsewhere = Practice(**(practice.__dict__ | {"org": practice.other_org}))
    for number in range(ROUNDS):
        people = [in_both(practice, f"P{number}x{place}") for place in range(min(CHUNK, 8))]
        here, there = ([one[place] for one in people] for place in (1, 2))

        at_once(
            lambda ids=here: do(practice, practice.ana, start_batch, kind="deactivate", member_ids=ids),
            lambda ids=there[::-1]: do(
                elsewhere, practice.dov, start_batch, kind="deactivate", member_ids=ids
            ),
        )

        gone = (col(StaffMember.id).in_([*here, *there]), col(StaffMember.deactivated_at).is_not(None))
        assert count(StaffMember, *gone) == 2 * len(people)
        assert all(left_open(one[0]) == [0, 0, 0] for one in people)
    assert faults() == []
