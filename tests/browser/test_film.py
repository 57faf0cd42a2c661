"""One person's whole way, as one film for docs/guide/one-persons-way.md (MOTLINK_GUIDE=1 keeps the pictures)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.browser.hands import Screen, go, notice, person
from tests.browser.house import link_in
from tests.browser.test_door import sign_in
from tests.browser.test_guide import guide_shot
from tests.browser.test_second_step import app_code, set_up
from tests.browser.town import Town
from tests.people import PASSWORD


class Film:
    """Pictures with a number, of a desktop: on a phone the same way is gone without them."""

    def __init__(self, screen: Screen) -> None:
        self._is_phone, self._next = screen.is_phone, count(1)

    def shot(self, page: Page, what: str) -> None:
        page.emulate_media(color_scheme="light")
        if not self._is_phone:
            guide_shot(page, f"way-{next(self._next):02}-{what}")


def not_there_for(town: Town, who: str, days: int) -> None:
    with begin_work(system(), org=town.slug) as work:
        member = work.get(StaffMember, town.people[who])
        member.joined_at = member.signed_in_at = datetime.now(UTC) - timedelta(days=days)
        work.add(member)


def comes_in(page: Page, town: Town, code: str) -> None:
    """Sign in with the password and a recovery code."""
    page.goto("/sign-in")
    sign_in(page, town.username("nora"))
    page.get_by_text("Use a recovery code").click()
    page.get_by_label("Recovery code", exact=True).fill(code)
    page.get_by_role("button", name="Sign in with a recovery code").click()
    expect(page).to_have_url(re.compile(rf"/p/{town.slug}"))


@pytest.mark.req("TA-06", "TA-09", "TA-10", "TA-20", "TA-21", "TA-22", "TA-23", "AC-01", "AC-02")
def test_from_invited_to_back_in_with_the_same_password(
    town: Town,
    as_person: Callable[..., Page],
    open_browser: Callable[..., BrowserContext],
    screen: Screen,
) -> None:
    film, manager = Film(screen), as_person(town, "ana", screen)
    hers = open_browser(screen).new_page()

    # Invited
    go(manager, town.path("settings/staff/new"))
    for label, typed in (("First name", "Nora"), ("Last name", "Reyes"), ("Email", town.email("nora"))):
        manager.get_by_label(label).fill(typed)
    manager.get_by_role("checkbox", name=re.compile("^Manager")).click()
    manager.get_by_role("button", name="Save", exact=True).click()
    expect(person(manager, "Nora Reyes").get_by_text("Invited")).to_be_visible()
    film.shot(manager, "invited")
    town.people["nora"] = next(one.id for one in town.members() if one.first_name == "Nora")

    # The letter, its link, a password
    letter = town.house.letter(town.email("nora"))
    html = letter.get_body(("html",))
    assert html is not None
    hers.set_content(html.get_content())
    film.shot(hers, "letter")
    hers.goto(link_in(letter))
    expect(hers.get_by_role("heading", name="Welcome, Nora")).to_be_visible()
    hers.get_by_label("Username").fill(town.username("nora"))
    hers.get_by_role("textbox", name="Password").fill(PASSWORD)
    expect(hers.get_by_role("status")).to_contain_text("Strong")
    film.shot(hers, "password")
    hers.get_by_role("button", name="Set up account").click()
    expect(hers).to_have_url(re.compile(rf"/p/{town.slug}"))

    # A second step, and in with it
    hers.goto("/account/second-step")
    shared, codes = set_up(hers)
    film.shot(hers, "recovery-codes")
    hers.context.clear_cookies()
    hers.goto("/sign-in")
    sign_in(hers, town.username("nora"))
    expect(hers.get_by_label("Code", exact=True)).to_be_focused()
    film.shot(hers, "second-step")
    hers.get_by_label("Code", exact=True).fill(app_code(shared, codes_later=1))
    hers.keyboard.press("Enter")
    expect(hers).to_have_url(re.compile(rf"/p/{town.slug}"))

    # Locked out by time, and enabled
    go(manager, town.path("settings/security"))
    manager.get_by_role("radio", name="30 days").click()
    manager.locator("#lock-out").get_by_role("button", name="Save").click()
    expect(notice(manager, "Lock-out after 30 days without sign-in.")).to_be_visible()
    not_there_for(town, "nora", 40)
    hers.context.clear_cookies()
    hers.goto("/sign-in")
    sign_in(hers, town.username("nora"))
    expect(hers.get_by_role("alert")).to_contain_text("has no access now")
    film.shot(hers, "locked-out")
    go(manager, town.path())
    expect(person(manager, "Nora Reyes")).to_contain_text("Locked out")
    film.shot(manager, "lock")
    go(manager, town.profile("nora"))
    manager.get_by_role("button", name="Enable the account of Nora Reyes").click()
    expect(notice(manager, "Nora Reyes can sign in again.")).to_be_visible()
    film.shot(manager, "enabled")
    comes_in(hers, town, codes[0])
    go(hers, town.path())

    # Deactivated, and out
    manager.get_by_role("button", name="Deactivate").click()
    asks = manager.get_by_role("alertdialog", name="Deactivate Nora Reyes?")
    expect(asks.get_by_text(re.compile(r"\d open sessions? ends? at once"))).to_be_visible()
    film.shot(manager, "checklist")
    asks.get_by_role("button", name="Deactivate").click()
    expect(hers.get_by_role("heading", name="Sign in")).to_be_visible()
    film.shot(hers, "out")
    sign_in(hers, town.username("nora"))
    expect(hers.get_by_role("alert")).to_contain_text("has no access now")

    # Reactivated, and back in with the same password
    manager.get_by_role("button", name="Reactivate").click()
    expect(notice(manager, "Nora Reyes is active again, with no roles yet.")).to_be_visible()
    manager.get_by_role("button", name="Restore previous roles").click()
    expect(notice(manager, "Manager restored for Nora Reyes.")).to_be_visible()
    film.shot(manager, "reactivated")
    comes_in(hers, town, codes[1])
    go(hers, town.path())
    expect(person(hers, "Nora Reyes")).to_contain_text("Manager")
    film.shot(hers, "back-in")
