"""Reading roles: the catalogue of a practice, and what a member may do now."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from motlink.permissions import Permission, Scope
from motlink.roles.models import Role, RoleGrant, RolePermission
from motlink.roles.rules import merged
from motlink.work import Work


def in_force(now: datetime) -> ColumnElement[bool]:
    """The condition on RoleGrant: begun, not taken away, not past its end date."""
    return and_(
        col(RoleGrant.starts_at) <= now,
        col(RoleGrant.ended_at).is_(None),
        or_(col(RoleGrant.ends_at).is_(None), col(RoleGrant.ends_at) > now),
    )


def roles_of_org(work: Work) -> list[Role]:
    """Return the practice's roles in the order of the screen."""
    query = select(Role).where(Role.org_id == work.org_id, col(Role.ended_at).is_(None))
    return list(work.session.exec(query.order_by(col(Role.position))))


def role_by_key(work: Work, key: str) -> Role | None:
    """Return a role by its key, for the command line and the import."""
    return work.session.exec(select(Role).where(Role.org_id == work.org_id, Role.key == key)).first()


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


def roles_in_force(session: Session, org_id: UUID, member_id: UUID, now: datetime) -> Sequence[Role]:
    """Return the roles a member has on at `now`, in the order of the screen."""
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
