"""People sign in (0.15 s of hashing each) while a manager works: how much longer does an event take?

The bar is about one person who hashes: no event of anybody else waits more than 50 ms longer than it does alone.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator

import aiohttp

from benchmarks.figures import Row, milliseconds, verdict
from benchmarks.tabs import PROFILE, Tab
from benchmarks.town import PASSWORD, Town, town

BAR = 50.0


def measure(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of hashing."""
    rounds = 40 if quick else 200
    with town(1_000) as place:
        alone, _ = asyncio.run(_beside(place, rounds, 0))
        one, entered = asyncio.run(_beside(place, rounds, 1))
        two, entered_by_two = asyncio.run(_beside(place, rounds, 2))
    usual = statistics.median(alone)
    yield Row(
        f"how much later an event comes while somebody signs in again and again ({entered} sign-ins)",
        milliseconds([value - usual for value in one]),
        "max ≤ 50 ms",
        verdict(max(one) - usual, BAR),
        f"the event alone: {milliseconds(alone)}",
    )
    later = milliseconds([value - usual for value in two])
    yield Row(f"  while two do ({entered_by_two} sign-ins)", later)


async def _beside(place: Town, rounds: int, people: int) -> tuple[list[float], int]:
    """Return how long events take while so many people sign in, and how often these came in."""
    async with aiohttp.ClientSession() as http:
        tab = await Tab(place, place.people.cookies[1], place.people.profile).open(http)
        await tab.load()
        await _ask(tab, 20)
        knocking = [asyncio.create_task(_sign_in(place, http)) for _ in range(people)]
        await asyncio.sleep(0.5)
        taken = await _ask(tab, rounds)
        for one in knocking:
            one.cancel()
        done = await asyncio.gather(*knocking, return_exceptions=True)
        await tab.close()
    return taken, sum(one for one in done if isinstance(one, int))


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
