"""Moments as people say them, in the zone of a practice: another language is this file."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Days: "5 Jan" cannot be mistaken for another year's.
SOON = 300


def clock(at: datetime, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """Return "4:18 PM", or "4:18:09 PM"."""
    local = at.astimezone(zone)
    rest = f"{local:%M:%S %p}" if seconds else f"{local:%M %p}"
    return f"{local.hour % 12 or 12}:{rest}"


def day(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return "3 November", or "3 November 2024" where it is not this year's."""
    local = at.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    return f"{local.day} {local:%B}{year}"


def moment(at: datetime, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """Return "3 Nov 2026, 4:18 PM"."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y}, {clock(at, zone, seconds=seconds)}"


def end_of_day(on: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a day is over there: the midnight that follows, in UTC.

    Where the clock skips that midnight, it is the moment of the skip; where it comes twice, the first.
    """
    return datetime.combine(on + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)


def last_day(ends_at: datetime, zone: ZoneInfo) -> date:
    """Return the last day before the moment at which something ends."""
    return (ends_at - timedelta(microseconds=1)).astimezone(zone).date()


def until(ends_at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return "until 31 January": the last day on which it still is so."""
    return f"until {day(ends_at - timedelta(microseconds=1), zone, now)}"


def until_day(last: date | None, today: date) -> str:
    """Return "until 31 Dec", "" where there is no end."""
    return f"until {short_day(last, today)}" if last else ""


def ago(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return "today", "3 days ago", "last week", "4 months ago": by the days of the zone."""
    days = (now.astimezone(zone).date() - at.astimezone(zone).date()).days
    if days < 7:
        return {0: "today", 1: "yesterday"}.get(max(days, 0), f"{days} days ago")
    if days < 60:
        weeks = days // 7
        return "last week" if weeks == 1 else f"{weeks} weeks ago" if days < 30 else "last month"
    return f"{days // 30} months ago" if days < 730 else f"{days // 365} years ago"


def short_day(on: date, today: date) -> str:
    """Return "24 Nov", or "24 Nov 2027" where that is neither of this year nor soon: for rows."""
    soon = 0 <= (on - today).days < SOON
    return f"{on.day} {on:%b}" if soon or on.year == today.year else f"{on.day} {on:%b %Y}"


def day_words(on: date, today: date) -> str:
    """Return "5 January", or "5 January 2028" where it is not this year's: for sentences."""
    return f"{on.day} {on:%B}" if on.year == today.year else f"{on.day} {on:%B %Y}"


def city(zone: ZoneInfo) -> str:
    """Return a zone by its city: "New York"."""
    return zone.key.split("/")[-1].replace("_", " ")


def day_year(on: date) -> str:
    """Return "24 Nov 2026": for tables."""
    return f"{on.day} {on:%b %Y}"
