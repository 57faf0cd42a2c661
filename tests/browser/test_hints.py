"""The strength of a new password, as it is typed, on each page where one is chosen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.hands import Screen, width_beyond
from tests.browser.house import link_in
from tests.browser.test_axe import Eye
from tests.browser.test_guide import guide_shot
from tests.browser.town import Town

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]
pytestmark = [pytest.mark.req("AC-01", "UX-01"), pytest.mark.asvs("6.2.4", "6.2.7", "6.2.12")]


@pytest.mark.parametrize("where", ["account", "reset", "invitation"])
def test_a_word_follows_what_is_typed(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen, where: str
) -> None:
    eye = Eye()
    if where == "account":
        page = as_person(town, "cleo", screen)
        page.goto("/account")
    else:
        page = open_browser(screen).new_page()
        if where == "reset":
            page.goto("/forgot")
            page.get_by_label("Username or email").fill(town.username("cleo"))
            page.get_by_role("button", name="Send the link").click()
            expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
            page.goto(link_in(town.house.letter(town.email("cleo"))))
        else:
            town.add("Iris Invited", "therapist", joined=False)
            town.invite("iris")
            page.goto(link_in(town.house.letter(town.email("iris"))))
    label = "Password" if where == "invitation" else "New password"
    field = page.get_by_role("textbox", name=label, exact=True)
    for typed, said in (
        ("bicycle", "8 more characters."),
        ("polniypizdec0211", "was stolen from another site"),
        ("sunshine1990sunshine", "a machine guesses this soon"),
        ("who is Riverbend Clinic", "contains “Riverbend Clinic”"),
        ("green bicycles in the rain", "Strong."),
    ):
        field.fill(typed)
        expect(page.get_by_role("status")).to_contain_text(said)
        eye.look(page, f"{where}: {said}")
    assert width_beyond(page) == 0
    # No address has it.
    assert "bicycles" not in page.url
    page.emulate_media(color_scheme="light")
    if where == "reset" and not screen.is_phone:
        guide_shot(page, "password-strength")
    field.fill("")
    expect(page.get_by_role("status")).to_have_count(0)
    eye.tell()
