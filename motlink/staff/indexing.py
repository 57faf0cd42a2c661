"""Keeping the columns that the roster is sorted and searched by; nothing else reads or writes them.

Whoever comes to move a role in the catalogue, or to change an account's email, calls these too. The email is shown
from here as well: it is the account's only where the place follows it (decision 16).
"""

from typing import Any

from sqlalchemy import and_, func, update
from sqlmodel import col, select

from motlink.accounts.actions import kept
from motlink.accounts.models import Account
from motlink.database import is_sqlite
from motlink.facts import TagChanged, TagPut, TagTaken
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import NO_OPTION
from motlink.staff.models import NO_ROLE, NO_TAG, StaffMember
from motlink.staff.places import follows_account
from motlink.staff.rules import search_text, sort_name
from motlink.tags.models import Tag, Tagging
from motlink.work import Work


def index_person(member: StaffMember, email: str) -> None:
    """Take over name, email and phone; the caller adds the row."""
    member.email = email
    # The list says the preferred name and finds both.
    member.sort_name = sort_name(member.preferred_name or member.first_name, member.last_name)
    member.search_text = search_text(
        member.first_name, member.last_name, email, member.phone, member.preferred_name
    )


def email_of(work: Work, member: StaffMember) -> str:
    """Return the email that belongs in a place, kept until this work ends; asked before the place is written."""
    account = kept(work, col(Account.id) == member.account_id)[0]
    return account.email if follows_account(member, work.now) else member.email


def index_roles(work: Work, member: StaffMember) -> None:
    """Take over the first of the roles that have not been taken away, of whatever dates.

    So nobody whose role begins later stands behind it when it has begun: roster_search counts on that.
    """
    open_grants = and_(col(RoleGrant.role_id) == col(Role.id), col(RoleGrant.ended_at).is_(None), NO_OPTION)
    held = (
        select(func.min(Role.position)).join(RoleGrant, open_grants).where(RoleGrant.member_id == member.id)
    )
    first: int | None = work.session.exec(held).one()
    member.role_order = NO_ROLE if first is None else first
    work.add(member)


def index_tags(work: Work, fact: TagPut | TagTaken) -> None:
    """Take over the first of the tags worn. One whose day is over counts until the sweep has ended it."""
    worn = select(Tag.key).join(Tagging, col(Tagging.tag_id) == col(Tag.id))
    keys = work.session.exec(worn.where(Tagging.member_id == fact.member_id, col(Tagging.ended_at).is_(None)))
    member = work.get(StaffMember, fact.member_id)
    member.tag_order = min(keys, default=NO_TAG)
    work.add(member)


def index_wearers(work: Work, fact: TagChanged) -> None:
    """Take over the first of the tags worn, of everybody who ever wore this one: one statement for all of them."""
    # As Python and `tag_order` compare: byte by byte.
    key: Any = col(Tag.key) if is_sqlite() else col(Tag.key).collate("C")
    first = (
        select(func.min(key))
        .join(Tagging, col(Tagging.tag_id) == col(Tag.id))
        .where(Tagging.member_id == StaffMember.id, col(Tagging.ended_at).is_(None))
        .correlate(StaffMember)
        .scalar_subquery()
    )
    wearers = select(Tagging.member_id).where(Tagging.org_id == work.org_id, Tagging.tag_id == fact.tag_id)
    work.session.connection().execute(
        update(StaffMember)
        .where(col(StaffMember.org_id) == work.org_id, col(StaffMember.id).in_(wearers))
        .values(tag_order=func.coalesce(first, NO_TAG))
    )
