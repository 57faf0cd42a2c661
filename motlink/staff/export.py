"""The staff list as a file: what stands in the roster, in columns that an import reads back (IE-01)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select as columns_of
from sqlmodel import col

from motlink.orgs.models import Location
from motlink.orgs.zones import today_of
from motlink.permissions import Permission
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import in_force
from motlink.staff.import_cells import listed
from motlink.staff.models import StaffMember
from motlink.staff.roster_search import all_ids
from motlink.staff.rows import RosterView
from motlink.tags.models import Tag, Tagging
from motlink.tags.worn import is_on
from motlink.work import Work

HEADER = (
    "First Name", "Last Name", "Preferred Name", "Email", "Phone", "Roles", "Therapist Tags", "Job title", "Location",
    "Start Date", "Active", "External Agent",
)  # fmt: skip
# So many people fit into one question.
AT_ONCE = 1_000


def export_staff(work: Work, *, view: RosterView) -> Iterator[Sequence[str]]:
    """Yield the people of a view in its order, as rows of text, heads first; roles are those that are on."""
    work.require(Permission.MANAGE_STAFF)
    yield HEADER
    ids = all_ids(work, view)
    for start in range(0, len(ids), AT_ONCE):
        yield from _rows(work, ids[start : start + AT_ONCE])


def _rows(work: Work, ids: Sequence[UUID]) -> Iterator[Sequence[str]]:
    columns: tuple[Any, ...] = (
        StaffMember.id,
        StaffMember.first_name,
        StaffMember.last_name,
        StaffMember.preferred_name,
        StaffMember.starts_on,
        Location.name,
        StaffMember.email,
        StaffMember.phone,
        StaffMember.designation,
        StaffMember.deactivated_at,
        StaffMember.is_agent,
    )
    query = columns_of(*columns).outerjoin(Location, col(Location.id) == col(StaffMember.location_id))
    query = query.where(col(StaffMember.org_id) == work.org_id, col(StaffMember.id).in_(ids))
    people = {row.id: row for row in work.session.execute(query)}
    roles, tags = _roles(work, ids), _tags(work, ids)
    for one in (people[member_id] for member_id in ids if member_id in people):
        yield (
            one.first_name,
            one.last_name,
            one.preferred_name,
            one.email,
            one.phone,
            "; ".join(roles[one.id]),
            listed(tags[one.id]),
            one.designation,
            one.name or "",
            one.starts_on.isoformat() if one.starts_on else "",
            "no" if one.deactivated_at else "yes",
            "yes" if one.is_agent else "",
        )


def _roles(work: Work, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    columns: tuple[Any, ...] = (RoleGrant.member_id, Role.name)
    query = columns_of(*columns).join(Role, col(Role.id) == col(RoleGrant.role_id))
    query = query.where(col(RoleGrant.member_id).in_(ids), in_force(work.now), col(Role.option_of) == "")
    return _by_member(work.session.execute(query.order_by(col(Role.position))))


def _tags(work: Work, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    columns: tuple[Any, ...] = (Tagging.member_id, Tag.name)
    query = columns_of(*columns).join(Tag, col(Tag.id) == col(Tagging.tag_id))
    query = query.where(col(Tagging.member_id).in_(ids), is_on(today_of(work)))
    return _by_member(work.session.execute(query.order_by(col(Tag.key))))


def _by_member(found: Any) -> dict[UUID, list[str]]:
    names: dict[UUID, list[str]] = defaultdict(list)
    for member_id, name in found:
        names[member_id].append(name)
    return names
