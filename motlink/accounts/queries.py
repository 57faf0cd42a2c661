"""Reading accounts and their sessions."""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from motlink.accounts.models import Account, AccountSession, ResetLink, SetUpLink
from motlink.accounts.rules import canonical_email, canonical_username
from motlink.settings import settings
from motlink.staff.models import StaffMember
from motlink.staff.places import open_at


def digest_of(token: str) -> str:
    """Return what is kept of a cookie or link. It has 256 random bits, so one plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def account_by_login(session: Session, login: str) -> Account | None:
    """Return the account of an email or a username, in any case."""
    # PostgreSQL takes no NUL in a text, and no login has one.
    if "\0" in login:
        return None
    if "@" in login:
        return account_by_email(session, login)
    username = canonical_username(login)
    return session.exec(select(Account).where(Account.username == username)).first()


def account_by_email(session: Session, email: str) -> Account | None:
    """Return the account of an email, in any case."""
    return session.exec(select(Account).where(Account.email == canonical_email(email))).first()


def idle_since(now: datetime) -> datetime:
    """Return the moment after which a session must have been used."""
    return now - timedelta(minutes=settings().idle_minutes)


def find_session(session: Session, digest: str, now: datetime) -> AccountSession | None:
    """Return the open session of a cookie's digest."""
    if not digest:
        return None
    is_open = sessions_open(now, idle_since(now))
    return session.exec(select(AccountSession).where(AccountSession.digest == digest, is_open)).first()


def open_sessions(session: Session, account_id: UUID) -> list[AccountSession]:
    """Return the sessions that nothing has ended; time limits are asked separately."""
    query = select(AccountSession).where(
        AccountSession.account_id == account_id, col(AccountSession.ended_at).is_(None)
    )
    return list(session.exec(query))


def sessions_open(now: Any, used_since: Any) -> ColumnElement[bool]:
    """The condition on AccountSession: not ended, inside its absolute limit, used since."""
    return and_(
        col(AccountSession.ended_at).is_(None),
        col(AccountSession.expires_at) > now,
        col(AccountSession.last_seen_at) > used_since,
    )


def places_open(
    session: Session, session_ids: set[UUID], now: datetime
) -> dict[tuple[UUID, UUID], datetime | None]:
    """Return (session, organization) for each of these sessions that is open at `now` and each place it opens.

    With it the moment at which the place will end, where one is known.
    """
    query = (
        select(AccountSession.id, StaffMember.org_id, StaffMember.leaves_at)
        .join(StaffMember, col(StaffMember.account_id) == col(AccountSession.account_id))
        .where(
            col(AccountSession.id).in_(session_ids),
            sessions_open(now, idle_since(now)),
            col(StaffMember.joined_at).is_not(None),
            open_at(now),
        )
    )
    return {(session_id, org_id): ends for session_id, org_id, ends in session.exec(query)}


def accounts_of(session: Session, member_ids: list[UUID]) -> dict[UUID, UUID]:
    """Return the account behind each of these places."""
    query = select(StaffMember.id, StaffMember.account_id).where(col(StaffMember.id).in_(member_ids))
    return dict(session.exec(query).all())


def active_elsewhere(session: Session, account_id: UUID, org_id: UUID, now: datetime) -> bool:
    """Whether the account has accepted a place, still active, in another organization."""
    elsewhere = _places(account_id, now).where(StaffMember.org_id != org_id)
    return session.exec(elsewhere).first() is not None


def has_place(session: Session, account_id: UUID, now: datetime) -> bool:
    """Whether the account has accepted a place that is still active, in whatever organization."""
    return session.exec(_places(account_id, now)).first() is not None


def _places(account_id: UUID, now: datetime) -> SelectOfScalar[UUID]:
    return select(StaffMember.id).where(
        StaffMember.account_id == account_id, col(StaffMember.joined_at).is_not(None), open_at(now)
    )


def find_set_up_link(session: Session, token: str) -> SetUpLink | None:
    """Return the owner's set-up link a token belongs to, in whatever state."""
    return session.exec(select(SetUpLink).where(SetUpLink.digest == digest_of(token))).first()


def find_reset_link(session: Session, token: str) -> ResetLink | None:
    """Return the reset link a token belongs to, in whatever state."""
    return session.exec(select(ResetLink).where(ResetLink.digest == digest_of(token))).first()


def resets_since(session: Session, account_id: UUID, since: datetime) -> list[datetime]:
    """Return when reset links were sent to an account, the newest first."""
    query = select(ResetLink.sent_at).where(ResetLink.account_id == account_id, ResetLink.sent_at > since)
    return list(session.exec(query.order_by(col(ResetLink.sent_at).desc())))
