"""Attacks on the real app: stolen tokens, foreign pages, forged headers, floods, paths, links, someone put out."""

import asyncio
import http.client
import json
import os
import re
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import httpx
import pytest
import socketio
from sqlmodel import col, select
from starlette.testclient import TestClient

from motlink.accounts.actions import open_session
from motlink.accounts.models import Account, AccountSession
from motlink.accounts.queries import digest_of
from motlink.audit.models import AuditEntry
from motlink.mail.models import Letter
from motlink.sign_in.actions import accept_invitation
from motlink.sign_in.entering import TooManyTries, slow_down
from motlink.sign_in.rules import DeadLink
from motlink.staff.actions import add_member
from motlink.staff.invitations import send_invitation
from motlink.staff.models import Invitation, StaffMember
from motlink.web.visitor import Visitor
from motlink.work import begin_work, nobody, system
from tests.guard_site import (
    ELSEWHERE,
    SENTINEL,
    Town,
    browser_at,
    forwarded,
    row_data,
    tables,
    town_at,
)
from tests.loops import run
from tests.people import PASSWORD, Practice
from tests.web.site import WHO, Tab

pytestmark = pytest.mark.xdist_group("guard")
ROUNDS = 200 if os.environ.get("MOTLINK_SOAK") else 1
# Each form costs a password's hash, so the small run has fewer; the race below has fifty on each database.
FORMS = 50 if os.environ.get("MOTLINK_SOAK") else 8
STATES = "reflex___state____state.motlink___"
ROSTER = f"{STATES}staff___roster_state____roster_state"
HYDRATE = "reflex___state____state.hydrate"
LEAVE = f"{STATES}staff___leaving_state____leaving_state.deactivate"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    """One server for all of this file."""
    with town_at(tmp_path_factory.mktemp("attacks"), sqlite_template) as one:
        yield one


async def roster_of(town: Town, tab: Tab) -> Any:
    """Load the roster and return its rows."""
    before = len(tab.updates)
    await tab.send(f"{STATES}web___who____who_state.load")
    await tab.send(f"{ROSTER}.load")
    return await tab.value(ROSTER, "rows", after=before)


# The socket -----------------------------------------------------------------------------------------------------------


class Elsewhere(Tab):
    """A tab that knocks below the socket’s own path."""

    below = "/_event"

    async def __aenter__(self) -> "Tab":
        self.socket = socketio.AsyncClient(reconnection=False, json=json)
        self.socket.on("event", self._keep, namespace="/_event")
        headers = {**self.headers, **({"Cookie": f"motlink={self.cookie}"} if self.cookie else {})}
        where = {
            "socketio_path": self.below,
            "namespaces": ["/_event"],
            "transports": ["websocket"],
            "wait_timeout": 20,
        }
        await self.socket.connect(f"{self.site.url}?token={self.token}", headers=headers, **where)
        return self


def bound(token: str, cookie: str) -> str:
    """Return the token as the server keeps it: what leaks where a state leaks."""
    from motlink.web.binding import bind

    return bind(token, digest_of(cookie))


async def what_opens(tab: Tab) -> str:
    """Return all that a tab is given when it asks for its state."""
    try:
        async with tab:
            await tab.send(HYDRATE)
            await tab.send(f"{ROSTER}.load")
            # A tab's events keep their order: the answer to the last comes after all that the others gave.
            await tab.send(SENTINEL, number="that-was")
            for _ in range(500):
                if "that-was" in str(tab.updates[-3:]):
                    break
                await asyncio.sleep(0.01)
    except socketio.exceptions.ConnectionError:
        return ""
    return str(tab.updates)


PATHS = [
    "/_event",
    "/_event/x",
    "/_event/.",
    "/_event/_event",
    "//_event",
    "/_event//",
    "/%5fevent",
    "/_event/x/y/z",
]


@pytest.mark.asvs("4.4.3", "4.4.4", "7.2.3")
def test_a_stolen_token_opens_nothing_at_any_path_of_the_socket(town: Town) -> None:
    async def attack() -> tuple[str, dict[str, str]]:
        owner, other = town.who("owner"), town.who("scheduler")
        async with Tab(town.site, owner.cookie) as tab:
            assert await roster_of(town, tab)
        own, thieves = bound(tab.token, owner.cookie), {}
        for path, cookie, token in product(
            PATHS, ("", other.cookie, town.who("dov").cookie), (tab.token, own)
        ):
            thieves[f"{path} {cookie[:4]} {token[-4:]}"] = thief = Elsewhere(town.site, cookie, token=token)
            thief.below = path
        stolen = {where: await what_opens(thief) for where, thief in thieves.items()}
        return await what_opens(Tab(town.site, owner.cookie, token=tab.token)), stolen

    own, stolen = run(attack())
    words = row_data(town)
    assert "Marchetti" in own
    assert {
        where: word
        for where, got in stolen.items()
        for word in words
        if word in got and word != "Riverbend Therapy"
    } == {}


