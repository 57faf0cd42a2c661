"""How a person's own name stands in the lists of their practices, changed by themselves (AC-02).

A name belongs to a place. It is changed in one practice after the other, each under its own lock and in its own log.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from motlink.accounts.agent_keys import rename_key
from motlink.accounts.resets import locked
from motlink.errors import NotFound
from motlink.orgs.models import Organization
from motlink.orgs.zones import practice_of
from motlink.sign_in.rules import SignedOut
from motlink.staff.indexing import email_of, index_person
from motlink.staff.locks import locked_among
from motlink.staff.models import StaffMember
from motlink.staff.place_edit import facts_now
from motlink.staff.places import is_open, open_at
from motlink.staff.rules import clean_details, clean_line
from motlink.work import Work

NAMES = ("first_name", "last_name", "preferred_name")
DETAILS = ("first_name", "last_name", "phone", "designation")


@dataclass(frozen=True)
class NameAt:
    """The name in one practice."""

    org_id: UUID
    practice: str
    first_name: str
    last_name: str
    preferred_name: str


def own_names(work: Work, account_id: UUID) -> tuple[NameAt, ...]:
    """Return the names of an account where its place is open, in the order of the practices' names."""
    query = (
        select(StaffMember, Organization)
        .join(Organization, col(Organization.id) == col(StaffMember.org_id))
        .where(
            StaffMember.account_id == account_id,
            col(StaffMember.joined_at).is_not(None),
            open_at(work.now),
        )
        .order_by(col(Organization.name))
    )
    return tuple(
        NameAt(org.id, org.name, member.first_name, member.last_name, member.preferred_name)
        for member, org in work.session.exec(query)
        if not locked_among(work.session, org, [member], work.now)
    )


def change_own_name(work: Work, *, first_name: str, last_name: str, preferred_name: str) -> bool:
    """Change the name in this practice, by the rules of the manager's form; returns whether it was another one.

    Raises Invalid with the field, NotFound where the place is not open any more.
    """
    member = _own_member(work)
    # Before the place: this session, too, is noted as used.
    locked(work, member.account_id)
    country = practice_of(work).country
    wanted = clean_details(country=country, first_name=first_name, last_name=last_name)
    wanted["preferred_name"] = clean_line(preferred_name, "preferred_name")
    rename_key(work, account_id=member.account_id, **{field: wanted[field] for field in NAMES[:2]})
    if all(getattr(member, field) == wanted[field] for field in NAMES):
        return False
    before = {field: getattr(member, field) for field in DETAILS} | facts_now(work, member)
    for field in NAMES:
        setattr(member, field, wanted[field])
    member.version += 1
    index_person(member, email_of(work, member))
    work.add(member)
    # As the manager's form writes it: who has that open hears what has changed.
    work.record("staff.edited", member, before=before, after=before | wanted, version=member.version)
    work.notify("staff", member.id)
    work.notify("access_changed", member.account_id)
    return True


def _own_member(work: Work) -> StaffMember:
    if work.actor.account_id is None:
        raise SignedOut
    query = select(StaffMember).where(
        StaffMember.org_id == work.org_id, StaffMember.account_id == work.actor.account_id
    )
    member = work.session.exec(query).first()
    if member is None or member.joined_at is None or not is_open(member, work.now):
        raise NotFound
    if locked_among(work.session, practice_of(work), [member], work.now):
        raise NotFound
    return member
