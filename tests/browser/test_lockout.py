"""Lock-out on the screen: said first, then set; the lock in the list; "Enable" on the Profile (TA-22, TA-23)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from motlink.orgs.models import Organization
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.browser.hands import Screen, go, notice, person, width_beyond
from tests.browser.test_axe import Eye
from tests.browser.test_guide import guide_shot
from tests.browser.town import Town
from tests.people import PASSWORD

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]
pytestmark = pytest.mark.req("TA-22", "TA-23", "UX-01")


@pytest.fixture
def quiet(town: Town) -> Town:
    """Cleo has not been there for 100 days, Sam for 25."""
    for who, days in (("cleo", 100), ("sam", 25)):
        _not_there_for(town, who, days)
    return town


def _not_there_for(town: Town, who: str, days: int) -> None:
    with begin_work(system(), org=town.slug) as work:
        member = work.get(StaffMember, town.people[who])
        member.joined_at = member.signed_in_at = datetime.now(UTC) - timedelta(days=days)
        work.add(member)


def _lock_after(town: Town, days: int) -> None:
    with begin_work(system(), org=town.slug) as work:
        work.session.get_one(Organization, town.org).lock_after_days = days


def _signs_in(town: Town, open_browser: OpenBrowser, who: str) -> Page:
    page = open_browser().new_page()
    page.goto("/sign-in")
    page.get_by_label("Username or email").fill(town.username(who))
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def test_the_choice_says_first_whom_it_locks_out(quiet: Town, as_person: AsPerson, screen: Screen) -> None:
    eye, page = Eye(), go(as_person(quiet, "ana", screen), quiet.path("settings/billing"))
    page.get_by_role("link", name="Security").click()
    expect(page.get_by_text("Nobody is locked out now.")).to_be_visible()
    page.get_by_role("radio", name="30 days").click()
    expect(page.get_by_text("1 person would be locked out now.")).to_be_visible()
    expect(page.get_by_role("link", name="Cleo Marchetti")).to_be_visible()
    eye.look(page, "what a choice would do")
    page.get_by_role("radio", name="Another number").click()
    page.get_by_label("Days", exact=True).fill("400")
    expect(page.get_by_role("alert")).to_contain_text("from 1 to 365")
    eye.look(page, "a number that is none")
    page.get_by_role("radio", name="30 days").click()
    page.get_by_role("button", name="Save: lock-out").click()
    expect(notice(page, "Lock-out after 30 days without sign-in. Locked out now: 1.")).to_be_visible()
    expect(page.get_by_text("1 person is locked out now.")).to_be_visible()
    soon = page.locator("#soon")
    expect(soon).to_contain_text("Sam Whitfield")
    soon.get_by_role("button", name="Remind: In the next 7 days").click()
    expect(notice(page, "Reminder sent to 1 person.")).to_be_visible()
    soon.get_by_role("button", name="Remind: In the next 7 days").click()
    expect(notice(page, "Everyone in this list was reminded today already.")).to_be_visible()
    letter = quiet.house.letter(quiet.email("sam")).get_body(("plain",))
    assert letter and "/sign-in" in letter.get_content()
    assert width_beyond(page) == 0
    eye.look(page, "security")
    eye.tell()
    page.emulate_media(color_scheme="light")
    if not screen.is_phone:
        guide_shot(page, "security")


def test_the_list_shows_the_lock_and_enable_lets_in_again(
    quiet: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    _lock_after(quiet, 30)
    refused = _signs_in(quiet, open_browser, "cleo")
    expect(refused.get_by_role("alert")).to_contain_text("or this account has no access now")

    eye, page = Eye(), go(as_person(quiet, "ben", screen), quiet.path() + "?state=locked")
    row = person(page, "Cleo Marchetti")
    expect(row).to_contain_text("Locked out")
    expect(person(page, "Sam Whitfield")).to_be_hidden()
    eye.look(page, "someone locked out in the list")
    page.get_by_role("link", name="Cleo Marchetti").click()
    section = page.locator("#sign-in")
    expect(section).to_contain_text("Account Disabled")
    eye.look(page, "someone locked out on the Profile")
    section.get_by_role("button", name="Enable the account of Cleo Marchetti").click()
    expect(notice(page, "Cleo Marchetti can sign in again.")).to_be_visible()
    expect(section.get_by_text("Account Disabled")).to_be_hidden()

    _signs_in(quiet, open_browser, "cleo").wait_for_url(f"**/p/{quiet.slug}**")
    page.reload()
    section.locator("summary").click()
    expect(section.get_by_role("table", name="Sign-ins")).to_contain_text("127.0.0.1")
    eye.look(page, "sign-ins")
    eye.tell()


@pytest.mark.req("LV-01")
def test_another_manager_sees_the_enabling_at_once(quiet: Town, as_person: AsPerson) -> None:
    _lock_after(quiet, 30)
    page = go(as_person(quiet, "ben"), quiet.path())
    expect(person(page, "Cleo Marchetti")).to_contain_text("Locked out")
    other = go(as_person(quiet, "ana"), quiet.profile("cleo"))
    other.get_by_role("button", name="Enable the account").click()
    expect(person(page, "Cleo Marchetti")).not_to_contain_text("Locked out")
    other.get_by_role("button", name="Undo").click()
    expect(person(page, "Cleo Marchetti")).to_contain_text("Locked out")


def test_looking_at_a_screen_is_use(town: Town, as_person: AsPerson) -> None:
    _not_there_for(town, "ben", 5)
    go(as_person(town, "ben"), town.path())
    page = as_person(town, "ana")
    go(page, town.profile("ben"))

    expect(page.locator("#sign-in")).to_contain_text("Last sign-in")
    seen = town.saved("ben").signed_in_at
    assert seen is not None and datetime.now(UTC) - seen < timedelta(minutes=5)