@pytest.mark.asvs("4.4.3")
@pytest.mark.parametrize(
    "name", ["x-session-key", "X-Session-Key", "x_session_key", "x-session-key ", "asgi-scope-client"]
)
@pytest.mark.parametrize("path", ["/_event", "/_event/x"])
def test_a_digest_sent_by_hand_is_nobody(town: Town, name: str, path: str) -> None:
    """Whoever reads the database has digests; they open nothing."""
    thief = Elsewhere(town.site, headers={name.strip(): digest_of(town.who("owner").cookie)})
    thief.below = path
    got = run(what_opens(thief))
    assert [word for word in row_data(town) if word in got] == []


@pytest.mark.asvs("4.4.2")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "https://localhost",
        "http://localhost:1",
        "http://localhost.evil.example",
    ],
)
def test_a_foreign_page_opens_no_socket_at_any_path(town: Town, origin: str, path: str) -> None:
    page = Elsewhere(town.site, town.who("owner").cookie, headers={"Origin": origin})
    page.below = path
    assert run(what_opens(page)) == ""


@pytest.mark.asvs("4.4.2", "3.5.1")
def test_a_foreign_page_gets_nothing_by_polling_either(town: Town) -> None:
    with browser_at(town, "10.8.0.1", town.who("owner").cookie) as browser:
        for path in ("/_event/", "/_event", "/_event/x", "/_upload"):
            for method in ("GET", "POST"):
                answer = browser.request(
                    method,
                    f"{path}?EIO=4&transport=polling&token=a",
                    headers={"origin": "http://evil.example"},
                )
                assert answer.status_code in (403, 404, 405), (method, path)
                assert "access-control-allow-origin" not in answer.headers


def test_vars_cannot_be_set_by_hand(town: Town) -> None:
    """`setvar`, setters and the framework’s own way for cookies and storage, which we have none of."""

    async def attack() -> str:
        async with Tab(town.site, town.who("owner").cookie) as tab:
            assert await roster_of(town, tab)
            mark = len(tab.updates)
            await tab.send(f"{ROSTER}.setvar", var_name="counts", value="by hand")
            await tab.send(f"{ROSTER}.set_counts", value="by hand")
            await tab.send(f"{ROSTER}._show", view="by hand", found="by hand")
            wanted = {
                f"{ROSTER}.counts": "by hand",
                f"{ROSTER}.counts_rx_state_": "by hand",
                "counts": "by hand",
            }
            await tab.send(
                "reflex___state____state.reflex___state____update_vars_internal_state.update_vars_internal",
                vars=wanted,
            )
            await tab.send(HYDRATE)
            await asyncio.sleep(0.3)
            return str(tab.updates[mark:])

    assert "by hand" not in run(attack())


@pytest.mark.asvs("2.2.1", "2.4.1")
def test_a_megabyte_of_text_hurts_nobody_else(town: Town) -> None:
    async def attack() -> Any:
        before = tables()
        async with Tab(town.site, town.who("owner").cookie) as other:
            tab = await Tab(town.site, town.who("owner").cookie).__aenter__()
            await tab.send(f"{ROSTER}.search", text="x" * 1_100_000)
            for _ in range(300):
                await asyncio.sleep(0 if tab.gone else 0.01)
            assert tab.gone, "the line is cut: nothing so long is read"
            assert tables() == before
            return await roster_of(town, other)

    assert run(attack())


# Forms and answers ----------------------------------------------------------------------------------------------------

POSTS = ("/sign-in", "/sign-out", "/invitation", "/set-up")


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


@pytest.mark.asvs("3.4.3", "3.4.4", "3.4.5", "3.4.6", "14.3.2")
def test_every_kind_of_answer_has_its_headers(town: Town) -> None:
    wrong, kinds = [], set()
    for browser, method, path, more in answers_of_each_kind(town):
        answer = browser.request(method, path, **more)
        kinds.add(answer.status_code)
        wrong += [f"{method} {path} ({answer.status_code}): {fault}" for fault in header_faults(path, answer)]
    assert wrong == []
    assert kinds >= {200, 303, 400, 401, 403, 404, 405, 410, 413}


