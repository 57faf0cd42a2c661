"""An External Agent in two practices and not in a third: nothing of the one is ever seen in the other (TA-24)."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from reflex_base.utils.format import format_event_handler
from sqlmodel import col, select

from motlink.accounts.actions import open_session
from motlink.accounts.agent_keys import code_of, make_key
from motlink.accounts.models import Account, AgentKey
from motlink.mail.models import Letter
from motlink.orgs.actions import found_organization
from motlink.roles.queries import role_by_key
from motlink.staff.actions import switch_role
from motlink.staff.agents import add_agent
from motlink.staff.models import StaffMember
from motlink.web.routes import SCREENS
from motlink.web.who import WhoState
from motlink.work import begin_work, system
from tests.guard.site import (
    ELSEWHERE,
    RIVERBEND,
    Someone,
    Town,
    browser_at,
    refusals,
    row_data,
    short,
    tables,
)
from tests.guard.thieves import HYDRATE, ROSTER, STATES, roster_of
from tests.guard.walk import Cell, Walk, by_screens, handlers, is_allowed, parameters, send
from tests.loops import run
from tests.people import add_person
from tests.web.site import Tab

pytestmark = [
    pytest.mark.xdist_group("guard"),
    pytest.mark.req("TA-24"),
    pytest.mark.asvs("8.4.1", "8.2.2"),
]
LEAVE = f"{STATES}staff___leaving_state____leaving_state.deactivate"
WHO_LOAD = f"{STATES}web___who____who_state.load"


@dataclass(frozen=True)
class Rae:
    """The agent: one session, a place of a manager in both practices."""

    account: UUID
    cookie: str
    ours: UUID
    theirs: UUID

    def words(self, town: Town, where: str) -> set[str]:
        """Return what only somebody in that practice may read; the agent's own name and email are theirs anywhere."""
        if where == ELSEWHERE:
            return {"Farfield", "Stranger", str(town.targets["theirs"]), str(self.theirs)}
        own = {"Riverbend Therapy", "Lindqvist", "rae.lindqvist@clearclaims.example"}
        return set(row_data(town)) - own


@pytest.fixture(scope="module")
def rae(town: Town) -> Rae:
    """Added to both by token and code."""
    with begin_work(system()) as work:
        found_organization(work, name="Third Place")
        add_person(work, "Theo", "Thirdman", "owner")
    with begin_work(system(), org=town.other_org) as work:
        first = add_person(work, "Rae", "Lindqvist", email="rae.lindqvist@clearclaims.example")
        account = work.session.get_one(StaffMember, first).account_id
        work.session.get_one(StaffMember, first).is_agent = True
        key = make_key(work, account_id=account, first_name="Rae", last_name="Lindqvist")
        token, code = key.token, code_of(key)
    with begin_work(system(), org=town.org) as work:
        second = add_agent(work, token=token, code=code).member_id
        assert second
    for org, member_id in ((town.org, second), (town.other_org, first)):
        with begin_work(system(), org=org) as work:
            role = role_by_key(work, "manager")
            assert role
            switch_role(work, member_id=member_id, role_id=role.id, on=True)
    letters_have_left()
    with begin_work(system()) as work:
        return Rae(account, open_session(work, account_id=account), second, first)


def letters_have_left() -> None:
    """Wait until the server's own work is done: a letter on its way would count as something that was changed."""
    query = select(Letter.id).where(col(Letter.sent_at).is_(None), col(Letter.failed_at).is_(None))
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with begin_work(system(), writes=False) as work:
            if work.session.exec(query).first() is None:
                return
        time.sleep(0.05)
    pytest.fail("a letter has not left in 30 s")


def loads(town: Town, practice: str) -> list[tuple[str, list[str]]]:
    """Return the address of every screen in a practice, and the events that fill it."""
    whose = "ours" if practice == RIVERBEND else "theirs"
    ids = {"[member_id]": str(town.targets[whose]), "[batch_id]": str(town.batches[whose])}
    found = []
    for path, _, events, _ in SCREENS:
        for name, one in ids.items():
            path = path.replace(name, one)
        names = [format_event_handler(one) for one in (WhoState.load, *events)]
        found.append((path.replace("[practice]", practice), names))
    return found


