"""Every event handler and every route, each by everyone: one matrix, walked over the real app by raw socket and HTTP.

The cells come from the app's own registry, what is expected from tests/guard_matrix.py and the catalogue of roles. What
has no rule there fails the build.
"""

import asyncio
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from reflex_base.registry import RegistrationContext

from motlink.permissions import Permission, Scope
from motlink.roles.catalogue import BUILTIN
from tests.guard_matrix import FRAMEWORK, HANDLERS, MEMBER, NOBODY, PUBLIC, ROUTES, Rule
from tests.guard_site import (
    RIVERBEND,
    SENTINEL,
    Someone,
    Town,
    browser_at,
    forwarded,
    refusals,
    row_data,
    short,
    tables,
    town_at,
)
from tests.loops import run
from tests.web.site import ROOT, Tab

pytestmark = [pytest.mark.xdist_group("guard"), pytest.mark.asvs("8.2.1", "8.2.2", "8.3.1", "8.4.1")]
CATALOGUE = {role.key: role.privileges for role in BUILTIN}


# What the matrix consists of ------------------------------------------------------------------------------------------


def handlers() -> dict[str, Any]:
    """Return every registered handler by its full name."""
    import motlink.motlink

    assert motlink.motlink.app
    return dict(RegistrationContext.get().event_handlers)


def full(name: str) -> str:
    """Return the full name of "state.handler"."""
    return next(one for one in handlers() if short(one) == name or one == f"reflex___state____{name}")


def routes() -> set[tuple[str, str]]:
    """Return every HTTP route: our own, and what the framework mounts."""
    from motlink.motlink import app
    from motlink.sign_in.routes import door_routes

    own = [route for one in app.api_transformer for route in getattr(one, "routes", ())]
    assert {route.path for route in door_routes()} <= {route.path for route in own}
    found = [*own, *app._api.routes]
    return {
        (method, str(route.path) or "/")
        for route in found
        for method in (getattr(route, "methods", None) or {"ANY"}) - {"HEAD"}
    }


def is_allowed(who: Someone, rule: Rule) -> bool:
    """Say from the table and the catalogue whether someone may."""
    if rule in (PUBLIC, FRAMEWORK):
        return True
    if rule == NOBODY or not who.role:
        return False
    return rule == MEMBER or CATALOGUE[who.role].get(rule, Scope.NONE) > Scope.OWN  # type: ignore[call-overload]


def test_every_handler_has_a_rule_and_every_rule_a_handler() -> None:
    names = [short(name) for name in handlers()]
    assert len(names) == len(set(names)), (
        "two states of the same name: the matrix would take one for the other"
    )
    assert set(names) == set(HANDLERS)


def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    assert routes() == set(ROUTES)


def test_the_markers_in_the_code_say_what_the_matrix_says() -> None:
    from motlink.web.rules import framework_events, rule_of

    def marked(name: str, registered: Any) -> Rule:
        rule = rule_of(registered)
        if rule is None:
            return FRAMEWORK if name in framework_events() else NOBODY
        return PUBLIC if rule.public else rule.permission or MEMBER

    assert {short(name): marked(name, registered) for name, registered in handlers().items()} == HANDLERS


def test_the_command_line_lists_the_same_ways_in() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "motlink.cli", "routes", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    listed = json.loads(run.stdout)
    assert {short(one["name"]) for one in listed if one["kind"] == "event"} == set(HANDLERS)
    assert {(one["kind"], one["name"]) for one in listed if one["kind"] != "event"} == set(ROUTES)
    assert [one for one in listed if one["rule"] == "NONE"] == []
    said = {short(one["name"]): one["rule"] for one in listed if one["kind"] == "event"}
    for name, rule in HANDLERS.items():
        words = {
            PUBLIC: "public",
            MEMBER: "any member with a role",
            NOBODY: "refused",
            FRAMEWORK: "Reflex’s own",
        }
        assert said[name] == words.get(rule, f"requires {rule}")


# What is sent ---------------------------------------------------------------------------------------------------------

