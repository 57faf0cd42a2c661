"""Hands for the second step: an authenticator app of the tests, and a browser that uses it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import time_machine
from starlette.testclient import TestClient

from motlink.sign_in.routes import routes
from tests.people import PASSWORD

# Half a session's cookie goes to the pages of the sign-in alone.
HALF = "motlink-half"


@contextmanager
def early_in_a_half_minute() -> Iterator[None]:
    """Let the clock start at the next change of codes: nothing that a test does takes half a minute."""
    now = datetime.now(UTC).timestamp()
    with time_machine.travel(datetime.fromtimestamp(now - now % 30 + 30, UTC), tick=True):
        yield


def browser_at(address: str) -> TestClient:
    """Return a browser of its own, at an address of its own."""
    return TestClient(
        routes(),
        base_url="http://localhost:3000",
        follow_redirects=False,
        client=(address, 1),
        headers={"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"},
    )


def password_step(browser: TestClient, login: str = "cleo", password: str = PASSWORD, **more: str) -> Any:
    """Type a login and a password."""
    return browser.post("/sign-in", data={"login": login, "password": password, **more})


def code_step(browser: TestClient, code: str, **more: str) -> Any:
    """Type a code."""
    return browser.post("/sign-in/code", data={"code": code, **more})


def app_code(shared: str, *, codes_later: int = 0) -> str:
    """Return what the app shows, now or some codes later."""
    return pyotp.TOTP(shared).at(datetime.now(UTC) + timedelta(seconds=30 * codes_later))


def begin(browser: TestClient, password: str = PASSWORD) -> Any:
    """Ask to set up an app."""
    return browser.post("/account/second-step/begin", data={"current": password})


def shared_in(page: str) -> str:
    """Return the key that a page shows to be typed."""
    return re.findall(r'class="key"[^>]*>([A-Z2-7 ]+)<', page)[0].replace(" ", "")


def codes_in(page: str) -> list[str]:
    """Return the recovery codes on a page."""
    return re.findall(r"<code[^>]*>([a-z2-7-]+)</code>", page)


def turn_on(browser: TestClient, password: str = PASSWORD) -> tuple[str, list[str]]:
    """Set an app up by the code before this one, so that the present one is still good; return key and codes."""
    shared = shared_in(begin(browser, password).text)
    answer = browser.post("/account/second-step/confirm", data={"code": app_code(shared, codes_later=-1)})
    assert answer.status_code == 200, answer.text
    return shared, codes_in(answer.text)


def with_app(browser: TestClient, login: str = "cleo") -> tuple[str, list[str]]:
    """Sign somebody in and set their app up."""
    assert password_step(browser, login).status_code == 303
    return turn_on(browser)


def is_in(browser: TestClient) -> bool:
    """Whether the browser has an open session."""
    return bool(browser.get("/account").status_code == 200)
