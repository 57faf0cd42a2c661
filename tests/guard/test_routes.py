"""The matrix over HTTP: every route and every screen by everyone, with every method."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from sqlmodel import col, select

from motlink.accounts.models import Account, AccountSession
from motlink.audit.models import AuditEntry
from motlink.orgs.models import Organization
from motlink.permissions import Permission
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.guard.matrix import MEMBER, PUBLIC, ROUTES, SELF, Rule
from tests.guard.site import RIVERBEND, Someone, Town, browser_at, row_data, tables
from tests.guard.walk import is_allowed

pytestmark = [pytest.mark.xdist_group("guard"), pytest.mark.asvs("8.2.1", "8.2.2", "8.3.1", "8.4.1")]


def pages_of(who: Someone, target: Any) -> list[str]:
    """Return the address of every screen, in the practice that someone names."""
    from motlink.motlink import app

    routes = [route for route in app._unevaluated_pages if route.startswith("p/")]
    assert len(routes) >= 6
    return [
        "/" + one.replace("[practice]", who.path or RIVERBEND).replace("[member_id]", str(target))
        for one in routes
    ]


@pytest.mark.asvs("3.5.3", "14.3.2")
def test_every_get_by_everyone_changes_nothing_and_shows_nothing_of_others(town: Town) -> None:
    before, wrong, bodies = tables(), [], {}
    secrets = set(row_data(town)) - {str(town.targets["ours"])}
    own = {path: rule for (method, path), rule in ROUTES.items() if method in ("GET", "ANY")}
    for number, who in enumerate(town.people):
        with browser_at(town, f"10.9.{number}.1", who.cookie) as browser:
            for path in [*own, *pages_of(who, town.targets[who.ids])]:
                for method in ("GET", "HEAD") * (2 if who.name == "owner" else 1):
                    answer = browser.request(method, address_of(town, who, path))
                    rule = own.get(path, PUBLIC)
                    others = secrets - own_words(who) if rule == SELF else secrets
                    faults = http_faults(who, rule, answer, others, is_here(who, path))
                    wrong += [f"{method} {path} by {who.name}: {fault}" for fault in faults]
                    if path not in own and method == "GET":
                        bodies.setdefault(path, set()).add(answer.content)
    assert wrong == []
    # A page is the same for everyone: its rows come by the socket.
    assert [path for path, seen in bodies.items() if len(seen) > 1] == []
    assert tables() == before


def address_of(town: Town, who: Someone, path: str) -> str:
    """Return a route's address in the practice that someone names, with the ids that they send."""
    return path.replace("{practice:str}", who.path or RIVERBEND).replace(
        "{batch_id:str}", str(town.batches[who.ids])
    )


def own_words(who: Someone) -> set[str]:
    """Return what of the practice's people is a person's own."""
    if who.account is None:
        return set()
    with begin_work(system(), writes=False) as work:
        words = {work.session.get_one(Account, who.account).email}
        for org_id, last_name in work.session.exec(
            select(StaffMember.org_id, StaffMember.last_name).where(
                StaffMember.account_id == who.account,
                col(StaffMember.joined_at).is_not(None),
                col(StaffMember.deactivated_at).is_(None),
            )
        ):
            words |= {last_name, work.session.get_one(Organization, org_id).name}
        return words


def is_here(who: Someone, path: str) -> bool:
    """Whether what the address names is of the practice that it names."""
    return "_id" not in path or (who.ids == "ours") == (who.path == RIVERBEND)


def http_faults(who: Someone, rule: Rule, answer: Any, secrets: set[str], here: bool = True) -> Iterator[str]:
    """Say what is wrong with an answer."""
    way = answer.headers.get("location")
    if answer.status_code >= 500:
        yield f"answered {answer.status_code}"
    if rule == MEMBER and who.path == RIVERBEND and (way == f"/p/{RIVERBEND}") != bool(who.role):
        yield f"is led to {way}"
    if rule == SELF and (way or 200) != (200 if is_allowed(who, rule) else "/sign-in?next=/account"):
        yield f"answered {answer.status_code}, is led to {way}"
    if rule in set(Permission) and (answer.status_code == 200) != (is_allowed(who, rule) and here):
        yield f"answered {answer.status_code}"
    if rule in set(Permission) and not is_allowed(who, rule) and answer.status_code not in (303, 403, 404):
        yield f"refused with {answer.status_code}"
    if rule == SELF or not is_allowed(who, rule) or not who.role:
        yield from (f"shows {word!r}" for word in secrets if word in answer.text)
    if answer.headers.get("x-content-type-options") != "nosniff":
        yield "has no security headers"


