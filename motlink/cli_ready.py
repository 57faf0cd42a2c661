"""What every database command begins with, and acting as a member on the command line."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from motlink.accounts.models import Account
from motlink.errors import Conflict, NotFound
from motlink.migrations import current, head
from motlink.orgs.models import Organization
from motlink.roles.queries import privileges_of_member
from motlink.staff.locks import locked_among
from motlink.staff.models import StaffMember
from motlink.staff.places import is_open
from motlink.staff.rules import clean_email
from motlink.wiring import wire
from motlink.work import Actor, FindActor, Work, system


class NotMigrated(Conflict):
    """The tables are not there, or not those of this version."""

    sentence = "The database is not up to date."
    next_step = "Run `motlink migrate` first."


def ready() -> None:
    """Wire the slices and make sure of the tables. Raises NotMigrated."""
    if current() != head():
        raise NotMigrated
    wire()


def actor_named(email: str) -> FindActor:
    """Return the system, or the member with this email, with exactly their privileges at that moment."""
    return _as_member(clean_email(email)) if email else system("Command line")


def _as_member(email: str) -> FindActor:
    def find(session: Session, org_id: UUID | None, now: datetime) -> Actor:
        member = _member(session, org_id, email)
        if org_id is None or member is None or not _gets_in(session, member, now):
            raise NotFound(f"Nobody active with the email {email} is in this practice.")
        return Actor(
            "person",
            org_id=org_id,
            account_id=member.account_id,
            member_id=member.id,
            name=member.name,
            privileges=privileges_of_member(session, org_id, member.id, now),
            browser="Command line",
        )

    return find


def _gets_in(session: Session, member: StaffMember, now: datetime) -> bool:
    is_here = is_open(member, now) and member.joined_at is not None
    return is_here and not locked_among(session, session.info["practice"], [member], now)


def member_with(work: Work, email: str) -> StaffMember:
    """Return the practice's member with this email. Raises NotFound."""
    member = _member(work.session, work.org_id, clean_email(email))
    if member is None:
        raise NotFound(f"Nobody with the email {email} is in this practice.")
    return member


def org_with(work: Work, name_or_slug: str) -> Organization | None:
    """Return the practice of this address, else of this name. Raises Conflict where several have the name."""
    by_slug = work.session.exec(select(Organization).where(Organization.slug == name_or_slug)).first()
    if by_slug:
        return by_slug
    query = select(Organization).where(Organization.name == name_or_slug.strip())
    found = work.session.exec(query.order_by(col(Organization.slug))).all()
    if len(found) > 1:
        slugs = ", ".join(org.slug for org in found)
        raise Conflict(
            f"{len(found)} practices are called {found[0].name}.",
            next_step=f"Name one by its address: {slugs}.",
        )
    return found[0] if found else None


def _member(session: Session, org_id: UUID | None, email: str) -> StaffMember | None:
    query = select(StaffMember).join(Account).where(StaffMember.org_id == org_id, Account.email == email)
    return session.exec(query).first()
