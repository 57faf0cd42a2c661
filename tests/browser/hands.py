"""Small words for what a person does at a screen, found by role and name."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator, Page, expect

from motlink.web.visitor import cookie_name
from tests.browser.town import Town


@dataclass(frozen=True)
class Screen:
    """A size of screen, and whether it is touched."""

    name: str
    options: dict[str, Any] = field(hash=False, default_factory=dict)

    def __str__(self) -> str:
        return self.name

    @property
    def is_phone(self) -> bool:
        """Whether it is a phone."""
        return bool(self.options.get("has_touch"))


WIDE = Screen("desktop", {"viewport": {"width": 1440, "height": 900}})
TABLET = Screen("tablet", {"viewport": {"width": 820, "height": 1180}, "has_touch": True})
PHONE = Screen("phone", {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True})


def cookie(town: Town, who: str) -> Any:
    """Return a session's cookie for a browser."""
    return {
        "name": cookie_name(),
        "value": town.session(who),
        "url": town.house.url,
        "httpOnly": True,
        "sameSite": "Lax",
    }


def go(page: Page, path: str) -> Page:
    """Open an address of a practice and wait until its rows are there and it listens."""
    page.goto(path, wait_until="commit")
    ready(page)
    return page


def ready(page: Page) -> None:
    """Wait until the screen has its rows and its typeface, and answers."""
    expect(page.locator("[data-ready='1']")).to_be_attached()
    page.evaluate("document.fonts.ready")


def person(page: Page, name: str) -> Locator:
    """Return someone's row in the table, or their card on a phone."""
    return (
        page.get_by_role("row")
        .or_(page.get_by_role("listitem"))
        .filter(has=page.get_by_role("link", name=name))
    )


def names(page: Page) -> list[str]:
    """Return the names in the list, from the top."""
    rows = page.get_by_role("rowheader").or_(page.get_by_role("listitem"))
    return rows.get_by_role("link").all_inner_texts()


def notice(page: Page, words: str) -> Locator:
    """Return the notice that says this."""
    return page.get_by_role("status").filter(has_text=words)


def switch(page: Page, role: str) -> Locator:
    """Return a role's switch on the Profile."""
    return page.get_by_role("switch", name=role, exact=True)


def tick(dialog: Locator, letters: str, name: str) -> None:
    """Look somebody up among those to choose, and tick them once nobody else is left: until then the list moves."""
    dialog.get_by_role("searchbox").fill(letters)
    expect(dialog.get_by_role("group").get_by_role("checkbox")).to_have_count(1)
    dialog.get_by_role("checkbox", name=name).click()


def search(page: Page) -> Locator:
    """Return the search field of the list."""
    return page.get_by_role("searchbox")


def width_beyond(page: Page) -> int:
    """Return how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
