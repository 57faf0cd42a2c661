"""The door: in with username or email, out again, and no default account."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.hands import Screen, cookie, go, ready
from tests.browser.house import House, motlink
from tests.browser.town import Town, settle

OpenBrowser = Callable[..., BrowserContext]


def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    page.get_by_label("Username or email").fill(login)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.req("AC-01")
def test_in_by_username_or_email_and_out_in_every_tab(
    town: Town, open_browser: OpenBrowser, screen: Screen
) -> None:
    page = open_browser(screen).new_page()
    page.goto(town.path())
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(page, town.username("ana"))
    expect(page.get_by_role("heading", name="Staff", level=1)).to_be_visible()
    (session,) = [one for one in page.context.cookies() if one["name"] == "motlink"]
    assert session["httpOnly"] and session["sameSite"] == "Lax"
    assert page.evaluate("document.cookie") == ""
    second = go(page.context.new_page(), town.profile("cleo"))
    if screen.is_phone:
        page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("button", name="You: Ana Castellanos").click()
    page.get_by_role("menuitem", name="Sign out").click()
    for tab in (page, second):
        expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(page, town.email("ana").upper())
    expect(page).to_have_url(re.compile(rf"/p/{town.slug}"))


@pytest.mark.req("AC-01", "AU-02")
def test_whoever_has_no_screen_yet_is_told_so_and_nobody_notes_a_refusal(
    town: Town, open_browser: OpenBrowser, screen: Screen
) -> None:
    page = open_browser(screen).new_page()
    page.goto("/sign-in")
    sign_in(page, town.username("cleo"))
    expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    assert town.acts("refused") == 0
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.req("AC-01")
def test_every_refusal_at_the_door_reads_alike(town: Town, open_browser: OpenBrowser) -> None:
    town.add("Nora Reyes")
    town.let_go("cleo")
    page = open_browser().new_page()
    page.goto("/sign-in")
    said = set()
    for login, password in (
        (town.username("ana"), "wrong"),
        ("nobody.here", PASSWORD),
        (town.email("cleo"), PASSWORD),
        (town.username("nora"), PASSWORD),
    ):
        sign_in(page, login, password)
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("Username or email")).to_have_value(login)
        expect(page.get_by_role("textbox", name="Password")).to_be_focused()
        said.add(page.get_by_role("alert").inner_text())
    assert len(said) == 1


@pytest.mark.req("AC-01")
def test_a_sign_in_with_two_practices_chooses_one(
    town: Town, open_browser: OpenBrowser, password_hash: str, screen: Screen
) -> None:
    other = settle(town.house, password_hash)
    other.join(town, "ana", "biller")
    page = open_browser(screen).new_page()
    page.goto("/sign-in")
    sign_in(page, town.username("ana"))
    expect(page.get_by_role("heading", name="Choose a practice")).to_be_visible()
    page.get_by_role("list").get_by_role("link").nth(0).click()
    expect(page).to_have_url(re.compile(r"/p/riverbend-\d+/"))
    go(page, town.path())
    if screen.is_phone:
        page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("button", name=re.compile("^Orgs")).click()
    expect(page.get_by_role("menuitem", name=re.compile("Settings"))).to_have_count(2)


@pytest.mark.req("TA-10")
def test_someone_whose_last_role_is_taken_is_told(town: Town, open_browser: OpenBrowser) -> None:
    town.add("Nora Reyes", "scheduler")
    context = open_browser()
    context.add_cookies([cookie(town, "nora")])
    town.take_all("nora")
    page = context.new_page()
    page.goto(town.path())
    expect(page.get_by_role("heading", name="No role is on for you yet")).to_be_visible()


@pytest.mark.req("AC-03")
def test_a_new_installation_lets_nobody_in_and_the_first_owner_comes_from_the_command_line(
    in_house: House, open_browser: OpenBrowser, screen: Screen
) -> None:
    page = open_browser(screen).new_page()
    page.goto("/sign-in")
    for login, password in (("admin", "admin"), ("ana", "ana"), ("owner", "password")):
        sign_in(page, login, password)
        expect(page.get_by_role("alert")).to_be_visible()
    said = motlink(
        in_house.environment,
        "create-owner",
        "--org",
        f"Brookside {screen}",
        "--email",
        f"first@brookside-{screen}.example",
    )
    link = next(word for word in said.split() if "/set-up?t=" in word)
    page.goto(link)
    page.get_by_label("Username").fill(f"first.{screen}")
    page.get_by_role("textbox", name="Password").fill("seven tall birches stand")
    page.get_by_role("button", name="Set up account").click()
    expect(page).to_have_url(re.compile(rf"/p/brookside-{screen}"))
    ready(page)
    expect(page.get_by_role("heading", name="Staff", level=1)).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("Emails are not sent: they go to a folder")
    page.goto(link)
    expect(page.get_by_role("heading", name="This set-up link has been used")).to_be_visible()


# Before the guide, which makes the same practice: in one worker, in the order of the files.
@pytest.mark.xdist_group("demo")
@pytest.mark.req("AC-03")
def test_the_demo_prints_its_passwords_once_and_they_work(in_house: House, open_browser: OpenBrowser) -> None:
    first = motlink(in_house.environment, "demo", "--json")
    people = json.loads(first)
    assert len({one["password"] for one in people}) == len(people) > 1
    assert not json.loads(motlink(in_house.environment, "demo", "--json"))
    page = open_browser().new_page()
    page.goto("/sign-in")
    ana = next(one for one in people if one["username"] == "ana")
    sign_in(page, "ana", ana["password"])
    expect(page.get_by_role("heading", name="Staff", level=1)).to_be_visible()
