"""A view of the roster is its address: shared, reloaded, gone back to, and asked for twice in one breath (TA-03)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import go, person, ready, search
from tests.browser.town import Town

AsPerson = Callable[..., Page]


@pytest.mark.req("TA-03")
def test_a_view_is_its_address(town: Town, as_person: AsPerson) -> None:
    town.add("Nora Reyes", "therapist", tags=("Feeding",))
    town.add("Mae Reyes", "scheduler", tags=("Feeding",))
    page = go(as_person(town, "ana"), town.path())
    search(page).press_sequentially("reyes")
    expect(person(page, "Ben Okafor")).to_be_hidden()
    page.get_by_role("button", name="Filter by role").click()
    page.get_by_role("checkbox", name="Therapist").click()
    expect(person(page, "Mae Reyes")).to_be_hidden()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Filter by tag").click()
    page.get_by_role("checkbox", name="Feeding").click()
    page.keyboard.press("Escape")
    page.get_by_role("columnheader", name="Email").get_by_role("button").click()
    expect(page).to_have_url(re.compile(r"q=reyes&role=therapist&tag=feeding&sort=email"))
    shared = as_person(town, "ben")
    for again in (lambda: page.reload(), lambda: (page.go_back(), page.go_forward()), lambda: None):
        again()
        _shows_the_view(page)
    shared.goto(page.url)
    _shows_the_view(shared)


@pytest.mark.req("TA-03")
def test_two_clicks_in_one_breath_both_count(town: Town, as_person: AsPerson) -> None:
    town.add("Nora Reyes", "therapist", tags=("Feeding",))
    page = go(as_person(town, "ana"), town.path())
    page.get_by_role("button", name="Filter by role").click()
    role = page.get_by_role("checkbox", name="Therapist").element_handle()
    email = page.get_by_role("columnheader", name="Email").get_by_role("button").element_handle()
    page.evaluate("([first, second]) => { first.click(); second.click() }", [role, email])
    expect(page).to_have_url(re.compile(r"\?role=therapist&sort=email$"))
    expect(person(page, "Ben Okafor")).to_be_hidden()


def _shows_the_view(page: Page) -> None:
    ready(page)
    expect(person(page, "Nora Reyes")).to_be_visible()
    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(search(page)).to_have_value("reyes")
    expect(page.get_by_role("button", name="Clear the role filter")).to_be_visible()
    expect(page.get_by_role("button", name="Clear the tag filter")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Email")).to_have_attribute("aria-sort", "ascending")
