"""Tidying roles whose last day has passed: they count as off without it, at once and everywhere (TA-27)."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from motlink.roles.models import Role, RoleGrant
from motlink.staff.indexing import index_roles
from motlink.staff.models import StaffMember
from motlink.work import Work

# One transaction takes so many at most: a click waits for it (design.md, rule 2).
AT_ONCE = 25
# The screens' own look (web/around.py, every 2 s) finds what is not closed yet. It is let go first: the worker may be
# another process, whose news reaches no screen.
LEFT_TO_LOOK = timedelta(seconds=10)


def practices_to_tidy(work: Work) -> list[UUID]:
    """Return the practices in which a role has ended by its date and is not closed yet."""
    return list(work.session.exec(select(RoleGrant.org_id).where(*_past(work)).distinct()))


def tidy_ended(work: Work) -> bool:
    """Close what has ended by its date, and write it down. Returns whether there is more."""
    query = select(RoleGrant, Role).join(Role, col(Role.id) == col(RoleGrant.role_id))
    query = query.where(RoleGrant.org_id == work.org_id, *_past(work)).order_by(col(RoleGrant.ends_at))
    ended = work.session.exec(query.limit(AT_ONCE)).all()
    for grant, role in ended:
        grant.ended_at = grant.ends_at
        work.add(grant)
        member = work.get(StaffMember, grant.member_id)
        index_roles(work, member)
        work.record("staff.role_ended", member, role=role.name, role_id=str(role.id))
        work.notify("staff", member.id)
        work.notify("access_changed", member.account_id)
    return len(ended) == AT_ONCE


def _past(work: Work) -> tuple[ColumnElement[bool], ...]:
    return col(RoleGrant.ends_at) <= work.now - LEFT_TO_LOOK, col(RoleGrant.ended_at).is_(None)
