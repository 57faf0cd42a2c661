"""When a letter is tried again, how long a try may take, and what may stand in one line of it."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from motlink.mail.models import Letter

# A try is given up for lost after this: a mail server gives a dozen answers, each within 15 s (delivery.py), and a
# letter that is tried twice at once arrives twice.
LEASE = timedelta(minutes=5)

# 30 s, 1 min, 2 min … at most 2 h apart: 15 tries last about a day.
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=2)
MOST_ATTEMPTS = 15

# So long we wait to hear whether a letter has left whose answer was lost; sending it again could double it.
UNCLEAR_PAUSE = timedelta(minutes=10)
# A service may ask us to wait, but not for longer than this.
LONGEST_WAIT = timedelta(hours=1)
# A number from here on is a moment (seconds since 1970), not a time to wait.
A_MOMENT = 1_000_000_000

# What gives access must not outlive its use: these values go once the letter has left or was given up.
SECRET_VALUES = frozenset({"link", "token"})

# Why a letter came back, as SendGrid sorts it (bounce_classification, or the reason of a dropped letter).
BOUNCES = {
    "invalid address": "there is no such address",
    "mailbox unavailable": "the mailbox is full or shut",
    "reputation": "their mail server takes no mail from us",
    "content": "their mail server took it for spam",
    "technical": "their mail server has a fault",
    "frequency/volume too high": "their mail server had too much mail from us",
    "bounced address": "an earlier email to this address came back",
    "unsubscribed address": "this address has unsubscribed from our mail",
    "spam reporting address": "somebody there has called our mail spam",
    "invalid": "there is no such address",
}

_NOT_ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the n-th failed try."""
    pause = FIRST_PAUSE
    for _ in range(attempts - 1):
        pause = min(pause * 2, LONGEST_PAUSE)
    return pause


def wait_asked(text: str, now: datetime) -> timedelta | None:
    """Return how long a service asks us to wait (RFC 9110, 10.2.3): seconds, a date, or a moment in seconds.

    None where it says nothing that can be understood.
    """
    asked: timedelta | None = None
    with suppress(ValueError, OverflowError, TypeError):
        if text.strip().isascii() and text.strip().isdigit():
            number = int(text)
            asked = timedelta(seconds=number - now.timestamp() if number >= A_MOMENT else number)
        elif text:
            asked = parsedate_to_datetime(text) - now
    return None if asked is None else max(timedelta(0), min(asked, LONGEST_WAIT))


def bounce_words(event: dict[str, Any]) -> str:
    """Return in plain words why a letter came back; never the other server's own, which may say anything."""
    for field in ("bounce_classification", "reason"):
        known = BOUNCES.get(str(event.get(field, "")).strip().lower())
        if known:
            return known
    status = str(event.get("status", ""))
    code = f" ({status})" if re.fullmatch(r"[245]\.\d{1,3}\.\d{1,3}", status) else ""
    if status.startswith("5.1."):
        return f"there is no such address{code}"
    return f"their mail server refused it{code}"


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
