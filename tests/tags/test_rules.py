"""The pure rules of tags: days, and which words look alike (TA-15)."""

from datetime import date
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motlink.errors import Invalid
from motlink.tags.alike import is_slip, one_slip_apart, one_word_more, plain
from motlink.tags.rules import clean_color, clean_group, is_worn, last_day

pytestmark = pytest.mark.req("TA-15")
TODAY = date(2026, 11, 22)
WORDS = st.text(alphabet="abé1 -", min_size=0, max_size=8)


def test_the_last_day_still_counts() -> None:
    assert is_worn(TODAY, TODAY) and is_worn(None, TODAY) and not is_worn(date(2026, 11, 21), TODAY)
    assert last_day("2026-11-22", TODAY) == TODAY and last_day("", TODAY) is None
    for bad in ("2026-11-21", "22.11.2026", "x", "2026-13-01"):
        with pytest.raises(Invalid):
            last_day(bad, TODAY)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("playtherapy", "playtherapy", True),
        ("medicaid", "medikaid", True),
        ("medicaid", "medicad", True),
        ("medicaid", "mediciad", True),
        ("medicaid", "medicare", False),
        ("ados2", "ados3", False),
        ("level10", "level1", False),
        ("ocd", "odd", False),
        ("", "", False),
    ],
)
def test_one_slip_of_the_pen(one: str, other: str, alike: bool) -> None:
    assert is_slip(one, other) == is_slip(other, one) == alike


@given(st.lists(WORDS, max_size=8))
def test_what_looks_alike_is_what_asking_every_pair_finds(words: list[str]) -> None:
    names = {UUID(int=number): word for number, word in enumerate(words)}
    flat = {one: plain(word).replace(" ", "") for one, word in names.items()}
    slips = {(a, b) for a, b in combinations(sorted(names), 2) if is_slip(flat[a], flat[b])}
    parts = {one: plain(word).split() for one, word in names.items()}
    more = {
        tuple(sorted((a, b)))
        for a in names
        for b in names
        if len(parts[a]) > len(parts[b]) > 0 and parts[a][: len(parts[b])] == parts[b]
    }

    assert one_slip_apart(names) == slips
    assert one_word_more(names) == more


def test_colours_are_known_words_and_a_group_is_a_line() -> None:
    assert clean_color("blue") == "blue" and clean_group("  In  surance\n") == "In surance"
    with pytest.raises(Invalid):
        clean_color("red;")
