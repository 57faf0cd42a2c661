"""Reading accounts and their sessions."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select as _select
from sqlmodel import Session, col, select

from motlink.accounts.agent_keys import is_agent_account
from motlink.accounts.limits import limits_behind, limits_of, sessions_open
from motlink.accounts.models import Account, AccountSession, EmailChange, ResetLink, SetUpLink
from motlink.accounts.rules import TAKE_BACK_FOR, canonical_email, canonical_username
from motlink.orgs.models import Organization
from motlink.staff.locks import locked_among
from motlink.staff.models import StaffMember
from motlink.staff.places import open_at

# Why a session has ended: somebody who is not its browser wanted it so.
PUT_OUT = "put out"


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


def find_session(session: Session, digest: str, now: datetime) -> AccountSession | None:
    """Return the open session of a cookie's digest, as it is outside of a practice's screens."""
    if not digest:
        return None
    is_open = sessions_open(now, *limits_behind(session, digest, now).since(now))
    return session.exec(select(AccountSession).where(AccountSession.digest == digest, is_open)).first()


def open_sessions(session: Session, account_id: UUID) -> list[AccountSession]:
    """Return the sessions that nothing has ended; time limits are asked separately."""
    query = select(AccountSession).where(
        AccountSession.account_id == account_id, col(AccountSession.ended_at).is_(None)
    )
    return list(session.exec(query.order_by(col(AccountSession.id))))


def is_put_out(session: Session, session_id: UUID) -> bool:
    """Whether a session was ended by force, so that nothing it has begun goes on; whoever signs out is just done."""
    found = session.get(AccountSession, session_id)
    return found is None or found.ended_why == PUT_OUT


@dataclass(frozen=True)
class FoundPlace:
    """A session in a place that is open: when the place will end, where that is known, and when the session will."""

    leaves_at: datetime | None
    ends_at: datetime
    for_want_of_use: bool


def places_open(
    session: Session, session_ids: set[UUID], now: datetime
) -> dict[tuple[UUID, UUID], datetime | None]:
    """Return (session, organization) for each of these sessions that is open at `now` and each place it opens.

    With it the moment at which the place will end, where one is known.
    """
    found = places_found(session, session_ids, now)
    return {key: place.leaves_at for key, place in found.items() if place.ends_at > now}


def places_found(
    session: Session, session_ids: set[UUID], now: datetime
) -> dict[tuple[UUID, UUID], FoundPlace]:
    """Return the same, also where nothing but the practice's limit of time has ended the session."""
    columns: tuple[Any, ...] = (
        col(AccountSession.id).label("session_id"),
        *(AccountSession.created_at, AccountSession.last_seen_at, AccountSession.expires_at),
        col(AccountSession.longest_pause),
        *(StaffMember.id, StaffMember.org_id, StaffMember.leaves_at, StaffMember.joined_at),
        *(StaffMember.signed_in_at, StaffMember.unlocked_at, StaffMember.back_at, StaffMember.on_leave_until),
    )
    query = (
        _select(*columns)
        .join(StaffMember, col(StaffMember.account_id) == col(AccountSession.account_id))
        .where(
            col(AccountSession.id).in_(session_ids),
            col(AccountSession.ended_at).is_(None),
            col(StaffMember.joined_at).is_not(None),
            open_at(now),
        )
    )
    places = session.execute(query).all()
    ids = {place.org_id for place in places}
    orgs = {org.id: org for org in session.exec(select(Organization).where(col(Organization.id).in_(ids)))}
    shut = _shut(session, orgs.values(), places, now)
    return {
        (place.session_id, place.org_id): FoundPlace(
            place.leaves_at, *limits_of(orgs[place.org_id]).end_of(place)
        )
        for place in places
        if place.id not in shut
    }


def _shut(session: Session, orgs: Iterable[Organization], places: Sequence[Any], now: datetime) -> set[UUID]:
    """Return which of these places are locked; in most practices nobody ever is."""
    by_org: dict[UUID, list[Any]] = defaultdict(list)
    for place in places:
        by_org[place.org_id].append(place)
    return {
        one
        for org in orgs
        if org.lock_after_days is not None
        for one in locked_among(session, org, by_org[org.id], now)
    }


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


def may_come_in(session: Session, account_id: UUID, now: datetime) -> bool:
    """Whether the account has accepted a place that is still active, in whatever organization, or is an agent's."""
    query = select(StaffMember.id).where(
        StaffMember.account_id == account_id, col(StaffMember.joined_at).is_not(None), open_at(now)
    )
    return session.exec(query).first() is not None or is_agent_account(session, account_id)


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
