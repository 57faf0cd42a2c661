"""Walks through docs/guide/staff-and-roles.md and takes its pictures (MOTLINK_GUIDE=1 keeps them)."""

import os
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlmodel import col, select

from motlink.demo.practice import make_practices
from motlink.orgs.models import Organization
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.browser.hands import PHONE, WIDE, cookie, go, notice, person, ready, switch
from tests.browser.house import ROOT, House, link_in
from tests.browser.town import Town

OpenBrowser = Callable[..., BrowserContext]
IMAGES = ROOT / "docs" / "guide" / "images"


def guide_shot(page: Page, name: str) -> None:
    """Keep a picture for the guide, when it is asked for."""
    if os.environ.get("MOTLINK_GUIDE") == "1":
        IMAGES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=IMAGES / f"{name}.png", animations="disabled", caret="hide")


@pytest.fixture
def riverbend(in_house: House) -> Town:
    """The demo practice, with good names."""
    make_practices()
    with begin_work(system(), org="riverbend-therapy", writes=False) as work:
        org = work.session.exec(select(Organization).where(Organization.slug == "riverbend-therapy")).one()
        members = work.session.exec(select(StaffMember).where(col(StaffMember.org_id) == org.id))
        people = {member.first_name.lower(): member.id for member in members}
    return Town(in_house, org.slug, org.id, "", people)


def enter(town: Town, context: BrowserContext, who: str) -> Page:
    context.add_cookies([cookie(town, who)])
    return context.new_page()


@pytest.mark.xdist_group("demo")
@pytest.mark.req("UX-04", "TA-03", "TA-06", "TA-08", "TA-09", "TA-10", "TA-12", "TA-20", "AU-01")
def test_the_guide_at_a_desk(riverbend: Town, open_browser: OpenBrowser) -> None:
    page = enter(riverbend, open_browser(WIDE), "ana")
    go(page, riverbend.path())
    expect(person(page, "Mateo Silva")).to_be_visible()
    guide_shot(page, "roster")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    guide_shot(page, "roster-dark")
    page.emulate_media(color_scheme="light")

    page.get_by_role("link", name="New Staff Member").click()
    for label, typed in (
        ("First name", "Jo"),
        ("Last name", "Lindgren"),
        ("Email", "jo.lindgren@riverbend.example"),
    ):
        page.get_by_label(label).fill(typed)
    page.get_by_role("checkbox", name=re.compile("^Therapist")).click()
    expect(page.get_by_role("heading", name="What Jo adds")).to_be_visible()
    expect(page.get_by_text("$10.00", exact=True)).to_be_visible()
    guide_shot(page, "add")
    page.get_by_label("Email").fill("oscar.dahl@riverbend.example")
    expect(notice(page, "Oscar Dahl already has this email here")).to_be_visible()
    guide_shot(page, "add-already-here")
    page.get_by_label("Email").fill("jo.lindgren@riverbend.example")
    expect(notice(page, "Oscar Dahl already has this email here")).to_be_hidden()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(person(page, "Jo Lindgren").get_by_text("Invited")).to_be_visible()

    hers = open_browser(WIDE).new_page()
    hers.goto(link_in(riverbend.house.letter("jo.lindgren@riverbend.example")))
    expect(hers.get_by_role("heading", name="Welcome, Jo")).to_be_visible()
    guide_shot(hers, "invitation")
    hers.goto(link_in(riverbend.house.letter("oscar.dahl@riverbend.example")))
    expect(hers.get_by_role("heading", name="This invitation has expired")).to_be_visible()
    guide_shot(hers, "invitation-expired")
    hers.goto("/sign-in")
    guide_shot(hers, "sign-in")

    go(page, riverbend.profile("mateo"))
    switch(page, "Scheduler").click()
    expect(notice(page, "Scheduler turned on for Mateo Silva.")).to_be_visible()
    guide_shot(page, "profile")
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("alertdialog", name="Deactivate Mateo Silva?")).to_be_visible()
    guide_shot(page, "checklist")
    page.get_by_role("alertdialog").get_by_role("button", name="Keep active").click()
    go(page, riverbend.path("settings/audit"))
    ready(page)
    guide_shot(page, "audit-log")


@pytest.mark.xdist_group("demo")
@pytest.mark.req("UX-04", "TA-29")
def test_the_guide_on_a_phone(riverbend: Town, open_browser: OpenBrowser) -> None:
    page = enter(riverbend, open_browser(PHONE, device_scale_factor=2), "ben")
    go(page, riverbend.path())
    guide_shot(page, "phone-1-list")
    page.get_by_role("button", name="Actions for Tariq Mensah").tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    guide_shot(page, "phone-2-sheet")
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").tap()
    asks = page.get_by_role("alertdialog", name="Deactivate Tariq Mensah?")
    expect(asks).to_be_visible()
    guide_shot(page, "phone-3-checklist")
    asks.get_by_role("button", name="Deactivate").tap()
    done = notice(page, "Tariq Mensah is deactivated and signed out.")
    expect(done).to_be_visible()
    guide_shot(page, "phone-4-done")
    done.get_by_role("button", name="Undo").tap()
    expect(notice(page, "Tariq Mensah is active again with Therapist.")).to_be_visible()
    guide_shot(page, "phone-5-undone")


