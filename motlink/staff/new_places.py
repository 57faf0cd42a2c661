"""A new place in the practice for an account: one email, one place, staff or agent."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, select

from motlink.accounts.actions import find_or_make
from motlink.staff.errors import AlreadyHere
from motlink.staff.indexing import index_person
from motlink.staff.models import StaffMember
from motlink.staff.people import place_for
from motlink.work import Work


def new_member(work: Work, details: Mapping[str, str], *, is_agent: bool = False) -> StaffMember:
    """Make the place of whoever has this email. Raises AlreadyHere, also for somebody inactive."""
    account = find_or_make(work, details["email"])
    left = place_of(work, account.id)
    if left and left.withdrawn_at is None:
        raise AlreadyHere(left.name, left.id)
    return fill_place(work, account.id, left, details, is_agent=is_agent)


def fill_place(
    work: Work,
    account_id: UUID,
    withdrawn: StaffMember | None,
    details: Mapping[str, str],
    *,
    is_agent: bool,
) -> StaffMember:
    """Make a place, or take the one that an undone import has left, and name the person in it."""
    member = place_for(work, account_id, withdrawn, is_agent=is_agent)
    member.first_name, member.last_name = details["first_name"], details["last_name"]
    member.phone, member.designation = details.get("phone", ""), details.get("designation", "")
    index_person(member, details["email"])
    return work.add(member)


def place_of(work: Work, account_id: UUID) -> StaffMember | None:
    """Return an account's place here, in whatever state."""
    query = select(StaffMember).where(
        StaffMember.org_id == work.org_id, col(StaffMember.account_id) == account_id
    )
    return work.session.exec(query).first()
