"""A forgotten password, from either side, and one's own account: what a person sees from the press to the sign-in."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.hands import Screen, go, notice, width_beyond
from tests.browser.house import link_in
from tests.browser.test_axe import Eye
from tests.browser.test_door import sign_in
from tests.browser.test_guide import guide_shot
from tests.browser.town import Town
from tests.people import PASSWORD

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]
GOOD = "seven tall birches stand"


def choose(page: Page, link: str, password: str = GOOD) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_role("button", name="Change password").click()


@pytest.mark.req("TA-17", "TA-19")
@pytest.mark.asvs("6.4.6", "7.4.3")
def test_a_manager_presses_reset_password_and_the_person_chooses_a_new_one(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    town.add("Nora Reyes", "biller", "manager")
    page, hers = (
        go(as_person(town, "ana", screen), town.profile("nora")),
        go(as_person(town, "nora", screen), town.path()),
    )
    expect(page.get_by_role("button", name="Send New Invitation")).to_be_hidden()
    page.get_by_role("button", name="Reset Password").click()
    expect(notice(page, "A link to a new password is on its way to Nora Reyes.")).to_be_visible()
    expect(page.get_by_text("Link to a new password sent")).to_be_visible()

    letter = town.house.letter(town.email("nora"))
    assert re.search(r"Reset your password for motlink, sent \w+, \w+ \d+, \d{4} at ", letter["Subject"])
    fresh = open_browser(screen).new_page()
    choose(fresh, link_in(letter))

    expect(hers.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(fresh.get_by_role("status")).to_contain_text("Sign in with the new one.")
    assert fresh.url.endswith("/sign-in?reset=1")
    sign_in(fresh, town.username("nora"))
    expect(fresh.get_by_role("alert")).to_be_visible()
    sign_in(fresh, town.username("nora"), GOOD)
    expect(fresh).to_have_url(re.compile(rf"/p/{town.slug}"))
    assert "was changed" in town.house.letter(town.email("nora"), 2)["Subject"]


@pytest.mark.req("TA-17")
def test_who_may_be_reset_is_seen_on_the_profile(town: Town, as_person: AsPerson, screen: Screen) -> None:
    town.add("Iris Invited", "therapist", joined=False)
    town.add("Gina Gone", "therapist"), town.let_go("gina")
    page = as_person(town, "sam", screen)
    for who, reset, invite in (
        ("cleo", True, False),
        ("iris", False, True),
        ("gina", False, False),
        ("ana", False, False),
        ("ben", False, False),
        ("sam", False, False),
    ):
        go(page, town.profile(who))
        expect(page.get_by_role("button", name="Reset Password")).to_have_count(int(reset))
        expect(page.get_by_role("button", name="Send New Invitation")).to_have_count(int(invite))
        assert width_beyond(page) == 0
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


@pytest.mark.req("TA-19", "UX-01")
def test_a_forgotten_password_comes_back_from_the_sign_in_page(
    town: Town, open_browser: OpenBrowser, screen: Screen
) -> None:
    eye, page = Eye(), open_browser(screen).new_page()
    page.goto("/forgot")
    eye.look(page, "forgot")
    said = set()
    for login in ("nobody.here", town.username("cleo")):
        page.goto("/sign-in")
        page.get_by_role("link", name="Forgot your password?").click()
        expect(page.get_by_role("heading", name="Forgot your password?")).to_be_visible()
        page.get_by_label("Username or email").fill(login)
        page.get_by_role("button", name="Send the link").click()
        expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
        said.add(page.get_by_role("main").inner_text())
    assert len(said) == 1
    page.emulate_media(color_scheme="light")
    if not screen.is_phone:
        guide_shot(page, "forgot-asked")
    eye.look(page, "forgot, answered")
    link = link_in(town.house.letter(town.email("cleo")))
    choose(page, link, "short")
    expect(page.get_by_role("alert")).to_contain_text("At least 15 characters")
    eye.look(page, "reset with an error")
    assert width_beyond(page) == 0
    choose(page, link)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    eye.look(page, "sign-in after a reset")
    page.goto(link)
    expect(page.get_by_role("heading", name="This link to a new password has been used")).to_be_visible()
    eye.look(page, "dead reset link")
    page.get_by_role("link", name="To the sign-in page").click()
    sign_in(page, town.username("cleo"), GOOD)
    expect(page).to_have_url(re.compile(rf"/p/{town.slug}"))
    eye.tell()


@pytest.mark.req("AC-02", "UX-01")
@pytest.mark.asvs("7.5.2", "6.2.3", "6.2.7")
def test_the_account_page_changes_the_password_and_ends_sessions(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    eye, page = Eye(), go(as_person(town, "ana", screen), town.path())
    tab = go(as_person(town, "ana"), town.path())
    if screen.is_phone:
        page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("button", name="You: Ana Castellanos").click()
    page.get_by_role("menuitem", name="Your account").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.get_by_text(town.email("ana"))).to_be_visible()
    sessions = page.get_by_role("region", name="Sessions").get_by_role("listitem")
    expect(sessions).to_have_count(2)
    expect(sessions.filter(has_text="this one")).to_have_count(1)
    assert width_beyond(page) == 0
    if not screen.is_phone:
        guide_shot(page, "account")
    eye.look(page, "account")

    page.get_by_role("button", name="End the session of Chromium on Linux").click()
    expect(page.get_by_role("status")).to_have_text("The session has ended.")
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(sessions).to_have_count(1)
    expect(page.get_by_role("button", name="Sign out everywhere else")).to_have_count(0)

    tab = go(as_person(town, "ana"), town.path())
    for current, new in (("wrong", GOOD), (PASSWORD, "qwertyuiopasdfghjk"), (PASSWORD, GOOD)):
        page.get_by_label("Current password", exact=True).fill(current)
        page.get_by_label("New password", exact=True).fill(new)
        page.get_by_role("button", name="Change password").click()
        if new != GOOD or current == "wrong":
            expect(page.get_by_role("alert")).to_be_visible()
            eye.look(page, "account with an error")
    expect(page.get_by_role("status")).to_contain_text("Your password is changed.")
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    eye.look(page, "account, password changed")
    assert "was changed" in town.house.letter(town.email("ana"))["Subject"]
    page.get_by_role("link", name="Back to your practice").click()
    expect(page).to_have_url(re.compile(rf"/p/{town.slug}"))
    eye.tell()
