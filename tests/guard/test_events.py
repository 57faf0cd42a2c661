"""Every event handler by everyone: one matrix, walked over the real app by raw socket (thinned without soak)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.guard.matrix import FRAMEWORK, HANDLERS, NOBODY
from tests.guard.site import RIVERBEND, SENTINEL, Someone, Town, refusals, row_data, short, tables
from tests.guard.walk import (
    BY_TYPE,
    Cell,
    Walk,
    by_screens,
    handlers,
    is_allowed,
    matrix,
    parameters,
    path_for,
    payload_for,
    send,
    thinned,
)
from tests.loops import run
from tests.web.site import Tab

pytestmark = [pytest.mark.xdist_group("guard"), pytest.mark.asvs("8.2.1", "8.2.2", "8.3.1", "8.4.1")]


@pytest.mark.soak
@pytest.mark.req("AU-02", "AC-01")
@pytest.mark.asvs("16.3.2")
def test_whoever_may_not_is_refused_everywhere_and_it_is_written_down(town: Town) -> None:
    refused = thinned([cell for cell in matrix(town) if not cell.is_allowed])
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

    assert not wrong, "\n".join(wrong)
    assert tables() == before
    print(f"\n{len(refused)} refused of {len(matrix(town))} cells, {len(strangers)} of the framework’s")
    every = [cell for cell in matrix(town) if not cell.is_allowed]
    assert {(cell.who.name, cell.rule) for cell in refused} == {(cell.who.name, cell.rule) for cell in every}
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


@pytest.mark.asvs("2.2.1", "2.2.2", "8.2.3", "15.3.3")
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


# Last, because these do change things.
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
    assert not wrong, "\n".join(wrong)
    print(f"\n{len(cells)} allowed cells")


# They run and send nothing: some read nothing, some send only what differs, some find nobody or no role selected.
QUIET = {
    "agent_state.close",
    "batch_state.watch",
    "bulk_state.act",
    "bulk_state.ask",
    "desk_state.ask",
    "matrix_state.pick",
    "panel_state.give",
    "panel_state.take",
    "who_state.stand",
    "profile_state.refresh",
    "import_state.refresh",
    "import_state.take_column",
    "import_state.take_reading",
    # Nothing of these names is chosen, and nothing ends soon.
    "limits_state.choose",
    "limits_state.refresh",
    "time_state.look",
    "time_state.stay",
    # Only _limit changes where no tag is chosen.
    "tag_panel_state.show_more",
}


async def came_of_it(tab: Tab, cell: Cell, after: int) -> bool:
    """Whether the handler’s own state, a notice or a redirect arrives."""
    own = (cell.name.rsplit(".", 1)[0], "notice_state")

    def says(update: dict[str, Any]) -> bool | None:
        arrived = update.get("events") or any(state.endswith(own) for state in update.get("delta", {}))
        return True if arrived else None

    return await tab.first(says, after=after, seconds=5) is not None
