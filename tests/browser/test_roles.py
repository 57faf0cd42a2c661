"""The Roles page: what each role may do and costs, who has it, roles of one's own, two side by side."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from motlink.roles.catalogue import BUILTIN
from tests.browser.hands import Screen, go, notice, person, ready, switch, tick, width_beyond
from tests.browser.town import Town

AsPerson = Callable[..., Page]
ROLES = "settings/roles"


def matrix(page: Page) -> Locator:
    """Return the matrix of the Roles page."""
    return page.get_by_role("region", name="Roles and privileges")


def panel(page: Page, role: str) -> Locator:
    """Return the panel of the chosen role."""
    return page.get_by_role("complementary", name=role)


def column(page: Page, role: str) -> Locator:
    """Return the head of a role's column, a button."""
    return matrix(page).get_by_role("button", name=re.compile(f"^{role}"))


def follow(page: Page, town: Town, link: str) -> None:
    """Follow a link to the Roles page."""
    page.get_by_role("link", name=link, exact=True).click()
    expect(page.get_by_role("heading", name="Roles", level=1)).to_be_visible()
    ready(page)
    assert town.path(ROLES) in page.url


def says_what_each_may(page: Page) -> None:
    """Every role has a column with its price and how many hold it, and each privilege a row that says who has it."""
    for role in BUILTIN:
        price = r"\$10" if role.paid else "free"
        head = matrix(page).get_by_role(
            "columnheader", name=re.compile(rf"^{role.name} {price} \d+ (people|person)$")
        )
        expect(head).to_have_count(1)
    staff = (
        matrix(page).get_by_role("row").filter(has_text="Manage staff and their roles").get_by_role("cell")
    )
    held = [role.name for role, cell in zip(BUILTIN, staff.all_inner_texts(), strict=True) if "yes" in cell]
    assert held == ["Owner", "Manager", "Staff Administrator"]


@pytest.mark.req("TA-08")
def test_the_form_leads_to_what_each_role_may_do(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path("settings/staff/new"))

    follow(page, town, "What each role may do")

    says_what_each_may(page)
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

    follow(page, town, "What each role may do")

    says_what_each_may(page)