BY_NAME: dict[str, Any] = {
    "way": "reactivate",
    "key": "therapist",
    "what": "q",
    "column": "name",
    "action": "all",
    "who": "all",
    "text": "mar",
    "number": "seven",
    "var_name": "loaded",
    "vars": {"reflex___state____state.is_hydrated": True},
    "info": "x",
    "component_stack": "x",
    "value": True,
}
BY_TYPE: dict[Any, Any] = {str: "x", int: 2, bool: True, dict: {}}


def parameters(registered: Any) -> dict[str, Any]:
    """Return a handler's arguments and their types."""
    fn = getattr(registered.handler.fn, "func", registered.handler.fn)
    hints = get_type_hints(fn)
    return {name: hints.get(name, str) for name in list(inspect.signature(fn).parameters)[1:]}


def payload_for(town: Town, registered: Any, whose: str) -> dict[str, Any]:
    """Return arguments that are right in type, with ids of either practice."""
    target, role = str(town.targets[whose]), str(town.roles[f"{whose}:biller"])
    form = {
        "first_name": "New",
        "last_name": "Person",
        "email": "new.person@else.example",
        "phone": "",
        "designation": "",
    }
    ids = {"member_id": target, "role_id": role}
    return {
        name: ids.get(name)
        or (
            [target]
            if hint == list[str]
            else form
            if hint in (dict[str, str], dict[str, Any])
            else BY_NAME.get(name, BY_TYPE.get(hint))
        )
        for name, hint in parameters(registered).items()
    }


def path_for(town: Town, who: Someone, handler: str) -> str:
    """Return the address of the screen that a handler belongs to."""
    if not who.path:
        return "/somewhere"
    screens = {
        "audit_state": "audit",
        "add_state": "staff/new",
        "profile_state": f"staff/{town.targets[who.ids]}",
    }
    return f"/p/{who.path}/settings/{screens.get(handler.split('.')[0], 'staff')}"


@dataclass(frozen=True)
class Cell:
    """Someone sends one event."""

    who: Someone
    name: str

    @property
    def rule(self) -> Rule:
        """What the table says."""
        return HANDLERS[short(self.name)]

    @property
    def is_allowed(self) -> bool:
        """Whether it may run."""
        return is_allowed(self.who, self.rule)

    def __str__(self) -> str:
        return f"{self.who.name} × {short(self.name)}"


def by_screens(cells: list[Cell]) -> list[Cell]:
    """Order events as a person would send them: first those that fill a screen."""
    return sorted(cells, key=lambda cell: (not cell.name.endswith((".load", ".start", ".ask")), cell.name))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    """One server for all of this file."""
    with town_at(tmp_path_factory.mktemp("guard"), sqlite_template) as one:
        yield one


def matrix(town: Town) -> list[Cell]:
    """Return every cell."""
    return [Cell(who, name) for who, name in product(town.people, sorted(handlers()))]


class Walk:
    """Goes through cells with one tab for each few of them, each tab at an address of its own."""

    def __init__(self, town: Town) -> None:
        self.town, self.wrong, self.turn = town, [], asyncio.Semaphore(8)
        self.addresses = 0
        self.tabs: list[tuple[Tab, list[Cell]]] = []

    async def go(self, cells: list[Cell], visit: Any, *, each: int = 40) -> list[str]:
        """Visit all cells; returns what was wrong."""
        mine: dict[str, list[Cell]] = {}
        for cell in cells:
            mine.setdefault(cell.who.name, []).append(cell)
        parts = [some[at : at + each] for some in mine.values() for at in range(0, len(some), each)]
        await asyncio.gather(*(self._one_tab(part, visit) for part in parts))
        return self.wrong

    async def _one_tab(self, cells: list[Cell], visit: Any) -> None:
        async with self.turn:
            who = cells[0].who
            tab = Tab(self.town.site, who.cookie, headers=forwarded(self.address()))
            async with tab:
                await visit(self, tab, cells)
                await settle(tab)
            self.tabs.append((tab, cells))

    def address(self) -> str:
        """Return an address that nobody has had."""
        self.addresses += 1
        return f"10.{self.addresses // 250}.{self.addresses % 250}.7"

    def note(self, cell: Cell, what: str) -> None:
        """Keep what was wrong."""
        self.wrong.append(f"{cell}: {what}")


