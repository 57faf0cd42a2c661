"""Who may send what, and the walk through it: a cell of the matrix is one person who sends one event."""

import asyncio
import inspect
import json
import os
from dataclasses import dataclass
from itertools import product
from typing import Any, get_type_hints

from reflex_base.registry import RegistrationContext

from motlink.permissions import Scope
from motlink.roles.catalogue import BUILTIN
from tests.guard.matrix import FRAMEWORK, HANDLERS, MEMBER, NOBODY, PUBLIC, SELF, Rule
from tests.guard.site import SENTINEL, Someone, Town, forwarded, short
from tests.web.site import Tab

SOAK = bool(os.environ.get("MOTLINK_SOAK"))
CATALOGUE = {role.key: role.privileges for role in BUILTIN}


def handlers() -> dict[str, Any]:
    """Return every registered handler by its full name."""
    import motlink.motlink

    assert motlink.motlink.app
    return dict(RegistrationContext.get().event_handlers)


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
    if rule == SELF:
        return who.is_in
    if rule == NOBODY or not who.role:
        return False
    return rule == MEMBER or CATALOGUE[who.role].get(rule, Scope.NONE) > Scope.OWN  # type: ignore[call-overload]


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
        "billing_state": "billing",
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


def thinned(cells: list[Cell]) -> list[Cell]:
    """Return every fifth cell, each handler at least once, what reads a screen, and whoever against whatever rule.

    So each role meets each privilege; that a handler has the rule of the table is a test of its own. MOTLINK_SOAK=1
    tries them all.
    """
    if SOAK:
        return cells
    met, kept = set[Any](), []
    for number, cell in enumerate(cells):
        new = {cell.name, (cell.who.name, cell.rule)} - met
        if new or number % 5 == 0 or cell.name.endswith(".load"):
            kept.append(cell)
        met |= new
    return kept


def by_screens(cells: list[Cell]) -> list[Cell]:
    """Order events as a person would send them: first those that fill a screen."""
    return sorted(cells, key=lambda cell: (not cell.name.endswith((".load", ".start", ".ask")), cell.name))


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
    hit = await tab.first(
        lambda update: words in json.dumps(update, ensure_ascii=False) or None, after=after, seconds=seconds
    )
    return hit is not None


async def send(town: Town, tab: Tab, cell: Cell, **instead: Any) -> None:
    """Send a cell’s event."""
    tab.path = path_for(town, cell.who, short(cell.name))
    await tab.send(cell.name, **(instead or payload_for(town, handlers()[cell.name], cell.who.ids)))
