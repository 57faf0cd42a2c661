"""Who is in which state, as conditions of the roster's filter: most are a list of ids that an index answers."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select

from motlink.database import by_another_index
from motlink.orgs.zones import practice_of, today_of
from motlink.roles.models import RoleGrant
from motlink.roles.queries import in_force
from motlink.staff.agreements import not_current
from motlink.staff.links import unspent
from motlink.staff.locks import cutoff_of, locked, spared_owner
from motlink.staff.models import NO_ROLE, Invitation, StaffMember
from motlink.staff.places import open_at
from motlink.work import Work


def in_any(work: Work, states: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition on StaffMember that one of these states (rows.STATES) is true of them."""
    return or_(*(_is(work, state) for state in states))


def _is(work: Work, state: str) -> ColumnElement[bool]:
    if state != "locked":
        return col(StaffMember.id).in_(_ids(work, state))
    # Of a policy that is on it may be true of half the practice: a list of ids would be read beside the people.
    cutoff = cutoff_of(practice_of(work), work.now)
    return and_(open_at(work.now), locked(cutoff, spared_owner(work.session, work.org_id, work.now, cutoff)))


def _ids(work: Work, state: str) -> Any:
    here, active_ones = col(StaffMember.org_id) == work.org_id, col(StaffMember.deactivated_at).is_(None)
    active = select(StaffMember.id).where(here, active_ones)
    if state == "no_role":
        return active.where(_no_role(work))
    if state == "leaving":
        return active.where(col(StaffMember.leaves_at).is_not(None))
    if state == "on_leave":
        return active.where(col(StaffMember.on_leave_until) > today_of(work))
    if state == "agent":
        return active.where(col(StaffMember.is_agent))
    if state == "no_baa":
        return active.where(not_current(today_of(work)))
    # Those who are still to come in have an index of their own, and are few in most practices.
    few = select(StaffMember.id).where(by_another_index(here), by_another_index(active_ones))
    waiting, link = few.where(col(StaffMember.joined_at).is_(None)), _unspent_link()
    if state == "not_invited":
        return waiting.where(~link.exists())
    expires_at = col(Invitation.expires_at)
    runs = expires_at > work.now if state == "invited" else expires_at <= work.now
    return waiting.where(link.where(runs).exists())


def _unspent_link() -> Any:
    return select(1).where(
        Invitation.member_id == StaffMember.id,
        unspent(),
    )


def _no_role(work: Work) -> ColumnElement[bool]:
    """Nothing was ever given and left on; or what was, has run out or has yet to begin."""
    on = select(1).where(RoleGrant.member_id == StaffMember.id, in_force(work.now))
    other_days = or_(col(RoleGrant.ends_at) <= work.now, col(RoleGrant.starts_at) > work.now)
    off_now = select(RoleGrant.member_id).where(
        RoleGrant.org_id == work.org_id, col(RoleGrant.ended_at).is_(None), other_days
    )
    return or_(
        col(StaffMember.role_order) == NO_ROLE,
        and_(col(StaffMember.id).in_(off_now), ~on.exists()),
    )