async def settle(tab: Tab) -> None:
    """Wait until a tab’s events, which keep their order, and what they lead to are done."""
    for number in range(3):
        mark = f"{id(tab) % 9999}-{number}"
        await tab.send(SENTINEL, number=mark)
        assert await seen(tab, mark, 0), "the server does not answer any more"


async def seen(tab: Tab, words: str, after: int, seconds: float = 20) -> bool:
    """Whether words arrive."""
    for _ in range(int(seconds / 0.005)):
        if any(words in json.dumps(update, ensure_ascii=False) for update in tab.updates[after:]):
            return True
        await asyncio.sleep(0.005)
    return False


async def send(town: Town, tab: Tab, cell: Cell, **instead: Any) -> None:
    """Send a cell’s event."""
    tab.path = path_for(town, cell.who, short(cell.name))
    await tab.send(cell.name, **(instead or payload_for(town, handlers()[cell.name], cell.who.ids)))


# The walk -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("AU-02", "AC-01")
@pytest.mark.asvs("16.3.2")
def test_whoever_may_not_is_refused_everywhere_and_it_is_written_down(town: Town) -> None:
    refused = [cell for cell in matrix(town) if not cell.is_allowed]
    strangers = [cell for cell in matrix(town) if not cell.who.role and cell.rule == FRAMEWORK]
    before, walk = tables(), Walk(town)

    async def visit(walk: Walk, tab: Tab, cells: list[Cell]) -> None:
        for cell in cells:
            await send(town, tab, cell)

    wrong = run(walk.go(refused + strangers, visit))
    secrets = set(row_data(town)) - {str(town.targets["ours"])}
    kept = {(entry.address, entry.payload["doing"]): entry for entry in refusals()}
    for tab, cells in walk.tabs:
        may = {name for name, rule in HANDLERS.items() if is_allowed(cells[0].who, rule)}
        ran = set(town.witnessed(tab)) - may
        wrong += [f"{cells[0].who.name}: {name} ran" for name in ran]
        got = json.dumps(tab.updates, ensure_ascii=False)
        wrong += [f"{cells[0].who.name}: received {word!r}" for word in secrets if word in got]
        for cell in cells:
            entry = kept.get((tab.headers["x-forwarded-for"], short(cell.name)))
            if cell.rule != FRAMEWORK:
                wrong += [f"{cell}: {fault}" for fault in faults_of(town, cell.who, entry)]

    assert wrong == []
    assert tables() == before
    print(f"\n{len(refused)} refused of {len(matrix(town))} cells, {len(strangers)} of the framework’s")
    assert len(refused) > 700


def faults_of(town: Town, who: Someone, entry: Any) -> list[str]:
    """Say what is wrong with what the audit log has of a refusal."""
    if entry is None:
        return ["not in the audit log"]
    chain = {"ours": str(town.org), "theirs": str(town.other_org)}.get(who.chain, who.chain)
    known = who.account if who.name not in ("expired", "ended") else None
    faults = [] if entry.chain == chain else [f"kept in the chain {entry.chain}"]
    return faults if entry.actor_id == known else [*faults, f"kept as {entry.actor_kind} {entry.actor_id}"]


