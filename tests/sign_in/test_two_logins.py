"""An account has two logins, its username and its email: guesses by both are guesses at one account (AC-01)."""

import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from motlink.sign_in.entering import REFUSED_EVERY
from motlink.staff.resets import send_reset
from tests.acts import do, newest_token
from tests.people import PASSWORD, Practice
from tests.sign_in.stepping import browser_at, is_in, password_step

pytestmark = [pytest.mark.req("AC-01"), pytest.mark.asvs("6.3.1", "6.3.8")]
CLEO = "cleo.marchetti@riverbend.example"
GOOD = "green bicycles in the rain"


def guess(browser: TestClient, times: int, *logins: str) -> list[Any]:
    """Type a wrong password so many times, by each of these logins in turn."""
    return [
        password_step(browser, logins[number % len(logins)], f"wrong password {number}")
        for number in range(times)
    ]


def test_ten_guesses_by_both_logins_are_all_that_one_address_has(door: TestClient) -> None:
    guesser, stranger = browser_at("203.0.113.6"), browser_at("203.0.113.7")
    guesses = guess(guesser, 10, "cleo", CLEO)
    start = time.monotonic()

    by_name, by_email = password_step(guesser, "cleo"), password_step(guesser, CLEO)

    # Nothing tells that the two are one account's: not the words, nor the time.
    assert time.monotonic() - start >= 2 * REFUSED_EVERY
    unknown = guess(stranger, 12, "nobody", "nobody@nowhere.example")
    assert {one.status_code for one in (*guesses, by_name, by_email, *unknown)} == {401}
    assert by_name.text.replace("cleo", "") == unknown[-2].text.replace("nobody", "")
    assert not is_in(guesser)
    # Elsewhere its owner comes in.
    assert password_step(browser_at("192.0.2.7"), CLEO).status_code == 303


def test_a_right_password_is_not_counted_by_either_login(door: TestClient) -> None:
    browser = browser_at("192.0.2.7")

    guess(browser, 8, "cleo", CLEO)

    right = [password_step(browser, login).status_code for login in ("cleo", CLEO) * 3]
    guess(browser, 1, "cleo")

    assert right == [303] * 6
    assert password_step(browser, CLEO).status_code == 303


@pytest.mark.req("AC-02")
def test_guesses_at_the_door_and_on_the_account_page_are_counted_together(door: TestClient) -> None:
    mine = browser_at("192.0.2.7")
    password_step(mine)
    guess(browser_at("192.0.2.7"), 7, "cleo")

    def again(password: str) -> int:
        return int(mine.post("/account/again", data={"current": password}).status_code)

    said = [again(f"wrong password {number}") for number in range(4)]
    change = mine.post("/account/password", data={"current": PASSWORD, "password": GOOD})

    # Whose account it is, is no secret here: the words say why.
    assert said == [401] * 3 + [429] and again(PASSWORD) == 429
    assert change.status_code == 429 and "Too many attempts from here." in change.text


@pytest.mark.req("TA-19")
def test_whoever_chooses_a_new_password_by_a_link_comes_in_with_it(
    door: TestClient, practice: Practice
) -> None:
    browser = browser_at("192.0.2.7")
    guess(browser, 10, "cleo", CLEO)
    do(practice, practice.ben, send_reset, member_id=practice.cleo)
    browser.get("/reset", params={"t": newest_token(CLEO)})

    assert browser.post("/reset", data={"password": GOOD}).status_code == 303

    assert password_step(browser, "cleo", GOOD).status_code == 303
