"""The questions of the staff list, put together once: doing it anew took as long as a database takes to answer."""

from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, case, func
from sqlalchemy import select as _select
from sqlmodel import col, select

from motlink.database import by_another_index
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import NO_OPTION, in_force
from motlink.staff.desk import asked_query
from motlink.staff.links import unspent
from motlink.staff.locks import may_own
from motlink.staff.models import Invitation, StaffMember
from motlink.tags.models import Tag, Tagging
from motlink.tags.worn import is_on

ORG: Any = bindparam("org")
NOW: Any = bindparam("now")
TODAY: Any = bindparam("today")
IDS: Any = bindparam("ids", expanding=True)


@cache
def counts() -> Any:
    """Everyone, the inactive, those whom nobody sees, and those who ask for a new link; takes org and now."""
    here = col(StaffMember.org_id) == ORG
    # An import that was taken back leaves inactive places which nobody sees; there is an index of those alone.
    away = (by_another_index(here), col(StaffMember.withdrawn_at).is_not(None))
    unseen = select(func.count()).where(*away).scalar_subquery()
    asked = asked_query(ORG, NOW).scalar_subquery()
    return _select(func.count(), func.count(col(StaffMember.deactivated_at)), unseen, asked).where(here)


@cache
def people() -> Any:
    """What stands in a row of a person; takes org and ids. Columns, not whole rows: making those took half the time."""
    columns: tuple[Any, ...] = (
        StaffMember.id,
        StaffMember.first_name,
        StaffMember.last_name,
        StaffMember.preferred_name,
        StaffMember.phone,
        StaffMember.joined_at,
        StaffMember.deactivated_at,
        StaffMember.leaves_at,
        StaffMember.on_leave_until,
        StaffMember.signed_in_at,
        StaffMember.unlocked_at,
        StaffMember.back_at,
        StaffMember.is_agent,
        StaffMember.baa_signed_on,
        StaffMember.email,
        col(Invitation.expires_at).label("invited_until"),
    )
    link = and_(col(Invitation.member_id) == col(StaffMember.id), unspent())
    return (
        _select(*columns)
        .outerjoin(Invitation, link)
        .where(
            col(StaffMember.org_id) == ORG,
            col(StaffMember.id).in_(IDS),
            col(StaffMember.withdrawn_at).is_(None),
        )
    )


# The ids below are of the practice already (and foreign keys tie the rows to it); naming the practice again makes the
# planner read all of its grants instead of these people's.


@cache
def roles() -> Any:
    """The roles that people have or had, and whether one is on and makes an owner; takes org, ids and now."""
    # The literal True/False of in_force is computed by the database, so that an end date counts to the second.
    columns: tuple[Any, ...] = (
        RoleGrant.member_id,
        Role.name,
        Role.paid,
        func.max(_as_int(in_force(NOW))).label("on"),
        func.max(_as_int(col(Role.id).in_(may_own(ORG)))).label("owns"),
    )
    return (
        _select(*columns)
        .join(Role, col(Role.id) == col(RoleGrant.role_id))
        .where(col(RoleGrant.member_id).in_(IDS), NO_OPTION)
        .group_by(*map(col, (RoleGrant.member_id, Role.id, Role.name, Role.paid, Role.position)))
        .order_by(col(Role.position))
    )


@cache
def tags() -> Any:
    """The tags that people wear, by name; takes ids and today."""
    columns: tuple[Any, ...] = (Tagging.member_id, Tag.name, Tag.color, Tagging.ends_on)
    return (
        _select(*columns)
        .join(Tag, col(Tag.id) == col(Tagging.tag_id))
        .where(col(Tagging.member_id).in_(IDS), is_on(TODAY))
        .order_by(col(Tag.key))
    )


def _as_int(condition: Any) -> Any:
    return case((condition, 1), else_=0)
