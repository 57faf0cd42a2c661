"""Passkeys over HTTP, with a device in Python: what is signed for one thing is good for no other (AC-01, AC-02)."""

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlmodel import col, select
from starlette.testclient import TestClient

from motlink.accounts.models import Account, Passkey, RecoveryCode
from motlink.accounts.tickets import ticket_for, ticket_is_good
from motlink.mail.models import Letter
from motlink.sign_in.second_step import by_passkey, take_second_step
from motlink.web.visitor import digest_of
from motlink.work import begin_work, nobody, system
from tests.acts import count, faults
from tests.people import PASSWORD, Practice
from tests.sign_in.device import Device
from tests.sign_in.stepping import (
    HALF,
    app_code,
    browser_at,
    codes_in,
    is_in,
    password_step,
    shared_in,
)
from tests.sign_in.test_everywhere import told

pytestmark = [pytest.mark.req("AC-01", "AC-02"), pytest.mark.asvs("6.3.3"), pytest.mark.usefixtures("clock")]
CLEO = "cleo.marchetti@riverbend.example"


def options_in(page: str) -> dict[str, Any]:
    """Return what a page asks the browser for."""
    return json.loads(html.unescape(re.findall(r'data-passkey="([^"]+)"', page)[0]))  # type: ignore[no-any-return]


def ticket_in(page: str) -> str:
    return re.findall(r'name="ticket" value="([^"]+)"', page)[0]


def begin(browser: TestClient, name: str = "Work laptop", password: str = PASSWORD, code: str = "") -> Any:
    data = {"current": password, "name": name, "code": code}
    return browser.post("/account/passkeys/begin", data=data)


def add(browser: TestClient, device: Device, name: str = "Work laptop", code: str = "") -> Any:
    page = begin(browser, name, code=code).text
    data = {"ticket": ticket_in(page), "name": name, "passkey": device.create(options_in(page))}
    return browser.post("/account/passkeys/add", data=data)


def asked(browser: TestClient, login: str = "cleo") -> dict[str, Any]:
    """Type the password, and return what the passkey is asked for."""
    password_step(browser, login)
    return options_in(browser.get("/sign-in/code").text)


def take(browser: TestClient, answer: str) -> Any:
    return browser.post("/sign-in/code", data={"passkey": answer})


@pytest.fixture
def device(mine: TestClient) -> Device:
    """The device with Cleo's passkey; it has her recovery codes written down."""
    made = Device()
    answer = add(mine, made)
    assert answer.status_code == 200
    made.codes = codes_in(answer.text)
    return made


@pytest.fixture
def other(device: Device) -> TestClient:
    """Cleo's other browser, before anything is typed."""
    return browser_at("192.0.2.7")


def test_a_passkey_is_added_and_then_signs_in(mine: TestClient, practice: Practice) -> None:
    elsewhere, device = browser_at("192.0.2.9"), Device()
    password_step(elsewhere)

    answer = add(mine, device)

    assert len(codes_in(answer.text)) == 10 and is_in(mine) and not is_in(elsewhere)
    assert "Work laptop" in mine.get("/account/passkeys").text
    assert told("passkey.added") == told("second_step.on") == [practice.org]
    with begin_work(system(), writes=False) as work:
        letter = work.session.exec(select(Letter).where(Letter.to == CLEO)).one()
    assert letter.values and letter.values["headline"] == "A passkey was added to your motlink account"
    other = browser_at("192.0.2.7")
    assert take(other, device.sign(asked(other))).headers["location"] == "/p/riverbend-therapy"
    assert is_in(other) and "Last used" in other.get("/account/passkeys").text
    assert faults() == []


@pytest.mark.asvs("6.2.3", "7.5.1")
def test_it_is_begun_with_the_password_and_a_name(mine: TestClient) -> None:
    assert begin(mine, password="wrong password").status_code == 401
    assert "Give it a name" in begin(mine, name=" ").text
    assert begin(mine, name="x" * 61).status_code == 422
    assert count(Passkey) == 0


@pytest.mark.asvs("2.3.1")
def test_what_was_made_for_another_challenge_origin_or_session_is_not_kept(mine: TestClient) -> None:
    page, second = begin(mine).text, browser_at("192.0.2.9")
    password_step(second)
    options, ticket = options_in(page), ticket_in(page)
    evil = Device().create(options, origin="http://evil.example")
    foreign = Device().create(options | {"challenge": "AAAA"})
    good = Device().create(options)

    def send(browser: TestClient, answer: str, ticket: str) -> int:
        data = {"ticket": ticket, "name": "Laptop", "passkey": answer}
        return int(browser.post("/account/passkeys/add", data=data).status_code)

    for broken in ("", "{", "[]", "7", '{"id": 7}', "{" * 5000, evil, foreign):
        assert send(mine, broken, ticket) == 422
    assert send(second, good, ticket) == 422
    assert send(mine, good, "1." + ticket.partition(".")[2]) == 422
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5, seconds=1), tick=False):
        assert send(mine, good, ticket) == 422
    assert count(Passkey) == 0 and count(Account, col(Account.second_step_at).is_not(None)) == 0


