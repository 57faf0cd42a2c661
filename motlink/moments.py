"""Moments as people say them, in the zone of a practice: another language is this file."""

from datetime import datetime
from zoneinfo import ZoneInfo


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
