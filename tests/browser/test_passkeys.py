"""Passkeys, with an authenticator that Chromium plays: added, used as the second step, removed (AC-01, AC-02)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from tests.browser.hands import Screen, width_beyond
from tests.browser.test_axe import Eye
from tests.browser.test_demands import demanded
from tests.browser.test_door import sign_in
from tests.browser.test_guide import guide_shot
from tests.browser.test_second_step import app_code, shared_on
from tests.browser.town import Town
from tests.people import PASSWORD

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]
pytestmark = [pytest.mark.req("AC-01", "AC-02", "UX-01"), pytest.mark.asvs("6.3.3")]


def authenticator(page: Page) -> tuple[CDPSession, str]:
    """Give the page a device that keeps passkeys, and whose holder always says yes."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return device, str(made["authenticatorId"])


def add(page: Page, name: str) -> None:
    """Add a passkey on its page, where there is no second step yet."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("button", name="Go on").click()


def recovery_codes(page: Page) -> list[str]:
    """Return what the page shows once."""
    expect(page.get_by_role("heading", name="Keep your recovery codes")).to_be_visible()
    return page.locator("li code").all_inner_texts()


def test_a_passkey_is_added_and_signs_in(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    eye, page = Eye(), as_person(town, "ben", screen)
    authenticator(page)
    page.goto("/account/second-step")
    page.get_by_role("link", name="Use a passkey instead").click()
    eye.look(page, "no passkey yet")
    page.get_by_label("Name", exact=True).fill("Work laptop")
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    eye.look(page, "before the browser asks")
    page.get_by_role("button", name="Go on").click()
    codes = recovery_codes(page)
    assert len(codes) == 10
    page.goto("/account/passkeys")
    row = page.get_by_role("listitem").filter(has_text="Work laptop")
    expect(row).to_contain_text("Not used yet")
    assert width_beyond(page) == 0
    page.emulate_media(color_scheme="light")
    if not screen.is_phone:
        guide_shot(page, "passkeys")
    eye.look(page, "one passkey")
    # The device has one already: it proves who asks, and the browser itself makes no second.
    page.get_by_label("Name", exact=True).fill("Twice")
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("has a passkey of your account already")

    # The same device signs in, after another sign-out, by keyboard alone.
    page.goto("/sign-out")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, town.username("ben"))
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
    eye.look(page, "a passkey is asked for")
    assert width_beyond(page) == 0
    page.get_by_role("button", name="Use a passkey").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/p/{town.slug}"))
    page.goto("/account/passkeys")
    expect(row).to_contain_text("Last used")
    eye.tell()


def test_another_device_does_not_sign_in(town: Town, as_person: AsPerson, open_browser: OpenBrowser) -> None:
    page = as_person(town, "ben")
    authenticator(page)
    page.goto("/account/passkeys")
    add(page, "Work laptop")
    expect(page.get_by_role("heading", name="Keep your recovery codes")).to_be_visible()

    thief = open_browser().new_page()
    authenticator(thief)
    thief.goto("/sign-in")
    sign_in(thief, town.username("ben"))
    thief.get_by_role("button", name="Use a passkey").click()

    expect(thief.get_by_role("alert")).to_contain_text("Nothing came of it")
    thief.goto(town.path())
    expect(thief.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_page_that_comes_back_asks_the_device_again(town: Town, as_person: AsPerson) -> None:
    """Browsers keep a page for their Back button, with what its fields held when it was left."""
    page = as_person(town, "ben")
    authenticator(page)
    page.goto("/account/passkeys")
    add(page, "Work laptop")
    recovery_codes(page)
    page.goto("/sign-out")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, town.username("ben"))
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()

    page.locator("form[data-passkey] [name=passkey]").evaluate("(field) => { field.value = '{}'; }")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page).to_have_url(re.compile(rf"/p/{town.slug}"))


def test_passkeys_beside_an_app_are_removed_and_turn_it_off(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    eye, page = Eye(), as_person(town, "ben", screen)
    authenticator(page)
    page.goto("/account/passkeys")
    add(page, "Work laptop")
    codes = recovery_codes(page)
    page.goto("/account/passkeys")
    page.get_by_role("link", name="Remove the passkey Work laptop").click()
    eye.look(page, "the question before a passkey is removed")
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("This passkey is your only second step.")).to_be_visible()

    page.goto("/account/second-step")
    page.get_by_role("link", name="Set one up").click()
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_text("Confirm with a code instead").click()
    page.get_by_role("button", name="Set up the app with the code").click()
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Set up the app with the code").click()
    expect(page.get_by_text("This code is not right")).to_be_visible()
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    eye.look(page, "the code before an app is added")
    page.get_by_label("Code", exact=True).fill(codes[0])
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_label("Code", exact=True).press("Enter")
    page.get_by_label("Code", exact=True).fill(app_code(shared_on(page)))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("status")).to_contain_text("The authenticator app is set up.")
    eye.look(page, "an app and a passkey")
    assert width_beyond(page) == 0
    page.get_by_role("link", name="Turn the second step off").click()
    eye.look(page, "turn off with a passkey or a code")
    page.get_by_role("link", name="Back").click()
    page.get_by_role("link", name="See them, add another").click()
    page.get_by_role("link", name="Remove the passkey Work laptop").click()
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is removed.")
    expect(page.get_by_role("link", name="Remove the passkey")).to_have_count(0)
    eye.tell()


def test_a_passkey_alone_turns_the_step_off_again(town: Town, as_person: AsPerson) -> None:
    page = as_person(town, "ben")
    authenticator(page)
    page.goto("/account/passkeys")
    add(page, "Work laptop")
    expect(page.get_by_role("heading", name="Keep your recovery codes")).to_be_visible()
    page.goto("/account/second-step/off")
    page.get_by_role("textbox", name="Current password").fill(PASSWORD)
    page.get_by_role("button", name="Turn off").click()

    expect(page.get_by_role("status")).to_contain_text("The second step is off.")


def test_without_scripts_a_code_confirms_and_the_passkey_waits(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser
) -> None:
    page = as_person(town, "ben")
    authenticator(page)
    page.goto("/account/passkeys")
    add(page, "Work laptop")
    codes = recovery_codes(page)

    plain = open_browser(java_script_enabled=False)
    plain.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto("/account/passkeys")
    expect(page.get_by_role("button", name="Add a passkey")).to_be_disabled()
    page.get_by_label("Name", exact=True).fill("Phone")
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_text("Confirm with a code instead").click()
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Add a passkey with the code").click()
    expect(page.get_by_text("This code is not right")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Phone")
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_label("Code", exact=True).fill(codes[0])
    page.get_by_role("button", name="Add a passkey with the code").click()

    expect(page.get_by_text("Your browser asks next where “Phone” shall be kept")).to_be_visible()


def test_a_demand_is_met_by_a_passkey(town: Town, as_person: AsPerson) -> None:
    demanded(town, "everyone")
    page = as_person(town, "ben")
    authenticator(page)
    page.goto(town.path())
    expect(page.get_by_text("asks for a second step")).to_be_visible()
    page.get_by_role("link", name="Use a passkey instead").click()
    add(page, "Phone")
    page.get_by_role("link", name="I have kept them").click()

    expect(page.get_by_role("link", name="Cleo Marchetti")).to_be_visible()
