"""How long a session lasts (ASVS 7.3.1, 7.3.2): without use, and in any case. Each practice decides for its screens.

Outside of a practice's screens the longest of the person's practices counts; where none decides, the installation.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, select

from motlink.accounts.models import AccountSession
from motlink.orgs.models import Organization
from motlink.orgs.rules import LONGEST_SESSION
from motlink.settings import settings
from motlink.staff.models import StaffMember
from motlink.staff.places import open_at


@dataclass(frozen=True)
class Limits:
    """So long without use, and so long in any case."""

    idle: timedelta
    whole: timedelta

    def since(self, now: datetime) -> tuple[datetime, datetime, float]:
        """Return after which moments a session must have been used and have begun, and how many seconds are a pause."""
        return now - self.idle, now - self.whole, self.idle.total_seconds()

    def end_of(self, session: Any) -> tuple[datetime, bool]:
        """Return when a session (or a row with its moments) ends unless it is used, and whether for want of use."""
        if session.longest_pause >= self.idle.total_seconds():
            return session.created_at, True
        idle_end = session.last_seen_at + self.idle
        end = min(session.created_at + self.whole, session.expires_at)
        return min(idle_end, end), idle_end < end


def limits_of(org: Organization | None) -> Limits:
    """Return what a practice has chosen, or the installation."""
    return limits_from(org.idle_minutes if org else None, org.session_hours if org else None)


def limits_from(idle_minutes: int | None, session_hours: int | None) -> Limits:
    """Return the limits of what a practice has chosen, None for what the installation says."""
    return Limits(
        timedelta(minutes=idle_minutes or settings().idle_minutes),
        timedelta(hours=session_hours or settings().session_hours),
    )


def limits_of_account(session: Session, account_id: UUID, now: datetime) -> Limits:
    """Return the longest limits of the practices in which the account has an open place."""
    return longest_limits(session, now, [StaffMember.account_id == account_id]).get(account_id) or limits_of(
        None
    )


def longest_limits(session: Session, now: datetime, whose: Sequence[Any]) -> dict[UUID, Limits]:
    """Return the same for places under these conditions, by account; of whoever has no open place there is no entry."""
    query = (
        select(StaffMember.account_id, Organization.idle_minutes, Organization.session_hours)
        .join(Organization, col(Organization.id) == col(StaffMember.org_id))
        .where(col(StaffMember.joined_at).is_not(None), open_at(now), *whose)
    )
    by_account: dict[UUID, list[Limits]] = defaultdict(list)
    for account, idle, hours in session.exec(query):
        by_account[account].append(limits_from(idle, hours))
    return {account: _longest(limits) for account, limits in by_account.items()}


def _longest(limits: list[Limits]) -> Limits:
    return Limits(max(one.idle for one in limits), max(one.whole for one in limits))


def limits_behind(session: Session, digest: str, now: datetime) -> Limits:
    """Return the limits of whoever has this session, outside of a practice."""
    owner = select(AccountSession.account_id).where(AccountSession.digest == digest)
    account_id = session.exec(owner).first() if digest else None
    return limits_of_account(session, account_id, now) if account_id else limits_of(None)


def most_sessions(session: Session, account_id: UUID, now: datetime) -> int | None:
    """Return how many sessions an account may have at once: the strictest of its practices decides."""
    query = (
        select(Organization.most_sessions)
        .join(StaffMember, col(StaffMember.org_id) == col(Organization.id))
        .where(
            StaffMember.account_id == account_id,
            col(StaffMember.joined_at).is_not(None),
            open_at(now),
            col(Organization.most_sessions).is_not(None),
        )
    )
    return min((one for one in session.exec(query) if one), default=None)


def farthest_end(now: datetime) -> datetime:
    """Return the end of a session that no choice of a practice can move out."""
    return now + max(LONGEST_SESSION, timedelta(hours=settings().session_hours))


def sessions_open(now: Any, used_since: Any, begun_since: Any, pause: Any) -> ColumnElement[bool]:
    """The condition on AccountSession: not ended, used since, begun since, and never unused for so many seconds."""
    return and_(
        col(AccountSession.ended_at).is_(None),
        col(AccountSession.expires_at) > now,
        col(AccountSession.last_seen_at) > used_since,
        col(AccountSession.created_at) > begun_since,
        col(AccountSession.longest_pause) < pause,
    )
