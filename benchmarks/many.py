"""Many at once, among 10,000 people: from the click on the verb to the notice that all of it is done.

Beside it the same acts, each a transaction of its own through the ordinary action, as one click after the other would
be without the clicks.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from playwright.async_api import Page, expect

from benchmarks.browser import chromium, ready, signed_in
from benchmarks.figures import Row, verdict
from benchmarks.town import SLUG, STAFF, Town, installation, populate, town
from motlink.staff.actions import deactivate
from motlink.staff.batch_preview import foresee
from motlink.staff.roster_search import everyone_in
from motlink.staff.rows import RosterView
from motlink.tags.actions import make_tag, put_tag
from motlink.work import begin_work, system

BAR = 3.0
PREVIEW_BARS = ((500, 100.0), (10_000, 1500.0))
TAGGED, LET_GO = 500, 200
# More than are needed, so that whoever was chosen for one act is not chosen for the other.
MEMBERS = 10_100
PATIENCE = 60_000


def measure(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of many at once."""
    rounds = 1 if quick else 3
    with town(MEMBERS) as place:
        tagging, leaving = asyncio.run(_click(place, rounds))
    with installation():
        populate(MEMBERS)
        peers = _one_by_one()
        yield from _previews()
    yield _row(f"tag {TAGGED} people at once", tagging, peers[0])
    yield _row(f"deactivate {LET_GO} people at once", leaving, peers[1])


def _row(what: str, seconds: list[float], peer: float) -> Row:
    worst = max(seconds)
    said = f"{', '.join(f'{one:.2f}' for one in seconds)} s"
    return Row(
        f"{what}: click → done",
        said,
        f"≤ {BAR:.0f} s",
        verdict(worst, BAR),
        f"one transaction each: {peer:.2f} s",
    )


def _previews() -> Iterator[Row]:
    with begin_work(system(), org=SLUG, writes=False) as work:
        ids = everyone_in(work, view=RosterView(inactive=True), most=100_000)
        for number, bar in PREVIEW_BARS:
            took = []
            for _ in range(3):
                began = time.perf_counter()
                foresee(work, kind="deactivate", member_ids=ids[:number])
                took.append((time.perf_counter() - began) * 1000)
            what = f"  what letting {number:,} people go would do"
            yield Row(what, f"{max(took):.0f} ms", f"≤ {bar:,.0f} ms", verdict(max(took), bar))


def _one_by_one() -> tuple[float, float]:
    with begin_work(system(), org=SLUG) as work:
        ids = everyone_in(work, view=RosterView(), most=100_000)
        tag_id = make_tag(work, name="One by one").id
    return _each(ids[:TAGGED], put_tag, tag_id=tag_id), _each(ids[:LET_GO], deactivate)


def _each(ids: list[UUID], act: Any, **given: Any) -> float:
    began = time.perf_counter()
    for one in ids:
        with begin_work(system(), org=SLUG) as work:
            act(work, member_id=one, **given)
    return time.perf_counter() - began


async def _click(place: Town, rounds: int) -> tuple[list[float], list[float]]:
    async with chromium() as browser:
        context = await signed_in(browser, place.url, place.people.cookies[1])
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        tagging, leaving = [], []
        for turn in range(rounds):
            tagging.append(await _tag(page, place, turn))
            leaving.append(await _let_go(page, place, turn))
    return tagging, leaving


async def _tag(page: Page, place: Town, turn: int) -> float:
    await _select(page, place, TAGGED, 1 + turn * TAGGED // 50)
    await page.get_by_role("button", name="Add tag").click()
    await page.get_by_label("Tag", exact=True).fill(f"Bench {turn}")
    return await _timed(page, f"Tag {TAGGED} people", f"Bench {turn} put on {TAGGED} people.")


async def _let_go(page: Page, place: Town, turn: int) -> float:
    await _select(page, place, LET_GO, 60 + turn)
    await page.get_by_role("button", name="Deactivate", exact=True).click()
    return await _timed(page, f"Deactivate {LET_GO} people", f"{LET_GO} people deactivated and signed out.")


async def _select(page: Page, place: Town, number: int, first_page: int) -> None:
    """Tick whole pages; the selection is kept from one to the next."""
    box = page.get_by_role("checkbox", name="Select everyone on this page")
    await ready(page, f"{place.url}{STAFF}?page={first_page}", "[aria-label='Select everyone on this page']")
    for done in range(50, number + 50, 50):
        await box.click()
        await expect(page.get_by_text(f"{done} selected", exact=True)).to_be_visible()
        if done < number:
            await page.get_by_role("button", name="Next").click()
            await expect(box).not_to_be_checked()
            await page.wait_for_timeout(150)


async def _timed(page: Page, verb: str, said: str) -> float:
    button = page.get_by_role("button", name=verb, exact=True)
    await expect(button).to_be_enabled()
    took = page.evaluate(_DONE, [verb, said])
    return float(await took) / 1000


_DONE = """([verb, said]) => new Promise((tell) => {
  const button = [...document.querySelectorAll("button")].find((one) => one.textContent === verb);
  const began = performance.now();
  const look = new MutationObserver(() => {
    const notice = document.querySelector("[data-notice] .say");
    if (notice && notice.textContent.startsWith(said)) {
      look.disconnect();
      requestAnimationFrame(() => tell(performance.now() - began));
    }
  });
  look.observe(document.body, { subtree: true, childList: true, characterData: true });
  button.click();
})"""


if __name__ == "__main__":
    print(json.dumps([*measure(quick=True)], indent=1, ensure_ascii=False))
