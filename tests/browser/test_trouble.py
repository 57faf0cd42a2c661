"""When nothing is found, something is refused, or the line is down: why, what next, and nothing lost."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Screen, go, notice, person, search, switch
from tests.browser.town import Town

AsPerson = Callable[..., Page]
# They hold the clock of the browser still.
pytestmark = pytest.mark.fresh_browser


@pytest.mark.req("UX-02")
def test_an_empty_list_says_why_and_opens_again(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path() + "?q=xyzzy&role=biller")
    expect(page.get_by_role("heading", name="Nobody matches")).to_be_visible()
    page.get_by_role("button", name="Clear search and filters").click()
    expect(person(page, "Ben Okafor")).to_be_visible()
    expect(search(page)).to_have_value("")
    expect(page).to_have_url(re.compile(rf"{town.path()}$"))


@pytest.mark.req("UX-02")
def test_an_address_that_leads_nowhere_says_so(town: Town, as_person: AsPerson) -> None:
    page = as_person(town, "ana")
    for id_ in ("01a00000-0000-7000-8000-000000000000", "not-an-id", "%F0%9F%98%80"):
        page.goto(town.path(f"settings/staff/{id_}"))
        expect(page.get_by_role("heading", name="This person is not here")).to_be_visible()
    page.get_by_role("link", name="Back to Staff").click()
    expect(person(page, "Ben Okafor")).to_be_visible()


@pytest.mark.req("UX-02", "TA-20")
def test_a_refusal_says_why_and_what_next(town: Town, as_person: AsPerson) -> None:
    town.add("Nora Reyes", "owner")
    mine, hers = (
        go(as_person(town, "ana"), town.profile("nora")),
        go(as_person(town, "nora"), town.profile("ana")),
    )
    for page, name in ((mine, "Nora Reyes"), (hers, "Ana Castellanos")):
        page.get_by_role("button", name="Deactivate").click()
        expect(page.get_by_role("alertdialog", name=f"Deactivate {name}?")).to_be_visible()
    mine.get_by_role("alertdialog").get_by_role("button", name="Deactivate").click()
    expect(notice(mine, "Nora Reyes is deactivated")).to_be_visible()
    expect(hers.get_by_role("heading", name="Sign in")).to_be_visible()
    assert town.saved("ana").deactivated_at is None


@pytest.mark.req("UX-02")
def test_a_refused_switch_says_why_and_springs_back(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ben"), town.profile("cleo"))
    # Meanwhile, behind this screen's back, Ben is no manager any more but still a staff administrator.
    town.switch("ben", "staff_administrator", on=True)
    town.switch("cleo", "manager", on=True)
    town.switch("ben", "manager", on=False)
    switch(page, "Scheduler").click()
    said = notice(page, "A staff administrator cannot change owners, managers or staff administrators.")
    expect(said).to_contain_text("Ask an owner or manager.")
    expect(switch(page, "Scheduler")).not_to_be_checked()


@pytest.mark.req("UX-02")
def test_a_lost_line_is_said_and_the_click_is_kept(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.profile("cleo"))
    page.context.set_offline(True)
    offline = notice(page, "You’re offline. Nothing is lost")
    expect(offline).to_have_text("You’re offline. Nothing is lost.")
    switch(page, "Scheduler").click()
    expect(offline).to_have_text("You’re offline. Nothing is lost; one change waits.")
    page.context.set_offline(False)
    expect(notice(page, "Scheduler turned on for Cleo Marchetti.")).to_be_visible(timeout=20_000)
    expect(switch(page, "Scheduler")).to_be_checked()
    expect(offline).to_have_count(0)
    assert town.acts("staff.role_on") == 1


@pytest.mark.req("UX-02")
def test_offline_counts_what_waits_and_the_last_notice_stands_back(town: Town, as_person: AsPerson) -> None:
    page = as_person(town, "ana")
    page.clock.install()
    go(page, town.profile("cleo"))
    switch(page, "Biller").click()
    done = notice(page, "Biller turned on for Cleo Marchetti.")
    expect(done).to_be_visible()
    page.mouse.move(5, 5)
    page.clock.run_for(4_000)
    expect(done).to_contain_text("Undo 6 s")
    page.context.set_offline(True)
    offline = notice(page, "You’re offline.")
    expect(offline).to_be_visible()
    expect(done).to_be_hidden()
    page.clock.run_for(30_000)
    # Nothing to undo is seen, so the key does nothing; opening a dialog changes nothing either.
    page.keyboard.press("u")
    page.get_by_role("button", name="Edit name, phone and job title").click()
    expect(offline).to_have_text("You’re offline. Nothing is lost.")
    page.context.set_offline(False)
    expect(offline).to_be_hidden()
    expect(done).to_contain_text("Undo 6 s")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.context.set_offline(True)
    for role in ("Scheduler", "Reporting"):
        switch(page, role).click()
    expect(offline).to_have_text("You’re offline. Nothing is lost; 2 changes wait.")
    page.context.set_offline(False)
    expect(switch(page, "Reporting")).to_be_checked()
    assert town.acts("staff.role_on") >= 3
    page.context.set_offline(True)
    expect(offline).to_have_text("You’re offline. Nothing is lost.")


@pytest.mark.req("UX-02")
def test_what_is_typed_outlives_a_lost_line(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ana"), town.path("settings/staff/new"))
    typed = {"First name": "Nora", "Last name": "Reyes", "Email": town.email("nora")}
    page.get_by_label("First name").fill("Nora")
    page.context.set_offline(True)
    for label in ("Last name", "Email"):
        page.get_by_label(label).fill(typed[label])
    page.get_by_role("button", name="Save", exact=True).click()
    for label, value in typed.items():
        expect(page.get_by_label(label)).to_have_value(value)
    page.context.set_offline(False)
    expect(notice(page, "Nora Reyes is invited.")).to_be_visible(timeout=20_000)
    assert len(town.members()) == 5


@pytest.mark.req("UX-02")
def test_the_clock_of_undo_goes_on_when_the_page_is_loaded_again(town: Town, as_person: AsPerson) -> None:
    page = as_person(town, "ana")
    page.clock.install()
    go(page, town.profile("cleo"))
    switch(page, "Biller").click()
    done = notice(page, "Biller turned on for Cleo Marchetti.")
    expect(done).to_be_visible()
    page.mouse.move(5, 5)
    page.clock.run_for(4_000)
    expect(done).to_contain_text("Undo 6 s")
    page.reload()
    expect(done).to_contain_text(re.compile("Undo [1-6] s"))
    page.clock.run_for(7_000)
    expect(done).to_be_hidden()


@pytest.mark.req("UX-02")
def test_the_notice_waits_for_whoever_is_on_the_way_to_it(town: Town, as_person: AsPerson) -> None:
    page = as_person(town, "ana")
    page.clock.install()
    go(page, town.profile("cleo"))
    switch(page, "Scheduler").click()
    undo = notice(page, "Scheduler turned on for Cleo Marchetti.").get_by_role(
        "button", name=re.compile("^Undo")
    )
    expect(undo).to_be_visible()
    undo.focus()
    page.clock.run_for(30_000)
    expect(undo).to_be_visible()
    undo.evaluate("e => e.blur()")
    page.mouse.move(5, 5)
    page.clock.run_for(12_000)
    expect(undo).to_be_hidden()
    expect(switch(page, "Scheduler")).to_be_checked()
