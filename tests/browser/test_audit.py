"""The audit log: who did what to whom, from where, before and after; filtered and taken along."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.hands import WIDE, Screen, go, notice, ready, switch
from tests.browser.town import Town

AsPerson = Callable[..., Page]


@pytest.fixture
def busy(town: Town, as_person: AsPerson) -> Page:
    """Ana has changed Cleo's phone and turned a role on."""
    page = go(as_person(town, "ana"), town.profile("cleo"))
    page.get_by_role("button", name="Edit name, phone and job title").click()
    page.get_by_role("dialog").get_by_label("Phone").fill("617 555 0142")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(notice(page, "Cleo Marchetti is saved.")).to_be_visible()
    switch(page, "Scheduler").click()
    expect(notice(page, "Scheduler turned on for Cleo Marchetti.")).to_be_visible()
    return page


def entry(page: Page, *words: str) -> object:
    found = page.get_by_role("row").or_(page.get_by_role("listitem"))
    for one in words:
        found = found.filter(has_text=one)
    return found.first


@pytest.mark.req("AU-01")
def test_who_did_what_to_whom_before_and_after(
    town: Town, busy: Page, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(town, "ana", screen), town.path())
    page.get_by_role("navigation", name="Practice Settings").get_by_role("link", name="Audit log").click()
    expect(page.get_by_role("heading", name="Audit log", level=1)).to_be_visible()
    expect(entry(page, "Ana Castellanos", "Role turned on", "Cleo Marchetti", "Scheduler")).to_be_visible()  # type: ignore[arg-type]
    expect(
        entry(page, "Ana Castellanos", "Details changed", "Cleo Marchetti", "none → +1 (617) 555-0142")
    ).to_be_visible()  # type: ignore[arg-type]
    if screen is WIDE:
        expect(entry(page, "Role turned on", "127.0.0.1", "Chrom")).to_be_visible()  # type: ignore[arg-type]


@pytest.mark.req("AU-01")
def test_filters_stand_in_the_address_and_the_export_takes_what_they_leave(
    town: Town, busy: Page, tmp_path: Path
) -> None:
    page = go(busy, town.path("settings/audit"))
    page.get_by_role("combobox", name="Act").click()
    page.get_by_role("option", name="Role turned on").click()
    expect(page).to_have_url(re.compile(r"action=staff.role_on"))
    expect(page.get_by_role("status").filter(has_text="1 entry")).to_be_visible()
    page.reload()
    ready(page)
    expect(page.get_by_role("row")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "log.csv")
    rows = list(csv.DictReader((tmp_path / "log.csv").open(encoding="utf-8-sig")))
    assert [(row["Who"], row["What"], row["Whom"]) for row in rows] == [
        ("Ana Castellanos", "Role turned on", "Cleo Marchetti")
    ]
    page.get_by_role("combobox", name="Act").click()
    page.get_by_role("option", name="All acts").click()
    page.get_by_role("combobox", name="Person").click()
    page.get_by_role("option", name="Ana Castellanos").click()
    expect(page).to_have_url(re.compile(r"who="))
    expect(page.get_by_role("row").filter(has_text="System")).to_have_count(0)


@pytest.mark.req("AU-02")
def test_refusals_and_sign_ins_are_in_it(
    town: Town, as_person: AsPerson, open_browser: Callable[..., BrowserContext], screen: Screen
) -> None:
    refused = as_person(town, "cleo")
    refused.goto(town.path())
    expect(refused.get_by_role("heading", name="Your roles do not allow this")).to_be_visible()
    door = open_browser().new_page()
    for password in ("wrong", "four quiet words here"):
        door.goto("/sign-in")
        door.get_by_label("Username or email").fill(town.username("ben"))
        door.get_by_role("textbox", name="Password").fill(password)
        door.get_by_role("button", name="Sign in").click()
    expect(door).to_have_url(re.compile(rf"/p/{town.slug}"))
    page = go(as_person(town, "ana", screen), town.path("settings/audit"))
    expect(entry(page, "Cleo Marchetti", "Refused")).to_be_visible()  # type: ignore[arg-type]
    expect(entry(page, "Sign-in failed")).to_be_visible()  # type: ignore[arg-type]
    expect(entry(page, "Ben Okafor", "Signed in")).to_be_visible()  # type: ignore[arg-type]


@pytest.mark.req("AU-01", "TA-01")
def test_a_manager_of_staff_without_the_privilege_does_not_see_the_log(
    town: Town, as_person: AsPerson
) -> None:
    page = go(as_person(town, "sam"), town.path())
    expect(page.get_by_role("link", name="Audit log")).to_have_count(0)
    page.goto(town.path("settings/audit"))
    expect(page.get_by_role("heading", name="Your roles do not allow this")).to_be_visible()
