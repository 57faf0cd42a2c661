"""The last working day and leave: planned in the dialog, seen in the list, one click to bring forward or cancel."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.browser.hands import Screen, go, notice, person, width_beyond
from tests.browser.test_axe import Eye
from tests.browser.test_guide import guide_shot
from tests.browser.town import Town

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]


def in_days(days: int) -> date:
    return datetime.now(ZoneInfo("America/New_York")).date() + timedelta(days=days)


def said(day: date) -> str:
    return f"{day.day} {day:%b}"


@pytest.mark.req("TA-30", "UX-02", "TA-04")
def test_a_last_working_day_is_planned_cancelled_and_brought_forward(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    other = go(as_person(town, "ben"), town.path())
    page, day = go(as_person(town, "ana", screen), town.profile("cleo")), in_days(8)
    page.get_by_role("button", name="Deactivate").click()
    asks = page.get_by_role("alertdialog", name="Deactivate Cleo Marchetti?")
    asks.get_by_role("radio", name="On their last working day").click()
    asks.get_by_label("Last day").fill("2020-01-01")
    asks.get_by_role("button", name="Plan the last day").click()
    expect(asks.get_by_role("alert")).to_contain_text("That moment has passed.")
    asks.get_by_label("Last day").fill(day.isoformat())
    expect(asks.get_by_role("alert")).to_have_count(0)
    expect(asks.get_by_text("Clocks of New York")).to_be_visible()
    if not screen.is_phone:
        guide_shot(page, "last-day")
    eye = Eye()
    eye.look(page, "the last day in the dialog")
    asks.get_by_role("button", name="Plan the last day").click()
    expect(notice(page, "Cleo Marchetti leaves on")).to_be_visible()
    expect(person(other, "Cleo Marchetti").get_by_text(f"Leaves{said(day)}")).to_be_visible()
    expect(page.get_by_text("at the end of the day. Until then nothing changes.")).to_be_visible()
    eye.look(page, "profile with a last day")
    page.emulate_media(color_scheme="light")
    if not screen.is_phone:
        guide_shot(page, "leaves")
    assert width_beyond(page) == 0
    page.get_by_role("button", name="Cancel the last working day").click()
    expect(notice(page, "Cleo Marchetti stays.")).to_be_visible()
    expect(person(other, "Cleo Marchetti").get_by_text("Leaves")).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.get_by_text("Until then nothing changes.")).to_be_visible()
    page.get_by_role("button", name="Bring forward").click()
    expect(notice(page, "Cleo Marchetti is deactivated and signed out.")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.get_by_text("Until then nothing changes.")).to_be_visible()
    expect(page.get_by_role("switch", name="Therapist", exact=True)).to_be_checked()
    eye.tell()


@pytest.mark.req("TA-30", "TA-20")
def test_at_the_moment_every_tab_is_out_and_nobody_comes_in(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser
) -> None:
    his, page = go(as_person(town, "ben"), town.path()), go(as_person(town, "ana"), town.path())
    moment = datetime.now(UTC) + timedelta(seconds=5)
    with begin_work(system(), org=town.slug) as work:
        work.get(StaffMember, town.people["ben"]).leaves_at = moment
    expect(his.get_by_role("heading", name="Sign in")).to_be_visible()
    late = his.evaluate("performance.timeOrigin") / 1000 - moment.timestamp()
    assert 0 <= late <= 1.5, late
    hers = open_browser().new_page()
    hers.goto("/sign-in")
    hers.get_by_label("Username or email").fill(town.username("ben"))
    hers.get_by_role("textbox", name="Password").fill("four quiet words here")
    hers.get_by_role("button", name="Sign in").click()
    expect(hers.get_by_role("alert")).to_contain_text("has no access now")
    # The sweep of the server tidies up, and the list hears of it.
    expect(person(page, "Ben Okafor").get_by_text("Inactive")).to_be_visible()
    assert town.saved("ben").deactivated_at == moment


@pytest.mark.req("TA-32", "UX-02", "TA-04")
def test_leave_until_a_date(town: Town, as_person: AsPerson, screen: Screen) -> None:
    other, back = go(as_person(town, "ben"), town.path()), in_days(20)
    page = go(as_person(town, "ana", screen), town.profile("cleo"))
    page.get_by_role("button", name="On leave… until a date").click()
    dialog = page.get_by_role("dialog", name="Leave of Cleo Marchetti")
    dialog.get_by_role("button", name="Note leave").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose a date.")
    eye = Eye()
    eye.look(page, "leave")
    dialog.get_by_label("Back on").fill(back.isoformat())
    dialog.get_by_role("button", name="Note leave").click()
    expect(notice(page, "Cleo Marchetti is on leave until")).to_be_visible()
    expect(person(other, "Cleo Marchetti").get_by_text(f"On leave until{said(back)}")).to_be_visible()
    expect(page.get_by_text("the first day back.")).to_be_visible()
    eye.look(page, "profile on leave")
    page.emulate_media(color_scheme="light")
    if screen.is_phone:
        guide_shot(page, "leave-phone")
    page.get_by_role("button", name="Back already").click()
    expect(notice(page, "Cleo Marchetti is no longer on leave.")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.get_by_text("the first day back.")).to_be_visible()
    eye.tell()
