"""Passwords that are guessed first are refused, each with its reason; good ones that look like them are not."""

import time
from itertools import pairwise

import pytest

from motlink.accounts.guessable import canonical_password
from motlink.accounts.rules import check_password
from motlink.accounts.stolen import FILE, WIDTH, is_stolen
from motlink.accounts.strength import GOOD, NO_WORD, STRONG, WEAK, Hint, hint_on, looked_at
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


@pytest.mark.parametrize(
    "password",
    ["polniypizdec0211", "MomsAnAladventure", "lhbjkjubz2957704", "moms-an-aladventure"],
)
def test_what_was_stolen_is_refused_without_a_network(password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("somebody asks the network")

    monkeypatch.setattr("socket.socket.connect", no_network)

    with pytest.raises(Invalid, match="was stolen from another site"):
        check_password(password)


def test_the_list_of_stolen_ones_is_whole_and_in_order() -> None:
    whole = FILE.read_bytes()
    marks = [whole[at : at + WIDTH] for at in range(0, len(whole), WIDTH)]

    assert len(marks) > 300_000 and len(whole) % WIDTH == 0
    assert all(first < second for first, second in pairwise(marks))


def test_words_by_chance_are_in_no_list() -> None:
    made = [f"{first} {second} {third} lamp" for first in WORDS for second in WORDS for third in WORDS]

    assert not [password for password in made if is_stolen(canonical_password(password))]


WORDS = (
    "river",
    "candle",
    "orange",
    "window",
    "pencil",
    "forest",
    "button",
    "ladder",
    "carpet",
    "basket",
    "meadow",
)


@pytest.mark.parametrize(
    ("password", "level", "words"),
    [
        ("", 0, ""),
        ("short", 0, "10 more characters."),
        ("a" * 14, 0, "1 more character."),
        ("passwordpassword", 0, "This password is among the first that are guessed. Choose another."),
        ("marchetti on a bicycle", 0, "The password contains “marchetti”, which is easy to guess."),
        (
            "sunshine1990sunshine",
            WEAK,
            "Allowed, but a machine guesses this soon. One more word helps a lot.",
        ),
        ("monkey dragon 12", GOOD, "Good."),
        ("green bicycles in the rain", STRONG, "Strong."),
        ("x" * 1001, 0, "At most 1000 characters."),
    ],
)
def test_what_is_said_while_one_types(password: str, level: int, words: str) -> None:
    assert hint_on(password, ("marchetti", "")) == Hint(level, words)


@pytest.mark.asvs("6.2.9")
def test_an_endless_password_costs_no_more_than_a_long_one() -> None:
    start = time.monotonic()

    hint_on("ab1 " * 250, ())

    assert time.monotonic() - start < 2


# Almost every digit and sign can be read as a letter, some as two.
SIGNS = ("4@8({[<369&#!1/|0$5+7%2", "1!|71!|71!|71!|7(<[{@4$5+7%2369&#", "({[<1!|7+4@69$5 sunshine ")


@pytest.mark.asvs("6.2.9")
@pytest.mark.parametrize("signs", SIGNS)
def test_no_password_takes_the_estimate_long(signs: str) -> None:
    hint_on("green bicycles in the rain", ())
    start = time.process_time()

    hint_on((signs * 3)[:64], ())

    assert time.process_time() - start < 0.25


@pytest.mark.parametrize("signs", SIGNS)
def test_typing_on_where_it_is_not_looked_at_makes_nothing_look_weaker(signs: str) -> None:
    typed = [(signs * 3)[:length] for length in range(15, 65)]
    seen = [looked_at(password) for password in typed]

    assert all(longer.startswith(shorter) for shorter, longer in pairwise(seen))
    cut = [hint_on(password, ()) for password, part in zip(typed, seen, strict=True) if part != password]
    assert cut and len(set(cut)) == 1 and all(one == NO_WORD or one.level >= GOOD for one in cut)
    assert (
        looked_at("green bicycles in the rain, 1990 and after")
        == "green bicycles in the rain, 1990 and after"
    )
