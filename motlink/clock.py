"""What time it is: the database's, wherever that may be another machine than ours (R12).

Several servers share one PostgreSQL, and their clocks may differ by minutes, or be set back. So a process asks the
database once a minute how late it is, and counts on by a clock that nobody sets. SQLite is this machine.
"""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from motlink.database import engine, is_sqlite

log = logging.getLogger(__name__)

ASK_EVERY = 60.0
# It also counts while the machine sleeps.
_COUNTS = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
# Tests that travel in time turn it off: no database travels with them.
follows_database = True


@dataclass(frozen=True)
class Answer:
    """How late it was in the database, and where the count stood then, in seconds."""

    at: datetime
    counted: float


_answer: Answer | None = None
_asking = threading.Lock()


def now() -> datetime:
    """Return the moment, in UTC. Now and then it asks the database, so it is not for the event loop."""
    if not follows_database or is_sqlite():
        return datetime.now(UTC)
    answer = _recent()
    return answer.at + timedelta(seconds=time.clock_gettime(_COUNTS) - answer.counted)


def today() -> date:
    """Return this machine’s day in UTC, for words of no practice; some stand before any database is there."""
    return datetime.now(UTC).date()


def forget() -> None:
    """Ask anew at the next chance."""
    global _answer
    _answer = None


def _recent() -> Answer:
    """Return an answer of the last minute; while somebody else asks, or the database is away, an older one."""
    global _answer
    known = _answer
    if known and time.clock_gettime(_COUNTS) - known.counted < ASK_EVERY:
        return known
    if not _asking.acquire(blocking=known is None):
        assert known
        return known
    try:
        _answer = _ask()
        return _answer
    except SQLAlchemyError:
        if known is None:
            raise
        log.warning("the database was not asked for the time; its last answer counts on")
        return known
    finally:
        _asking.release()


def _ask() -> Answer:
    with engine().connect() as connection:
        before = time.clock_gettime(_COUNTS)
        at: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        after = time.clock_gettime(_COUNTS)
    return Answer(at.astimezone(UTC), (before + after) / 2)
