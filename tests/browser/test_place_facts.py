"""Facts of a place on the Profile, filters by location and supervisor, and access over time in a picture."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from motlink.roles.models import RoleGrant
from motlink.staff.actions import edit_member
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.browser.hands import Screen, go, names, notice, person, switch, width_beyond
from tests.browser.test_axe import Eye
from tests.browser.test_guide import guide_shot
from tests.browser.town import Town

AsPerson = Callable[..., Page]


def place(town: Town, who: str, **facts: str) -> None:
    """Save facts, as the operator."""
    with begin_work(system("Tests"), org=town.slug) as work:
        member = work.get(StaffMember, town.people[who])
        edit_member(
            work, member_id=member.id, version=member.version, facts=facts, first_name=member.first_name,
            last_name=member.last_name, phone=member.phone, designation=member.designation,
        )  # fmt: skip


@pytest.mark.req("TA-33", "LV-02")
def test_the_facts_are_typed_offered_and_shown(town: Town, as_person: AsPerson, screen: Screen) -> None:
    place(town, "sam", location="Main Street")
    page = go(as_person(town, "ana", screen), town.profile("cleo"))
    page.get_by_role("button", name="Edit name, phone and job title").click()
    dialog = page.get_by_role("dialog", name="Edit details")
    dialog.get_by_label("Preferred name").fill("Kit")
    dialog.get_by_label("Start date").fill("2023-03-01")
    expect(page.locator("#places-offered option")).to_have_attribute("value", "Main Street")
    dialog.get_by_label("Location").fill("main street")
    dialog.get_by_label("Supervisor").press_sequentially("oka")
    expect(page.locator("#people-offered option")).to_have_attribute("value", "Ben Okafor")
    dialog.get_by_label("Supervisor").fill("Somebody Else")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Nobody active here has this name.")
    eye = Eye()
    eye.look(page, "edit with facts")
    dialog.get_by_label("Supervisor").fill("Ben Okafor")
    dialog.get_by_role("button", name="Save").click()
    expect(notice(page, "Cleo Marchetti is saved.")).to_be_visible()
    for words in ("Called Kit", "Main Street", "1 March 2023"):
        expect(page.get_by_text(words).first).to_be_visible()
    expect(page.get_by_role("link", name="Ben Okafor")).to_be_visible()
    eye.look(page, "profile with facts")
    eye.tell()
    assert width_beyond(page) == 0
    go(page, town.path() + "?q=cleo")
    expect(person(page, "Kit Marchetti").get_by_role("link")).to_have_attribute(
        "title", "Cleo Marchetti, called Kit"
    )


@pytest.mark.req("TA-33", "TA-03")
def test_the_list_by_location_and_by_supervisor(town: Town, as_person: AsPerson, screen: Screen) -> None:
    place(town, "cleo", location="Main Street", supervisor="Ben Okafor")
    place(town, "sam", location="Harbor")
    page = go(as_person(town, "ana", screen), town.path())
    if screen.is_phone:
        page.get_by_role("button", name=re.compile("^Filter by role")).click()
        page.get_by_role("checkbox", name="Main Street", exact=True).click()
        page.get_by_role("checkbox", name="Ben Okafor", exact=True).click()
        expect(page.get_by_role("button", name="Show 1")).to_be_visible()
        page.get_by_role("button", name="Show 1").click()
    else:
        page.get_by_role("button", name="Filter by location").click()
        page.get_by_role("checkbox", name="Main Street", exact=True).click()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Filter by supervisor").click()
        page.get_by_role("checkbox", name="Ben Okafor", exact=True).click()
        page.keyboard.press("Escape")
    expect(person(page, "Sam Whitfield")).to_be_hidden()
    assert names(page) == ["Cleo Marchetti"]
    expect(page).to_have_url(re.compile(r"location=main.street.*supervisor="))
    page.reload()
    expect(person(page, "Cleo Marchetti")).to_be_visible()
    eye = Eye()
    eye.look(page, "filtered by location and supervisor")
    eye.tell()
    page.get_by_role("button", name="Clear the supervisor filter").click()
    page.get_by_role("button", name="Clear the location filter").click()
    expect(person(page, "Sam Whitfield")).to_be_visible()


@pytest.mark.req("UX-05")
def test_access_over_time(town: Town, as_person: AsPerson, screen: Screen) -> None:
    with begin_work(system(), org=town.slug) as work:
        for grant in work.session.exec(select(RoleGrant).where(RoleGrant.member_id == town.people["cleo"])):
            grant.starts_at = datetime.now(UTC) - timedelta(days=500)
    page = go(as_person(town, "ana", screen), town.profile("cleo"))
    for on in (True, False):
        switch(page, "Supervisor").click()
        expect(switch(page, "Supervisor")).to_be_checked(checked=on)
    panel = page.locator("#access-over-time")
    expect(panel.locator(".time-row")).to_have_count(2)
    expect(panel.get_by_text(re.compile("^since "))).to_have_count(1)
    panel.get_by_text("As a table").click()
    table = panel.get_by_role("table", name="Access over time")
    expect(table.get_by_role("row")).to_have_count(3)
    expect(table.get_by_role("rowheader")).to_have_text(["Therapist", "Supervisor"])
    assert width_beyond(page) == 0
    eye = Eye()
    eye.look(page, "access over time")
    eye.tell()
    page.emulate_media(color_scheme="light")
    panel.scroll_into_view_if_needed()
    if not screen.is_phone:
        guide_shot(page, "access")
