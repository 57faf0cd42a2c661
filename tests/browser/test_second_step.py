"""The second step as a person meets it: set up on the account page, asked for at the sign-in, lost and found."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.hands import Screen, go, width_beyond
from tests.browser.test_axe import Eye
from tests.browser.test_door import sign_in
from tests.browser.test_guide import guide_shot
from tests.browser.town import Town
from tests.people import PASSWORD

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]
pytestmark = [pytest.mark.req("AC-01", "AC-02", "UX-01"), pytest.mark.asvs("6.3.3")]


def app_code(shared: str, *, codes_later: int = 0) -> str:
    """Return what the app shows. This code and the next are good even if the half minute ends meanwhile."""
    return pyotp.TOTP(shared).at(datetime.now(UTC) + timedelta(seconds=30 * codes_later))


def shared_on(page: Page) -> str:
    """Return the key that the page gives to the app."""
    page.get_by_text("Cannot scan? Type the key instead").click()
    return page.get_by_text(re.compile(r"^[A-Z2-7]{4}( [A-Z2-7]{4}){7}$")).inner_text().replace(" ", "")


def set_up(page: Page) -> tuple[str, list[str]]:
    """Set an app up on the page of the second step; return key and recovery codes."""
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set up the app").click()
    shared = shared_on(page)
    page.get_by_label("Code", exact=True).fill(app_code(shared))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Keep your recovery codes")).to_be_visible()
    return shared, page.locator("li code").all_inner_texts()


def test_somebody_sets_it_up_and_signs_in_with_it(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    eye, page = Eye(), as_person(town, "ben", screen)
    tab = go(as_person(town, "ben"), town.path())
    page.goto("/account")
    expect(page.get_by_role("region", name="Second step")).to_contain_text("Off.")
    page.get_by_role("link", name="Set up a second step").click()
    eye.look(page, "second step, off")
    assert width_beyond(page) == 0
    page.get_by_label("Current password", exact=True).fill("wrong")
    page.get_by_role("button", name="Set up the app").click()
    expect(page.get_by_role("alert")).to_contain_text("not your current password")
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set up the app").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    eye.look(page, "what the app is given")
    assert width_beyond(page) == 0
    page.emulate_media(color_scheme="light")
    if not screen.is_phone:
        guide_shot(page, "second-step-app")
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("alert")).to_contain_text("not the code we expected")
    eye.look(page, "a wrong first code")
    page.goto("/account/second-step")
    shared, codes = set_up(page)
    assert len(codes) == 10
    page.emulate_media(color_scheme="light")
    if not screen.is_phone:
        guide_shot(page, "recovery-codes")
    eye.look(page, "recovery codes")
    assert width_beyond(page) == 0
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()

    fresh = open_browser(screen).new_page()
    fresh.goto("/sign-in")
    sign_in(fresh, town.username("ben"))
    expect(fresh.get_by_role("heading", name="Second step")).to_be_visible()
    expect(fresh.get_by_label("Code", exact=True)).to_be_focused()
    fresh.emulate_media(color_scheme="light")
    if not screen.is_phone:
        guide_shot(fresh, "second-step")
    eye.look(fresh, "the code is asked for")
    assert width_beyond(fresh) == 0
    fresh.get_by_label("Code", exact=True).fill("123 456")
    fresh.get_by_role("button", name="Sign in", exact=True).click()
    expect(fresh.get_by_role("alert")).to_contain_text("This code is not right")
    eye.look(fresh, "a wrong code")
    fresh.get_by_label("Code", exact=True).fill(app_code(shared, codes_later=1))
    fresh.keyboard.press("Enter")
    expect(fresh).to_have_url(re.compile(rf"/p/{town.slug}"))
    eye.tell()


def test_without_the_phone_a_recovery_code_lets_in_and_the_step_is_turned_off(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    eye, page = Eye(), as_person(town, "ben", screen)
    page.goto("/account/second-step")
    _, codes = set_up(page)

    fresh = open_browser(screen).new_page()
    fresh.goto("/sign-in")
    sign_in(fresh, town.username("ben"))
    fresh.get_by_text("Use a recovery code").click()
    fresh.get_by_label("Recovery code", exact=True).fill(codes[0])
    fresh.get_by_role("button", name="Sign in with a recovery code").click()
    expect(fresh).to_have_url(re.compile(rf"/p/{town.slug}"))

    fresh.goto("/account")
    expect(fresh.get_by_role("region", name="Second step")).to_contain_text("9 recovery codes are left")
    eye.look(fresh, "account with a second step")
    fresh.get_by_role("link", name="Change the second step").click()
    eye.look(fresh, "second step, on")
    fresh.get_by_role("link", name="New recovery codes").click()
    eye.look(fresh, "new recovery codes")
    fresh.get_by_role("link", name="Back").click()
    fresh.get_by_role("link", name="Turn the second step off").click()
    eye.look(fresh, "turn off")
    assert width_beyond(fresh) == 0
    fresh.get_by_label("Current password", exact=True).fill(PASSWORD)
    fresh.get_by_label("Code", exact=True).fill(codes[1])
    fresh.get_by_role("button", name="Turn off").click()
    expect(fresh.get_by_role("status")).to_contain_text("The second step is off.")
    page.goto("/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    subjects = {town.house.letter(town.email("ben"), number)["Subject"].split(",")[0] for number in (1, 2, 3)}
    assert subjects == {
        "The second step of your motlink account was turned on",
        "A recovery code was used to sign in to motlink",
        "The second step of your motlink account was turned off",
    }
    eye.tell()


def test_recovery_codes_are_copied_with_one_press(
    town: Town, open_browser: OpenBrowser, as_person: AsPerson
) -> None:
    page = as_person(town, "ben", permissions=["clipboard-read", "clipboard-write"])
    page.goto("/account/second-step")
    _, codes = set_up(page)

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_text("Copied.")).to_be_visible()
    kept = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert kept == [f"motlink recovery codes of {town.username('ben')}", *codes]
    expect(page.get_by_role("button", name="Print")).to_be_visible()
