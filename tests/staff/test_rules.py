"""Names, emails and phones as people and attackers type them; the one state of a row."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motlink.errors import Invalid
from motlink.moments import day
from motlink.staff.rules import (
    INVITATION_LIFETIME,
    clean_email,
    clean_line,
    clean_name,
    clean_phone,
    fold,
    minutes_left,
    search_text,
    sort_name,
    state_of,
)
from motlink.tags.rules import tag_key, tag_name

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.mark.req("TA-08")
@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "\t\n",
        "a" * 101,
        "a" * 400,
        "Jo\x00",
        "Jo\x07Li",
        "Jo\x1b[31m",
        "Jo\x7f",
        "\ud800",
        "Jo\u202egnp",
        "Jo\u2067Li",
        "Jo\u2066Li",
        "Jo\u202cLi",
        "\u200b\u200d",
        "\u2060",
        "\u3164",
        "\u0301",
        "\ue000",
    ],
)
def test_a_name_that_cannot_be_shown_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_name(typed, "first_name")

    assert refused.value.field == "first_name" and refused.value.sentence


@pytest.mark.req("TA-08")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ana   María ", "Ana María"),
        ("O’Neil", "O’Neil"),
        ("Nguyễn", "Nguyễn"),
        ("محمد", "محمد"),
        ("יעל", "יעל"),
        ("‏יעל‎", "‏יעל‎"),
        ("金城 武", "金城 武"),
        ("Zoë 👩‍⚕️", "Zoë 👩‍⚕️"),
        ("a" * 100, "a" * 100),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("<script>", "<script>"),
        ("می‌خواهم", "می‌خواهم"),
    ],
)
def test_names_of_all_scripts_are_kept_as_typed(typed: str, kept: str) -> None:
    assert clean_name(typed, "last_name") == kept


@pytest.mark.req("TA-08")
def test_an_optional_line_may_be_empty_but_not_unshowable() -> None:
    assert clean_line("  ", "designation") == ""
    for typed in ("x" * 400, "a\x00b", "a\u202eb"):
        with pytest.raises(Invalid):
            clean_line(typed, "designation")


@pytest.mark.req("TA-08", "PC-01")
@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "jo",
        "jo@",
        "@b.example",
        "a b@c.example",
        "a@b@c.example",
        "a＠b@c.example",
        "jo@b..example",
        "a" * 400 + "@b.example",
        "jo@b.example\r\nBcc: x@y.example",
        "jo\x00@b.example",
        "Jo <jo@b.example>",
        "jo@b.example, x@y.example",
        "\u202ejo@b.example",
        "jo@b.example\u202e",
        "ﷺ" * 64 + "@b.example",
        "\ud800@b.example",
        '"a b"@c.example',
        "jo@[127.0.0.1]",
    ],
)
def test_what_is_no_email_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_email(typed)

    assert refused.value.field == "email"


@pytest.mark.req("PC-01", "TA-18")
def test_one_mailbox_has_one_form() -> None:
    forms = {
        clean_email(typed)
        for typed in ("Jo.Li@Riverbend.example", "  jo.li@riverbend.example\n", "ｊo.li@riverbend.example")
    }

    assert forms == {"jo.li@riverbend.example"}


@given(st.text(max_size=400))
def test_whatever_is_typed_as_email_is_refused_or_fits_the_column_and_stays_itself(typed: str) -> None:
    try:
        kept = clean_email(typed)
    except Invalid:
        return
    assert len(kept) <= 320 and clean_email(kept) == kept


@pytest.mark.req("TA-08")
@pytest.mark.parametrize("typed", ["1", "abc", "9" * 400, "+", "12\x0034567", "👍"])
def test_what_is_no_phone_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_phone(typed, "US")

    assert refused.value.field == "phone"


@pytest.mark.req("TA-08")
@pytest.mark.parametrize(
    "typed",
    [
        "2125550100",
        "(212) 555-0100",
        "+1 212 555 0100",
        "1.212.555.0100",
        "٢١٢٥٥٥٠١٠٠",
        "２１２５５５０１００",
    ],
)
def test_a_phone_has_one_form_however_typed(typed: str) -> None:
    assert clean_phone(typed, "US") == "+1 (212) 555-0100"


@given(st.text(max_size=400))
def test_whatever_is_typed_as_phone_is_refused_or_fits_the_column_and_stays_itself(typed: str) -> None:
    try:
        kept = clean_phone(typed, "US")
    except Invalid:
        return
    assert len(kept) <= 40 and clean_phone(kept, "US") == kept


@pytest.mark.req("TA-03")
@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("José", "jose"),
        ("Łukasz", "lukasz"),
        ("Søren", "soren"),
        ("Straße", "strasse"),
        ("İpek", "ipek"),
        ("Ðorđe", "dorde"),
        ("Nguyễn", "nguyen"),
        ("ﬁona", "fiona"),
    ],
)
def test_a_name_is_found_by_the_plain_letters_of_any_keyboard(name: str, typed: str) -> None:
    assert fold(name) == typed
    assert fold(name.upper()) == fold(name.lower()) == typed


@given(st.text(max_size=120))
def test_folding_twice_is_folding_once(typed: str) -> None:
    assert fold(fold(typed)) == fold(typed)


@given(st.text(max_size=100), st.text(max_size=100), st.text(max_size=320))
def test_what_is_kept_for_sorting_and_searching_fits_its_column(first: str, last: str, email: str) -> None:
    assert len(sort_name(first, last)) <= 202
    assert len(search_text(first, last, email, "+1 212-555-0100 ext. 1234567")) <= 700


@pytest.mark.req("TA-03")
def test_a_name_that_folds_to_many_letters_still_fits() -> None:
    long = "\ufdfa" * 100

    assert len(sort_name(long, long)) <= 202 and len(search_text(long, long, long, "")) <= 700


@pytest.mark.req("TA-04")
def test_a_row_shows_its_one_most_urgent_state() -> None:
    until = {"none": None, "open": NOW + timedelta(minutes=1), "over": NOW}
    for gone, joined, role, link in product((True, False), (True, False), (True, False), until):
        state = state_of(deactivated=gone, joined=joined, has_role=role, invited_until=until[link], now=NOW)
        expected = (
            "inactive"
            if gone
            else "expired"
            if link == "over" and not joined
            else "no_role"
            if not role
            else "active"
            if joined
            else {"open": "invited", "none": "not_invited"}[link]
        )
        assert state == expected, (gone, joined, role, link)


@pytest.mark.req("TA-09", "TA-10")
@pytest.mark.parametrize(
    ("after", "left", "state"),
    [(0, 60, "invited"), (3599, 1, "invited"), (3600, 0, "expired"), (3601, 0, "expired")],
)
def test_an_invitation_closes_after_one_hour_to_the_second(after: int, left: int, state: str) -> None:
    until = NOW + INVITATION_LIFETIME
    now = NOW + timedelta(seconds=after)

    assert minutes_left(until, now) == left
    assert state_of(deactivated=False, joined=False, has_role=True, invited_until=until, now=now) == state


@pytest.mark.req("TA-06")
def test_a_day_of_another_year_says_so_in_the_zone_of_the_practice() -> None:
    zone = ZoneInfo("America/New_York")
    new_year = datetime(2026, 1, 1, 3, tzinfo=UTC)

    assert day(new_year, zone, new_year) == "31 December"
    assert day(new_year, zone, new_year + timedelta(days=1)) == "31 December 2025"


@pytest.mark.req("TA-14")
def test_the_same_words_are_the_same_tag() -> None:
    assert tag_key(" Play   Therapy ") == tag_key("play therapy") == tag_key("ＰＬＡＹ therapy")
    assert tag_name("\x00 \u202e ") == "" and len(tag_name("x" * 400)) == 80