@pytest.mark.xdist_group("demo")
@pytest.mark.req("UX-04", "TA-25", "TA-26", "TA-27")
def test_the_guide_to_roles(riverbend: Town, open_browser: OpenBrowser) -> None:
    """Walk through docs/guide/roles-and-privileges.md."""
    page = enter(riverbend, open_browser(WIDE), "ana")
    go(page, riverbend.path("settings/roles?role=therapist"))
    expect(page.get_by_role("complementary", name="Therapist")).to_be_visible()
    guide_shot(page, "roles")
    page.get_by_role("button", name="Copy role").click()
    form = page.get_by_role("dialog", name="Copy Therapist")
    form.get_by_role("textbox", name="Name").fill("Music therapist")
    guide_shot(page, "roles-own")
    form.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Compare").click()
    page.get_by_label("Right").select_option(label="Intern")
    expect(page.get_by_text("differences")).to_be_visible()
    guide_shot(page, "roles-compare")
    go(page, riverbend.profile("tariq"))
    switch(page, "Telehealth").click()
    expect(notice(page, "Telehealth turned on for Tariq Mensah.")).to_be_visible()
    guide_shot(page, "roles-options")
    page.get_by_role("button", name="End date of Therapist").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    guide_shot(page, "roles-end-date")
    page.keyboard.press("Escape")
    switch(page, "Records Custodian").click()
    page.get_by_role("checkbox", name="Reads the records of all providers").click()
    page.get_by_label("Find a provider").fill("siob")
    page.get_by_role("dialog").get_by_role("checkbox", name=re.compile("^Siobhán")).click()
    guide_shot(page, "roles-custodian")


@pytest.mark.xdist_group("demo")
@pytest.mark.req("UX-04", "TA-14", "TA-15")
def test_the_guide_to_tags(riverbend: Town, open_browser: OpenBrowser) -> None:
    page = enter(riverbend, open_browser(WIDE), "ana")
    go(page, riverbend.path())
    person(page, "Mateo Silva").get_by_role("button", name=re.compile("Edit tags|Add Therapist Tags")).click()
    page.get_by_role("combobox", name="Add a tag").fill("ado")
    expect(page.get_by_role("option", name="ADOS-2")).to_be_visible()
    guide_shot(page, "tags-editor")
    go(page, riverbend.path("settings/tags"))
    page.get_by_role("link", name="Medicaid", exact=True).click()
    expect(page.get_by_role("complementary", name="Tag")).to_be_visible()
    guide_shot(page, "tags")
    page.get_by_role("button", name="Assign to many").click()
    page.get_by_role("combobox", name="Which tag").fill("asl")
    page.get_by_role("option", name="ASL").click()
    for name in ("Mateo Silva", "Oscar Dahl"):
        page.get_by_role("combobox", name="Whom").fill(name.split()[1])
        page.get_by_role("option", name=name).click()
    expect(page.get_by_role("button", name="Assign to 2 people")).to_be_visible()
    guide_shot(page, "tags-assign")


@pytest.mark.xdist_group("demo")
@pytest.mark.req("UX-04", "TA-31")
def test_the_guide_for_many_at_once(riverbend: Town, open_browser: OpenBrowser) -> None:
    page = enter(riverbend, open_browser(WIDE), "ana")
    go(page, riverbend.path())
    bar = page.get_by_role("group", name="Selected people")
    for name in ("Mateo Silva", "Siobhán O’Brien", "Wendy Kowalczyk"):
        page.get_by_role("checkbox", name=f"Select {name}").click()
    expect(bar.get_by_text("3 selected")).to_be_visible()
    page.mouse.move(0, 0)
    guide_shot(page, "many-selected")
    bar.get_by_role("button", name="Grant role").click()
    asks = page.get_by_role("dialog")
    asks.get_by_role("radio", name=re.compile("^Supervisor")).click()
    expect(asks.get_by_text("Next bill: $10.00 a month more")).to_be_visible()
    guide_shot(page, "many-role")
    asks.get_by_role("button", name="Cancel").click()
    page.get_by_role("checkbox", name="Select Wendy Kowalczyk").click()
    page.get_by_role("checkbox", name="Select Ana Morales").click()
    bar.get_by_role("button", name="Deactivate").click()
    asks = page.get_by_role("alertdialog", name="Deactivate 3 people?")
    expect(asks.get_by_role("button", name="Deactivate 2 people")).to_be_visible()
    guide_shot(page, "many-deactivate")
    asks.get_by_role("button", name="Keep active").click()
    expect(asks).to_be_hidden()
