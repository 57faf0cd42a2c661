"""Reading how far a role goes that somebody holds, and who could be chosen for it (TA-27)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from motlink.folding import fold
from motlink.moments import last_day
from motlink.orgs.zones import zone_of
from motlink.permissions import Permission
from motlink.roles.grants import FOREVER, terms_of
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import grant_in_force, privileges_of_role
from motlink.roles.rules import is_owner, reaches_records
from motlink.staff.granting import OFF
from motlink.staff.models import StaffMember
from motlink.staff.people import person
from motlink.work import Work

SUGGESTIONS = 8


@dataclass(frozen=True)
class Provider:
    """Somebody whose records can be read."""

    id: UUID
    name: str


@dataclass(frozen=True)
class ShownTerms:
    """What the dialog starts with. Days are of the practice's zone, "2027-01-31", "" for none."""

    role: str
    name: str
    on: bool
    records: bool
    ends_on: str
    today: str
    all_providers: bool
    providers: tuple[Provider, ...]
    # Tells these terms from others; it goes back with a change.
    mark: str


def terms_shown(work: Work, *, member_id: UUID, role_id: UUID) -> ShownTerms:
    """Return how far a role goes, or would go when it is turned on."""
    work.require(Permission.MANAGE_STAFF)
    member, role = person(work, member_id).member, work.get(Role, role_id)
    grant, zone = grant_in_force(work, member.id, role.id), zone_of(work)
    terms = terms_of(work, grant) if grant else FOREVER
    wanted = privileges_of_role(work, role.id)
    return ShownTerms(
        role=role.name,
        name=member.name,
        on=grant is not None,
        records=reaches_records(wanted) and not is_owner(wanted),
        ends_on=last_day(terms.ends_at, zone).isoformat() if terms.ends_at else "",
        today=work.now.astimezone(zone).date().isoformat(),
        all_providers=terms.all_providers,
        providers=_named(work, terms.provider_ids),
        mark=terms.mark if grant else OFF,
    )


def providers_like(work: Work, *, q: str) -> tuple[Provider, ...]:
    """Return the first people whose name has these letters and who have, or had, a Provider / Therapy role."""
    work.require(Permission.MANAGE_STAFF)
    held = select(RoleGrant.member_id).join(Role, col(Role.id) == col(RoleGrant.role_id))
    held = held.where(RoleGrant.org_id == work.org_id, Role.section == "provider")
    query = select(StaffMember).where(
        StaffMember.org_id == work.org_id,
        col(StaffMember.withdrawn_at).is_(None),
        col(StaffMember.id).in_(held),
    )
    for word in fold("".join(c for c in q if c.isprintable()))[:80].split()[:4]:
        query = query.where(
            func.replace(col(StaffMember.sort_name), "\x1f", " ").contains(word, autoescape=True)
        )
    query = query.order_by(col(StaffMember.sort_name), col(StaffMember.id)).limit(SUGGESTIONS)
    return tuple(Provider(one.id, one.name) for one in work.session.exec(query))


def _named(work: Work, ids: tuple[UUID, ...]) -> tuple[Provider, ...]:
    query = select(StaffMember).where(StaffMember.org_id == work.org_id, col(StaffMember.id).in_(ids))
    people = work.session.exec(query.order_by(col(StaffMember.sort_name)))
    return tuple(Provider(one.id, one.name) for one in people)