async def visit(tab: Tab, path: str, names: list[str]) -> str:
    """Open a screen in a tab; returns all that the tab was given for it."""
    after = len(tab.updates)
    tab.path = path
    for name in names:
        await tab.send(name)
    for _ in range(3):
        await tab.settled()
    return json.dumps(tab.updates[after:], ensure_ascii=False)


@pytest.mark.parametrize("first", [RIVERBEND, ELSEWHERE])
@pytest.mark.parametrize("full_load", [False, True], ids=["within the page", "by a full load"])
def test_no_screen_of_one_practice_shows_anything_of_the_other(
    town: Town, rae: Rae, first: str, full_load: bool
) -> None:
    second = ELSEWHERE if first == RIVERBEND else RIVERBEND
    hidden, expected = rae.words(town, first), rae.words(town, second)

    async def walk() -> tuple[list[str], str, str]:
        wrong, all_before, all_after = [], "", ""
        async with Tab(town.site, rae.cookie) as tab:
            for (path, names), (there, others) in zip(loads(town, first), loads(town, second), strict=True):
                all_before += await visit(tab, path, names)
                got = await visit(tab, there, [HYDRATE, *others] if full_load else others)
                all_after += got
                wrong += [f"{there} shows {word!r}" for word in hidden if word in got]
        return wrong, all_before, all_after

    wrong, before, after = run(walk())
    assert wrong == []
    # Both were really shown: otherwise nothing of this says anything.
    assert {word for word in hidden if word in before}
    assert {word for word in expected if word in after}


def test_ids_of_the_other_practice_are_not_here_though_the_agent_may_use_them_there(
    town: Town, rae: Rae
) -> None:
    who = Someone("rae with their ids", rae.cookie, role="manager", account=rae.account, ids="theirs")
    takes_ids = [
        name
        for name, one in handlers().items()
        if {"member_id", "role_id", "ids"} & set(parameters(one)) or name.endswith("profile_state.load")
    ]
    cells = [cell for cell in (Cell(who, name) for name in takes_ids) if is_allowed(who, cell.rule)]
    before, walk = tables(), Walk(town)

    async def each(walk: Walk, tab: Tab, cells: list[Cell]) -> None:
        for cell in by_screens(cells):
            await send(town, tab, cell)

    run(walk.go(cells, each))
    assert tables() == before
    for tab, some in walk.tabs:
        got = json.dumps(tab.updates, ensure_ascii=False)
        # What was sent by hand may come back; nothing of what it is the id of.
        assert [word for word in ("Farfield", "Stranger") if word in got] == []
        assert {short(cell.name) for cell in some} <= set(town.witnessed(tab))
    assert len(cells) >= 20


def test_a_third_practice_is_not_there(town: Town, rae: Rae) -> None:
    async def knock() -> str:
        async with Tab(town.site, rae.cookie, path="/p/third-place/settings/staff") as tab:
            for name in (WHO_LOAD, f"{ROSTER}.load", f"{STATES}staff___agent_state____agent_state.load"):
                await tab.send(name)
            await tab.settled()
            assert not town.witnessed(tab) or set(town.witnessed(tab)) <= {
                "notice_state.failed",
                "who_state.not_here",
            }
            return json.dumps(tab.updates)

    assert "Thirdman" not in run(knock())
    with browser_at(town, "10.6.0.1", rae.cookie) as browser:
        assert browser.get("/p/third-place/settings/staff.csv").status_code == 404
        assert browser.get("/choose-practice").text.count('href="/p/') == 2