@pytest.mark.asvs("2.4.1")
def test_every_file_that_leaves_by_everyone(town: Town) -> None:
    """Those who may get it and are noted; nobody else gets a word of it."""
    secrets = set(row_data(town)) - {str(town.targets["ours"])}
    files = {
        path: rule for (method, path), rule in ROUTES.items() if method == "POST" and path.endswith(".csv")
    }
    assert len(files) == 3
    wrong, taken = [], 0
    for number, who in enumerate(town.people):
        with browser_at(town, f"10.5.{number}.1", who.cookie) as browser:
            for path, rule in files.items():
                answer = browser.post(address_of(town, who, path))
                faults = http_faults(who, rule, answer, secrets, is_here(who, path))
                wrong += [f"{path} by {who.name}: {fault}" for fault in faults]
                taken += answer.status_code == 200
    assert wrong == []
    with begin_work(system(), writes=False) as work:
        query = select(AuditEntry).where(AuditEntry.action == "exported")
        assert len(work.session.exec(query).all()) == taken >= 4


@pytest.mark.asvs("3.5.1", "3.5.3")
def test_no_other_method_does_anything(town: Town) -> None:
    before = tables()
    owner = town.who("owner")
    posts = {address_of(town, owner, path) for method, path in ROUTES if method == "POST"}
    with browser_at(town, "10.9.99.1", town.who("owner").cookie) as browser:
        for path in [
            *(path for _, path in ROUTES),
            "/_upload",
            *pages_of(town.who("owner"), town.targets["ours"]),
        ]:
            for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
                if method == "POST" and address_of(town, owner, path) in posts:
                    continue
                answer = browser.request(method, address_of(town, owner, path))
                assert answer.status_code in (400, 404, 405), (method, path)
    assert tables() == before


NAME_ANOTHERS = ("/account/session", "/account/leave", "/account/passkeys/remove")


@pytest.mark.asvs("3.5.1", "7.5.2")
def test_nobody_without_an_open_session_changes_an_account_and_nobody_anothers_sessions(town: Town) -> None:
    """Whose account it is says the cookie alone; another's session is not here."""
    with begin_work(system(), writes=False) as work:
        theirs = work.session.exec(
            select(AccountSession).where(AccountSession.account_id == town.who("owner").account)
        ).first()
        assert theirs
    before, wrong = tables(), []
    new = {"current": "wrong", "password": "green bicycles in the rain", "session": str(theirs.id)}
    new["practice"] = str(town.org)
    posts = [path for (method, path), rule in ROUTES.items() if method == "POST" and rule == SELF]
    assert len(posts) == 16 and set(posts) > set(NAME_ANOTHERS)
    for number, who in enumerate(town.people):
        if who.account == town.who("owner").account:
            continue
        with browser_at(town, f"10.4.{number}.1", who.cookie) as browser:
            # Whoever is in changes their own account by right; what names something of another's is not here.
            for path in NAME_ANOTHERS if who.is_in else posts:
                answer = browser.post(path, data=new)
                said = answer.headers.get("location") or answer.status_code
                fits = (401, 404, 422) if who.is_in else ("/sign-in?next=/account",)
                wrong += [f"{path} by {who.name}: {said}"] if said not in fits else []
    assert wrong == []
    assert tables() == before


@pytest.mark.asvs("13.4.5")
@pytest.mark.parametrize(
    "path",
    [
        "/docs",
        "/redoc",
        "/openapi.json",
        "/metrics",
        "/debug",
        "/server-status",
        "/.env",
        "/.git/config",
        "/api",
    ],
)
def test_no_documentation_monitoring_or_file_of_ours_stands_open(town: Town, path: str) -> None:
    with browser_at(town, "10.3.1.1", town.who("owner").cookie) as browser:
        answer = browser.get(path)

    assert answer.status_code == 404


@pytest.mark.asvs("16.4.1")
def test_what_is_sent_writes_no_line_of_its_own_into_the_log(town: Town) -> None:
    forged = "\r\n2026-01-01 00:00:00 INFO forged line"
    with browser_at(town, "10.3.2.1", "") as browser:
        browser.post("/sign-in", data={"login": f"ana{forged}", "password": f"x{forged}"})
        browser.get(f"/p/nowhere{quote(forged)}/settings/staff.csv")
        browser.post(f"/p/nowhere{quote(forged)}/settings/staff.csv?q={quote(forged)}")
        browser.get("/invitation", params={"t": forged})

    assert not [line for line in town.site.log.read_text().splitlines() if line.startswith("2026-01-01")]


def test_signing_out_ends_the_own_session_alone(town: Town) -> None:
    from motlink.accounts.actions import open_session
    from motlink.work import begin_work, system

    owner = town.who("owner")
    assert owner.account
    with begin_work(system()) as work:
        cookie = open_session(work, account_id=owner.account)
    with browser_at(town, "10.9.98.1", cookie) as browser:
        assert browser.post("/sign-out").headers["location"] == "/sign-in"
        browser.cookies.set("motlink", cookie)
        assert browser.get("/choose-practice").headers["location"].startswith("/sign-in")
    with browser_at(town, "10.9.98.1", owner.cookie) as browser:
        assert browser.get("/choose-practice").headers["location"] == f"/p/{RIVERBEND}"
