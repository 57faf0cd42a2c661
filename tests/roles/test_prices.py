"""What people cost: one seat however many roles, options on top, prices that hold from a day on."""

from datetime import date

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from motlink.roles import prices
from motlink.roles.prices import SEAT, TELEHEALTH, Line, Price, listed, monthly_cents, price_on, price_words

TODAY = date(2026, 11, 22)
THERAPIST, SUPERVISOR = Line("therapist", paid=True), Line("supervisor", paid=True)
VIDEO, BILLER = Line("telehealth", addon=TELEHEALTH, option_of="therapist"), Line("biller")


@pytest.mark.req("TA-08", "TA-28")
@pytest.mark.parametrize(
    ("roles", "cents"),
    [
        ((), 0),
        ((BILLER,), 0),
        ((THERAPIST,), 1000),
        ((THERAPIST, SUPERVISOR, BILLER), 1000),
        ((THERAPIST, VIDEO), 2500),
        ((SUPERVISOR, VIDEO), 1000),
        ((VIDEO,), 0),
    ],
)
def test_one_seat_a_person_and_telehealth_only_with_its_role(roles: tuple[Line, ...], cents: int) -> None:
    assert monthly_cents(roles, TODAY) == cents


@pytest.mark.req("TA-28")
def test_a_price_holds_from_its_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices, "PRICES", (*prices.PRICES, Price(SEAT, 1250, date(2027, 1, 1))))

    assert price_on(SEAT, date(2026, 12, 31)) == 1000
    assert price_on(SEAT, date(2027, 1, 1)) == 1250
    assert price_on(SEAT, date(1999, 1, 1)) == 0


@pytest.mark.req("TA-08")
def test_a_price_that_is_yet_to_come_is_not_said_as_todays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices, "PRICES", (*prices.PRICES, Price(SEAT, 1250, date(2027, 1, 1))))

    with time_machine.travel("2026-12-31 23:00Z"):
        before = listed(SEAT)
    with time_machine.travel("2027-01-01 01:00Z"):
        after = listed(SEAT)

    assert (before, after) == (1000, 1250)


@pytest.mark.req("TA-08")
def test_the_cost_is_said_before_the_switch() -> None:
    listing = (THERAPIST, VIDEO, SUPERVISOR, BILLER)

    assert price_words(listing, set(), TODAY) == {
        "therapist": "+$10.00 a month",
        "telehealth": "+$15.00",
        "supervisor": "+$10.00 a month",
    }
    assert price_words(listing, {"supervisor"}, TODAY) == {
        "therapist": "same seat",
        "telehealth": "+$15.00",
        "supervisor": "seat $10.00",
    }


@pytest.mark.req("TA-08")
@given(st.lists(st.sampled_from((THERAPIST, SUPERVISOR, VIDEO, BILLER)), unique=True))
def test_what_stands_beside_a_role_is_what_switching_it_adds(on: list[Line]) -> None:
    words = price_words((THERAPIST, VIDEO, SUPERVISOR, BILLER), {role.key for role in on}, TODAY)

    for role in (THERAPIST, SUPERVISOR):
        if role in on or VIDEO in on:
            continue
        adds = monthly_cents([*on, role], TODAY) - monthly_cents(on, TODAY)
        assert words[role.key] == ("+$10.00 a month" if adds else "same seat")