@pytest.mark.req("TA-25")
def test_a_role_shows_who_holds_it_and_the_address_keeps_it(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    town.add("Nora Reyes", "therapist")
    page = go(as_person(town, "ana", screen), town.path(ROLES))

    column(page, "Therapist").click()

    shown = panel(page, "Therapist")
    expect(shown.get_by_text("2 people hold it")).to_be_visible()
    expect(shown.get_by_text("A seat each, $10.00, which all their paid roles share")).to_be_visible()
    expect(shown.get_by_text("$20.00")).to_be_visible()
    expect(shown.get_by_text("Built in: copy it to change it.")).to_be_visible()
    expect(shown.get_by_role("link", name="Nora Reyes")).to_be_visible()
    expect(shown.get_by_role("heading", name="Therapist")).to_be_in_viewport()
    assert page.url.endswith("?role=therapist") and width_beyond(page) == 0
    page.reload()
    ready(page)
    expect(shown.get_by_text("2 people hold it")).to_be_visible()
    shown.get_by_role("button", name="Close Therapist").click()
    expect(shown).to_be_hidden()
    assert page.url.endswith(town.path(ROLES))


@pytest.mark.req("TA-25")
def test_a_role_is_given_to_many_and_taken_from_many(town: Town, as_person: AsPerson, screen: Screen) -> None:
    town.add("Nora Reyes", "biller")
    page = go(as_person(town, "ana", screen), town.path(f"{ROLES}?role=therapist"))
    shown = panel(page, "Therapist")
    shown.get_by_role("button", name="Grant").click()
    dialog = page.get_by_role("dialog", name="Grant Therapist")
    expect(dialog.get_by_role("searchbox", name="Find a person")).to_be_visible()
    tick(dialog, "reyes", "Nora Reyes")
    expect(dialog.get_by_text("$10.00 a month more")).to_be_visible()
    tick(dialog, "okafor", "Ben Okafor")
    expect(dialog.get_by_text("$20.00 a month more")).to_be_visible()
    dialog.get_by_role("button", name="Turn on for 2 people").click()
    expect(notice(page, "Therapist turned on for 2 people.")).to_be_visible()
    expect(shown.get_by_text("3 people hold it")).to_be_visible()

    shown.get_by_role("button", name="Select all").click()
    shown.get_by_role("checkbox", name="Select Ben Okafor").click()
    shown.get_by_role("button", name="Turn off for 2 people").click()
    asks = page.get_by_role("alertdialog", name="Turn Therapist off for 2 people?")
    expect(asks.get_by_text("It is the last role of Cleo Marchetti.")).to_be_visible()
    expect(asks.get_by_role("button", name="Keep it on")).to_be_focused()
    asks.get_by_role("button", name="Turn off").click()
    expect(notice(page, "Therapist turned off for 2 people.")).to_be_visible()
    expect(shown.get_by_text("1 person holds it")).to_be_visible()
    assert town.saved("cleo").deactivated_at is not None

    notice(page, "Therapist turned off for 2 people.").get_by_role("button", name="Undo").click()
    expect(shown.get_by_text("3 people hold it")).to_be_visible()


@pytest.mark.req("TA-25")
def test_a_role_of_ones_own_from_copy_to_deletion(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path(f"{ROLES}?role=scheduler"))
    panel(page, "Scheduler").get_by_role("button", name="Copy role").click()
    form = page.get_by_role("dialog", name="Copy Scheduler")
    form.get_by_role("textbox", name="Name").fill("Scheduler")
    form.get_by_role("button", name="Make role").click()
    expect(form.get_by_text("There is a role Scheduler already.")).to_be_visible()
    form.get_by_role("textbox", name="Name").fill("Front desk")
    expect(form.get_by_label("Edit tags")).to_have_value("yes")
    form.get_by_label("Edit tags").select_option("no")
    form.get_by_role("button", name="Make role").click()
    expect(notice(page, "Front desk is made.")).to_be_visible()

    own = panel(page, "Front desk")
    expect(own.get_by_text("Nobody holds it")).to_be_visible()
    expect(page.get_by_text("11 built in, 1 of your own")).to_be_visible()
    own.get_by_role("button", name="Grant").click()
    page.get_by_role("dialog").get_by_role("checkbox", name="Cleo Marchetti").click()
    page.get_by_role("button", name="Turn on for 1 person").click()
    expect(own.get_by_text("1 person holds it")).to_be_visible()

    own.get_by_role("button", name="Edit").click()
    form = page.get_by_role("dialog", name="Edit Front desk")
    expect(form.get_by_text("1 person holds it: what they may do changes at once.")).to_be_visible()
    form.get_by_label("Practice reports").select_option("yes")
    form.get_by_role("button", name="Save").click()
    expect(notice(page, "Front desk is saved.")).to_be_visible()
    own.get_by_role("button", name="Delete").click()
    expect(notice(page, "1 person holds Front desk. Turn it off for them first.")).to_be_visible()

    own.get_by_role("checkbox", name="Select Cleo Marchetti").click()
    own.get_by_role("button", name="Turn off for 1 person").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Turn off").click()
    expect(own.get_by_text("Nobody holds it")).to_be_visible()
    own.get_by_role("button", name="Delete").click()
    expect(notice(page, "Front desk is deleted.")).to_be_visible()
    expect(own).to_be_hidden()
    notice(page, "Front desk is deleted.").get_by_role("button", name="Undo").click()
    expect(column(page, "Front desk")).to_be_attached()


@pytest.mark.req("TA-25")
def test_the_form_offers_no_more_than_its_maker_has(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ben", screen), town.path(f"{ROLES}?role=owner"))
    expect(panel(page, "Owner").get_by_text("Only an owner decides about owners.")).to_be_visible()
    expect(panel(page, "Owner").get_by_role("button", name="Grant")).to_be_disabled()
    panel(page, "Owner").get_by_role("button", name="Copy role").click()

    form = page.get_by_role("dialog", name="Copy Owner")
    expect(
        form.get_by_text(re.compile("Left out or narrower than in Owner: .*Billing and seats"))
    ).to_be_visible()
    expect(form.get_by_label("Billing and seats")).to_have_count(0)
    expect(form.get_by_label("Read notes").get_by_role("option")).to_have_text(["No", "Own work"])


@pytest.mark.req("TA-25", "LV-02")
def test_two_who_edit_one_role_see_each_other(town: Town, as_person: AsPerson, screen: Screen) -> None:
    first = go(as_person(town, "ana", screen), town.path(ROLES))
    first.get_by_role("button", name="New role").click()
    first.get_by_role("dialog").get_by_role("textbox", name="Name").fill("Desk")
    first.get_by_role("button", name="Make role").click()
    expect(panel(first, "Desk")).to_be_visible()
    second = go(as_person(town, "ben"), town.path(f"{ROLES}?role=desk"))
    for page in (first, second):
        panel(page, "Desk").get_by_role("button", name="Edit").click()
    second.get_by_role("dialog").get_by_label("Edit tags").select_option("yes")
    second.get_by_role("button", name="Save").click()
    expect(notice(second, "Desk is saved.")).to_be_visible()

    form = first.get_by_role("dialog", name="Edit Desk")
    form.get_by_role("textbox", name="Name").fill("Front desk")
    form.get_by_role("button", name="Save").click()

    expect(form.get_by_role("alert")).to_contain_text("Edit tags is now yes")
    form.get_by_label("Edit tags").select_option("yes")
    form.get_by_role("button", name="Save").click()
    expect(notice(first, "Front desk is saved.")).to_be_visible()
    expect(column(second, "Front desk")).to_be_attached()


@pytest.mark.req("TA-25")
def test_two_roles_and_two_people_side_by_side(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path(f"{ROLES}?role=auditor"))
    page.get_by_role("button", name="Compare").click()
    dialog = page.get_by_role("dialog", name="Compare")
    dialog.get_by_label("Right").select_option(label="Reporting")
    expect(dialog.get_by_text("1 difference", exact=True)).to_be_visible()
    row = dialog.get_by_role("row").filter(has_text="Read the audit log")
    expect(row.get_by_role("cell")).to_have_text(["yes", "no", "differs"])

    dialog.get_by_role("button", name="Two people").click()
    for name in ("Ana Castellanos", "Sam Whitfield"):
        dialog.get_by_role("checkbox", name=name).click()
    expect(dialog.get_by_role("columnheader", name="Sam Whitfield")).to_be_visible()
    row = dialog.get_by_role("row").filter(has_text="Billing and seats")
    expect(row.get_by_role("cell")).to_have_text(["yes", "no", "differs"])


@pytest.mark.req("TA-25", "TA-01")
def test_who_manages_no_staff_sees_no_roles(town: Town, as_person: AsPerson) -> None:
    page = as_person(town, "cleo")
    page.goto(town.path(ROLES))
    expect(page.get_by_role("heading", name="Your roles do not allow this")).to_be_visible()


@pytest.mark.req("TA-26")
def test_options_go_with_therapist(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.profile("ben"))
    expect(switch(page, "Telehealth")).to_be_disabled()
    expect(page.get_by_text("Only with Therapist.").first).to_be_visible()
    switch(page, "Therapist").click()
    expect(switch(page, "Telehealth")).to_be_enabled()
    switch(page, "Telehealth").click()
    expect(notice(page, "Telehealth turned on for Ben Okafor.")).to_be_visible()
    expect(page.get_by_text("$25.00 a month")).to_be_visible()
    switch(page, "Therapist").click()
    expect(notice(page, "Therapist turned off for Ben Okafor.")).to_be_visible()
    expect(switch(page, "Telehealth")).not_to_be_checked()
    expect(switch(page, "Telehealth")).to_be_disabled()
    notice(page, "Therapist turned off").get_by_role("button", name="Undo").click()
    expect(switch(page, "Telehealth")).to_be_checked()


@pytest.mark.req("TA-26", "TA-08")
def test_the_add_form_offers_options_once_therapist_is_ticked(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(town, "ana", screen), town.path("settings/staff/new"))
    option = page.get_by_role("checkbox", name="Telehealth")
    expect(option).to_be_disabled()
    page.get_by_role("checkbox", name="Therapist", exact=True).click()
    option.click()
    expect(page.get_by_text("$25.00").locator("visible=true").first).to_be_visible()
    page.get_by_role("checkbox", name="Therapist", exact=True).click()
    expect(option).not_to_be_checked()
    expect(page.get_by_text("$0.00").locator("visible=true").first).to_be_visible()
    page.get_by_role("checkbox", name="Therapist", exact=True).click()
    option.click()
    for label, typed in (("First name", "Nora"), ("Last name", "Reyes"), ("Email", town.email("nora"))):
        page.get_by_label(label).fill(typed)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(person(page, "Nora Reyes").get_by_text("Telehealth")).to_have_count(0)
    page.get_by_role("link", name="Nora Reyes").click()
    expect(switch(page, "Telehealth")).to_be_checked()
