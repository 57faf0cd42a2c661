"""A practice demands a second step on the Security screen; whoever must is led to set it up first."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from motlink.orgs.models import Organization
from motlink.work import begin_work, system
from tests.browser.hands import Screen, go, notice, width_beyond
from tests.browser.test_axe import Eye
from tests.browser.test_door import sign_in
from tests.browser.test_guide import guide_shot
from tests.browser.test_second_step import set_up
from tests.browser.town import Town

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]
pytestmark = [pytest.mark.req("AC-01", "UX-01"), pytest.mark.asvs("6.3.3")]


def demanded(town: Town, of: str) -> None:
    """Let the practice demand it, whoever decided so."""
    with begin_work(system(), org=town.slug) as work:
        work.session.get_one(Organization, town.org).second_step_of = of


def test_an_owner_demands_it_and_is_not_shut_out_by_it(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    eye, page = Eye(), go(as_person(town, "ana", screen), town.path("settings/security"))
    panel = page.locator("#second-step")
    panel.get_by_role("radio", name="Owners, managers and auditing roles").click()
    expect(panel.get_by_text("It concerns 3 people. 3 people have none yet:")).to_be_visible()
    expect(panel.get_by_role("link", name="Ben Okafor")).to_be_visible()
    expect(panel).to_contain_text("You have none yourself")
    eye.look(page, "a demand that would shut out who makes it")
    page.get_by_role("button", name="Save: second step").click()
    expect(panel.get_by_role("alert")).to_contain_text("Set yours up first")

    page.goto("/account/second-step")
    set_up(page)
    go(page, town.path("settings/security"))
    panel.get_by_role("radio", name="Owners, managers and auditing roles").click()
    expect(panel.get_by_text("It concerns 3 people. 2 people have none yet:")).to_be_visible()
    assert width_beyond(page) == 0
    page.emulate_media(color_scheme="light")
    if not screen.is_phone:
        guide_shot(page, "second-step-demand")
    bens = go(as_person(town, "ben", screen), town.path("settings/tags"))
    page.get_by_role("button", name="Save: second step").click()
    expect(notice(page, "A second step is demanded of owners, managers and auditing roles.")).to_be_visible()
    # What stands open shuts at once, not at the next click.
    expect(bens.get_by_role("heading", name="Second step")).to_be_visible()
    eye.look(page, "a demand, saved")
    page.get_by_role("button", name="Undo").click()
    expect(panel.get_by_role("radio", name="Nobody")).to_be_checked()
    eye.tell()


def test_whoever_must_is_led_to_it_and_then_gets_in(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    eye, tab = Eye(), go(as_person(town, "ben"), town.path())
    demanded(town, "leading")

    # A tab that was open leaves with its next click, and nothing of the practice stays on it.
    tab.get_by_role("searchbox").fill("cleo")
    expect(tab.get_by_role("heading", name="Second step")).to_be_visible()

    page = open_browser(screen).new_page()
    page.goto("/sign-in")
    sign_in(page, town.username("ben"))
    expect(page.get_by_text("Riverbend Clinic asks for a second step.")).to_be_visible()
    eye.look(page, "led to set it up")
    assert width_beyond(page) == 0
    page.goto(town.path())
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    set_up(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page).to_have_url(re.compile(rf"/p/{town.slug}"))
    expect(page.get_by_role("link", name="Cleo Marchetti")).to_be_visible()
    eye.tell()


@pytest.mark.req("TA-19")
def test_a_manager_removes_a_lost_second_step(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    eye, hers = Eye(), as_person(town, "cleo", screen)
    hers.goto("/account/second-step")
    set_up(hers)
    page = go(as_person(town, "ben", screen), town.profile("cleo"))
    section = page.locator("#sign-in")
    expect(section).to_contain_text("Second step: on since")
    eye.look(page, "a Profile with a second step")
    section.get_by_role("button", name="Remove the second step of Cleo Marchetti").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    page.emulate_media(color_scheme="light")
    if not screen.is_phone:
        guide_shot(page, "second-step-remove")
    eye.look(page, "the question before it is removed")
    dialog.get_by_role("button", name="Remove it").click()
    expect(notice(page, "Cleo Marchetti signs in without a second step")).to_be_visible()
    expect(section).to_contain_text("Second step: none")
    assert width_beyond(page) == 0

    hers.goto("/account")
    expect(hers.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "was removed" in town.house.letter(town.email("cleo"), 2)["Subject"]
    go(page, town.profile("ana"))
    expect(section.get_by_role("button", name="Remove the second step")).to_have_count(0)
    eye.tell()
