"""The socket under attack, on the real app: who gets through, what comes back, what is left behind."""

import asyncio
from typing import Any

import pytest
import socketio
from sqlmodel import select

from motlink.audit.models import AuditEntry
from motlink.work import begin_work, system
from tests.loops import run
from tests.web.conftest import Town
from tests.web.site import PROBE, WHO, Tab

pytestmark = pytest.mark.asvs("8.2.1", "4.4.3")


def entries(action: str) -> list[AuditEntry]:
    with begin_work(system(), writes=False) as work:
        return list(work.session.exec(select(AuditEntry).where(AuditEntry.action == action)))


async def says(town: Town, event: str, *, who: str = "", path: str = "", **payload: Any) -> Any:
    tab = Tab(town.site, town.cookie(who) if who else "")
    tab.path = path or tab.path
    async with tab:
        return await tab.ask(event, **payload)


def test_a_public_handler_runs_for_anyone(town: Town) -> None:
    assert run(says(town, "say", text="hello")) == "hello"


def test_what_is_loaded_at_the_start_is_never_searched_for_garbage(town: Town) -> None:
    # 190,000 objects, for which everybody waited a tenth of a second, again and again.
    assert int(run(says(town, "count_watched"))) < 60_000


def test_a_handler_without_a_rule_runs_for_nobody(town: Town) -> None:
    assert run(says(town, "unmarked", who="ana")) is None


def test_setvar_of_the_framework_runs_for_nobody(town: Town) -> None:
    assert run(says(town, "setvar", who="ana", var_name="text", value="set by hand")) is None


@pytest.mark.parametrize(
    ("who", "event", "through"),
    [
        ("", "keep", False), ("dov", "keep", False), ("cleo", "keep", True), ("ben", "keep", True),
        ("ana", "keep", True),
    ],
)  # fmt: skip
def test_a_member_handler_runs_for_members_alone(town: Town, who: str, event: str, through: bool) -> None:
    assert run(says(town, event, who=who, text="in")) == ("in" if through else None)


@pytest.mark.parametrize(
    ("who", "through"), [("", False), ("dov", False), ("cleo", False), ("ben", True), ("sam", True)]
)
def test_a_privileged_handler_wants_the_privilege(town: Town, who: str, through: bool) -> None:
    said = run(says(town, "rename", who=who, member_id=str(town.practice.cleo), name="Cleo"))
    assert said == ("renamed" if through else None)


@pytest.mark.asvs("8.4.1")
def test_a_path_of_another_practice_gives_nothing(town: Town) -> None:
    assert run(says(town, "keep", who="ana", path="/p/elsewhere/settings/staff", text="in")) is None
    assert run(says(town, "keep", who="ana", path="/p/no-such-practice/settings/staff", text="in")) is None
    assert run(says(town, "keep", who="ana", path="/nowhere", text="in")) is None


@pytest.mark.asvs("8.2.2")
def test_an_id_of_another_practice_is_not_here(town: Town) -> None:
    async def attack() -> Any:
        async with Tab(town.site, town.cookie("ana")) as tab:
            await tab.send("rename", member_id=str(town.practice.dov), name="Mine")
            return await tab.value("reflex___state____state.motlink___web___acting____notice_state", "text")

    assert run(attack()) == "This is not here, or no longer here."


@pytest.mark.asvs("2.2.2")
@pytest.mark.parametrize(
    "payload",
    [
        {"text": {"a": 1}}, {"text": ["a"]}, {"text": 7}, {"text": True}, {"text": None}, {},
        {"text": "a", "more": "b"},
        {"text": "\ud800"}, {"text": "a" * 10_001},
    ],
)  # fmt: skip
def test_an_argument_of_the_wrong_type_is_refused(town: Town, payload: dict[str, Any]) -> None:
    assert run(says(town, "keep", who="cleo", **payload)) is None


@pytest.mark.parametrize(
    ("payload", "through"),
    [
        ({"number": 7, "flag": True, "words": ["a"]}, True), ({"number": "7", "flag": True, "words": []}, False),
        ({"number": True, "flag": True, "words": []}, False), ({"number": {}, "flag": True, "words": []}, False),
        ({"number": 7, "flag": 1, "words": []}, False), ({"number": 7, "flag": "true", "words": []}, False),
        ({"number": 7, "flag": True, "words": [{"a": 1}]}, False), ({"number": 7, "flag": True, "words": "ab"}, False),
    ],
)  # fmt: skip
def test_other_types_are_strict_too(town: Town, payload: dict[str, Any], through: bool) -> None:
    assert (run(says(town, "typed", who="cleo", **payload)) is not None) == through


