"""The invitation desk in the browser: how far each mail has come, sending again, withdrawing, who asks for another."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlmodel import select

from motlink.mail.models import Letter
from motlink.work import begin_work, system
from tests.browser.hands import PHONE, Screen, go, notice, person, ready
from tests.browser.house import link_in
from tests.browser.test_axe import Eye
from tests.browser.town import Town

pytestmark = pytest.mark.req("TA-09", "TA-11", "TA-17", "UX-02")
AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]
DESK = "settings/staff/invitations"


@pytest.fixture
def invited(town: Town) -> Town:
    """Nora and Iris are invited; Otto's link has run out."""
    for name in ("Nora Reyes", "Iris Quist", "Otto Lang"):
        town.add(name, "biller", joined=False)
        town.invite(name.split()[0].lower())
    for who in ("nora", "iris", "otto"):
        town.house.letter(town.email(who))
    town.let_run_out("otto")
    return town


def change_letter(town: Town, who: str, **changed: Any) -> None:
    with begin_work(system(), org=town.slug) as work:
        letter = work.session.exec(select(Letter).where(Letter.to == town.email(who))).one()
        for name, value in changed.items():
            setattr(letter, name, value)
        work.add(letter)


def came_back(town: Town, who: str) -> None:
    reason = "there is no such address (5.1.1)"
    change_letter(town, who, bounced_at=datetime.now(UTC), bounce_reason=reason)


def test_from_the_staff_list_to_the_desk_and_each_invitation_says_how_far_it_is(
    invited: Town, as_person: AsPerson, screen: Screen
) -> None:
    came_back(invited, "iris")
    page = go(as_person(invited, "ana", screen), invited.path())

    page.get_by_role("link", name="Invitations").click()
    ready(page)

    expect(page.get_by_role("heading", name="Invitations")).to_be_visible()
    expect(page.get_by_text("3 people invited and not in yet")).to_be_visible()
    expect(person(page, "Nora Reyes")).to_contain_text(re.compile(r"Sent\s*(59|60) min left"))
    expect(person(page, "Nora Reyes")).to_contain_text("by the operator")
    expect(person(page, "Iris Quist")).to_contain_text("Came back")
    expect(person(page, "Iris Quist")).to_contain_text("there is no such address (5.1.1)")
    expect(person(page, "Otto Lang")).to_contain_text("Expired")


def test_a_new_link_goes_to_one_and_to_all_who_are_ticked(
    invited: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(invited, "ana", screen), invited.path(DESK))

    person(page, "Otto Lang").get_by_role("button", name="Send new link to Otto Lang").click()
    expect(notice(page, "Invitation sent to Otto Lang")).to_be_visible()
    expect(person(page, "Otto Lang")).to_contain_text("min left")
    assert invited.house.letter(invited.email("otto"), 2)
    for name in ("Nora Reyes", "Iris Quist"):
        page.get_by_role("checkbox", name=f"Select {name}").click()
    page.get_by_role("button", name="Send new link to 2 people").click()

    expect(notice(page, "Invitation sent to 2 people")).to_be_visible()
    assert invited.house.letter(invited.email("nora"), 2) and invited.house.letter(invited.email("iris"), 2)
    expect(page.get_by_role("button", name="Send new link to 2 people")).to_be_hidden()


