"""The billing cycle: from one cycle day to the next, in the practice's zone (TA-28). Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

FIRST_DAY, LAST_DAY = 1, 31


@dataclass(frozen=True)
class Cycle:
    """From `opens` to just before `closes`; the bill of what is on at `closes` is dated `bill_on`."""

    opens: datetime
    closes: datetime
    bill_on: date


def cycle_around(moment: datetime, cycle_day: int, zone: ZoneInfo) -> Cycle:
    """Return the one cycle that a moment lies in.

    A cycle begins with the first instant of the cycle day, be it 00:00 or, where clocks skip that, later. A day that a
    month lacks falls on its last one: 31 is the end of each month.
    """
    local = moment.astimezone(zone)
    month = local.year * 12 + local.month - 1
    if moment < _opening(month, cycle_day, zone)[0]:
        month -= 1
    elif moment >= _opening(month + 1, cycle_day, zone)[0]:
        month += 1
    closes, bill_on = _opening(month + 1, cycle_day, zone)
    return Cycle(_opening(month, cycle_day, zone)[0], closes, bill_on)


def cycles_before(cycle: Cycle, number: int, cycle_day: int, zone: ZoneInfo) -> list[Cycle]:
    """Return so many cycles that lie before this one, the oldest first."""
    month = cycle.bill_on.year * 12 + cycle.bill_on.month - 1
    earlier = []
    for closing in range(month - number, month):
        closes, bill_on = _opening(closing, cycle_day, zone)
        earlier.append(Cycle(_opening(closing - 1, cycle_day, zone)[0], closes, bill_on))
    return earlier


def _opening(month: int, cycle_day: int, zone: ZoneInfo) -> tuple[datetime, date]:
    """Return when the cycle of a month (counted from year 0) begins, and the day it is called by."""
    year, number = divmod(month, 12)
    day = date(year, number + 1, min(cycle_day, monthrange(year, number + 1)[1]))
    # A skipped midnight read with the offset of before is the very instant of the skip; of two the first is meant.
    return start_of(day, zone), day


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a day, in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