def test_ids_of_another_practice_are_not_here(town: Town) -> None:
    takes_ids = [
        name
        for name, one in handlers().items()
        if {"member_id", "role_id", "ids"} & set(parameters(one)) or name.endswith("profile_state.load")
    ]
    cells = [
        cell
        for cell in matrix(town)
        if cell.who.name in ("manager with their ids", "dov at home with our ids")
        and cell.name in takes_ids
        and cell.is_allowed
    ]
    before, walk = tables(), Walk(town)

    async def visit(walk: Walk, tab: Tab, cells: list[Cell]) -> None:
        for cell in by_screens(cells):
            await send(town, tab, cell)

    run(walk.go(cells, visit))
    assert tables() == before
    for tab, some in walk.tabs:
        got = json.dumps(tab.updates, ensure_ascii=False)
        words = (
            {"Farfield", "Stranger"}
            if some[0].who.ids == "theirs"
            else set(row_data(town)) - {str(town.targets["ours"])}
        )
        assert [word for word in words if word in got] == []
        assert {short(cell.name) for cell in some} <= set(town.witnessed(tab))
    assert len(cells) >= 20


WRONG: dict[Any, list[Any]] = {
    str: [{"a": 1}, ["a"], 7, True, None, "\ud800", "a" * 10_001],
    int: ["7", "", [], {}, None, True, 1.5],
    bool: [1, 0, "true", "", None, {}, []],
    list[str]: ["ab", {}, [1], [None], [{"a": 1}], ["\ud800"], None, ["a"] * 1001],
    dict[str, Any]: [[["a", "b"]], "a", 7, None, {"a": "\udfff"}],
    dict[str, str]: [[["a", "b"]], "a", {"a": 1}, {"a": {"b": "c"}}, {"a": None}, {"a": "\udfff"}, None],
}


@pytest.mark.asvs("2.2.1", "2.2.2", "15.3.3")
def test_arguments_of_the_wrong_type_never_reach_a_handler(town: Town) -> None:
    ours = [
        Cell(town.who("owner"), name)
        for name in handlers()
        if HANDLERS[short(name)] not in (FRAMEWORK, NOBODY) and name != SENTINEL
    ]
    before, walk, tries = tables(), Walk(town), []

    async def visit(walk: Walk, tab: Tab, cells: list[Cell]) -> None:
        (cell,) = cells
        for bad in bad_payloads(town, cell.name):
            tries.append(bad)
            tab.path = path_for(town, cell.who, short(cell.name))
            await emit(tab, cell.name, bad)

    run(walk.go(ours, visit, each=1))
    ran = {str(cells[0]) for tab, cells in walk.tabs if short(cells[0].name) in town.witnessed(tab)}
    assert ran == set()
    assert tables() == before
    print(f"\n{len(tries)} payloads of the wrong type")


def bad_payloads(town: Town, name: str) -> Iterator[Any]:
    """Each argument wrong in each way, one missing, one too many, no mapping at all."""
    good = payload_for(town, handlers()[name], "ours")
    hints = parameters(handlers()[name])
    for word, hint in hints.items():
        yield from ({**good, word: bad} for bad in WRONG[hint])
    optional = {word for word in hints if word.startswith("_")}
    yield from ({key: value for key, value in good.items() if key != word} for word in set(good) - optional)
    yield from ({**good, "org_id": str(town.org)}, {**good, "self": 1}, [good], "text", 7)


async def emit(tab: Tab, name: str, payload: Any) -> None:
    """Send any payload, whatever its shape."""
    data = {
        "name": name,
        "payload": payload,
        "router_data": {"pathname": tab.path, "asPath": tab.path, "query": {}},
    }
    await tab.socket.emit("event", data, namespace="/_event")


@pytest.mark.asvs("2.2.1")
def test_a_nul_in_any_text_does_no_harm(town: Town) -> None:
    names = [
        name
        for name, one in handlers().items()
        if set(parameters(one).values()) & {str, list[str], dict[str, str], dict[str, Any]}
        and HANDLERS[short(name)] not in (FRAMEWORK, NOBODY)
    ]
    before, walk = tables(), Walk(town)

    async def visit(walk: Walk, tab: Tab, cells: list[Cell]) -> None:
        for cell in cells:
            hints = parameters(handlers()[cell.name])
            nul = {
                str: "a\0b",
                list[str]: ["\0"],
                dict[str, Any]: dict.fromkeys(("first_name", "last_name", "email", "phone"), "a\0b"),
            }
            await send(
                town, tab, cell, **{word: nul.get(hint, BY_TYPE.get(hint)) for word, hint in hints.items()}
            )

    run(walk.go([Cell(town.who("owner"), name) for name in names], visit))
    assert tables() == before