def test_a_ticket_is_for_one_thing_of_one_session() -> None:
    now, session, another = datetime.now(UTC), UUID(int=1), UUID(int=2)
    ticket = ticket_for("add", session, now)

    assert ticket_is_good(ticket, "add", session, now + timedelta(minutes=4))
    assert not ticket_is_good(ticket, "off", session, now)
    assert not ticket_is_good(ticket, "add", another, now)
    assert not ticket_is_good(ticket, "add", session, now + timedelta(minutes=5, seconds=1))
    assert not ticket_is_good("", "add", session, now) and not ticket_is_good("1.é", "add", session, now)


def test_a_passkey_is_of_one_account(mine: TestClient, device: Device) -> None:
    bens = browser_at("192.0.2.20")
    password_step(bens, "ben")

    assert add(bens, device).status_code == 422
    assert count(Passkey) == 1


@pytest.mark.asvs("8.2.2")
def test_somebody_elses_passkey_signs_nobody_in(device: Device, other: TestClient) -> None:
    bens = Device()
    browser = browser_at("192.0.2.20")
    password_step(browser, "ben")
    add(browser, bens)

    options = asked(other)
    answer = take(other, bens.sign(options))

    assert answer.status_code == 401 and "did not fit" in answer.text
    bens.id = device.id
    assert take(other, bens.sign(options)).status_code == 401
    assert not is_in(other)


@pytest.mark.asvs("6.5.1", "2.3.1")
def test_what_was_signed_for_one_half_session_opens_no_other(device: Device, other: TestClient) -> None:
    answer = device.sign(asked(other))
    third = browser_at("192.0.2.8")
    asked(third)

    assert take(third, answer).status_code == 401
    assert take(other, answer).status_code == 303
    # Nor a second time, by whoever has seen it and the cookie of half a session.
    again = browser_at("192.0.2.9")
    again.cookies.set(HALF, third.cookies[HALF], path="/sign-in")
    assert take(again, answer).status_code == 401
    assert not is_in(third) and not is_in(again)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:3001"},
        {"origin": "https://localhost:3000"},
        {"host": "evil.example"},
        {"flags": 0x00},
    ],
)
def test_signed_for_another_place_or_by_nobody_present_is_not_taken(
    device: Device, other: TestClient, wrong: Any
) -> None:
    assert take(other, device.sign(asked(other), **wrong)).status_code == 401
    assert not is_in(other)


def test_a_counter_that_does_not_grow_tells_of_a_copy(device: Device, other: TestClient) -> None:
    copy = Device(device.key, device.id, device.count)
    take(other, device.sign(asked(other)))
    thief = browser_at("203.0.113.66")

    assert take(thief, copy.sign(asked(thief))).status_code == 401
    assert not is_in(thief)
    again = browser_at("192.0.2.8")
    assert take(again, device.sign(asked(again))).status_code == 303


def test_a_passkey_that_counts_nothing_is_taken_each_time(mine: TestClient) -> None:
    device = Device(counts=False)
    add(mine, device)

    for number in range(2):
        browser = browser_at(f"192.0.2.{number + 7}")
        assert take(browser, device.sign(asked(browser))).status_code == 303
        assert is_in(browser)


@pytest.mark.asvs("15.4.2")
def test_of_two_at_once_with_one_signature_one_comes_in(
    device: Device, other: TestClient, practice: Practice
) -> None:
    answer, half = device.sign(asked(other)), digest_of(other.cookies[HALF])

    def enter(_: int) -> bool:
        try:
            with begin_work(nobody(), org=practice.org) as work:
                return take_second_step(work, half=half, check=by_passkey(answer)) is not None
        except Exception as refused:  # noqa: BLE001 - looked at below
            return "Sign in again" not in str(refused)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(enter, range(4))).count(True) == 1


def test_five_that_do_not_fit_end_half_a_session(device: Device, other: TestClient) -> None:
    asked(other)

    answers = [take(other, "{}").status_code for _ in range(5)]

    assert answers == [401] * 4 + [303]
    assert take(other, "{}").headers["location"] == "/sign-in?again=1"


def test_without_the_device_a_recovery_code_lets_in(mine: TestClient) -> None:
    codes = codes_in(add(mine, Device()).text)
    other = browser_at("192.0.2.7")
    asked(other)

    assert other.post("/sign-in/code", data={"recovery": codes[0]}).status_code == 303


# Several, and off -----------------------------------------------------------------------------------------------------


def remove(browser: TestClient, passkey_id: object, password: str = PASSWORD) -> Any:
    return browser.post("/account/passkeys/remove", data={"current": password, "id": str(passkey_id)})


def ids() -> list[UUID]:
    with begin_work(system(), writes=False) as work:
        return [row.id for row in work.session.exec(select(Passkey).order_by(col(Passkey.id)))]


