"""Forms, cookies and addresses: nothing is believed that another site or a stranger's header says."""

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from motlink.accounts.models import Account
from motlink.accounts.passwords import Verdict
from motlink.audit.models import AuditEntry
from motlink.sign_in import entering
from motlink.sign_in.entering import REFUSED_EVERY, enter, slow_down
from motlink.sign_in.rules import TooMany
from motlink.web.visitor import Visitor
from motlink.work import begin_work, system
from tests.guard.site import Town, browser_at, tables
from tests.loops import run
from tests.people import PASSWORD

pytestmark = pytest.mark.xdist_group("guard")
POSTS = (
    "/sign-in", "/sign-out", "/invitation", "/set-up", "/forgot", "/reset",
    "/account/password", "/account/session", "/account/sessions", "/sign-in/code",
    "/account/second-step/begin", "/account/second-step/confirm", "/account/second-step/codes",
    "/account/second-step/off", "/account/passkeys/begin", "/account/passkeys/add", "/account/passkeys/remove",
    "/account/email", "/account/email/give-up", "/account/name", "/account/again", "/account/password/hint",
    "/email", "/email-back",
)  # fmt: skip


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://localhost:1"},
        {"origin": "https://localhost"},
        {"sec-fetch-site": "cross-site", "origin": "null"},
        {"origin": "http://evil.example", "host": "evil.example"},
    ],
)
def test_a_form_of_another_site_does_nothing(town: Town, path: str, headers: dict[str, str]) -> None:
    before = tables()
    with browser_at(town, "10.8.1.1", town.who("owner").cookie) as browser:
        answer = browser.post(path, data={"login": "dov.stranger", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert tables() == before


@pytest.mark.asvs("3.5.1")
def test_our_own_form_and_a_program_get_an_answer(town: Town) -> None:
    """Every browser of today names the origin of a POST; what names none is no browser."""
    for headers in ({"origin": town.site.url}, {"sec-fetch-site": "same-origin"}, {}):
        with browser_at(town, "10.8.2.1") as browser:
            assert browser.post("/invitation", data={}, headers=headers).status_code == 410


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4", "3.4.1")
@pytest.mark.parametrize("url", ["http://localhost:3000", "https://motlink.example"])
def test_the_cookie_is_httponly_lax_and_bound_to_the_host(practice_at: Any, url: str) -> None:
    door = practice_at(url)
    answer = door.post("/sign-in", data={"login": "ana", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= parts and not any(
        part.startswith("domain") for part in parts
    )
    assert cookie.startswith("__Host-motlink=") == url.startswith("https") == ("secure" in parts)
    assert ("strict-transport-security" in answer.headers) == url.startswith("https")


@pytest.fixture
def practice_at(sqlite: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The door in this process, at a public address."""
    from motlink.sign_in.routes import routes
    from motlink.web import rate
    from motlink.web.headers import Headers
    from tests.installation import forget
    from tests.people import stranger_and_practice
    from tests.web.conftest import give_passwords

    rate.limiter.cache_clear()
    stranger_and_practice()
    give_passwords()

    def at(url: str, **settings: str) -> TestClient:
        for name, value in {"MOTLINK_PUBLIC_URL": url, **settings}.items():
            monkeypatch.setenv(name, value)
        forget()
        return TestClient(Headers(routes(), home / "none"), base_url=url, follow_redirects=False)

    yield at
    rate.limiter.cache_clear()


@pytest.mark.asvs("4.1.3", "15.3.4")
@pytest.mark.parametrize(
    ("proxies", "header", "believed"),
    [
        ("0", "1.2.3.4", "testclient"),
        ("1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("2", "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        ("2", "1.2.3.4", "testclient"),
    ],
)
def test_an_address_is_believed_from_trusted_proxies_alone(
    practice_at: Any, proxies: str, header: str, believed: str
) -> None:
    door = practice_at("http://localhost:3000", MOTLINK_TRUSTED_PROXIES=proxies)
    more = {"x-forwarded-for": header, "x-real-ip": "6.6.6.6", "forwarded": "for=6.6.6.6"}
    assert door.post("/sign-in", data={"login": "ana", "password": PASSWORD}, headers=more).status_code == 303
    with begin_work(system(), writes=False) as work:
        entry = work.session.exec(select(AuditEntry).where(AuditEntry.action == "signed_in")).one()
    assert entry.address == believed


@pytest.mark.req("AC-01")
@pytest.mark.asvs("2.4.1", "6.1.1", "6.3.1")
def test_guessing_is_slowed_and_locks_nobody_out(town: Town) -> None:
    login = "biller.builtin"

    def tries(address: str, password: str, whom: str = login) -> int:
        with browser_at(town, address) as browser:
            return browser.post("/sign-in", data={"login": whom, "password": password}).status_code

    guesses = [tries("10.7.0.1", f"wrong password {number}") for number in range(11)]
    assert guesses == [401] * 10 + [429]
    assert tries("10.7.0.1", PASSWORD) == 429
    # From elsewhere the owner of the account comes in, if a little later.
    start = time.monotonic()
    assert tries("10.7.0.2", PASSWORD) == 303
    assert time.monotonic() - start < 9
    # Others at the attacker's address still do, until that address itself has guessed too much.
    assert tries("10.7.0.1", PASSWORD, "auditor.builtin") == 303


@pytest.mark.asvs("2.4.1", "6.3.1")
def test_one_address_cannot_go_through_many_accounts(practice_at: Any) -> None:
    practice_at("http://localhost:3000")
    guesser = Visitor(digest="", address="10.7.1.1", browser="")

    async def flood() -> int:
        for number in range(100):
            try:
                await slow_down(guesser, f"someone{number}")
            except TooMany:
                return number
        return 100

    assert run(flood()) == 60
    # Before anything is hashed: a flood costs us nothing.
    with pytest.raises(TooMany):
        run(slow_down(guesser, "ana"))
    run(slow_down(Visitor(digest="", address="10.7.1.2", browser=""), "ana"))


@pytest.mark.asvs("2.4.1", "6.3.1")
def test_a_new_ipv6_address_for_each_guess_is_still_one_guesser(practice_at: Any) -> None:
    """One customer's network has 2**64 of them; other networks are other people."""
    practice_at("http://localhost:3000")

    async def flood() -> int:
        for number in range(100):
            try:
                await slow_down(
                    Visitor(digest="", address=f"2001:db8:7:1::{number:x}", browser=""), f"any{number}"
                )
            except TooMany:
                return number
        return 100

    assert run(flood()) == 60
    for elsewhere in ("2001:db8:7:2::1", "::ffff:10.7.2.1", "10.7.2.2", "not an address", "fe80::1%eth0"):
        run(slow_down(Visitor(digest="", address=elsewhere, browser=""), "ana"))


@pytest.mark.asvs("6.3.8")
def test_a_stopwatch_tells_known_logins_from_unknown_ones_no_more(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read more of a known one is a few milliseconds; a refusal leaves on the beat, whatever was read."""

    async def at_once(*_: Any) -> Verdict:
        return Verdict(False)

    async def took(login: str) -> float:
        start = time.monotonic()
        entry, _ = await enter(Visitor("", "10.7.3.1", ""), login=login, password="x" * 20)
        assert entry is None
        return time.monotonic() - start

    monkeypatch.setattr(entering, "verified", at_once)
    assert min(run(took(login)) for login in ("owner.builtin", "nora.roleless", "nobody")) >= REFUSED_EVERY


@pytest.mark.req("TA-19")
@pytest.mark.asvs("6.3.8")
def test_a_stopwatch_tells_nobody_whose_password_can_be_reset(town: Town) -> None:
    """Asked in turns on lines that are kept: neither the answer nor the wait for the next one tells who is known."""
    took: dict[bool, list[float]] = {True: [], False: []}
    waited: dict[bool, list[float]] = {True: [], False: []}
    # No login five times: then everyone's answer is slowed.
    for number, login in enumerate(known_logins(town)):
        for is_known, asked in ((True, login), (False, f"nobody.{number}")):
            with browser_at(town, f"10.3.{number}.{int(is_known)}") as browser:
                start = time.monotonic()
                assert browser.post("/forgot", data={"login": asked}).status_code == 200
                took[is_known].append(time.monotonic() - start)
                browser.get("/forgot")
                waited[is_known].append(time.monotonic() - start)

    pairs = [one > other for one in took[True] for other in took[False]]
    assert len(took[True]) >= 20
    # With no difference at all this is 0.5, give or take 0.09.
    assert 0.15 < sum(pairs) / len(pairs) < 0.85
    assert abs(median(took[True]) - median(took[False])) < 0.05
    assert abs(median(waited[True]) - median(waited[False])) < 0.1


def known_logins(town: Town) -> list[str]:
    """Return logins that can be reset, by name and by email."""
    accounts = {one.account for one in town.people if one.role and one.account}
    with begin_work(system(), writes=False) as work:
        found = [work.session.get_one(Account, account) for account in sorted(accounts, key=str)]
    return [one.username or "" for one in found] + [one.email for one in found]