# The same over HTTP --------------------------------------------------------------------------------------------------


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
                    answer = browser.request(method, path.replace("{practice:str}", who.path or RIVERBEND))
                    faults = http_faults(who, own.get(path, PUBLIC), answer, secrets)
                    wrong += [f"{method} {path} by {who.name}: {fault}" for fault in faults]
                    if path not in own and method == "GET":
                        bodies.setdefault(path, set()).add(answer.content)
    assert wrong == []
    # A page is the same for everyone: its rows come by the socket.
    assert [path for path, seen in bodies.items() if len(seen) > 1] == []
    assert tables() == before


def http_faults(who: Someone, rule: Rule, answer: Any, secrets: set[str]) -> Iterator[str]:
    """Say what is wrong with an answer."""
    way = answer.headers.get("location")
    if answer.status_code >= 500:
        yield f"answered {answer.status_code}"
    if rule == MEMBER and who.path == RIVERBEND and (way == f"/p/{RIVERBEND}") != bool(who.role):
        yield f"is led to {way}"
    if rule in set(Permission) and (answer.status_code == 200) != is_allowed(who, rule):
        yield f"answered {answer.status_code}"
    if rule in set(Permission) and not is_allowed(who, rule) and answer.status_code not in (303, 403, 404):
        yield f"refused with {answer.status_code}"
    if not is_allowed(who, rule) or not who.role:
        yield from (f"shows {word!r}" for word in secrets if word in answer.text)
    if answer.headers.get("x-content-type-options") != "nosniff":
        yield "has no security headers"


@pytest.mark.asvs("3.5.1", "3.5.3")
def test_no_other_method_does_anything(town: Town) -> None:
    before = tables()
    posts = {path for method, path in ROUTES if method == "POST"}
    with browser_at(town, "10.9.99.1", town.who("owner").cookie) as browser:
        for path in [
            *(path for _, path in ROUTES),
            "/_upload",
            *pages_of(town.who("owner"), town.targets["ours"]),
        ]:
            for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
                if method == "POST" and path in posts:
                    continue
                answer = browser.request(method, path.replace("{practice:str}", RIVERBEND))
                assert answer.status_code in (400, 404, 405), (method, path)
    assert tables() == before


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


# Last, because these do change things ---------------------------------------------------------------------------------


def test_whoever_may_gets_through(town: Town) -> None:
    cells = [
        cell
        for cell in matrix(town)
        if cell.is_allowed and cell.who.ids == "ours" and cell.who.path in (RIVERBEND, "", "no-such-practice")
    ]
    walk = Walk(town)

    async def visit(walk: Walk, tab: Tab, cells: list[Cell]) -> None:
        for cell in by_screens(cells):
            after = len(tab.updates)
            await send(town, tab, cell)
            says = cell.rule != FRAMEWORK and short(cell.name) not in QUIET
            if says and not await came_of_it(tab, cell, after):
                walk.note(cell, "nothing came of it")

    wrong = run(walk.go(cells, visit))
    for tab, some in walk.tabs:
        ran = set(town.witnessed(tab))
        wrong += [f"{cell}: did not run" for cell in some if short(cell.name) not in ran]
    assert wrong == []
    print(f"\n{len(cells)} allowed cells")


# They run and send nothing: one reads nothing, the other sends only what differs.
QUIET = {"who_state.stand", "profile_state.refresh"}


async def came_of_it(tab: Tab, cell: Cell, after: int) -> bool:
    """Whether the handler’s own state, a notice or a redirect arrives."""
    own = (cell.name.rsplit(".", 1)[0], "notice_state")
    for _ in range(1000):
        for update in tab.updates[after:]:
            if update.get("events") or any(state.endswith(own) for state in update.get("delta", {})):
                return True
        await asyncio.sleep(0.005)
    return False
