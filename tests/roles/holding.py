"""What somebody holds, read plainly from the tables."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from motlink.permissions import Permission, Scope
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import all_in_force, privileges_of_member
from motlink.work import begin_work, system
from tests.people import Practice


def all_of(practice: Practice, member_id: UUID, at: datetime | None = None) -> set[str]:
    """Return the keys of the roles and options that are on."""
    with begin_work(system(), org=practice.org, writes=False, at=at) as work:
        return {role.key for role in all_in_force(work.session, work.org_id, member_id, work.now)}


def ends_of(practice: Practice, member_id: UUID) -> dict[str, datetime | None]:
    """Return until when each grant goes that nobody has taken."""
    query = select(Role.key, RoleGrant.ends_at).join(RoleGrant, col(RoleGrant.role_id) == col(Role.id))
    with begin_work(system(), org=practice.org, writes=False) as work:
        open_ones = work.session.exec(
            query.where(RoleGrant.member_id == member_id, col(RoleGrant.ended_at).is_(None))
        )
        return dict(open_ones.all())


def may(practice: Practice, member_id: UUID) -> dict[Permission, Scope]:
    """Return what somebody may do now."""
    with begin_work(system(), org=practice.org, writes=False) as work:
        return privileges_of_member(work.session, work.org_id, member_id, work.now)