def test_several_have_names_and_each_is_removed_by_itself(
    mine: TestClient, device: Device, practice: Practice
) -> None:
    phone = Device()
    answer = add(mine, phone, "Phone", code=device.codes[0])
    assert answer.headers["location"] == "/account/passkeys?done=passkey"
    first, second = ids()

    assert remove(mine, first, "wrong password").status_code == 401
    assert remove(mine, first).headers["location"] == "/account/passkeys?done=removed"

    assert ids() == [second]
    assert told("passkey.removed") == [practice.org]
    other = browser_at("192.0.2.7")
    assert take(other, phone.sign(asked(other))).status_code == 303
    # The first set of recovery codes is still the one.
    assert count(RecoveryCode, col(RecoveryCode.ended_at).is_(None)) == 10


def test_the_only_second_step_is_not_removed_by_the_password_alone(mine: TestClient, device: Device) -> None:
    (only,) = ids()

    answer = remove(mine, only)

    assert answer.status_code == 409 and "only second step" in answer.text
    add_app(mine, device.codes[0])
    assert remove(mine, only).status_code == 303


def add_app(browser: TestClient, code: str) -> Any:
    """Set an app up beside the passkeys."""
    begun = browser.post("/account/second-step/begin", data={"current": PASSWORD, "code": code})
    shared = shared_in(begun.text)
    return browser.post("/account/second-step/confirm", data={"code": app_code(shared)})


@pytest.mark.asvs("6.3.3", "7.5.1")
def test_the_password_alone_adds_nothing_to_a_second_step(mine: TestClient, device: Device) -> None:
    passkey = begin(mine, "Thief's phone")
    app = mine.post("/account/second-step/begin", data={"current": PASSWORD})
    wrong = begin(mine, "Thief's phone", code="aaaa-bbbb-cccc-dddd-eeee-ffff")

    assert [answer.status_code for answer in (passkey, app, wrong)] == [401] * 3
    assert 'data-does="create"' not in passkey.text + wrong.text and "QR code" not in app.text
    assert len(told("second_step.not_changed")) == 3


def test_an_app_beside_a_passkey_leaves_the_recovery_codes_as_they_are(
    mine: TestClient, device: Device
) -> None:
    answer = add_app(mine, device.codes[0])

    assert answer.headers["location"] == "/account/second-step?done=app"
    assert count(RecoveryCode, col(RecoveryCode.ended_at).is_(None)) == 10
    assert told("second_step.app_added")


@pytest.mark.asvs("7.5.1")
def test_a_passkey_that_is_there_adds_another_and_an_app(mine: TestClient, device: Device) -> None:
    def signed(page: str) -> dict[str, str]:
        shown = mine.get(page).text
        return {"current": PASSWORD, "passkey": device.sign(options_in(shown)), "ticket": ticket_in(shown)}

    proof = signed("/account/passkeys")
    stolen = mine.post("/account/passkeys/begin", data={**proof, "name": "Phone", "ticket": "x"})
    begun = mine.post("/account/passkeys/begin", data={**proof, "name": "Phone"})
    phone = Device().create(options_in(begun.text))
    mine.post(
        "/account/passkeys/add", data={"ticket": ticket_in(begun.text), "name": "Phone", "passkey": phone}
    )
    app = mine.post("/account/second-step/begin", data=signed("/account/second-step?add=app"))

    assert stolen.status_code == 401 and 'data-does="create"' not in stolen.text
    assert len(ids()) == 2 and shared_in(app.text)
    assert count(RecoveryCode, col(RecoveryCode.used_at).is_not(None)) == 0


@pytest.mark.asvs("8.2.2")
def test_nobody_elses_passkey_is_here(mine: TestClient, device: Device) -> None:
    (cleos,) = ids()
    bens = browser_at("192.0.2.20")
    password_step(bens, "ben")
    codes = codes_in(add(bens, Device()).text)
    add(bens, Device(), code=codes[0])

    assert remove(bens, cleos).status_code == 404
    assert remove(bens, "nonsense").status_code == 404
    assert cleos in ids()


@pytest.mark.asvs("7.5.1")
def test_a_passkey_turns_the_step_off_with_the_password(mine: TestClient, device: Device) -> None:
    page = mine.get("/account/second-step/off").text
    answer, ticket = device.sign(options_in(page)), ticket_in(page)

    def off(**given: str) -> Any:
        data = {"current": PASSWORD, "passkey": answer, "ticket": ticket, **given}
        return mine.post("/account/second-step/off", data=data)

    assert off(current="wrong password").status_code == 401
    assert off(ticket="").status_code == 401
    assert off(passkey=Device().sign(options_in(page))).status_code == 401
    assert count(Account, col(Account.second_step_at).is_not(None)) == 1
    assert off().headers["location"] == "/account/second-step?done=off"
    assert ids() == [] and count(Account, col(Account.second_step_at).is_not(None)) == 0
