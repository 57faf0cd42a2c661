"""One manager switches a role while fifty tabs show the roster: when does each of the others see it?"""

import asyncio
import time
from collections.abc import Iterator

import aiohttp
from playwright.async_api import Page

from benchmarks.browser import chromium, ready, signed_in
from benchmarks.figures import Row, milliseconds, p95, verdict
from benchmarks.tabs import PROFILE, ROSTER, Tab
from benchmarks.town import STAFF, Town, town

TABS = 50
BAR = 200.0
# Later notices are joined for 0.1 s; each change shall be a first one.
PAUSE = 0.4

# When the row of the switched person is painted anew, on the clock that all processes share.
SEEN = """async () => {
  const row = () => document.querySelector(".people tbody tr").innerHTML;
  const was = row();
  await bench.until(() => row() !== was);
  return (performance.timeOrigin + await bench.painted()) / 1000;
}"""


def measure(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of the live roster."""
    with town() as place:
        screen, arrivals, own, size, busy = asyncio.run(_fifty(place, 10 if quick else 40))
    label = f"the same change in {TABS} other tabs (n={len(screen)})"
    peer = f"the actor's own answer: {milliseconds(own)}"
    yield Row(
        f"{label}: painted in Chromium", milliseconds(screen), "p95 ≤ 200 ms", verdict(p95(screen), BAR), peer
    )
    worst = [max(one) for one in arrivals]
    everyone = [one for many in arrivals for one in many]
    yield Row("  at all of the sockets", milliseconds(everyone), "p95 ≤ 200 ms", verdict(p95(everyone), BAR))
    yield Row(
        "  at the last of the sockets",
        milliseconds(worst),
        "",
        "",
        f"{size:,} B for each tab; {busy:.0f} ms of a core for a change",
    )


async def _fifty(place: Town, rounds: int) -> tuple[list[float], list[list[float]], list[float], int, float]:
    screen, arrivals, own = [], [], []
    async with aiohttp.ClientSession() as http, chromium() as browser:
        actor = await Tab(place, place.people.cookies[0], place.people.profile).open(http)
        await actor.load()
        tabs = [await Tab(place, _cookie(place, number)).open(http) for number in range(TABS - 1)]
        for tab in tabs:
            await tab.load()
        page = await (await signed_in(browser, place.url, place.people.cookies[1])).new_page()
        await ready(page, place.url + STAFF, ".people tbody tr")
        # Everyone is told once who else is here; then it is quiet.
        await asyncio.sleep(5)
        busy = 0.0
        for number in range(rounds + 4):
            busy = place.busy() if number == 4 else busy
            seen, came, answered = await _change(place, actor, tabs, page, on=number % 2 == 0)
            if number >= 4:
                screen.append(seen)
                arrivals.append(came)
                own.append(answered)
            await asyncio.sleep(PAUSE)
        busy = (place.busy() - busy) * 1000 / rounds
        size = next(frame.size for frame in reversed(tabs[0].frames) if ROSTER in frame.text)
        for tab in (actor, *tabs):
            await tab.close()
    return screen, arrivals, own, size, busy


def _cookie(place: Town, number: int) -> str:
    others = place.people.cookies[1:]
    return others[number % len(others)]


async def _change(
    place: Town, actor: Tab, tabs: list[Tab], page: Page, *, on: bool
) -> tuple[float, list[float], float]:
    seen = asyncio.create_task(page.evaluate(SEEN))
    await asyncio.sleep(0.05)
    coming = [tab.expect(f'"{ROSTER}"') for tab in tabs]
    ids = {"member_id": str(place.people.first), "role_id": str(place.people.roles["biller"])}
    began = time.time()
    answer = await actor.ask(f"{PROFILE}.set_role", "on_rx_state_", **ids, on=on)
    frames = await asyncio.wait_for(asyncio.gather(*coming), 15)
    at = await asyncio.wait_for(seen, 15)
    return (at - began) * 1000, [(frame.at - began) * 1000 for frame in frames], (answer.at - began) * 1000
