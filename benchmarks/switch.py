"""A role switch on the Profile, among 10,000 people: from the click to the painted frame that shows it.

Beside it, on the same page and in the same run, an event which passes the guard and changes nothing.
"""

import asyncio
import json
import statistics
from collections.abc import Iterator
from typing import Any

from playwright.async_api import Page

from benchmarks.browser import chromium, ready, signed_in
from benchmarks.figures import Row, milliseconds, p95, verdict
from benchmarks.tabs import PROFILE
from benchmarks.town import Town, town

SEEN_BAR, RATIO_BAR, BYTES_BAR = 40.0, 4.0, 4096

# From the click to the answer on the wire, to the changed switch in the page, to the frame that paints it.
CLICK = """async () => {
  const find = () => document.querySelector('[role=switch][aria-label="Biller"]');
  const was = find().getAttribute("aria-checked");
  const from = bench.received.length;
  const answer = bench.answer("on_rx_state_");
  const changed = bench.until(() => find() && find().getAttribute("aria-checked") !== was);
  const clicked = performance.now();
  find().click();
  const answered = await answer;
  const shown = await changed;
  const seen = await bench.painted();
  await new Promise((later) => setTimeout(later, 250));
  return {answer: answered - clicked, shown: shown - clicked, seen: seen - clicked, bytes: bench.size(from)};
}"""

# The same way through socket, guard and page; the dialog that it closes is not open.
NOTHING = """async (event) => {
  const answer = bench.answer("owner_question_rx_state_");
  const last = JSON.parse(bench.sent.filter((one) => one[1].startsWith("42")).at(-1)[1].slice("42/_event,".length));
  const packet = "42/_event," + JSON.stringify(["event", {...last[1], name: event, payload: {_open: false}}]);
  const clicked = performance.now();
  bench.socket.send(packet);
  const answered = await answer;
  const seen = await bench.painted();
  await new Promise((later) => setTimeout(later, 50));
  return {answer: answered - clicked, seen: seen - clicked};
}"""


def measure(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of the switch."""
    with town() as place:
        clicks, nothings = asyncio.run(_click(place, 20 if quick else 100))
    seen, answers = _of(clicks, "seen"), _of(clicks, "answer")
    idle, most = _of(nothings, "answer"), max(_of(clicks, "bytes"))
    label = f"role switch, 10,000 members (n={len(clicks)})"
    yield Row(f"{label}: click → painted", milliseconds(seen), "p95 ≤ 40 ms", verdict(p95(seen), SEEN_BAR),
              f"changes nothing: {milliseconds(_of(nothings, 'seen'))}")  # fmt: skip
    yield Row(
        f"{label}: click → answer", milliseconds(answers), "", "", f"changes nothing: {milliseconds(idle)}"
    )
    ratio = p95(answers) / p95(idle)
    middle = statistics.median(answers) / statistics.median(idle)
    yield Row(
        "  the same, times the event that changes nothing",
        f"p95 {ratio:.1f} x (p50 {middle:.1f} x)",
        "≤ 4 x",
        verdict(ratio, RATIO_BAR),
    )
    yield Row("  bytes received for a click", f"at most {most:,.0f} B", "≤ 4,096 B", verdict(most, BYTES_BAR))


def _of(found: list[dict[str, float]], name: str) -> list[float]:
    return [one[name] for one in found]


async def _click(place: Town, rounds: int) -> tuple[list[Any], list[Any]]:
    async with chromium() as browser:
        context = await signed_in(browser, place.url, place.people.cookies[1])
        page = await context.new_page()
        await ready(page, place.url + place.people.profile, "[role=switch][aria-label='Biller']")
        await page.wait_for_timeout(500)
        for _ in range(6):
            await _both(page)
        # In turn, so that whatever else the machine does hits both.
        found = [await _both(page) for _ in range(rounds)]
    return [one for one, _ in found], [one for _, one in found]


async def _both(page: Page) -> tuple[Any, Any]:
    return await page.evaluate(CLICK), await page.evaluate(NOTHING, f"{PROFILE}.not_owner")


if __name__ == "__main__":
    print(json.dumps([*measure(quick=True)], indent=1, ensure_ascii=False))