def answers_of_each_kind(town: Town) -> Iterator[tuple[httpx.Client, str, str, dict[str, Any]]]:
    client = Path(".web/build/client")
    files = [
        f"/{path.relative_to(client)}"
        for path in client.rglob("*.*")
        if path.suffix in (".js", ".css", ".svg", ".html")
    ]
    with browser_at(town, "10.8.3.1") as browser:
        # The server hangs up on a form it does not read to the end; the next request is to have a line of its own.
        browser.headers["connection"] = "close"
        for path in (
            "/",
            "/sign-in",
            "/sign-out",
            "/health",
            "/ping",
            "/_health",
            "/choose-practice",
            "/invitation?t=x",
            "/set-up?t=x",
            "/invitation",
            "/set-up",
            "/nowhere",
            "/p/none/settings/staff",
            "/_event/",
            "/_event/x",
            *files,
        ):
            yield browser, "GET", path, {}
            yield browser, "HEAD", path, {}
        yield browser, "DELETE", "/sign-in", {}
        yield browser, "POST", "/sign-in", {"data": {"login": "x", "password": "y"}}
        yield browser, "POST", "/sign-in", {"data": {"login": "x" * 40_000, "password": "y"}}
        yield (
            browser,
            "POST",
            "/sign-in",
            {"content": b"\xff\xfe", "headers": {"content-type": "multipart/form-data"}},
        )
        yield browser, "POST", "/sign-out", {"headers": {"origin": "http://evil.example"}}
        yield browser, "POST", "/_event/", {"headers": {"origin": "http://evil.example"}}