@pytest.mark.asvs("4.4.4")
def test_a_stolen_token_alone_opens_nothing(town: Town) -> None:
    async def attack() -> tuple[Any, Any, Any]:
        cookie = town.cookie("ana")
        async with Tab(town.site, cookie) as tab:
            assert await tab.ask("keep", text="secret-of-ana") == "secret-of-ana"
            bound = tab.token
        stolen = [
            await hydrated(Tab(town.site, "", token=bound)),
            await hydrated(Tab(town.site, town.cookie("ben"), token=bound)),
            await hydrated(Tab(town.site, "", token=bound, headers={"x-session-key": "0" * 64})),
        ]
        return stolen, await hydrated(Tab(town.site, cookie, token=bound)), bound

    stolen, own, _ = run(attack())
    assert "secret-of-ana" not in str(stolen)
    assert "secret-of-ana" in str(own)


async def hydrated(tab: Tab) -> Any:
    async with tab:
        await tab.send("reflex___state____state.hydrate")
        for _ in range(50):
            await asyncio.sleep(0.01)
            if tab.updates:
                break
        return tab.updates


def test_a_digest_sent_by_hand_is_dropped(town: Town) -> None:
    async def attack() -> Any:
        from motlink.web.visitor import digest_of

        digest = digest_of(town.cookie("ana"))
        async with Tab(town.site, headers={"x-session-key": digest}) as tab:
            return await tab.ask("keep", text="in")

    assert run(attack()) is None


@pytest.mark.asvs("4.4.2")
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://localhost", "http://localhost.evil.example"]
)
def test_a_foreign_page_opens_no_socket(town: Town, origin: str) -> None:
    async def attack() -> None:
        async with Tab(town.site, town.cookie("ana"), headers={"Origin": origin}):
            pass

    with pytest.raises(socketio.exceptions.ConnectionError):
        run(attack())


def test_our_own_page_opens_one(town: Town) -> None:
    async def visit() -> Any:
        async with Tab(town.site, town.cookie("ana"), headers={"Origin": town.site.url}) as tab:
            return await tab.ask("keep", text="in")

    assert run(visit()) == "in"


@pytest.mark.req("AU-02")
@pytest.mark.asvs("16.3.2")
def test_a_refusal_is_in_the_audit_log(town: Town) -> None:
    before = len(entries("refused"))
    run(says(town, "rename", who="cleo", member_id=str(town.practice.ana), name="X"))
    last = entries("refused")
    assert len(last) == before + 1
    assert last[-1].actor_kind == "person" and last[-1].org_id == town.practice.org
    assert "rename" in (last[-1].payload or {})["doing"]


@pytest.mark.asvs("7.4.1")
def test_signing_out_ends_every_tab_of_the_session(town: Town) -> None:
    async def attack() -> tuple[Any, Any, bool]:
        cookie = town.cookie("cleo")
        async with Tab(town.site, cookie) as tab:
            assert await tab.ask("keep", text="in") == "in"
            with town.site.client(cookies={"motlink": cookie}) as browser:
                assert browser.post("/sign-out").status_code == 303
            left = await tab.value(WHO, "leave_to")
            await asyncio.wait_for(tab.ended.wait(), 20)
            gone = tab.gone
        return left, await hydrated(Tab(town.site, cookie, token=tab.token)), gone

    left, state, gone = run(attack())
    assert left == "/sign-in?ended=1" and gone
    assert "'in'" not in str(state)


@pytest.mark.req("TA-20")
def test_someone_put_out_leaves_twenty_tabs_within_a_second(town: Town) -> None:
    from motlink.staff.models import StaffMember

    async def attack() -> list[Tab]:
        cookie = town.cookie("sam")
        tabs = [Tab(town.site, cookie) for _ in range(20)]
        for tab in tabs:
            await tab.__aenter__()
            assert await tab.ask("keep", text="in") == "in"
        async with Tab(town.site, town.cookie("ana")) as owner:
            await owner.send("put_out", member_id=str(town.practice.sam))
            await asyncio.sleep(1)
            refused = [await tab.value(WHO, "leave_to", seconds=0.01) for tab in tabs]
            assert set(refused) == {"/sign-in?ended=1"}
        assert all(tab.gone for tab in tabs)
        late = Tab(town.site, cookie)
        async with late:
            assert await late.ask("keep", text="again") is None
        return tabs

    run(attack())
    with begin_work(system(), org=town.practice.org) as work:
        work.get(StaffMember, town.practice.sam).deactivated_at = None


