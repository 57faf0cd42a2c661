"""One's own name and email, on the account page and in the letters: seen from the page to the lists of others."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.hands import Screen, go, person, width_beyond
from tests.browser.house import link_in
from tests.browser.test_axe import Eye
from tests.browser.test_door import sign_in
from tests.browser.test_guide import guide_shot
from tests.browser.town import Town, settle
from tests.people import PASSWORD

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]
pytestmark = pytest.mark.req("AC-02", "UX-01")


def ask(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("New email").fill(email)
    page.get_by_label("Your password", exact=True).fill(password)
    page.get_by_role("button", name="Change email").click()


@pytest.mark.req("LV-01")
def test_a_new_name_stands_in_the_list_of_every_practice_at_once(
    town: Town, as_person: AsPerson, screen: Screen, password_hash: str
) -> None:
    other = settle(town.house, password_hash)
    other.join(town, "cleo", "therapist")
    lists = [go(as_person(one, "ben"), one.path()) for one in (town, other)]
    eye, page = Eye(), as_person(town, "cleo", screen)
    page.goto("/account")
    region = page.get_by_role("region", name="Name")
    expect(region).to_contain_text("has “Cleo Guest” so far.")
    region.get_by_label("Last name").fill(" ")
    region.get_by_role("button", name="Save name").click()
    expect(region.get_by_role("alert")).to_have_text("Last name is needed.")
    eye.look(page, "a name that is none")
    region.get_by_label("Last name").fill("Marquez")
    region.get_by_label("Preferred name").fill("Clee")
    region.get_by_role("button", name="Save name").click()

    expect(page.get_by_role("status")).to_have_text("Your name is saved.")
    for one in lists:
        expect(person(one, "Clee Marquez")).to_be_visible()
    assert width_beyond(page) == 0
    eye.tell()


@pytest.mark.req("PC-01", "LV-01")
@pytest.mark.asvs("7.5.1", "6.3.7")
def test_a_new_email_is_confirmed_by_its_letter_and_taken_back_by_the_old_one(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    new = f"cleo@new-{town.slug}.example"
    list_of_ben = go(as_person(town, "ben"), town.path())
    eye, page = Eye(), as_person(town, "cleo", screen)
    page.goto("/account")
    ask(page, new, "a wrong password")
    expect(page.get_by_role("alert")).to_have_text("This is not your password.")
    expect(page.get_by_label("New email")).to_have_value(new)
    eye.look(page, "a wrong password")
    ask(page, new)
    expect(page.get_by_role("status")).to_contain_text("on its way to the new address")
    expect(page.get_by_role("region", name="Email")).to_contain_text(f"Waiting for {new}")
    eye.look(page, "a change that waits")
    assert width_beyond(page) == 0
    page.emulate_media(color_scheme="light")
    if not screen.is_phone:
        guide_shot(page, "account-email")

    fresh = open_browser(screen).new_page()
    fresh.goto(link_in(town.house.letter(new)))
    expect(fresh.get_by_role("heading", name="Confirm your new email")).to_be_visible()
    assert "?t=" not in fresh.url
    eye.look(fresh, "confirm")
    fresh.get_by_role("button", name="Use this email").click()
    expect(fresh.get_by_role("heading", name="Your email is changed")).to_be_visible()
    eye.look(fresh, "confirmed")
    expect(person(list_of_ben, "Cleo Marchetti")).to_contain_text(new)
    fresh.go_back()
    fresh.reload()
    expect(
        fresh.get_by_role("heading", name=re.compile("link is not complete|has been used"))
    ).to_be_visible()
    eye.look(fresh, "a dead link")

    asked, changed = town.house.letter(town.email("cleo")), town.house.letter(town.email("cleo"), 2)
    assert "is asked for" in asked["Subject"] and "was changed" in changed["Subject"]
    fresh.goto(link_in(changed))
    expect(fresh.get_by_role("heading", name="Take your email back")).to_be_visible()
    eye.look(fresh, "take back")
    fresh.get_by_role("button", name="Take it back").click()
    expect(fresh.get_by_role("heading", name="Your email is the old one again")).to_be_visible()
    expect(person(list_of_ben, "Cleo Marchetti")).to_contain_text(town.email("cleo"))
    page.goto("/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(page, town.email("cleo"))
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    ask(page, new)
    expect(page.get_by_role("alert")).to_contain_text("First choose a new one")
    assert width_beyond(fresh) == 0
    eye.tell()


@pytest.mark.req("PC-01")
def test_a_change_that_waits_is_called_off_on_the_page(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = as_person(town, "cleo", screen)
    page.goto("/account")
    ask(page, f"cleo@new-{town.slug}.example")
    page.get_by_role("button", name="Call it off").click()

    expect(page.get_by_role("status")).to_contain_text("The change is called off.")
    expect(page.get_by_role("button", name="Call it off")).to_have_count(0)
