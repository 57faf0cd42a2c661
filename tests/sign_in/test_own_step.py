"""The second step of one's own account: on with password and first code, off with password and code (AC-02)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import col, select
from starlette.testclient import TestClient

from motlink.accounts.models import Account, AuthenticatorApp, RecoveryCode
from motlink.mail.models import Letter
from motlink.sign_in.actions import Proof
from motlink.sign_in.own_step import Brought, turn_own_step_off
from motlink.sign_in.queries import holder_of
from motlink.work import begin_work, system
from tests.acts import count, faults
from tests.people import PASSWORD, Practice
from tests.sign_in.stepping import (
    app_code,
    begin,
    browser_at,
    code_step,
    codes_in,
    is_in,
    password_step,
    shared_in,
    turn_on,
    with_app,
)
from tests.sign_in.test_everywhere import told

pytestmark = [pytest.mark.req("AC-02"), pytest.mark.asvs("6.3.3"), pytest.mark.usefixtures("clock")]
CLEO = "cleo.marchetti@riverbend.example"
POSTS = ("begin", "confirm", "codes", "off")


@pytest.fixture
def other(door: TestClient) -> TestClient:
    """Cleo's other browser, in another place."""
    browser = browser_at("192.0.2.7")
    assert password_step(browser).status_code == 303
    return browser


def change(browser: TestClient, what: str, code: str, password: str = PASSWORD) -> Any:
    return browser.post(f"/account/second-step/{what}", data={"current": password, "code": code})


def letters() -> list[str]:
    with begin_work(system(), writes=False) as work:
        query = select(Letter).where(Letter.to == CLEO, Letter.kind == "second_step")
        return [
            str((row.values or {})["headline"]) for row in work.session.exec(query.order_by(col(Letter.id)))
        ]


def is_on() -> bool:
    return count(Account, Account.email == CLEO, col(Account.second_step_at).is_not(None)) == 1


# On -------------------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("7.4.3", "6.3.7", "7.5.1")
def test_it_is_on_once_the_app_has_shown_a_right_code(
    mine: TestClient, other: TestClient, practice: Practice
) -> None:
    page = begin(mine)
    assert page.status_code == 200 and 'src="data:image/svg+xml' in page.text
    assert not is_on() and is_in(other)

    done = mine.post("/account/second-step/confirm", data={"code": app_code(shared_in(page.text))})

    assert done.status_code == 200 and len(codes_in(done.text)) == 10
    assert is_on() and is_in(mine) and not is_in(other)
    assert letters() == ["The second step of your motlink account was turned on"]
    assert told("second_step.on") == [practice.org]
    assert "On since" in mine.get("/account").text
    assert faults() == []


def test_begun_and_not_confirmed_asks_nobody_for_a_code(mine: TestClient, other: TestClient) -> None:
    begin(mine)

    assert password_step(browser_at("192.0.2.8")).headers["location"] == "/p/riverbend-therapy"


@pytest.mark.asvs("6.2.3", "7.5.1")
def test_a_wrong_password_begins_nothing_and_is_written_down(mine: TestClient, practice: Practice) -> None:
    answer = begin(mine, "wrong password, sadly")

    assert answer.status_code == 401 and "This is not your current password." in answer.text
    assert count(AuthenticatorApp) == 0
    assert told("second_step.not_changed") == [practice.org]
    guesses = [begin(mine, f"wrong {number}").status_code for number in range(10)]
    assert guesses == [401] * 9 + [429]


def test_a_wrong_first_code_shows_the_same_picture_again(mine: TestClient) -> None:
    shared = shared_in(begin(mine).text)

    answer = mine.post("/account/second-step/confirm", data={"code": "000000"})

    assert answer.status_code == 401 and shared_in(answer.text) == shared
    assert not is_on()
    assert mine.post("/account/second-step/confirm", data={"code": app_code(shared)}).status_code == 200


@pytest.mark.asvs("2.3.1")
def test_there_is_no_confirming_what_was_not_begun_or_too_long_ago(mine: TestClient) -> None:
    answers = [mine.post("/account/second-step/confirm", data={"code": "123456"})]
    shared = shared_in(begin(mine).text)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=15, seconds=1), tick=False):
        answers.append(mine.post("/account/second-step/confirm", data={"code": app_code(shared)}))

    assert [answer.status_code for answer in answers] == [404, 404]
    assert not is_on()


def test_the_code_that_turned_it_on_signs_nobody_in(mine: TestClient) -> None:
    shared = shared_in(begin(mine).text)
    code = app_code(shared)
    mine.post("/account/second-step/confirm", data={"code": code})
    fresh = browser_at("192.0.2.8")
    password_step(fresh)

    assert code_step(fresh, code).status_code == 401


@pytest.mark.asvs("14.3.2")
def test_what_the_app_was_given_is_never_shown_again(mine: TestClient) -> None:
    shared, codes = turn_on(mine)
    pages = [
        mine.get(f"/account{path}").text
        for path in ("", "/second-step", "/second-step/codes", "/second-step/off")
    ]
    pages += [begin(mine).text, mine.post("/account/second-step/confirm", data={"code": "1"}).text]

    assert not any(shared in page.replace(" ", "") or codes[0] in page for page in pages)


