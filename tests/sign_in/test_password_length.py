"""Fifteen characters where a password stands alone, eight with a second step, and never a short one without it."""

from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from motlink.accounts.models import Account
from motlink.accounts.rules import check_password
from motlink.errors import Invalid
from motlink.sign_in.actions import Proof
from motlink.sign_in.own_account import change_password
from motlink.sign_in.queries import holder_of
from motlink.staff.resets import send_reset
from motlink.staff.step_removal import remove_second_step
from motlink.web.visitor import digest_of
from motlink.work import begin_work, system
from tests.acts import do, newest_token
from tests.people import PASSWORD, Practice
from tests.sign_in.stepping import (
    app_code,
    browser_at,
    code_step,
    password_step,
    turn_on,
)
from tests.sign_in.test_demands import enters

pytestmark = [pytest.mark.req("AC-02"), pytest.mark.asvs("6.2.1"), pytest.mark.usefixtures("clock")]
CLEO = "cleo.marchetti@riverbend.example"
SHORT, LONG = "kiwi-7rain", "green bicycles in the rain"


def change(browser: TestClient, password: str, current: str = PASSWORD) -> Any:
    return browser.post("/account/password", data={"current": current, "password": password})


def account() -> Account:
    with begin_work(system(), writes=False) as work:
        return work.session.exec(select(Account).where(Account.email == CLEO)).one()


@pytest.mark.parametrize(("with_step", "shortest"), [(False, 15), (True, 8)])
def test_the_shortest_password_depends_on_the_second_step(
    mine: TestClient, with_step: bool, shortest: int
) -> None:
    if with_step:
        turn_on(mine)
    good = "x7 plum kite stone"[: shortest - 1] + "q"

    too_short = change(mine, good[:-1])
    page = mine.get("/account").text

    assert (
        too_short.status_code == 422
        and f"At least {shortest} characters; this has {shortest - 1}" in too_short.text
    )
    assert f"At least {shortest} characters" in page
    assert change(mine, good).status_code == 303
    assert account().short_password == with_step


@pytest.mark.asvs("6.2.4")
@pytest.mark.parametrize(
    "password", ["sunshine", "Football99", "trustno1", "1q2w3e4r", "iloveyou!", "password12"]
)
def test_short_passwords_that_lead_the_lists_are_refused(password: str) -> None:
    with pytest.raises(Invalid, match="guessed"):
        check_password(password, shortest=8)


def test_a_long_password_may_hold_a_common_word() -> None:
    check_password("my sunshine comes at noon")


def test_a_link_to_a_new_password_takes_a_short_one_with_a_second_step_only(
    mine: TestClient, practice: Practice
) -> None:
    shared, _ = turn_on(mine)
    do(practice, practice.ana, send_reset, member_id=practice.cleo)
    fresh = browser_at("192.0.2.8")
    fresh.get(f"/reset?t={newest_token(CLEO)}")

    assert "At least 8 characters" in fresh.get("/reset").text
    assert fresh.post("/reset", data={"password": SHORT}).headers["location"] == "/sign-in?reset=1"
    password_step(fresh, password=SHORT)
    assert code_step(fresh, app_code(shared)).status_code == 303
    assert account().short_password


def test_turning_it_off_asks_for_a_longer_password_first(mine: TestClient) -> None:
    _, codes = turn_on(mine)
    change(mine, SHORT)

    page = mine.get("/account/second-step/off")
    answer = mine.post("/account/second-step/off", data={"current": SHORT, "code": codes[0]})

    assert "fewer than 15 characters" in page.text and "Turn off</button>" not in page.text
    assert answer.status_code == 409 and "Choose a longer one first" in answer.text
    assert account().second_step_at is not None
    assert change(mine, LONG, current=SHORT).status_code == 303
    assert not account().short_password
    # The code was not used up by the refusal.
    answer = mine.post("/account/second-step/off", data={"current": LONG, "code": codes[0]})
    assert answer.headers["location"] == "/account/second-step?done=off"


def test_a_short_password_is_not_kept_where_the_step_was_turned_off_meanwhile(
    mine: TestClient, practice: Practice
) -> None:
    """The form was sent while the second step was on, and comes to be done when it is off."""
    known = account()
    holder = holder_of(digest_of(mine.cookies["motlink"]))

    with pytest.raises(Invalid), begin_work(holder, org=practice.org) as work:
        change_password(work, proof=Proof(True, known.password_hash), password_hash="new", short=True)

    assert account().password_hash == known.password_hash


def test_whose_step_was_removed_sets_up_another_or_takes_a_longer_password(
    mine: TestClient, practice: Practice
) -> None:
    turn_on(mine)
    change(mine, SHORT)
    do(practice, practice.ana, remove_second_step, member_id=practice.cleo)

    fresh = browser_at("192.0.2.8")
    entered = password_step(fresh, password=SHORT)

    assert entered.headers["location"] == "/account/second-step"
    assert "fewer than 15 characters" in fresh.get("/account/second-step").text
    assert not enters(fresh)
    assert change(fresh, LONG, current=SHORT).status_code == 303
    assert enters(fresh)


def test_or_sets_up_another_one(mine: TestClient, practice: Practice) -> None:
    turn_on(mine)
    change(mine, SHORT)
    do(practice, practice.ana, remove_second_step, member_id=practice.cleo)
    fresh = browser_at("192.0.2.8")
    password_step(fresh, password=SHORT)

    turn_on(fresh, SHORT)

    assert enters(fresh)
