"""Access over time: every stretch is in the picture, nothing stands outside it, and the words say the same (UX-05)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motlink.staff.actions import deactivate, reactivate, switch_role
from motlink.staff.last_days import plan_leaving
from motlink.staff.queries import profile
from motlink.staff.timeline import Span, bars_of, edges_of, place_of
from tests.acts import add_someone, do, see, switching
from tests.people import Practice

pytestmark = pytest.mark.req("UX-05")

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)
spans = st.lists(
    st.tuples(st.integers(-900, 300), st.none() | st.integers(1, 500)).map(
        lambda pair: (NOW + pair[0] * DAY, None if pair[1] is None else NOW + (pair[0] + pair[1]) * DAY)
    ),
    min_size=1,
    max_size=8,
)


@given(spans)
def test_every_bar_lies_in_the_picture_and_the_past_before_today(held: list[Span]) -> None:
    edges = edges_of(held, NOW)
    today = place_of(NOW, edges)

    bars = bars_of(held, "on", edges, NOW)

    assert all(0 <= bar.left <= 100 and bar.width > 0 and bar.left + bar.width <= 100.4 for bar in bars)
    assert all(bar.left + bar.width <= today + 0.4 for bar in bars if bar.kind == "on")
    assert all(bar.left >= today - 0.01 for bar in bars if bar.kind == "planned")
    begun = sum(start < NOW for start, _ in held)
    going_on = sum(end is None or end > NOW for _, end in held)
    assert (sum(bar.kind == "on" for bar in bars), sum(bar.kind == "planned" for bar in bars)) == (
        begun,
        going_on,
    )


def test_roles_and_the_time_away_stand_in_it(practice: Practice) -> None:
    at = datetime.now(UTC)
    do(practice, practice.ben, switch_role, **switching(practice, practice.cleo, "biller", on=True))
    do(practice, practice.ben, deactivate, member_id=practice.cleo, at=at + DAY)
    do(practice, practice.ben, reactivate, member_id=practice.cleo, at=at + 3 * DAY)
    back = switching(practice, practice.cleo, "therapist", on=True)
    do(practice, practice.ben, switch_role, at=at + 5 * DAY, **back)
    do(
        practice,
        practice.ben,
        plan_leaving,
        member_id=practice.cleo,
        leaves_at=at + 20 * DAY,
        at=at + 6 * DAY,
    )

    shown = see(practice, practice.ana, profile, member_id=practice.cleo, at=at + 10 * DAY).timeline

    kinds = {row.name: [bar.kind for bar in row.bars] for row in shown.rows}
    assert kinds == {"Therapist": ["on", "on", "planned"], "Biller": ["on"], "Deactivated": ["shut"]}
    assert [len(row.stretches) for row in shown.rows] == [2, 1, 1]
    assert all(end != "open" for row in shown.rows for _, end in row.stretches)
    # Twenty days in all; today is the tenth of them.
    assert abs(shown.now - 50) < 2


def test_someone_without_any_role_has_no_picture(practice: Practice) -> None:
    jo = add_someone(practice, practice.ana, "Jo")

    assert see(practice, practice.ana, profile, member_id=jo.id).timeline.rows == ()
