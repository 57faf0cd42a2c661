"""A slip in an email is corrected on the Profile; once somebody has come in, nobody but its holder changes it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.hands import Screen, go, notice, width_beyond
from tests.browser.house import link_in
from tests.browser.test_axe import Eye
from tests.browser.test_guide import guide_shot
from tests.browser.town import Town

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]


@pytest.mark.req("PC-01", "TA-10", "UX-01")
def test_the_wrong_address_loses_its_link_and_the_right_one_gets_a_new_one(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    town.add("Nora Reyes", "biller", joined=False)
    town.invite("nora")
    first = town.house.letter(town.email("nora"))
    right = f"right.{town.email('nora')}"
    eye, page = Eye(), go(as_person(town, "ben", screen), town.profile("nora"))
    page.get_by_role("button", name="Correct the email").click()
    box = page.get_by_role("dialog", name="Correct the email")
    expect(box.get_by_label("Email")).to_have_value(town.email("nora"))
    box.get_by_label("Email").fill(right)
    if not screen.is_phone:
        guide_shot(page, "correct-email")
    expect(box).to_contain_text("A new invitation goes to the address you save.")
    box.get_by_label("Email").fill(town.email("cleo"))
    box.get_by_role("button", name="Save and invite").click()
    expect(box.get_by_role("alert")).to_contain_text("Cleo Marchetti already has this email here.")
    eye.look(page, "an email that is somebody's here")
    box.get_by_label("Email").fill("nora at home")
    box.get_by_role("button", name="Save and invite").click()
    expect(box.get_by_role("alert")).not_to_contain_text("Cleo")
    assert width_beyond(page) == 0
    box.get_by_label("Email").fill(right)
    box.get_by_label("Email").press("Enter")

    expect(notice(page, f"A new invitation goes to {right}.")).to_be_visible()
    expect(page.get_by_text(right, exact=True)).to_be_visible()
    page.emulate_media(color_scheme="light")
    eye.tell()
    hers = open_browser(screen).new_page()
    hers.goto(link_in(first))
    expect(hers.get_by_role("heading", name="This invitation has been withdrawn")).to_be_visible()
    hers.goto(link_in(town.house.letter(right)))
    expect(hers.get_by_role("heading", name="Welcome, Nora")).to_be_visible()


@pytest.mark.req("PC-01")
def test_whoever_was_never_invited_gets_no_letter_and_none_is_spoken_of(
    town: Town, as_person: AsPerson
) -> None:
    town.add("Nora Reyes", "biller", joined=False)
    page = go(as_person(town, "ben"), town.profile("nora"))
    page.get_by_role("button", name="Correct the email").click()
    box = page.get_by_role("dialog", name="Correct the email")
    expect(box).not_to_contain_text("invitation")
    box.get_by_label("Email").fill(f"right.{town.email('nora')}")
    box.get_by_role("button", name="Save", exact=True).click()

    expect(notice(page, "The email of Nora Reyes is corrected.")).to_be_visible()


@pytest.mark.req("PC-01")
def test_of_whoever_has_come_in_the_email_is_theirs(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ana"), town.profile("cleo"))

    expect(page.get_by_text(town.email("cleo"), exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Correct the email")).to_have_count(0)


@pytest.mark.req("PC-01")
@pytest.mark.asvs("8.2.2")
def test_whoever_may_not_give_the_roles_of_a_place_sees_no_pencil(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    town.add("Nora Reyes", "records_custodian", joined=False)
    town.add("Kim Lund", "biller", joined=False)
    page = go(as_person(town, "ben", screen), town.profile("kim"))
    expect(page.get_by_role("button", name="Correct the email")).to_be_visible()

    go(page, town.profile("nora"))

    expect(page.get_by_text(town.email("nora"), exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Correct the email")).to_have_count(0)
