"""Giving and taking one role: pieces that staff/actions.py puts together after it has asked who may."""

from uuid import UUID

from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import grants_of, open_grant, roles_in_force
from motlink.work import Work


def give(work: Work, *, member_id: UUID, role: Role) -> bool:
    """Start a grant. Returns False where the role is on already; one past its end date is closed first."""
    grant = open_grant(work, member_id, role.id)
    if grant and (grant.ends_at is None or grant.ends_at > work.now):
        return False
    if grant:
        grant.ended_at = grant.ends_at
        work.add(grant)
    work.add(
        RoleGrant(
            id=work.new_id(),
            org_id=work.org_id,
            member_id=member_id,
            role_id=role.id,
            starts_at=work.now,
            granted_by=work.actor.account_id,
        )
    )
    return True


def take(work: Work, *, member_id: UUID, role: Role) -> bool:
    """End a grant. Returns False where the role is off already."""
    grant = open_grant(work, member_id, role.id)
    if grant is None:
        return False
    grant.ended_at, grant.ended_by = work.now, work.actor.account_id
    work.add(grant)
    return True


def take_all(work: Work, *, member_id: UUID) -> list[Role]:
    """End every role of a member, also one yet to begin. Returns those that were on, for the record and an undo."""
    taken = list(roles_in_force(work.session, work.org_id, member_id, work.now))
    for grant in grants_of(work, member_id):
        if grant.ended_at is None:
            grant.ended_at, grant.ended_by = work.now, work.actor.account_id
            work.add(grant)
    return taken
