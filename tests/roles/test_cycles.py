"""The billing cycle: every moment lies in exactly one, across clock changes and short months."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motlink.roles.cycles import cycle_around, cycles_before

pytestmark = pytest.mark.req("TA-28")

ZONES = (
    "America/New_York",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
    "UTC",
)
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.integers(631152000, 2840140800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
TICK = timedelta(microseconds=1)


@given(moments, st.integers(1, 31), zones)
def test_every_moment_lies_in_one_cycle_and_the_next_begins_where_it_ends(
    moment: datetime, cycle_day: int, zone: ZoneInfo
) -> None:
    cycle = cycle_around(moment, cycle_day, zone)

    assert cycle.opens <= moment < cycle.closes
    assert cycle_around(cycle.opens, cycle_day, zone) == cycle
    assert cycle_around(cycle.closes - TICK, cycle_day, zone) == cycle
    assert cycle_around(cycle.closes, cycle_day, zone).opens == cycle.closes
    assert cycle_around(cycle.opens - TICK, cycle_day, zone).closes == cycle.opens
    assert timedelta(days=27) < cycle.closes - cycle.opens < timedelta(days=33)


@given(moments, st.integers(1, 31), zones)
def test_the_bill_is_dated_by_the_cycle_day_or_the_last_of_its_month(
    moment: datetime, cycle_day: int, zone: ZoneInfo
) -> None:
    bill_on = cycle_around(moment, cycle_day, zone).bill_on

    assert bill_on.day == cycle_day or (
        bill_on.day < cycle_day and (bill_on + timedelta(days=1)).month != bill_on.month
    )


@given(moments, st.integers(1, 31), zones)
def test_the_cycles_before_follow_each_other_without_a_gap(
    moment: datetime, cycle_day: int, zone: ZoneInfo
) -> None:
    cycle = cycle_around(moment, cycle_day, zone)
    row = [*cycles_before(cycle, 12, cycle_day, zone), cycle]

    assert len(row) == 13
    assert all(earlier.closes == later.opens for earlier, later in pairwise(row))
    assert all(one == cycle_around(one.opens, cycle_day, zone) for one in row)


@pytest.mark.parametrize(
    ("at", "cycle_day", "zone", "opens", "bill_on"),
    [
        # A leap year's February.
        ("2028-02-29T12:00", 31, "America/New_York", "2028-02-29T00:00", date(2028, 3, 31)),
        ("2027-02-28T12:00", 30, "America/New_York", "2027-02-28T00:00", date(2027, 3, 30)),
        # Clocks leap over midnight in Beirut on 28 March 2027: the day begins at 1:00.
        ("2027-03-28T01:00", 28, "Asia/Beirut", "2027-03-28T01:00", date(2027, 4, 28)),
        # Samoa had no 30 December 2011.
        ("2011-12-31T09:00", 30, "Pacific/Apia", "2011-12-31T00:00", date(2012, 1, 30)),
    ],
)
def test_the_awkward_days(at: str, cycle_day: int, zone: str, opens: str, bill_on: date) -> None:
    place = ZoneInfo(zone)
    cycle = cycle_around(datetime.fromisoformat(at).replace(tzinfo=place), cycle_day, place)

    assert cycle.opens.astimezone(place).replace(tzinfo=None) == datetime.fromisoformat(opens)
    assert cycle.bill_on == bill_on
