"""Reading roles: the catalogue of a practice, and what a member may do now."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from motlink.permissions import Permission, Scope
from motlink.roles.models import GrantProvider, Role, RoleGrant, RolePermission
from motlink.roles.rules import merged
from motlink.staff.models import StaffMember
from motlink.work import Work


def in_force(now: Any) -> ColumnElement[bool]:
    """The condition on RoleGrant: begun, not taken away, not past its end date."""
    return and_(
        col(RoleGrant.starts_at) <= now,
        col(RoleGrant.ended_at).is_(None),
        or_(col(RoleGrant.ends_at).is_(None), col(RoleGrant.ends_at) > now),
    )


BY_NAME = (col(StaffMember.sort_name), col(StaffMember.id))
# An option stands under its role and is no role by itself: it makes no chip, no column, no "has a role" (TA-26).
NO_OPTION = col(Role.option_of) == ""


def roles_of_org(work: Work) -> list[Role]:
    """Return the practice's roles in the order of the screen, without options."""
    return [role for role in roles_and_options(work) if not role.option_of]


def roles_and_options(work: Work) -> list[Role]:
    """Return the practice's roles in the order of the screen, then the options of some of them."""
    query = select(Role).where(Role.org_id == work.org_id, col(Role.ended_at).is_(None))
    return list(work.session.exec(query.order_by(col(Role.position), col(Role.id))))


def options_of(work: Work, role: Role) -> list[Role]:
    """Return what stands under a role."""
    return [option for option in roles_and_options(work) if option.option_of == role.key]


def role_by_key(work: Work, key: str) -> Role | None:
    """Return a role by its key, for the command line and the import."""
    query = select(Role).where(Role.org_id == work.org_id, Role.key == key, col(Role.ended_at).is_(None))
    return work.session.exec(query).first()


def privileges_of_role(work: Work, role_id: UUID) -> dict[Permission, Scope]:
    """Return one role's privileges."""
    query = select(RolePermission).where(
        RolePermission.org_id == work.org_id, RolePermission.role_id == role_id
    )
    return {Permission(row.permission): Scope(row.scope) for row in work.session.exec(query)}


def privileges_by_role(work: Work) -> dict[UUID, dict[Permission, Scope]]:
    """Return every role's privileges."""
    found: dict[UUID, dict[Permission, Scope]] = defaultdict(dict)
    # Columns, not rows: an import asks this with each handful of people.
    query = select(RolePermission.role_id, RolePermission.permission, RolePermission.scope)
    for role_id, permission, scope in work.session.exec(query.where(RolePermission.org_id == work.org_id)):
        found[role_id][Permission(permission)] = Scope(scope)
    return found


def privileges_of_member(
    session: Session, org_id: UUID, member_id: UUID, now: datetime
) -> dict[Permission, Scope]:
    """Return what a member's roles allow at `now`."""
    query = (
        select(RolePermission.permission, RolePermission.scope)
        .join(RoleGrant, col(RoleGrant.role_id) == col(RolePermission.role_id))
        .where(RoleGrant.org_id == org_id, RoleGrant.member_id == member_id, in_force(now))
    )
    return merged({Permission(permission): Scope(scope)} for permission, scope in session.exec(query))


def who_may(work: Work, permission: Permission) -> set[UUID]:
    """Return whose roles give them a privilege beyond their own work now."""
    query = (
        select(RoleGrant.member_id)
        .join(RolePermission, col(RolePermission.role_id) == col(RoleGrant.role_id))
        .where(
            RoleGrant.org_id == work.org_id,
            RolePermission.permission == permission,
            RolePermission.scope > Scope.OWN,
            in_force(work.now),
        )
    )
    return set(work.session.exec(query))


def roles_in_force(session: Session, org_id: UUID, member_id: UUID, now: datetime) -> Sequence[Role]:
    """Return the roles a member has on at `now`, in the order of the screen, without options."""
    return [role for role in all_in_force(session, org_id, member_id, now) if not role.option_of]


