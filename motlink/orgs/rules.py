"""How a practice's name becomes its address, and what its settings may be."""

import re
import unicodedata
from datetime import timedelta

from motlink.digits import whole_number
from motlink.errors import Conflict, Invalid

LONGEST_LOCATION = 80
CYCLE_DAYS = range(1, 32)
LOCK_DAYS = range(1, 366)
# Of whom a second step at sign-in is demanded (staff/demands.py).
NOBODY, LEADING, EVERYONE = "nobody", "leading", "everyone"
# How long a session may last: minutes without use, hours in any case; how many may be open at once.
IDLE_MINUTES, SESSION_HOURS, MOST_SESSIONS = range(15, 7 * 24 * 60 + 1), range(1, 30 * 24 + 1), range(1, 21)
LONGEST_SESSION = timedelta(hours=SESSION_HOURS[-1])


class SettingsChanged(Conflict):
    """Somebody else saved the practice's settings meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            "Someone else changed this while you were looking.", next_step="Look at it, then save again."
        )


def checked_cycle_day(typed: str) -> int:
    """Return the day of the month on which bills are made. Raises Invalid for none from 1 to 31."""
    day = whole_number(typed.strip(), most=CYCLE_DAYS[-1])
    if day is None or day not in CYCLE_DAYS:
        raise Invalid("Choose a day from 1 to 31.", field="cycle_day")
    return day


def checked_lock_after(choice: str, typed: str) -> int | None:
    """Return the days of a choice ("off", "30", "60", "90", or "custom" as typed). Raises Invalid for another."""
    if choice == "off":
        return None
    days = whole_number(typed.strip() if choice == "custom" else choice, most=LOCK_DAYS[-1])
    if days is None or days not in LOCK_DAYS:
        raise Invalid("Choose a number of days from 1 to 365.", field="days")
    return days


def checked_demand(choice: str) -> str:
    """Return of whom a second step is demanded. Raises Invalid for another word."""
    if choice not in (NOBODY, LEADING, EVERYONE):
        raise Invalid("Choose one of the three.", field="demand")
    return choice


def checked_choice(typed: str, allowed: range, field: str) -> int | None:
    """Return a number out of a list of choices, None for "" (nothing chosen). Raises Invalid for another."""
    if not typed:
        return None
    number = whole_number(typed, most=allowed[-1])
    if number not in allowed:
        raise Invalid("Choose one of the list.", field=field)
    return number


def address_of(name: str) -> str:
    """Return the practice's part of its addresses: "Riverbend Therapy" -> "riverbend-therapy"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50]


def location_key(name: str) -> str:
    """Fold case and spacing: the same words are the same place."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:LONGEST_LOCATION]
