"""Reading accounts and their sessions."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlalchemy import select as _select
from sqlmodel import Session, col, select

from motlink.accounts.models import Account, AccountSession, EmailChange, ResetLink, SetUpLink
from motlink.accounts.rules import TAKE_BACK_FOR, canonical_email, canonical_username
from motlink.orgs.models import Organization
from motlink.settings import settings
from motlink.staff.locks import locked_among
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
    columns: tuple[Any, ...] = (
        col(AccountSession.id).label("session_id"),
        *(StaffMember.id, StaffMember.org_id, StaffMember.leaves_at, StaffMember.joined_at),
        *(StaffMember.signed_in_at, StaffMember.unlocked_at, StaffMember.back_at, StaffMember.on_leave_until),
    )
    query = (
        _select(*columns)
        .join(StaffMember, col(StaffMember.account_id) == col(AccountSession.account_id))
        .where(
            col(AccountSession.id).in_(session_ids),
            sessions_open(now, idle_since(now)),
            col(StaffMember.joined_at).is_not(None),
            open_at(now),
        )
    )
    places = session.execute(query).all()
    shut = _shut(session, places, now)
    return {(place.session_id, place.org_id): place.leaves_at for place in places if place.id not in shut}


def _shut(session: Session, places: Sequence[Any], now: datetime) -> set[UUID]:
    """Return which of these places are locked; in most practices nobody ever is, and that is one question."""
    by_org: dict[UUID, list[Any]] = defaultdict(list)
    for place in places:
        by_org[place.org_id].append(place)
    locking = select(Organization).where(
        col(Organization.id).in_(by_org), col(Organization.lock_after_days).is_not(None)
    )
    orgs = session.exec(locking) if by_org else ()
    return {one for org in orgs for one in locked_among(session, org, by_org[org.id], now)}


def accounts_of(session: Session, member_ids: list[UUID]) -> dict[UUID, UUID]:
    """Return the account behind each of these places."""
    query = select(StaffMember.id, StaffMember.account_id).where(col(StaffMember.id).in_(member_ids))
    return dict(session.exec(query).all())


def active_elsewhere(session: Session, account_id: UUID, org_id: UUID, now: datetime) -> bool:
    """Whether the account has accepted a place, still active and not locked, in another organization."""
    query = (
        select(StaffMember, Organization)
        .join(Organization, col(Organization.id) == col(StaffMember.org_id))
        .where(
            StaffMember.account_id == account_id,
            StaffMember.org_id != org_id,
            col(StaffMember.joined_at).is_not(None),
            open_at(now),
        )
    )
    return any(not locked_among(session, org, [member], now) for member, org in session.exec(query))


def has_place(session: Session, account_id: UUID, now: datetime) -> bool:
    """Whether the account has accepted a place that is still active, in whatever organization."""
    query = select(StaffMember.id).where(
        StaffMember.account_id == account_id, col(StaffMember.joined_at).is_not(None), open_at(now)
    )
    return session.exec(query).first() is not None


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


def kept_emails(
    session: Session, emails: Iterable[str], now: datetime, *, but: UUID | None = None
) -> set[str]:
    """Return which of these emails are kept for someone (other than `but`) who can still take a change back."""
    query = select(EmailChange.old_email).where(
        col(EmailChange.old_email).in_(list(emails)),
        col(EmailChange.confirmed_at) > now - TAKE_BACK_FOR,
        col(EmailChange.cancelled_at).is_(None),
    )
    return set(session.exec(query.where(EmailChange.account_id != but) if but else query))
