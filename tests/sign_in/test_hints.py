"""A word about a password while it is typed, to whoever chooses one alone; and old hashes that grow stronger."""

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from limits import parse
from passlib.context import CryptContext
from sqlmodel import select
from starlette.testclient import TestClient

from motlink.accounts.actions import write_set_up_link
from motlink.accounts.models import Account
from motlink.accounts.passwords import verify_password
from motlink.staff.models import StaffMember
from motlink.staff.resets import send_reset
from motlink.web import rate
from motlink.web.threads import advising, reading
from motlink.work import begin_work, system
from tests.acts import add_someone, do, newest_token
from tests.loops import run
from tests.people import PASSWORD, Practice
from tests.sign_in.test_account import browser_at, signed_in

pytestmark = [pytest.mark.req("AC-01"), pytest.mark.asvs("6.2.4", "6.2.11", "6.2.12")]
CLEO = "cleo.marchetti@riverbend.example"
PATHS = ("/account/password", "/reset", "/invitation", "/set-up")
# Almost every one can be read as a letter, some as two: the dearest to estimate.
SIGNS = "4@8({[<369&#!1/|0$5+7%2"
GOOD = "green bicycles in the rain"


def chooser(practice: Practice, path: str) -> TestClient:
    """Return the browser of Cleo, or of somebody new called Jo, where a password is chosen."""
    browser = browser_at("192.0.2.7")
    if path == "/account/password":
        return signed_in(browser)
    if path == "/set-up":
        with begin_work(system(), org=practice.org) as work:
            account_id = work.session.get_one(StaffMember, practice.cleo).account_id
            token = write_set_up_link(work, account_id=account_id)
    elif path == "/reset":
        do(practice, practice.ben, send_reset, member_id=practice.cleo)
        token = newest_token(CLEO)
    else:
        add_someone(practice, practice.ana, "Johanna", "therapist")
        token = newest_token("johanna@riverbend.example")
    browser.get(path, params={"t": token})
    return browser


def hint(browser: TestClient, path: str, password: str, **more: str) -> Any:
    return browser.post(f"{path}/hint", data={"password": password, **more})


@pytest.mark.parametrize("path", PATHS)
def test_where_a_password_is_chosen_its_strength_and_the_own_words_are_said(
    door: TestClient, practice: Practice, path: str
) -> None:
    browser = chooser(practice, path)

    said = {
        password: hint(browser, path, password).json()
        for password in (GOOD, "short", "I like Riverbend Therapy", "polniypizdec0211")
    }

    assert said[GOOD] == {"level": 3, "words": "Strong."}
    assert said["short"] == {"level": 0, "words": "10 more characters."}
    assert "contains “Riverbend Therapy”" in said["I like Riverbend Therapy"]["words"]
    assert "stolen from another site" in said["polniypizdec0211"]["words"]
    assert (
        "contains “the.bicyclist”"
        in hint(browser, path, "who the.bicyclist is", username="the.bicyclist").json()["words"]
    )
    # It was only advice: the link is as it was, and the password still to be chosen.
    assert browser.get(path.removesuffix("/password")).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.asvs("3.5.1")
def test_without_a_link_or_a_session_nothing_is_said(door: TestClient, practice: Practice, path: str) -> None:
    stranger = browser_at("203.0.113.9")

    assert hint(stranger, path, GOOD).status_code == 404
    stranger.get(path, params={"t": "x" * 43})
    assert hint(stranger, path, GOOD).status_code == 404
    mine = chooser(practice, path)
    evil = mine.post(f"{path}/hint", data={"password": GOOD}, headers={"origin": "http://evil.example"})
    assert evil.status_code == 403


@pytest.mark.asvs("2.4.1")
def test_a_script_hears_no_more_after_a_while(
    door: TestClient, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "HINTS", parse("5 per 15 minute"))
    mine = chooser(practice, "/account/password")

    said = [hint(mine, "/account/password", "x").status_code for _ in range(6)]

    assert said == [200] * 5 + [429]


@pytest.mark.asvs("2.4.1")
def test_hints_keep_nobody_elses_reading(door: TestClient, practice: Practice) -> None:
    """Of each event the guard reads first; six hints at once were once enough to stop that for 15 seconds."""
    typists, signs = [signed_in(browser_at(f"192.0.2.{number}")) for number in range(6)], SIGNS * 3
    waits = []

    with ThreadPoolExecutor(6) as pool:
        said = [pool.submit(hint, one, "/account/password", signs) for one in typists]
        while not all(one.done() for one in said):
            start = time.monotonic()
            run(reading(lambda: None))
            waits.append(time.monotonic() - start)

    assert {one.result().status_code for one in said} == {200} and max(waits) < 1


def test_while_another_hint_is_worked_out_there_is_no_word(door: TestClient, practice: Practice) -> None:
    mine, begun, over = signed_in(browser_at("192.0.2.7")), threading.Event(), threading.Event()

    def long_advice() -> bool:
        begun.set()
        return over.wait(20)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(asyncio.run, advising(long_advice))
        assert begun.wait(20)
        meanwhile = hint(mine, "/account/password", GOOD)
        over.set()
        assert other.result()

    assert (meanwhile.status_code, meanwhile.json()) == (200, {"level": 0, "words": ""})
    assert hint(mine, "/account/password", GOOD).json()["words"] == "Strong."


@pytest.mark.asvs("16.2.5", "14.2.1")
def test_what_is_typed_is_in_no_log_and_no_answer(
    door: TestClient, practice: Practice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mine = chooser(practice, "/account/password")

    answer = hint(mine, "/account/password", "a canary in the coal mine")

    assert "canary" not in answer.text + caplog.text + str(answer.headers)


@pytest.mark.asvs("11.4.2")
def test_a_weak_old_hash_is_replaced_at_the_next_sign_in(door: TestClient, practice: Practice) -> None:
    weak = CryptContext(schemes=["argon2"], argon2__type="ID", argon2__rounds=1, argon2__memory_cost=8192)
    old = weak.hash(PASSWORD)
    with begin_work(system()) as work:
        account = work.session.exec(select(Account).where(Account.email == CLEO)).one()
        account.password_hash = old
        work.add(account)

    assert door.post("/sign-in", data={"login": "cleo", "password": "not this one"}).status_code == 401
    assert hash_of_cleo() == old
    signed_in(door)

    new = hash_of_cleo()
    assert new != old and ",t=1," not in new
    assert verify_password(PASSWORD, new).fits and verify_password(PASSWORD, new).new_hash is None
    signed_in(browser_at("192.0.2.8"))
    assert hash_of_cleo() == new


def hash_of_cleo() -> str:
    with begin_work(system(), writes=False) as work:
        account = work.session.exec(select(Account).where(Account.email == CLEO)).one()
    assert account.password_hash
    return account.password_hash
