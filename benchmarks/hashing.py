"""People sign in (0.1 s of hashing each) while a manager works: how much longer does a click take?"""

import asyncio
import time
from collections.abc import Iterator

import aiohttp

from benchmarks.figures import Row, milliseconds, p95
from benchmarks.tabs import PROFILE, Tab
from benchmarks.town import PASSWORD, Town, town


def measure(quick: bool = False) -> Iterator[Row]:
    """Yield the row of hashing."""
    with town(1_000) as place:
        alone, beside, sign_ins = asyncio.run(_both(place, 40 if quick else 200))
    grown = p95(beside) - p95(alone)
    what = f"an event while two people sign in again and again ({sign_ins} sign-ins)"
    yield Row(what, milliseconds(beside), "", "", f"alone: {milliseconds(alone)}; p95 grew by {grown:.0f} ms")


async def _both(place: Town, rounds: int) -> tuple[list[float], list[float], int]:
    async with aiohttp.ClientSession() as http:
        tab = await Tab(place, place.people.cookies[1], place.people.profile).open(http)
        await tab.load()
        await _ask(tab, 20)
        alone = await _ask(tab, rounds)
        knocking = [asyncio.create_task(_sign_in(place, http)) for _ in range(2)]
        await asyncio.sleep(0.5)
        beside = await _ask(tab, rounds)
        for one in knocking:
            one.cancel()
        done = await asyncio.gather(*knocking, return_exceptions=True)
        await tab.close()
    return alone, beside, sum(one for one in done if isinstance(one, int))


async def _ask(tab: Tab, rounds: int) -> list[float]:
    found = []
    for _ in range(rounds):
        began = time.time()
        answer = await tab.ask(f"{PROFILE}.not_owner", "owner_question_rx_state_", _open=False)
        found.append((answer.at - began) * 1000)
        await asyncio.sleep(0.02)
    return found


async def _sign_in(place: Town, http: aiohttp.ClientSession) -> int:
    done = 0
    try:
        while True:
            form = {"login": "manager0", "password": PASSWORD}
            async with http.post(f"{place.url}/sign-in", data=form, allow_redirects=False) as answer:
                if answer.status != 303:
                    raise RuntimeError(f"sign-in answered {answer.status}")
                done += 1
    except asyncio.CancelledError:
        return done
