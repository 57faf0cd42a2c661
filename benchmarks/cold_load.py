"""The first visit of a new browser: when do the rows of the roster stand there, and how much JavaScript came?"""

import asyncio
from collections.abc import Iterator

from playwright.async_api import Browser, BrowserContext, CDPSession

from benchmarks.browser import chromium, signed_in
from benchmarks.figures import Row, milliseconds, p95, verdict
from benchmarks.town import STAFF, Town, town

SEEN_BAR, SCRIPT_BAR = 600.0, 300.0

# From the start of the navigation to the frame that paints the rows.
ROSTER_SEEN = """async () => {
  await bench.until(() => document.querySelectorAll(".people tbody tr").length >= 50);
  return await bench.painted();
}"""
DOOR_SEEN = """async () => {
  await bench.until(() => document.querySelector("input[name=login]"));
  return await bench.painted();
}"""


def measure(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of the cold load."""
    with town() as place:
        roster, door, scripts = asyncio.run(_visit(place, 5 if quick else 15))
    what = f"cold load of the roster, new browser profile (n={len(roster)})"
    yield Row(
        f"{what}: rows painted",
        milliseconds(roster),
        "p95 ≤ 600 ms",
        verdict(p95(roster), SEEN_BAR),
        f"the door, plain HTML: {milliseconds(door)}",
    )
    greatest = max(scripts, key=lambda name: scripts[name])
    each = ", ".join(f"{name} {size:.0f}" for name, size in scripts.items() if name != greatest)
    yield Row(
        f"  JavaScript on the wire, the greatest page ({greatest})",
        f"{scripts[greatest]:.0f} KB",
        "≤ 300 KB",
        verdict(scripts[greatest], SCRIPT_BAR),
        f"{each} KB",
    )


async def _visit(place: Town, rounds: int) -> tuple[list[float], list[float], dict[str, float]]:
    pages = {
        "roster": STAFF,
        "Profile": place.people.profile,
        "new member": f"{STAFF}/new",
        "audit log": STAFF.replace("/staff", "/audit"),
        "sign-in": "/sign-in",
        "choose practice": "/choose-practice",
    }
    async with chromium() as browser:
        await _seen(browser, place, STAFF, ROSTER_SEEN)
        roster = [await _seen(browser, place, STAFF, ROSTER_SEEN) for _ in range(rounds)]
        door = [await _seen(browser, place, "/sign-in", DOOR_SEEN, known=False) for _ in range(rounds)]
        scripts = {name: await _scripts(browser, place, path) for name, path in pages.items()}
    return roster, door, scripts


async def _seen(browser: Browser, place: Town, path: str, when: str, *, known: bool = True) -> float:
    context = await signed_in(browser, place.url, place.people.cookies[2])
    if not known:
        await context.clear_cookies()
    page = await context.new_page()
    await page.goto(place.url + path, wait_until="commit")
    took: float = await asyncio.wait_for(page.evaluate(when), 30)
    await context.close()
    return took


async def _scripts(browser: Browser, place: Town, path: str) -> float:
    """Return the kilobytes of JavaScript that the page fetches, as they come over the wire."""
    context = await signed_in(browser, place.url, place.people.cookies[2])
    page = await context.new_page()
    cdp = await _listening(context, await context.new_cdp_session(page))
    await page.goto(place.url + path)
    await page.wait_for_timeout(1500)
    total = sum(size for is_script, size in cdp.values() if is_script)
    await context.close()
    return total / 1024


async def _listening(context: BrowserContext, cdp: CDPSession) -> dict[str, tuple[bool, float]]:
    found: dict[str, tuple[bool, float]] = {}

    def answered(event: dict[str, dict[str, str]]) -> None:
        found[str(event["requestId"])] = ("javascript" in event["response"]["mimeType"], 0.0)

    def ended(event: dict[str, float]) -> None:
        request = str(event["requestId"])
        found[request] = (found.get(request, (False, 0.0))[0], event["encodedDataLength"])

    cdp.on("Network.responseReceived", answered)
    cdp.on("Network.loadingFinished", ended)
    await cdp.send("Network.enable")
    return found
