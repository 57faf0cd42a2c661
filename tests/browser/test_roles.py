"""The Roles page, reached from where roles are given: what each may do, and what it costs."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from motlink.roles.catalogue import BUILTIN
from tests.browser.hands import Screen, go, ready
from tests.browser.town import Town

AsPerson = Callable[..., Page]


def follow(page: Page, town: Town, link: str) -> Locator:
    """Follow a link to the Roles page and return its matrix."""
    page.get_by_role("link", name=link, exact=True).click()
    expect(page.get_by_role("heading", name="Roles", level=1)).to_be_visible()
    ready(page)
    assert town.path("settings/roles") in page.url
    return page.get_by_role("region", name="Roles and privileges")


def says_what_each_may(matrix: Locator) -> None:
    """Every role has a column with its price, and each privilege a row that says who has it."""
    for role in BUILTIN:
        price = "$10" if role.paid else "free"
        expect(matrix.get_by_role("columnheader", name=f"{role.name} {price}", exact=True)).to_have_count(1)
    staff = matrix.get_by_role("row").filter(has_text="Manage staff and their roles").get_by_role("cell")
    held = [role.name for role, cell in zip(BUILTIN, staff.all_inner_texts(), strict=True) if "yes" in cell]
    assert held == ["Owner", "Manager", "Staff Administrator"]


@pytest.mark.req("TA-08")
def test_the_form_leads_to_what_each_role_may_do(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path("settings/staff/new"))

    says_what_each_may(follow(page, town, "What each role may do"))

    page.go_back()
    expect(page.get_by_role("textbox", name="First name")).to_be_visible()


@pytest.mark.req("TA-08")
def test_the_form_leads_to_what_roles_cost(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path("settings/staff/new"))

    follow(page, town, "Pricing")

    expect(page.get_by_role("heading", name="Pricing")).to_be_in_viewport()
    for words in ("One seat, $10.00 a month", "Administrative and Auditing / Compliance roles are free"):
        expect(page.get_by_role("listitem").filter(has_text=words)).to_be_in_viewport()


@pytest.mark.req("TA-12")
def test_the_profile_leads_to_what_each_role_may_do(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "sam", screen), town.profile("cleo"))

    says_what_each_may(follow(page, town, "What each role may do"))
