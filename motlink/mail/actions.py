"""The outbox: putting a letter in, taking it out to try, and writing down how the try went.

Each step is its own short transaction and may run twice without harm; the sending itself happens between them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import col, select

from motlink import jobs
from motlink.mail.models import Letter
from motlink.mail.rules import LEASE, UNCLEAR_PAUSE, is_hopeless, pause_after, wait_asked, without_secrets
from motlink.work import Work

DELIVER = "deliver_letter"


def enqueue(work: Work, *, kind: str, to: str, values: dict[str, Any]) -> Letter:
    """Put a letter into the outbox; it leaves once the work is committed, and not after its `valid_until`."""
    letter = Letter(
        id=work.new_id(),
        org_id=work.org_id if work.has_org else None,
        kind=kind,
        to=to,
        values=dict(values),
        created_at=work.now,
        due_at=work.now,
    )
    work.add(letter)
    work.after_commit(lambda: jobs.ring(DELIVER, letter.id))
    return letter


def waiting(work: Work, *, most: int = 100) -> list[UUID]:
    """Return the letters that are due and that nobody is trying now, the oldest first."""
    query = select(Letter.id).where(*_is_due(work.now)).order_by(col(Letter.due_at)).limit(most)
    return list(work.session.exec(query))


def lease(work: Work, *, letter_id: UUID) -> Letter | None:
    """Take a letter for one try. Returns None where it is sent, not due, or another process has it."""
    taken = (
        update(Letter)
        .where(col(Letter.id) == letter_id, *_is_due(work.now))
        .values(leased_until=work.now + LEASE, attempts=col(Letter.attempts) + 1)
    )
    if not work.claim(taken):
        return None
    return work.session.get(Letter, letter_id)


def mark_sent(work: Work, *, letter_id: UUID) -> None:
    """Write down that a letter has left, and wipe the link in it."""
    letter = work.session.get(Letter, letter_id)
    if letter is None or letter.sent_at is not None:
        return
    letter.sent_at, letter.leased_until, letter.last_error = work.now, None, ""
    letter.values = without_secrets(letter.values)
    _put_back(work, letter)


def mark_failed(work: Work, *, letter_id: UUID, error: str, for_good: bool, wait: str = "") -> None:
    """Write down a failed try: the next one is later each time, until it is given up and the link wiped.

    Where the service asked us to `wait`, the next try is then.
    """
    letter = work.session.get(Letter, letter_id)
    if letter is None or letter.sent_at is not None or letter.failed_at is not None:
        return
    letter.leased_until, letter.last_error = None, error[:200]
    letter.due_at = work.now + (wait_asked(wait, work.now) or pause_after(letter.attempts))
    if for_good or is_hopeless(letter, now=work.now):
        _give_up(work, letter)
    _put_back(work, letter)


def mark_unclear(work: Work, *, letter_id: UUID, error: str) -> None:
    """Write down a try whose answer was lost: for a while we wait to hear that the letter has left after all."""
    letter = work.session.get(Letter, letter_id)
    if letter is None or letter.sent_at is not None or letter.failed_at is not None:
        return
    letter.leased_until, letter.last_error, letter.unclear_at = None, error[:200], work.now
    letter.due_at = work.now + UNCLEAR_PAUSE
    if is_hopeless(letter, now=work.now):
        _give_up(work, letter)
    _put_back(work, letter)


def call_off(work: Work, *, letter_id: UUID) -> None:
    """Stop a letter that still waits and whose link has ended, and wipe the link."""
    letter = work.session.get(Letter, letter_id)
    if letter is None or letter.sent_at is not None or letter.failed_at is not None:
        return
    letter.failed_at, letter.last_error = work.now, "The link ended before the email could leave"
    letter.values = without_secrets(letter.values)
    _put_back(work, letter)


def _give_up(work: Work, letter: Letter) -> None:
    letter.failed_at = work.now
    letter.values = without_secrets(letter.values)
    work.record("letter.failed", letter, kind=letter.kind, error=letter.last_error)


def _put_back(work: Work, letter: Letter) -> None:
    work.add(letter)
    if work.has_org:
        work.notify("letters")


def _is_due(now: datetime) -> tuple[Any, ...]:
    return (
        col(Letter.sent_at).is_(None),
        col(Letter.failed_at).is_(None),
        col(Letter.due_at) <= now,
        or_(col(Letter.leased_until).is_(None), col(Letter.leased_until) <= now),
    )
