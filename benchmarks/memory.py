"""What an open tab of the roster costs the server; the peer is a tab that is connected and shows nothing."""

import asyncio
from collections.abc import Iterator

import aiohttp

from benchmarks.figures import Row, verdict
from benchmarks.tabs import Tab
from benchmarks.town import Town, town

BAR = 300.0


def measure(quick: bool = False) -> Iterator[Row]:
    """Yield the row of memory."""
    size = 50 if quick else 200
    with town() as place:
        loaded, bare, base = asyncio.run(_grow(place, size))
    yield Row(
        f"memory for an open tab of the roster ({size} tabs)",
        f"{loaded:.0f} KB",
        "≤ 300 KB",
        verdict(loaded, BAR),
        f"connected, nothing shown: {bare:.0f} KB; the server itself: {base / 1024:.0f} MB",
    )


async def _grow(place: Town, size: int) -> tuple[float, float, float]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        tabs = await _open(place, http, 30, loads=True)
        # What the pool's threads and connections keep (32 MB of pages each) is not the tabs'.
        for _ in range(5):
            await asyncio.gather(*(tab.load() for tab in tabs))
        base = await _settled(place)
        tabs += await _open(place, http, size, loads=True)
        loaded = await _settled(place)
        tabs += await _open(place, http, size, loads=False)
        bare = await _settled(place)
        for tab in tabs:
            await tab.close()
    return (loaded - base) / size, (bare - loaded) / size, base


async def _open(place: Town, http: aiohttp.ClientSession, size: int, *, loads: bool) -> list[Tab]:
    cookies = place.people.cookies
    tabs = [await Tab(place, cookies[number % len(cookies)]).open(http) for number in range(size)]
    for tab in tabs if loads else ():
        await tab.load()
        tab.frames.clear()
    return tabs


async def _settled(place: Town) -> float:
    # "Who is here" goes round every two seconds.
    await asyncio.sleep(5)
    return place.resident() / 1024