def all_in_force(session: Session, org_id: UUID, member_id: UUID, now: datetime) -> Sequence[Role]:
    """Return the roles and options a member has on at `now`, in the order of the screen."""
    query = (
        select(Role)
        .join(RoleGrant, col(RoleGrant.role_id) == col(Role.id))
        .where(RoleGrant.org_id == org_id, RoleGrant.member_id == member_id, in_force(now))
    )
    return session.exec(query.order_by(col(Role.position))).all()


def grants_of(work: Work, member_id: UUID) -> list[RoleGrant]:
    """Return all grants a member ever had, newest first."""
    query = select(RoleGrant).where(RoleGrant.org_id == work.org_id, RoleGrant.member_id == member_id)
    return list(work.session.exec(query.order_by(col(RoleGrant.starts_at).desc())))


def open_grant(work: Work, member_id: UUID, role_id: UUID) -> RoleGrant | None:
    """Return the grant that has not been taken away, if there is one (it may be past its end date)."""
    query = select(RoleGrant).where(
        RoleGrant.org_id == work.org_id,
        RoleGrant.member_id == member_id,
        RoleGrant.role_id == role_id,
        col(RoleGrant.ended_at).is_(None),
    )
    return work.session.exec(query).first()


def grant_in_force(work: Work, member_id: UUID, role_id: UUID) -> RoleGrant | None:
    """Return the grant by which a role is on now."""
    grant = open_grant(work, member_id, role_id)
    past = grant is not None and grant.ends_at is not None and grant.ends_at <= work.now
    return None if past else grant


def providers_of(work: Work, grant_id: UUID) -> list[UUID]:
    """Return the providers whose records a grant reaches, where it does not reach all (TA-27)."""
    query = select(GrantProvider.member_id).where(
        GrantProvider.org_id == work.org_id, GrantProvider.grant_id == grant_id
    )
    return sorted(work.session.exec(query))


def ended_between(session: Session, since: datetime, until: datetime) -> list[tuple[UUID, UUID]]:
    """Return (organization, member) of each grant whose end date has passed after `since`, up to `until`."""
    query = select(RoleGrant.org_id, RoleGrant.member_id).where(
        col(RoleGrant.ends_at) > since, col(RoleGrant.ends_at) <= until, col(RoleGrant.ended_at).is_(None)
    )
    return list(session.exec(query.distinct()))


def was_held(work: Work, role_id: UUID) -> bool:
    """Whether somebody has a role, or ever had it."""
    query = select(RoleGrant.id).where(RoleGrant.org_id == work.org_id, RoleGrant.role_id == role_id)
    return work.session.exec(query.limit(1)).first() is not None


def holders_of(work: Work, role_id: UUID) -> list[StaffMember]:
    """Return the active people who have a role on, by name."""
    return list(work.session.exec(holders_query(work, role_id).order_by(*BY_NAME)))


def count_holders(work: Work) -> dict[UUID, int]:
    """Return how many active people have each role on."""
    query = (
        select(RoleGrant.role_id, func.count(col(RoleGrant.member_id)))
        .join(StaffMember, col(StaffMember.id) == col(RoleGrant.member_id))
        .where(RoleGrant.org_id == work.org_id, col(StaffMember.deactivated_at).is_(None), in_force(work.now))
    )
    return dict(work.session.exec(query.group_by(col(RoleGrant.role_id))).all())


def holders_query(work: Work, role_id: UUID) -> SelectOfScalar[StaffMember]:
    """The active people of the practice who have a role on."""
    return (
        select(StaffMember)
        .join(RoleGrant, col(RoleGrant.member_id) == col(StaffMember.id))
        .where(
            RoleGrant.org_id == work.org_id,
            RoleGrant.role_id == role_id,
            col(StaffMember.deactivated_at).is_(None),
            in_force(work.now),
        )
    )