def header_faults(path: str, answer: httpx.Response) -> Iterator[str]:
    """Say what is missing on an answer."""
    policy = answer.headers.get("content-security-policy", "")
    for part in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        if part not in policy:
            yield f"no {part}"
    if "unsafe-eval" in policy or "'unsafe-inline'" in policy.split("style-src")[0]:
        yield "scripts may be anything"
    referrer = "no-referrer" if path.startswith(("/invitation", "/set-up")) else "same-origin"
    want = {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": referrer}
    yield from (
        f"{name} is {answer.headers.get(name)}"
        for name, value in want.items()
        if answer.headers.get(name) != value
    )
    built = answer.status_code == 200 and re.search(r"\.(js|css|svg)$", path)
    if not built and answer.headers.get("cache-control") != "no-store":
        yield f"may be kept: {answer.headers.get('cache-control')}"


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


@pytest.mark.asvs("4.1.3")
def test_no_answer_follows_a_forged_host(town: Town) -> None:
    with browser_at(town, "10.8.4.1") as browser:
        for path in ("/", "/sign-in", "/choose-practice", "/invitation?t=x"):
            answer = browser.get(path, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
            assert "evil.example" not in answer.text + str(answer.headers)


TRAVERSALS = [
    "/../pyproject.toml",
    "/..%2fpyproject.toml",
    "/%2e%2e/%2e%2e/%2e%2e/pyproject.toml",
    "/assets/../../../../pyproject.toml",
    "/assets/..%2f..%2f..%2f..%2fpyproject.toml",
    "/assets/%2e%2e%5c%2e%2e%5cpyproject.toml",
    "//etc/passwd",
    "/%2fetc%2fpasswd",
    "/assets/reflex-env-../../../../pyproject.toml",
    "/assets/reflex-env-x.js/../../../../../pyproject.toml",
    "/..\\..\\pyproject.toml",
    "/.git/config",
    "/.env",
    "/rxconfig.py",
    "/motlink/settings.py",
    "/assets/%00",
    "/assets/x%00.js",
    "/_upload/../secret",
    "/" + "a" * 9000,
]


@pytest.mark.asvs("13.4.2")
@pytest.mark.parametrize("path", TRAVERSALS, ids=lambda path: path[:40])
def test_no_path_leads_out_of_the_built_files(town: Town, path: str) -> None:
    line = http.client.HTTPConnection(town.site.url.removeprefix("http://"), timeout=5)
    line.putrequest("GET", "/x", skip_host=False)
    # The raw path: every client library would tidy it.
    line._buffer[0] = f"GET {path} HTTP/1.1".encode()  # type: ignore[attr-defined]
    line.endheaders()
    answer = line.getresponse()
    body = answer.read().decode("utf-8", "replace")
    assert answer.status < 500, body[:200]
    assert not re.search(r"\[build-system\]|root:|\[core\]|pydantic|Traceback", body)
    line.close()


# Guessing -------------------------------------------------------------------------------------------------------------


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
            except TooManyTries:
                return number
        return 100

    assert run(flood()) == 60
    # Before anything is hashed: a flood costs us nothing.
    with pytest.raises(TooManyTries):
        run(slow_down(guesser, "ana"))
    run(slow_down(Visitor(digest="", address="10.7.1.2", browser=""), "ana"))


# Links ----------------------------------------------------------------------------------------------------------------


def newest_token(email: str) -> str:
    """Return the token of the newest letter to someone."""
    with begin_work(system(), writes=False) as work:
        query = select(Letter).where(Letter.to == email).order_by(col(Letter.created_at).desc())
        letter = work.session.exec(query).first()
        assert letter
        return re.search(r"\?t=([\w-]+)", letter.values["link"])[1]  # type: ignore[index]


@pytest.mark.req("TA-10")
@pytest.mark.asvs("2.3.4", "3.5.3", "6.4.1")
def test_a_link_opened_a_hundred_times_lets_one_of_many_in_and_then_nobody(town: Town) -> None:
    with begin_work(system(), org=town.org) as work:
        add_member(
            work,
            first_name="Jo",
            last_name="Li",
            email="jo@new.example",
            role_ids=[town.roles["ours:therapist"]],
        )
    token = newest_token("jo@new.example")
    before = tables()
    with browser_at(town, "10.6.0.1") as browser:
        for _ in range(50):
            assert browser.head("/invitation", params={"t": token}).status_code == 303
            assert browser.get("/invitation", params={"t": token}).status_code == 303
        assert browser.get("/invitation").status_code == browser.head("/invitation").status_code == 200
    assert tables() == before

    answers = run(all_at_once(town, token))
    assert [answer.status_code for answer in answers].count(303) == 1
    # The others came too late, or their username was the winner’s.
    assert {answer.status_code for answer in answers} <= {303, 410, 422}
    with browser_at(town, "10.6.0.2") as browser:
        browser.get("/invitation", params={"t": token})
        late = browser.post(
            "/invitation", data={"username": "jo.late", "password": "green bicycles in the rain"}
        )
    assert late.status_code == 410 and "This invitation has been used" in late.text
    with begin_work(system(), writes=False) as work:
        account = work.session.exec(select(Account).where(Account.email == "jo@new.example")).one()
        sessions = work.session.exec(
            select(AccountSession).where(AccountSession.account_id == account.id)
        ).all()
    assert len(sessions) == 1


async def all_at_once(town: Town, token: str) -> list[httpx.Response]:
    """Send the form many times at once, each from an address of its own."""
    data = {"username": "jo.li", "password": "green bicycles in the rain"}
    limits = httpx.Limits(max_connections=50)
    async with httpx.AsyncClient(base_url=town.site.url, limits=limits, timeout=60) as browser:
        posts = (
            browser.post(
                "/invitation",
                data=data,
                headers={"cookie": f"motlink-invitation={token}", **forwarded(f"10.6.1.{number}")},
            )
            for number in range(FORMS)
        )
        return list(await asyncio.gather(*posts))


@pytest.mark.soak
@pytest.mark.req("TA-10")
@pytest.mark.asvs("2.3.4", "15.4.2")
def test_of_fifty_at_once_one_accepts_on_either_database(practice: Practice) -> None:
    with begin_work(practice.as_(practice.ana), org=practice.org) as work:
        member = add_member(
            work,
            first_name="Jo",
            last_name="Li",
            email="jo@new.example",
            role_ids=[practice.roles["therapist"]],
        )
    for number in range(ROUNDS):
        if number:
            forget_acceptance(practice, member)
        token = newest_token("jo@new.example")
        won, lost = race(practice, token)
        assert (len(won), set(lost)) == (1, {"used"})
        with begin_work(system(), org=practice.org, writes=False) as work:
            account = work.session.get_one(Account, work.get(StaffMember, member.id).account_id)
            accepted = work.session.exec(
                select(Invitation).where(col(Invitation.accepted_at).is_not(None))
            ).all()
        assert account.username == f"jo.{won[0]}" and len(accepted) == number + 1


def forget_acceptance(practice: Practice, member: StaffMember) -> None:
    """Put the person back to before, with a new link."""
    with begin_work(system(), org=practice.org) as work:
        row = work.get(StaffMember, member.id)
        account = work.session.get_one(Account, row.account_id)
        row.joined_at = account.set_up_at = account.username = account.password_hash = None
    with begin_work(practice.as_(practice.ana), org=practice.org) as work:
        send_invitation(work, member_id=member.id)


def race(practice: Practice, token: str) -> tuple[list[int], list[str]]:
    """Accept fifty times at once; return who won, and why the others did not."""
    won: list[int] = []
    lost: list[str] = []
    gate = Barrier(50)

    def try_it(number: int) -> None:
        gate.wait()
        try:
            with begin_work(nobody(), org=practice.org) as work:
                accept_invitation(work, token=token, username=f"jo.{number}", password_hash="x")
            won.append(number)
        except DeadLink as dead:
            lost.append(dead.why)

    threads = [Thread(target=try_it, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won, lost


@pytest.mark.asvs("2.2.1")
def test_text_that_no_database_takes_is_answered_calmly(practice: Practice) -> None:
    """NUL in what only reads: PostgreSQL refuses it even as a parameter."""
    from motlink.audit.queries import AuditView, entries
    from motlink.staff import queries, roster
    from motlink.staff.rows import RosterView

    with begin_work(practice.as_(practice.ana), org=practice.org, writes=False) as work:
        roster.roster(work, view=RosterView(q="a\0b", roles=("\0",), tags=("\0",)))
        queries.email_notice(work, email="a\0b@example.org")
        entries(work, view=AuditView(action="\0", who="\0"))


# Someone put out ------------------------------------------------------------------------------------------------------


@pytest.mark.req("TA-20")
@pytest.mark.asvs("7.4.1", "7.4.2", "8.3.2")
def test_someone_deactivated_with_twenty_open_tabs_is_out_of_all_within_a_second(town: Town) -> None:
    leaver = town.who("staff_administrator")

    async def attack() -> tuple[list[Tab], float, str]:
        assert leaver.account
        with begin_work(system()) as work:
            cookies = [leaver.cookie, open_session(work, account_id=leaver.account)]
        tabs = [Tab(town.site, cookies[number % 2]) for number in range(20)]
        for tab in tabs:
            await tab.__aenter__()
        assert all(await asyncio.gather(*(roster_of(town, tab) for tab in tabs)))
        async with Tab(town.site, town.who("manager").cookie) as manager:
            assert await roster_of(town, manager)
            marks = [len(tab.updates) for tab in tabs]
            start = time.monotonic()
            await manager.send(LEAVE, member_id=member_of(town, leaver.account), revoke=True)
            while time.monotonic() - start < 5 and not all(tab.gone for tab in tabs):
                await asyncio.sleep(0.005)
        took = time.monotonic() - start
        for tab, mark in zip(tabs, marks, strict=True):
            # On a machine too busy to say so before the line is cut, it is said when the tab comes back.
            said = await tab.value(WHO, "leave_to", after=mark, seconds=0.01) or await sent_away(tab)
            assert str(said).startswith("/sign-in?"), said
        return (
            tabs,
            took,
            str([await what_opens(Tab(town.site, tab.cookie, token=tab.token)) for tab in tabs[:2]]),
        )

    tabs, took, late = run(attack())
    assert all(tab.gone for tab in tabs)
    assert took < 1, f"{took:.2f} s"
    assert [word for word in row_data(town) if word in late] == []
    with browser_at(town, "10.5.0.1", leaver.cookie) as browser:
        assert browser.get("/choose-practice").headers["location"].startswith("/sign-in")


async def sent_away(tab: Tab) -> Any:
    """Return where a tab is sent that comes back."""
    async with Tab(tab.site, tab.cookie, token=tab.token) as again:
        await again.send(f"{STATES}web___who____who_state.load")
        return await again.value(WHO, "leave_to")


def member_of(town: Town, account_id: Any) -> str:
    """Return an account’s place at Riverbend."""
    with begin_work(system(), org=town.org, writes=False) as work:
        query = select(StaffMember.id).where(
            StaffMember.org_id == town.org, StaffMember.account_id == account_id
        )
        return str(work.session.exec(query).one())


@pytest.mark.asvs("8.4.1")
def test_an_invitation_of_another_practice_pulls_nobody_in_and_tells_it_nothing(town: Town) -> None:
    """Ines of Elsewhere is invited to Riverbend and has not accepted."""
    with browser_at(town, "10.5.1.1") as browser:
        answer = browser.post("/sign-in", data={"login": "ines.waiting", "password": PASSWORD})
        assert answer.headers["location"] == f"/p/{ELSEWHERE}"
        assert browser.get("/choose-practice").headers["location"] == f"/p/{ELSEWHERE}"
    with begin_work(system(), writes=False) as work:
        query = select(AuditEntry).where(AuditEntry.address == "10.5.1.1", AuditEntry.action == "signed_in")
        assert [entry.org_id for entry in work.session.exec(query)] == [town.other_org]
