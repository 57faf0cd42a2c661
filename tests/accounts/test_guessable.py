"""Passwords that are guessed first are refused, each with its reason; good ones that look like them are not."""

import pytest

from motlink.accounts.rules import check_password
from motlink.errors import Invalid

pytestmark = [pytest.mark.req("AC-01"), pytest.mark.asvs("6.2.4", "6.2.12")]


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("passwordpassword", "first that are guessed"),
        ("ＰＡＳＳＷＯＲＤpassword", "first that are guessed"),
        ("PassWord PassWord", "first that are guessed"),
        ("correct-horse-battery-staple", "first that are guessed"),
        ("therapytherapy1!!", "first that are guessed"),
        ("abcabcabcabcabc", "first that are guessed"),
        ("abcdeabcdeabcde", "repeats a short piece"),
        ("Rose12! Rose12! R", "repeats a short piece"),
        ("ab cde" * 166, "repeats a short piece"),
        ("qwertyuiop asdf", "runs along the keyboard"),
        ("poiuytrewqlkjhgfdsa", "runs along the keyboard"),
        ("112233445566778899", "runs along the keyboard"),
        ("!@#$%^&*()1234567", "runs along the keyboard"),
        ("3456789012345678", "runs along the keyboard"),
        ("zyxwvutsrqponmlkj", "runs along the keyboard"),
        ("1qaz 2wsx 3edc 4rfv", "first that are guessed"),
        ("5tgb6yhn7ujm1qaz", "runs along the keyboard"),
        ("qwertzuiop123456", "runs along the keyboard"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        check_password(password)
    assert refused.value.field == "password"


@pytest.mark.parametrize("password", ["123456789012345", "qwertyuiopasdfgh", "abcdefghijklmnop"])
def test_lists_and_runs_overlap(password: str) -> None:
    with pytest.raises(Invalid):
        check_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "green bicycles in the rain",
        "qwerty is on my keyboard",
        "1234 was my old number",
        "again and again and again, she said",
        "seven tall birches stand",
        "opqrst my grandmother's ring",
        "correct horse, wrong staple",
        "tree tree tree house house",
        "😀🎉🌍🚲🌧️ with some emoji",
    ],
)
def test_good_ones_that_hold_a_run_or_a_repetition_are_taken(password: str) -> None:
    check_password(password)


def test_own_words_are_found_in_whatever_form_they_are_typed() -> None:
    with pytest.raises(Invalid, match="easy to guess"):
        check_password("my ＲＩＶＥＲＢＥＮＤ password", own_words=["Riverbend"])


def test_a_thousand_characters_are_looked_at_quickly() -> None:
    import time

    start = time.perf_counter()
    check_password("qwertyuiop" * 98 + "and no more")
    assert time.perf_counter() - start < 0.5