@pytest.mark.asvs("6.5.1")
def test_what_an_app_is_given_is_shown_to_no_other_sign_in(mine: TestClient) -> None:
    elsewhere = browser_at("192.0.2.33")
    assert password_step(elsewhere).status_code == 303
    shared = shared_in(begin(mine).text)

    wrong = elsewhere.post("/account/second-step/confirm", data={"code": "000000"})

    assert shared not in wrong.text.replace(" ", "") and wrong.status_code == 404


def test_a_second_app_is_not_begun_over_the_first(mine: TestClient) -> None:
    shared, _ = turn_on(mine)

    answer = begin(mine)

    assert answer.status_code == 409 and "is on already" in answer.text
    fresh = browser_at("192.0.2.8")
    password_step(fresh)
    assert code_step(fresh, app_code(shared)).status_code == 303


# Recovery codes -------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("6.5.2", "7.4.3")
def test_new_recovery_codes_end_the_old_ones(mine: TestClient, practice: Practice) -> None:
    shared, old = turn_on(mine)

    new = codes_in(change(mine, "codes", app_code(shared)).text)

    assert len(new) == 10 and not set(new) & set(old)
    assert count(RecoveryCode, col(RecoveryCode.ended_at).is_(None)) == 10
    fresh = browser_at("192.0.2.8")
    password_step(fresh)
    assert code_step(fresh, old[0]).status_code == 401
    assert code_step(fresh, new[0]).status_code == 303
    assert told("second_step.codes") == [practice.org]
    assert letters()[1] == "New recovery codes for your motlink account"


# Off ------------------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("7.4.3", "6.3.7", "7.5.1")
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_it_is_turned_off_with_the_password_and_a_code(
    mine: TestClient, practice: Practice, kind: str
) -> None:
    shared, codes = turn_on(mine)
    other = browser_at("192.0.2.7")
    password_step(other)
    code_step(other, codes[1])

    answer = change(mine, "off", app_code(shared) if kind == "app" else codes[0])

    assert answer.headers["location"] == "/account/second-step?done=off"
    assert not is_on() and is_in(mine) and not is_in(other)
    assert count(AuthenticatorApp) == 0
    assert letters()[-1] == "The second step of your motlink account was turned off"
    assert told("second_step.off") == [practice.org]
    fresh = browser_at("192.0.2.8")
    assert password_step(fresh).headers["location"] == "/p/riverbend-therapy"
    assert faults() == []


@pytest.mark.asvs("7.5.1")
@pytest.mark.parametrize("what", ["codes", "off"])
def test_neither_the_password_alone_nor_the_code_alone_changes_it(
    mine: TestClient, practice: Practice, what: str
) -> None:
    shared, codes = turn_on(mine)

    answers = [
        change(mine, what, "000000"),
        change(mine, what, app_code(shared), password="wrong password"),
        change(mine, what, ""),
        change(mine, what, codes[0], password="wrong password"),
    ]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert is_on()
    assert (
        count(RecoveryCode, col(RecoveryCode.ended_at).is_(None), col(RecoveryCode.used_at).is_(None)) == 10
    )
    assert len(told("second_step.not_changed")) == 4


def test_a_code_used_to_sign_in_does_not_turn_it_off(mine: TestClient) -> None:
    shared, _ = turn_on(mine)
    fresh, code = browser_at("192.0.2.8"), app_code(shared)
    password_step(fresh)
    code_step(fresh, code)

    assert change(fresh, "off", code).status_code == 401
    assert is_on()


def test_a_password_that_changed_meanwhile_turns_nothing_off(mine: TestClient, practice: Practice) -> None:
    from motlink.accounts.queries import digest_of

    shared, _ = turn_on(mine)
    with begin_work(holder_of(digest_of(mine.cookies["motlink"])), org=practice.org) as work:
        off = turn_own_step_off(work, proof=Proof(True, "an older hash"), brought=Brought(app_code(shared)))

    assert off is None and is_on()


# Who may --------------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("3.5.1", "8.2.2")
@pytest.mark.parametrize("what", POSTS)
def test_without_a_session_or_from_another_site_nothing_is_done(mine: TestClient, what: str) -> None:
    shared, _ = turn_on(mine)
    data = {"current": PASSWORD, "code": app_code(shared)}
    stranger, path = browser_at("203.0.113.9"), f"/account/second-step/{what}"

    assert stranger.post(path, data=data).headers["location"] == "/sign-in?next=/account"
    assert mine.post(path, data=data, headers={"origin": "http://evil.example"}).status_code == 403
    assert is_on() and count(RecoveryCode) == 10


def test_somebody_elses_code_changes_nothing(mine: TestClient, practice: Practice) -> None:
    turn_on(mine)
    bens, bens_codes = with_app(browser_at("192.0.2.20"), "ben")

    assert change(mine, "off", app_code(bens)).status_code == 401
    assert change(mine, "off", bens_codes[0]).status_code == 401
    assert is_on()
