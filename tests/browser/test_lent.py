"""Browsers that are lent to one test after the other: nothing of the last one is left in them."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from tests.browser.hands import WIDE, cookie
from tests.browser.lent import Lender
from tests.browser.town import Town

LEAVE = """async () => {
  localStorage.setItem("left", "1");
  sessionStorage.setItem("left", "1");
  document.cookie = "left=1";
  await new Promise((done) => { indexedDB.open("left", 1).onsuccess = done; });
  await (await caches.open("left")).put("/left", new Response("1"));
}"""
FIND = """async () => [
  {...localStorage}, {...sessionStorage}, document.cookie, (await indexedDB.databases()).map((one) => one.name),
  await caches.keys(), navigator.onLine, (await navigator.permissions.query({name: "clipboard-read"})).state,
]"""


def test_what_somebody_leaves_in_a_browser_is_not_found_by_the_next(
    town: Town, lender: Lender, open_browser: Callable[..., BrowserContext]
) -> None:
    first = open_browser(WIDE)
    first.add_cookies([cookie(town, "ana")])
    first.grant_permissions(["clipboard-read"], origin=town.house.url)
    page = first.new_page()
    page.goto("/account")
    clean = open_browser(WIDE).new_page()
    clean.goto("/sign-in")
    never_used = clean.evaluate(FIND)
    page.evaluate(LEAVE)
    assert page.evaluate(FIND) != never_used
    first.set_offline(True)

    lender.take_back()
    again = [open_browser(WIDE), open_browser(WIDE)]

    assert first in again
    for context in again:
        assert context.cookies() == []
        page = context.new_page()
        page.goto("/account")
        assert "/sign-in" in page.url
        assert page.evaluate(FIND) == never_used
