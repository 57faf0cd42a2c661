"""What somebody sees who types the address of a screen of invitations, agents or security and may not have it.

Who may is in the test of each screen; that no event or request gets through is in `tests/guard`.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Screen, width_beyond
from tests.browser.town import Town, settle

AsPerson = Callable[..., Page]
SCREENS = (
    "settings/staff/invitations",
    "settings/security",
    "settings/staff/new",
    "settings/staff/new-agent",
)


def addresses(town: Town) -> list[str]:
    """Return the screens, and the Profile on which an email is corrected and a second step removed."""
    town.add("Nora Reyes", "biller", joined=False)
    town.invite("nora")
    return [*map(town.path, SCREENS), town.profile("nora"), town.profile("cleo")]


def shows_nothing_of(town: Town, page: Page) -> None:
    for words in ("Nora", "Reyes", "Okafor", town.email("nora"), town.email("ben")):
        expect(page.locator("body")).not_to_contain_text(words)


@pytest.mark.req("TA-09", "TA-22", "TA-24", "PC-01", "AC-01")
@pytest.mark.asvs("8.2.1")
def test_a_therapist_is_told_that_the_roles_do_not_allow_it(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = as_person(town, "cleo", screen)
    for address in addresses(town):
        page.goto(address)

        expect(page.get_by_role("heading", name="Your roles do not allow this")).to_be_visible()
        shows_nothing_of(town, page)
        assert width_beyond(page) == 0


@pytest.mark.req("TA-22", "AC-01")
@pytest.mark.asvs("8.2.1")
def test_a_manager_does_not_choose_how_the_practice_is_secured(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = as_person(town, "ben", screen)
    page.goto(town.path("settings/security"))

    expect(page.get_by_role("heading", name="Your roles do not allow this")).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(0)


@pytest.mark.req("TA-09", "TA-22", "TA-24", "PC-01", "AC-01")
@pytest.mark.asvs("8.2.2")
def test_the_owner_of_another_practice_finds_nothing_there(
    town: Town, as_person: AsPerson, screen: Screen, password_hash: str
) -> None:
    page = as_person(settle(town.house, password_hash), "ana", screen)
    for address in addresses(town):
        page.goto(address)

        expect(page.get_by_role("heading", name="This is not here")).to_be_visible()
        shows_nothing_of(town, page)
        assert width_beyond(page) == 0
