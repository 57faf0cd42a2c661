"""When a letter is tried again, how long a try may take, and what may stand in one line of it."""

import re
from datetime import datetime, timedelta

from motlink.mail.models import Letter

# A try is given up for lost after this: a mail server gives a dozen answers, each within 15 s (delivery.py), and a
# letter that is tried twice at once arrives twice.
LEASE = timedelta(minutes=5)

# 30 s, 1 min, 2 min … at most 2 h apart: 15 tries last about a day.
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=2)
MOST_ATTEMPTS = 15

# What gives access must not outlive its use: these values go once the letter has left or was given up.
SECRET_VALUES = frozenset({"link", "token"})

_NOT_ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the n-th failed try."""
    pause = FIRST_PAUSE
    for _ in range(attempts - 1):
        pause = min(pause * 2, LONGEST_PAUSE)
    return pause


def is_hopeless(letter: Letter, *, now: datetime) -> bool:
    """Whether no further try makes sense: too many, or the link in it has run out."""
    return letter.attempts >= MOST_ATTEMPTS or has_run_out(letter, now=now)


def has_run_out(letter: Letter, *, now: datetime) -> bool:
    """Whether the letter's link is past its hour, so that sending it could only confuse."""
    until = (letter.values or {}).get("valid_until")
    return bool(until) and now >= datetime.fromisoformat(str(until))


def one_line(value: str) -> str:
    """Return the value fit for a header: a name with CR/LF in it would write headers of its own.

    Marks that turn the direction of reading go too: they make one address look like another.
    """
    return _NOT_ONE_LINE.sub(" ", value).strip()


def without_secrets(values: dict[str, object] | None) -> dict[str, object]:
    """Return the values that may stay once the letter is gone."""
    return {name: value for name, value in (values or {}).items() if name not in SECRET_VALUES}
