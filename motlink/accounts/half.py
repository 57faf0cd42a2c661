"""Half-sessions: a right password that waits for the second step. They open nothing else, and each once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col, select

from motlink.accounts.models import HalfSession
from motlink.accounts.queries import digest_of
from motlink.work import Work

# To fetch a phone and read a code; ASVS 6.5.5 allows codes that are typed at sign-in ten.
HALF_LIFETIME = timedelta(minutes=5)
# Then the password is asked for again, where guesses are counted, too.
MOST_WRONG = 5


def open_half(work: Work, *, account_id: UUID, invitation_id: UUID | None = None) -> str:
    """Start one and return the cookie's value; only its digest is kept. Old ones of the account are swept out."""
    work.session.connection().execute(
        delete(HalfSession).where(
            col(HalfSession.account_id) == account_id, col(HalfSession.expires_at) <= work.now
        )
    )
    token = work.new_token()
    half = HalfSession(
        id=work.new_id(),
        account_id=account_id,
        digest=digest_of(token),
        created_at=work.now,
        expires_at=work.now + HALF_LIFETIME,
        invitation_id=invitation_id,
    )
    work.add(half)
    return token


def find_half(work: Work, digest: str) -> HalfSession | None:
    """Return the half-session of a cookie's digest, while the second step can still be taken."""
    if not digest:
        return None
    query = select(HalfSession).where(HalfSession.digest == digest, *_usable(work))
    return work.session.exec(query.execution_options(populate_existing=True)).first()


def use_half(work: Work, *, half_id: UUID) -> bool:
    """Consume it: one conditional UPDATE, so that of many at once exactly one comes in."""
    return work.claim(
        update(HalfSession)
        .where(col(HalfSession.id) == half_id, *_usable(work))
        .values(used_at=work.now)
        .execution_options(synchronize_session=False)
    )


def count_wrong(work: Work, *, half_id: UUID) -> None:
    """Note a wrong answer."""
    work.session.connection().execute(
        update(HalfSession)
        .where(col(HalfSession.id) == half_id)
        .values(wrong=HalfSession.wrong + 1)
        .execution_options(synchronize_session=False)
    )


def end_halves(work: Work, *, account_id: UUID) -> None:
    """End all of an account: its password has changed, or its sessions are ended."""
    work.session.connection().execute(
        update(HalfSession)
        .where(col(HalfSession.account_id) == account_id, col(HalfSession.used_at).is_(None))
        .values(used_at=work.now)
        .execution_options(synchronize_session=False)
    )


def _usable(work: Work) -> tuple[Any, ...]:
    return (
        col(HalfSession.used_at).is_(None),
        col(HalfSession.expires_at) > work.now,
        col(HalfSession.wrong) < MOST_WRONG,
    )