def test_what_happens_in_one_practice_is_no_news_in_the_other(town: Town, rae: Rae) -> None:
    async def watch() -> tuple[str, str]:
        async with (
            Tab(town.site, rae.cookie) as here,
            Tab(town.site, rae.cookie, path=f"/p/{ELSEWHERE}/settings/staff") as there,
        ):
            assert await roster_of(town, here) and await roster_of(town, there)
            marks = len(here.updates), len(there.updates)
            with begin_work(system(), org=town.org) as work:
                role = role_by_key(work, "auditor")
                assert role
                switch_role(work, member_id=town.targets["ours"], role_id=role.id, on=True)
            # In this process nobody tells the server's tabs: the act is done in one of them.
            await here.send(
                f"{STATES}staff___profile_state____profile_state.set_role",
                member_id=str(town.targets["ours"]), role_id=str(role.id), on=False,
            )  # fmt: skip
            await here.settled()
            await there.settled()
            await there.settled()
            return tuple(
                json.dumps(tab.updates[mark:]) for tab, mark in zip((here, there), marks, strict=True)
            )  # type: ignore[return-value]

    here, there = run(watch())
    assert "Auditor turned off" in here
    assert not [word for word in ("Auditor", "Marchetti", str(town.targets["ours"])) if word in there]


@pytest.mark.asvs("6.3.1", "2.4.1")
def test_a_manager_who_guesses_codes_is_stopped_and_written_down(town: Town, rae: Rae) -> None:
    with begin_work(system(), writes=False) as work:
        key = work.session.get_one(AgentKey, rae.account)
        token, wrong = key.token, f"{(int(code_of(key)) + 1) % 10**8:08d}"
    path = f"/p/{RIVERBEND}/settings/staff/new-agent"

    async def guess() -> list[str]:
        said = []
        async with Tab(town.site, town.who("manager").cookie, path=path) as tab:
            for number in range(12):
                after = len(tab.updates)
                typed = {"token": token if number % 2 else "BBBBBBBB", "code": wrong}
                await tab.send(f"{STATES}staff___agent_state____agent_state.add", form=typed)
                await tab.settled()
                said.append(json.dumps(tab.updates[after:], ensure_ascii=False))
        return said

    said = run(guess())
    assert all("do not belong together" in one for one in said[:10])
    assert all("Too many attempts" in one and "do not belong" not in one for one in said[10:])
    tried = [entry for entry in refusals() if (entry.payload or {}).get("doing") == "add_agent"]
    assert len(tried) == 10 and {entry.actor_id for entry in tried} == {town.who("manager").account}


# Last: it ends the place.
@pytest.mark.req("TA-20")
@pytest.mark.asvs("7.4.1", "8.3.2")
def test_let_go_here_an_agent_is_out_within_a_second_and_works_on_elsewhere(town: Town, rae: Rae) -> None:
    async def attack() -> tuple[float, bool, Any, str]:
        async with (
            Tab(town.site, rae.cookie) as here,
            Tab(town.site, rae.cookie, path=f"/p/{ELSEWHERE}/settings/staff") as there,
            Tab(town.site, town.who("owner").cookie) as owner,
        ):
            assert await roster_of(town, here) and await roster_of(town, there)
            assert await roster_of(town, owner)
            start = time.monotonic()
            await owner.send(LEAVE, member_id=str(rae.ours), revoke=True)
            while time.monotonic() - start < 5 and not here.gone:
                await asyncio.sleep(0.005)
            took = time.monotonic() - start
            still = there.gone, await roster_of(town, there)
        # The very tab that was sent to the door goes on in the other practice, and is not sent away again.
        again = Tab(town.site, rae.cookie, token=here.token, path=f"/p/{ELSEWHERE}/settings/staff")
        async with again:
            await again.send(HYDRATE)
            await again.send(WHO_LOAD)
            await again.settled()
        return took, *still, json.dumps(again.updates)

    took, gone_there, rows, later = run(attack())
    assert took < 1, f"{took:.2f} s"
    assert "/sign-in" not in later and "Elsewhere" in later
    assert not gone_there and "Stranger" in str(rows)
    with browser_at(town, "10.6.0.2", rae.cookie) as browser:
        assert browser.get("/choose-practice").headers["location"] == f"/p/{ELSEWHERE}"
        assert browser.get("/p/riverbend-therapy/settings/staff.csv").status_code == 404
    with begin_work(system(), writes=False) as work:
        assert work.session.exec(select(AgentKey)).one().account_id == rae.account
        assert work.session.get_one(Account, rae.account).set_up_at