def test_withdrawing_asks_first_and_says_that_no_link_comes_back(
    invited: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    page = go(as_person(invited, "ana", screen), invited.path(DESK))
    page.get_by_role("button", name="Withdraw the invitation of Nora Reyes").click()
    question = page.get_by_role("alertdialog", name="Withdraw the invitation of Nora Reyes?")
    expect(question).to_contain_text("a link never comes back")
    expect(question.get_by_role("button", name="Keep it")).to_be_focused()

    question.get_by_role("button", name="Withdraw").click()

    expect(notice(page, "The invitation of Nora Reyes is withdrawn")).to_be_visible()
    expect(person(page, "Nora Reyes")).to_be_hidden()
    expect(page.get_by_role("button", name=re.compile("^Undo"))).to_be_hidden()
    other = open_browser(screen).new_page()
    other.goto(link_in(invited.house.letter(invited.email("nora"))))
    expect(other.get_by_role("heading", name="This invitation has been withdrawn")).to_be_visible()


def test_whoever_asks_for_a_new_link_stands_on_top_at_once(
    invited: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    desk = go(as_person(invited, "ana", screen), invited.path(DESK))
    roster = go(as_person(invited, "ben", screen), invited.path())
    expect(person(desk, "Nora Reyes")).to_be_visible()
    door = open_browser(screen).new_page()
    door.goto(link_in(invited.house.letter(invited.email("otto"))))

    door.get_by_role("button", name="Ask the practice for a new one").click()

    expect(door.get_by_role("heading", name="You have asked for a new link")).to_be_visible()
    expect(person(desk, "Otto Lang")).to_contain_text(re.compile(r"Asked for a new link, \d+:\d\d [AP]M"))
    expect(desk.get_by_role("link", name=re.compile("Reyes|Quist|Lang")).first).to_have_text("Otto Lang")
    expect(desk.get_by_text("1 person asks for a new link")).to_be_visible()
    expect(roster.get_by_role("link", name="Invitations 1 asks for a new link")).to_be_visible()


def test_a_link_that_is_looked_at_is_seen_on_the_desk(
    invited: Town, as_person: AsPerson, open_browser: OpenBrowser
) -> None:
    desk = go(as_person(invited, "ana"), invited.path(DESK))
    door = open_browser().new_page()

    door.goto(link_in(invited.house.letter(invited.email("nora"))))

    expect(person(desk, "Nora Reyes")).to_contain_text(re.compile(r"Link opened.*at \d+:\d\d [AP]M"))


def test_the_address_holds_the_state_and_an_empty_one_says_so(invited: Town, as_person: AsPerson) -> None:
    page = go(as_person(invited, "ana"), invited.path(DESK))
    page.get_by_role("combobox", name="State").click()
    page.get_by_role("option", name="Expired (1)").click()
    expect(page).to_have_url(re.compile(r"invitations\?state=expired$"))
    expect(person(page, "Nora Reyes")).to_be_hidden()

    page.reload()
    ready(page)
    expect(person(page, "Otto Lang")).to_be_visible()
    go(page, invited.path(DESK) + "?state=bounced")

    expect(page.get_by_role("heading", name="Nobody is in this state")).to_be_visible()
    page.get_by_role("button", name="Show all invitations").click()
    expect(person(page, "Nora Reyes")).to_be_visible()


def test_a_letter_that_could_not_leave_says_why(invited: Town, as_person: AsPerson) -> None:
    change_letter(
        invited, "iris", sent_at=None, failed_at=datetime.now(UTC), last_error="SendGrid answered 400"
    )

    page = go(as_person(invited, "ana"), invited.path(DESK))

    expect(person(page, "Iris Quist")).to_contain_text("Not sent")
    expect(person(page, "Iris Quist")).to_contain_text("SendGrid answered 400")


@pytest.mark.req("UX-01")
def test_the_desk_can_be_read_by_everyone(
    invited: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    came_back(invited, "iris")
    door = open_browser(screen).new_page()
    door.goto(link_in(invited.house.letter(invited.email("otto"))))
    eye = Eye()
    eye.look(door, "dead link")
    door.get_by_role("button", name="Ask the practice for a new one").click()
    expect(door.get_by_role("heading", name="You have asked for a new link")).to_be_visible()
    eye.look(door, "asked")
    page = go(as_person(invited, "ana", screen), invited.path(DESK))
    expect(person(page, "Otto Lang")).to_contain_text("Asked for a new link")
    page.get_by_role("checkbox", name="Select Nora Reyes").click()
    expect(page.get_by_role("button", name="Send new link to 1 person")).to_be_visible()
    eye.look(page, "desk")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    # Nothing is withdrawn that opens nothing any more.
    expect(page.get_by_role("button", name="Withdraw the invitation of Otto Lang")).to_be_hidden()
    page.get_by_role("button", name="Withdraw the invitation of Nora Reyes").click()
    expect(page.get_by_role("alertdialog")).to_be_visible()
    eye.look(page, "question")
    page.keyboard.press("Escape")
    go(page, invited.path(DESK) + "?state=failed")
    eye.look(page, "nobody in this state")
    go(page, invited.path())
    expect(page.get_by_role("link", name=re.compile("^Invitations"))).to_be_visible()
    eye.look(page, "count on the roster")
    eye.tell()
    if screen is PHONE:
        go(page, invited.path(DESK))
        small = page.evaluate(_SMALL)
        assert small == []


_SMALL = """() => [...document.querySelectorAll(".desk-card :is(a, label, .rt-Button)")]
  .map((one) => [one.innerText, one.getBoundingClientRect().height]).filter(([, height]) => height < 44)"""
