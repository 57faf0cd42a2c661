"""Attacks on the socket: stolen tokens, digests sent by hand, foreign pages, vars, floods."""

import asyncio
from itertools import product
from typing import Any

import pytest

from motlink.accounts.queries import digest_of
from motlink.web.binding import BindToken
from motlink.web.binding import bound as bound_scope
from tests.guard.site import Town, browser_at, row_data, tables
from tests.guard.thieves import HYDRATE, ROSTER, Elsewhere, bound, roster_of, what_opens
from tests.loops import run
from tests.web.site import Tab

pytestmark = pytest.mark.xdist_group("guard")
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


@pytest.mark.parametrize("address", ["http://[", ["x"], {"x": 1}])
def test_an_address_that_is_none_keeps_the_server_busy_once_and_not_for_ever(
    town: Town, address: Any
) -> None:
    """Telling of the failure fails, too, where the address is to blame."""

    def failures() -> int:
        return town.site.log.read_text().count("a handler failed")

    async def attack() -> tuple[int, int]:
        async with Tab(town.site) as tab:
            event = {"name": HYDRATE, "payload": {}, "router_data": {"asPath": address}}
            await tab.socket.emit("event", event, namespace="/_event")
            await asyncio.sleep(0.5)
        soon = failures()
        await asyncio.sleep(0.5)
        return soon, failures()

    before = failures()
    soon, later = run(attack())
    assert before < soon <= before + 12
    assert later == soon


@pytest.mark.asvs("4.4.3")
@pytest.mark.parametrize("other", ['prefs={"a":1}', "k@=v", 'open="', "two=a b", "=", "na\u00efve=\u00e9"])
def test_a_cookie_of_another_app_on_this_host_signs_nobody_out_of_the_socket(town: Town, other: str) -> None:
    cookie = town.who("owner").cookie
    header = f"{other}; motlink={cookie}".encode("latin1")
    scope = bound_scope({"headers": [(b"cookie", header)], "query_string": b"token=x"})
    assert dict(scope["headers"])[b"x-session-key"].decode() == digest_of(cookie)
    with browser_at(town, "10.8.0.2") as browser:
        answer = browser.get("/choose-practice", headers={"cookie": header})
    assert answer.headers["location"].startswith("/p/"), "our own routes read it alike"


@pytest.mark.asvs("2.4.1")
def test_a_stranger_cannot_fill_the_memory_with_states_of_tabs(town: Town) -> None:
    """Each line leaves a state behind; elsewhere people come in meanwhile."""
    inner: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        inner.append(scope["type"])

    async def nothing(*_: Any) -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def knock(address: str) -> bool:
        headers = [(b"x-forwarded-for", address.encode())]
        scope = {"type": "websocket", "path": "/_event", "headers": headers, "query_string": b"token=x"}
        before = len(inner)
        await BindToken(app)(scope, nothing, nothing)
        return len(inner) > before

    async def attack() -> tuple[int, bool, bool]:
        opened = sum([await knock("10.9.0.1") for _ in range(2000)])
        return opened, await knock("10.9.0.1, 10.9.0.1"), await knock("10.9.0.2")

    opened, again, elsewhere = run(attack())
    assert 600 <= opened < 700
    assert (again, elsewhere) == (False, True)


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