@pytest.mark.req("LV-01")
def test_news_reaches_another_tab_and_not_the_one_that_acted(town: Town) -> None:
    async def watch() -> tuple[Any, Any, Any]:
        async with Tab(town.site, town.cookie("ana")) as mine, Tab(town.site, town.cookie("ben")) as bens:
            await mine.ask("listen")
            here = await bens.ask("listen")
            await mine.send("rename", member_id=str(town.practice.cleo), name="Cleo")
            heard = await bens.value(PROBE.rstrip("."), "heard")
            return heard, await mine.value(PROBE.rstrip("."), "heard", seconds=0.3), here

    heard, own, here = run(watch())
    # It read with its own session: the name is Ben's, not that of the one who acted.
    assert heard == [str(town.practice.cleo), "Ben Okafor"]
    assert own is None
    assert here == "Ana Castellanos,Ben Okafor"


@pytest.mark.req("TA-04")
def test_what_is_true_only_for_a_while_is_read_again(town: Town) -> None:
    async def watch() -> Any:
        async with Tab(town.site, town.cookie("ben")) as bens:
            await bens.send("watch_the_clock")
            return await bens.value(PROBE.rstrip("."), "heard")

    assert run(watch()) == ["Ben Okafor"]


@pytest.mark.asvs("16.2.5", "16.5.3")
def test_a_bug_is_a_calm_sentence_and_leaves_nothing(town: Town) -> None:
    async def attack() -> tuple[Any, str]:
        async with Tab(town.site, town.cookie("ana")) as tab:
            await tab.send("crash")
            said = await tab.value("reflex___state____state.motlink___web___acting____notice_state", "text")
            await tab.send("break_down")
            await asyncio.sleep(0.2)
            return said, str(tab.updates)

    said, seen = run(attack())
    assert said == "Something went wrong on our side. Nothing has been changed."
    assert "secret-in-a-bug" not in seen
    assert not entries("must not be left behind")


@pytest.mark.asvs("16.2.5")
def test_no_event_and_no_cookie_reaches_the_log(town: Town) -> None:
    async def attack() -> str:
        cookie = town.cookie("ana")
        async with Tab(town.site, cookie) as tab:
            await tab.send("no_such_handler", text="canary-text")
            await tab.send("keep", text={"canary-text": 1})
            await tab.socket.emit("event", "canary-text", namespace="/_event")
            await tab.socket.emit("event", ["canary-text"], namespace="/_event")
            await asyncio.sleep(0.3)
        return cookie

    cookie = run(attack())
    log = town.site.log.read_text()
    assert cookie not in log
    assert "canary-text" not in log


def test_a_flood_from_one_tab_is_dropped(town: Town) -> None:
    async def attack() -> int:
        async with Tab(town.site, town.cookie("ana")) as tab:
            for number in range(500):
                await tab.send("say", text=str(number))
            await asyncio.sleep(2)
            return len([update for update in tab.updates if PROBE.rstrip(".") in update.get("delta", {})])

    assert run(attack()) < 450


@pytest.mark.req("TA-25")
def test_a_late_click_gives_no_other_role_than_the_panel_shows(town: Town) -> None:
    state = "reflex___state____state.motlink___roles___"
    matrix, panel = f"{state}matrix_state____matrix_state", f"{state}panel_state____panel_state"

    async def clicks() -> list[Any]:
        async with Tab(town.site, town.cookie("ana")) as tab:
            tab.path = "/p/riverbend-therapy/settings/roles?role=therapist"
            await tab.send(f"{matrix}.load")
            assert await tab.value(matrix, "chosen") == "therapist"
            opened = []
            for key in ("biller", "therapist"):
                before = len(tab.updates)
                await tab.send(f"{panel}.give", key=key)
                await tab.settled()
                opened.append(await tab.value(panel, "giving", after=before, seconds=0.01))
            return opened

    assert run(clicks()) == [None, True]
