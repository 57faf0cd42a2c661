"""Billing on the screen: the next bill, who changed it, the year in bars and in a table, and who may see it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from motlink.roles.models import RoleGrant
from motlink.work import begin_work, system
from tests.browser.hands import Screen, go, notice, switch, width_beyond
from tests.browser.test_axe import Eye
from tests.browser.test_guide import guide_shot
from tests.browser.town import Town

AsPerson = Callable[..., Page]


@pytest.fixture
def year(town: Town) -> Town:
    """Therapists who came month by month; one has gone."""
    for number, name in enumerate(("Iris Wu", "Jo Li", "Kai Sato", "Lena Brandt", "Mo Haddad", "Noor Aziz")):
        town.add(name, "therapist", "biller")
        _since(town, name.split()[0].lower(), 400 - 65 * number)
    _since(town, "cleo", 500)
    town.let_go("lena")
    town.add("Omar Diaz", "supervisor")
    return town


def _since(town: Town, who: str, days: int) -> None:
    with begin_work(system(), org=town.slug) as work:
        for grant in work.session.exec(select(RoleGrant).where(RoleGrant.member_id == town.people[who])):
            grant.starts_at = datetime.now(UTC) - timedelta(days=days)
            work.add(grant)


@pytest.mark.req("TA-28", "UX-05")
def test_the_next_bill_and_who_changed_it(year: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(year, "ana", screen), year.path())
    page.get_by_role("link", name="Billing").click()
    bill = page.locator("#next-bill")
    expect(bill).to_contain_text("$70.00")
    expect(bill.get_by_role("row", name="Seats 7 $10.00 $70.00")).to_be_visible()
    added = page.locator("section").filter(has=page.get_by_role("heading", name="Added this cycle"))
    expect(added.get_by_role("listitem")).to_contain_text(["Omar Diaz"])
    removed = page.locator("section").filter(has=page.get_by_role("heading", name="Removed this cycle"))
    expect(removed.get_by_role("listitem").first).to_contain_text("Lena Brandt")
    table = page.get_by_role("table", name="Seats and cost by month")
    expect(table.get_by_role("row")).to_have_count(14)
    expect(table.get_by_role("row").last).to_contain_text("forecast")
    marks = page.get_by_role("img", name="Cost of each bill").locator(".figure").all_inner_texts()
    costs = [cell.split(".")[0] for cell in table.locator("td:last-child").all_inner_texts()]
    assert marks == costs
    assert width_beyond(page) == 0
    eye = Eye()
    eye.look(go(page, year.path("settings/billing")), "billing")
    eye.tell()
    page.emulate_media(color_scheme="light")
    if not screen.is_phone:
        guide_shot(page, "billing")


@pytest.mark.req("TA-28", "LV-01")
def test_the_bill_follows_a_switch_of_somebody_else(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path("settings/billing"))
    expect(page.locator("#next-bill")).to_contain_text("$10.00")
    other = go(as_person(town, "ben"), town.profile("sam"))
    row = other.get_by_role("group", name="Provider / Therapy")
    expect(row.get_by_text("+$10.00 a month")).to_have_count(3)
    switch(other, "Supervisor").click()
    expect(row.get_by_text("seat $10.00")).to_be_visible()
    expect(row.get_by_text("same seat")).to_have_count(2)
    expect(other.get_by_text("$10.00 a month", exact=True)).to_be_visible()
    expect(page.locator("#next-bill")).to_contain_text("$20.00")
    expect(page.get_by_role("listitem").filter(has_text="Sam Whitfield")).to_contain_text("Ben Okafor")


@pytest.mark.req("TA-28", "AU-02")
def test_billing_is_for_owners(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ben"), town.path())
    expect(page.get_by_role("link", name="Roles", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Billing")).to_have_count(0)
    page.goto(town.path("settings/billing"))
    expect(page.get_by_role("heading", name="Your roles do not allow this")).to_be_visible()


@pytest.mark.req("TA-28", "UX-02", "LV-02")
def test_the_day_of_the_bill_is_moved_and_moved_back(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path("settings/billing"))
    page.get_by_role("button", name="Change the day of the bill").click()
    dialog = page.get_by_role("dialog", name="Day of the bill")
    dialog.get_by_label("Day of the month").fill("32")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose a day from 1 to 31.")
    eye = Eye()
    eye.look(page, "day of the bill")
    eye.tell()
    dialog.get_by_label("Day of the month").fill("15")
    dialog.get_by_role("button", name="Save").click()
    expect(notice(page, "Bills are made on day 15 of each month.")).to_be_visible()
    expect(page.get_by_text(re.compile("^Day 15 of each month"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.get_by_text(re.compile("^Day 1 of each month"))).to_be_visible()
