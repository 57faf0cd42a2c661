"""Of whom a practice demands a second step at sign-in. Who must and has none gets nowhere in it before it is set up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, func, select

from motlink.accounts.models import Account
from motlink.accounts.proof import require_fresh
from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, WayBack, payload_of
from motlink.errors import Conflict
from motlink.orgs.actions import set_second_step_of
from motlink.orgs.models import Organization
from motlink.orgs.rules import EVERYONE, LEADING, NOBODY, checked_demand
from motlink.orgs.zones import practice_of
from motlink.permissions import Permission, Scope, holds
from motlink.roles.models import RoleGrant, RolePermission
from motlink.roles.queries import in_force, privileges_of_member
from motlink.staff.models import StaffMember
from motlink.staff.places import open_at
from motlink.work import Done, Work

# Owners, managers and the auditing roles, by what they may do, so that roles of the practice's own fall under it, too.
LEADS = (
    Permission.MANAGE_OWNERS,
    Permission.MANAGE_MANAGERS,
    Permission.MANAGE_STAFF,
    Permission.GRANT_CUSTODIAN,
    Permission.SECURITY,
    Permission.READ_AUDIT,
    Permission.READ_NOTES,
)
# So many names stand on the screen.
MOST_NAMES = 25
WORDS = {
    NOBODY: "nobody",
    LEADING: "owners, managers and auditing roles",
    EVERYONE: "everyone",
}


class OwnStepFirst(Conflict):
    """Nobody shuts themselves out by a demand that they do not meet."""

    sentence = "You have no second step yourself, so you would be shut out until you set one up."
    next_step = "Set yours up first, on your account page."


@dataclass(frozen=True)
class WithoutStep:
    """Somebody whom the demand concerns and who has no second step."""

    id: UUID
    name: str


@dataclass(frozen=True)
class DemandOutlook:
    """The practice's choice, and whom it or another one concerns."""

    saved: str
    concerned: int
    without: int
    first: tuple[WithoutStep, ...]
    # Whether the one who looks is among those without.
    own_missing: bool


def demands_step(of: str, privileges: Mapping[Permission, Scope]) -> bool:
    """Whether a practice that demands it `of` these wants a second step of somebody with these privileges."""
    return of == EVERYONE or (of == LEADING and any(holds(privileges, one) for one in LEADS))


def lacks_step(org: Organization, account: Any, privileges: Mapping[Permission, Scope]) -> bool:
    """Whether a practice stays shut to an account until it has a second step; a short password wants one anywhere."""
    if account.second_step_at is not None:
        return False
    return bool(account.short_password) or demands_step(org.second_step_of, privileges)


def shut_without_step(
    session: Session, account: Account, orgs: list[Organization], now: datetime
) -> list[str]:
    """Return the names of those of an account's practices that want a second step of it first."""
    if account.second_step_at is not None:
        return []
    query = select(StaffMember).where(StaffMember.account_id == account.id)
    places = {member.org_id: member.id for member in session.exec(query)}
    return [
        org.name
        for org in orgs
        if lacks_step(org, account, privileges_of_member(session, org.id, places[org.id], now))
    ]


def demand_second_step(work: Work, *, of: str, was: str) -> Done:
    """Demand a second step of "nobody", "leading" or "everyone".

    Raises SettingsChanged where it is not as it `was` seen, OwnStepFirst where the actor would be shut out,
    PasswordNeeded where the actor's proof is old.
    """
    work.require(Permission.SECURITY)
    require_fresh(work)
    wanted = checked_demand(of)
    account = work.session.get(Account, work.actor.account_id) if work.actor.account_id else None
    if account and account.second_step_at is None and demands_step(wanted, work.actor.privileges):
        raise OwnStepFirst
    entry = set_second_step_of(work, of=wanted, was=was)
    if entry is None:
        return Done("Nothing has changed.")
    work.notify("staff")
    # Every open tab of the practice asks again whether it may stay.
    work.notify("access_changed")
    if wanted == NOBODY:
        return Done("A second step is demanded of nobody now.", undo=entry)
    without = demand_outlook(work).without
    return Done(f"A second step is demanded of {WORDS[wanted]}. Without one now: {without}.", undo=entry)


def _demand_back(work: Work, entry: AuditEntry) -> Done:
    payload = payload_of(entry)
    if practice_of(work).second_step_of != payload["after"]["demanded_of"]:
        raise UndoRefused
    return demand_second_step(work, of=payload["before"]["demanded_of"], was=payload["after"]["demanded_of"])


def demand_outlook(work: Work, *, of: str = "") -> DemandOutlook:
    """Return whom the practice's choice concerns, or another that is not saved."""
    work.require(Permission.SECURITY)
    saved = practice_of(work).second_step_of
    wanted = checked_demand(of) if of else saved
    if wanted == NOBODY:
        return DemandOutlook(saved, 0, 0, (), False)
    concerned = (*_here(work), *([_leads(work)] if wanted == LEADING else []))
    missing = col(Account.second_step_at).is_(None)
    rows = (
        select(StaffMember)
        .join(Account, col(Account.id) == col(StaffMember.account_id))
        .where(*concerned, missing)
        .order_by(col(StaffMember.sort_name), col(StaffMember.id))
        .limit(MOST_NAMES)
    )
    counts = (
        select(func.count(), func.count(col(Account.second_step_at)))
        .select_from(StaffMember)
        .join(Account, col(Account.id) == col(StaffMember.account_id))
        .where(*concerned)
    )
    people, having = work.session.exec(counts).one()
    first = tuple(WithoutStep(one.id, one.name) for one in work.session.exec(rows))
    own = work.session.get(Account, work.actor.account_id) if work.actor.account_id else None
    own_missing = (
        own is not None and own.second_step_at is None and demands_step(wanted, work.actor.privileges)
    )
    return DemandOutlook(saved, people, people - having, first, own_missing)


def _here(work: Work) -> tuple[ColumnElement[bool], ...]:
    return (
        col(StaffMember.org_id) == work.org_id,
        col(StaffMember.joined_at).is_not(None),
        open_at(work.now),
        _any_role(work),
    )


def _any_role(work: Work) -> ColumnElement[bool]:
    """Whoever has no role gets nowhere anyhow."""
    held = (col(RoleGrant.member_id) == col(StaffMember.id), in_force(work.now))
    return exists().where(*held)


def _leads(work: Work) -> ColumnElement[bool]:
    held = (col(RoleGrant.member_id) == col(StaffMember.id), in_force(work.now))
    allows = (
        col(RolePermission.role_id) == col(RoleGrant.role_id),
        col(RolePermission.permission).in_(LEADS),
        col(RolePermission.scope) > Scope.OWN,
    )
    return exists().where(*held, *allows)


WAYS_BACK: dict[str, WayBack] = {"organization.second_step": _demand_back}
