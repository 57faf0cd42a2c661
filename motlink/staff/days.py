"""The days of a person's place: the last working day and leave. What a day is the practice's zone says. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from motlink.errors import Invalid
from motlink.moments import clock, day, short_day
from motlink.staff.rules import FIRST_START, LAST_START, is_start

YEAR = timedelta(days=366)
INSTANT = timedelta(microseconds=1)


class OnLeave(Protocol):
    """What of a member says whether they are away."""

    on_leave_until: date | None


def leaving_moment(day_typed: str, time_typed: str, *, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the moment at which a place ends: without a time it is the end of that day, 24:00.

    An hour that clocks skip counts as the moment of the skip or just after it, one that comes twice as its first.
    Raises Invalid for no date, no time, one that has passed, or one ten years away.
    """
    last = typed_day(day_typed, "leaves_on", now=now)
    if time_typed.strip():
        local = datetime.combine(last, _typed_time(time_typed), tzinfo=zone)
    else:
        local = datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment <= now:
        raise Invalid("That moment has passed. Choose a later one, or “Now”.", field="leaves_on")
    return moment


def typed_day(text: str, field: str, *, now: datetime, years: int = 10) -> date:
    """Return the day that a date field sends. Raises Invalid for none, or one further from now than so many years."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("Choose a date.", field=field) from None
    if abs(found - now.date()) > years * YEAR:
        raise Invalid(f"This date is more than {years} years away.", field=field)
    return found


def typed_start(text: str) -> date:
    """Return the start date that a field or a file says. Raises Invalid for none, or a year that is a slip."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("Choose a date.", field="starts_on") from None
    if not is_start(found):
        raise Invalid(f"A start date is between {FIRST_START.year} and {LAST_START.year}.", field="starts_on")
    return found


def _typed_time(text: str) -> time:
    try:
        return time.fromisoformat(text.strip()).replace(tzinfo=None, microsecond=0)
    except ValueError:
        raise Invalid("Choose a time, or none for the end of the day.", field="leaves_time") from None


def last_day(leaves_at: datetime, zone: ZoneInfo) -> date:
    """Return the last day of work: what ends as a day begins was last true the day before."""
    return (leaves_at - INSTANT).astimezone(zone).date()


def ends_with_the_day(leaves_at: datetime, zone: ZoneInfo) -> bool:
    """Whether a moment is the end of a day rather than an hour of it."""
    return leaves_at.astimezone(zone).date() != last_day(leaves_at, zone)


def leaving_words(leaves_at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return "on 30 November, at the end of the day" or "on 30 November at 5:00 PM"."""
    words = f"on {day(leaves_at - INSTANT, zone, now)}"
    if ends_with_the_day(leaves_at, zone):
        return f"{words}, at the end of the day"
    return f"{words} at {clock(leaves_at, zone)}"


def is_on_leave(member: OnLeave, today: date) -> bool:
    """Whether someone is away: until the day they are back, which is no day of leave any more (TA-32)."""
    return member.on_leave_until is not None and today < member.on_leave_until


def day_of_state(
    state: str, leaves_at: datetime | None, back_on: date | None, zone: ZoneInfo, now: datetime
) -> str:
    """Return the day that a state is about, as a row says it: "30 Nov"; nothing for other states."""
    today = now.astimezone(zone).date()
    if state == "leaving" and leaves_at is not None:
        return short_day(last_day(leaves_at, zone), today)
    return short_day(back_on, today) if state == "on_leave" and back_on is not None else ""
