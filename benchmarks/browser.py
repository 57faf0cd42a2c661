"""Headless Chromium, and the few lines inside the page that say when something was seen."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

# A window into the socket, the clock after the next painted frame, and a promise of a change to one element.
WATCH = """
window.bench = {sent: [], received: []};
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    bench.socket = this;
    this.addEventListener("message", (e) => {
      const frame = [performance.now(), e.data];
      bench.received.push(frame);
      if (bench.waits && e.data.includes(bench.waits)) { bench.waits = null; bench.came(frame[0]); }
    });
  }
  send(data) { bench.sent.push([performance.now(), data]); super.send(data); }
};
bench.painted = () => new Promise((done) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(performance.now());
  channel.port2.postMessage(0);
}));
bench.until = (holds) => new Promise((done) => {
  if (holds()) return done(performance.now());
  new MutationObserver((_, observer) => {
    if (!holds()) return;
    observer.disconnect();
    done(performance.now());
  }).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
});
bench.answer = (holds) => new Promise((done) => { bench.waits = holds; bench.came = done; });
bench.bytes = (text) => new TextEncoder().encode(text).length;
bench.size = (from) => bench.received.slice(from).reduce((sum, one) => sum + bench.bytes(one[1]), 0);
"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start the browser that the Makefile found."""
    options: dict[str, Any] = {
        "executable_path": os.environ.get("MOTLINK_CHROMIUM"),
        "args": ["--no-sandbox"],
    }
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**options)
        try:
            yield browser
        finally:
            await browser.close()


async def signed_in(browser: Browser, url: str, cookie: str) -> BrowserContext:
    """Return a browser with an empty cache in which a manager is signed in."""
    context = await browser.new_context(viewport={"width": 1366, "height": 860}, reduced_motion="reduce")
    await context.add_cookies([{"name": "motlink", "value": cookie, "url": url}])
    await context.add_init_script(WATCH)
    return context


async def ready(page: Page, address: str, shows: str) -> None:
    """Open a screen and wait until it shows what matches the selector."""
    await page.goto(address)
    await page.wait_for_selector(shows)
