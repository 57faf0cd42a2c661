"""Links that open nothing any more: they say why and what to do, and give nobody away."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.hands import Screen
from tests.browser.house import link_in
from tests.browser.town import Town

OpenBrowser = Callable[..., BrowserContext]


@pytest.fixture
def nora(town: Town) -> str:
    """Nora is invited; the link in her letter."""
    town.add("Nora Reyes", "biller", joined=False)
    town.invite("nora")
    return link_in(town.house.letter(town.email("nora")))


def set_up(page: Page, town: Town) -> None:
    page.get_by_label("Username").fill(f"nora.{town.slug}")
    page.get_by_role("textbox", name="Password").fill("seven tall birches stand")
    page.get_by_role("button", name="Set up account").click()


@pytest.mark.req("TA-10")
def test_looking_never_uses_a_link_up_and_the_form_does_so_once(
    town: Town, nora: str, open_browser: OpenBrowser, screen: Screen
) -> None:
    with httpx.Client(follow_redirects=True) as scanner:
        for _ in range(20):
            assert scanner.get(nora).status_code == scanner.head(nora).status_code == 200
    first, second = open_browser(screen).new_page(), open_browser(screen).new_page()
    for page in (first, second):
        page.goto(nora)
        expect(page.get_by_role("heading", name="Welcome, Nora")).to_be_visible()
        page.reload()
    set_up(first, town)
    expect(first).to_have_url(re.compile(rf"/p/{town.slug}"))
    set_up(second, town)
    expect(second.get_by_role("heading", name="This invitation has been used")).to_be_visible()


@pytest.mark.req("TA-11")
@pytest.mark.parametrize("why", ["expired", "used", "replaced", "withdrawn", "unknown"])
def test_a_dead_link_explains_itself_and_names_nobody(
    town: Town, nora: str, open_browser: OpenBrowser, screen: Screen, why: str
) -> None:
    page = open_browser(screen).new_page()
    if why == "used":
        page.goto(nora)
        set_up(page, town)
        expect(page).to_have_url(re.compile(rf"/p/{town.slug}"))
        page.context.clear_cookies()
    change: dict[str, Callable[[], object]] = {
        "expired": lambda: town.let_run_out("nora"),
        "replaced": lambda: town.invite("nora"),
        "withdrawn": lambda: town.let_go("nora"),
    }
    change.get(why, lambda: None)()
    page.goto(nora[:-5] + "xxxxx" if why == "unknown" else nora)
    title, next_step = WORDS[why]
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=next_step).first).to_be_visible()
    if why == "expired":
        expect(
            page.get_by_text(re.compile(r"It was valid for 1 hour, until .+ New York time\."))
        ).to_be_visible()
    asks = page.get_by_role("button", name="Ask the practice for a new one")
    expect(asks).to_have_count(int(why in ("expired", "replaced", "withdrawn")))
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_have_count(int(why == "used"))
    said = page.get_by_role("main").inner_text()
    assert not any(word in said for word in ("Nora", "Reyes", town.email("nora"), "Riverbend"))


WORDS = {
    "expired": ("This invitation has expired", "Press the button below"),
    "used": ("This invitation has been used", "Sign in with your username and password"),
    "replaced": ("This invitation has been replaced", "only the newest works"),
    "withdrawn": ("This invitation has been withdrawn", "press the button below"),
    "unknown": ("This link is not complete", "Open it from the email again"),
}


@pytest.mark.req("TA-10")
def test_what_is_wrong_with_a_username_stands_beside_it(
    town: Town, nora: str, open_browser: OpenBrowser
) -> None:
    page = open_browser().new_page()
    page.goto(nora)
    expect(page.get_by_label("Username")).to_be_focused()
    for typed in ("ab", "nora@home", "nora reyes", town.username("cleo").upper()):
        page.get_by_label("Username").fill(typed)
        page.get_by_role("textbox", name="Password").fill("seven tall birches stand")
        page.get_by_role("button", name="Set up account").click()
        expect(page.get_by_label("Username")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Username")).to_have_value(typed)
        expect(page.get_by_label("Username")).to_be_focused()
        expect(page.get_by_role("alert")).to_be_visible()
    set_up(page, town)
    expect(page).to_have_url(re.compile(rf"/p/{town.slug}"))
