"""New Staff Member: the form, its cost, its messages, and the whole way of an invitation."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.hands import PHONE, WIDE, Screen, go, notice, person, switch, width_beyond
from tests.browser.house import link_in
from tests.browser.town import Town, settle

AsPerson = Callable[..., Page]
SECTIONS = ("Provider / Therapy", "Administrative", "Auditing / Compliance")


def fill(page: Page, first: str, last: str, email: str, phone: str = "") -> None:
    for label, typed in (("First name", first), ("Last name", last), ("Email", email), ("Phone", phone)):
        field(page, label).fill(typed)


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("textbox", name=re.compile(f"^{label}"))


def save(page: Page) -> Locator:
    return page.get_by_role("button", name="Save", exact=True)


@pytest.mark.req("TA-08")
def test_three_sections_from_top_to_bottom_with_their_prices(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(town, "ana", screen), town.path("settings/staff/new"))
    tops = [page.get_by_role("group", name=section).bounding_box() for section in SECTIONS]
    assert [box["y"] for box in tops if box] == sorted(box["y"] for box in tops if box)
    expect(page.get_by_text("from $10 a month")).to_be_visible()
    expect(page.get_by_text("free", exact=True)).to_have_count(2)
    for role, what in (
        ("Therapist", "Own clients, own schedule, own notes"),
        ("Auditor", "Sees who did what, changes nothing"),
    ):
        expect(page.get_by_role("checkbox", name=re.compile(rf"^{role}"))).to_be_visible()
        expect(page.get_by_text(what)).to_be_visible()
    save(page).scroll_into_view_if_needed()
    button, form = save(page).bounding_box(), page.get_by_role("group", name=SECTIONS[2]).bounding_box()
    assert (
        button
        and form
        and button["y"] > form["y"]
        and button["x"] + button["width"] / 2 > form["x"] + form["width"] / 2
    )
    assert width_beyond(page) == 0


@pytest.mark.req("TA-08")
def test_the_bill_follows_each_tick(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ana"), town.path("settings/staff/new"))
    total = page.get_by_role("status").filter(has_text="Each month")
    expect(total).to_contain_text("$0.00")
    for role, amount in (("Biller", "$0.00"), ("Therapist", "$10.00"), ("Supervisor", "$10.00")):
        page.get_by_role("checkbox", name=re.compile(rf"^{role}")).click()
        expect(total.get_by_text(role)).to_be_visible()
        expect(total).to_contain_text(amount)
    field(page, "First name").fill("Nora")
    expect(page.get_by_role("heading", name="What Nora adds")).to_be_visible()


@pytest.mark.req("TA-08", "TA-09", "TA-10", "TA-17", "LV-01")
def test_from_the_form_to_the_inbox_and_in(
    town: Town, as_person: AsPerson, open_browser: Callable[..., BrowserContext], screen: Screen
) -> None:
    other = go(as_person(town, "ben"), town.path())
    page = go(as_person(town, "ana", screen), town.path())
    page.get_by_role("link", name="New Staff Member").click()
    fill(page, "Nora", "Reyes", town.email("nora").upper(), "617 555 0142")
    page.get_by_role("checkbox", name=re.compile("^Scheduler")).click()
    page.get_by_role("checkbox", name=re.compile("^Staff Administrator")).click()
    save(page).click()

    expect(notice(page, "Nora Reyes is invited.")).to_contain_text("no-reply@motlink.example")
    for screen_ in (page, other):
        expect(person(screen_, "Nora Reyes").get_by_text("Invited")).to_be_visible()
        expect(person(screen_, "Nora Reyes").get_by_text(re.compile(r"\d+ min left"))).to_be_visible()

    letter = town.house.letter(town.email("nora"))
    assert "no-reply@motlink.example" in str(letter["From"]) and "Riverbend Clinic" in str(letter["Subject"])
    hers = open_browser(screen).new_page()
    hers.goto(link_in(letter))
    expect(hers.get_by_role("heading", name="Welcome, Nora")).to_be_visible()
    assert "t=" not in hers.url
    hers.get_by_label("Username").fill(f"nora.{town.slug}")
    hers.get_by_role("textbox", name="Password").fill("seven tall birches stand")
    hers.get_by_role("button", name="Set up account").click()
    expect(hers.get_by_role("heading", name="Staff", level=1)).to_be_visible()
    expect(person(hers, "Nora Reyes")).to_be_visible()
    expect(person(page, "Nora Reyes").get_by_text("Invited")).to_be_hidden()
    go(page, f"{town.path()}?q=nora")
    page.get_by_role("link", name="Nora Reyes").click()
    expect(page.get_by_text(f"nora.{town.slug}", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Send New Invitation")).to_have_count(0)


@pytest.mark.req("TA-08", "TA-10")
def test_without_a_role_the_account_waits_for_one(
    town: Town, as_person: AsPerson, open_browser: Callable[..., BrowserContext]
) -> None:
    page = go(as_person(town, "ana"), town.path("settings/staff/new"))
    fill(page, "Nora", "Reyes", town.email("nora"))
    save(page).click()
    expect(person(page, "Nora Reyes").get_by_text("No role")).to_be_visible()
    hers = open_browser().new_page()
    hers.goto(link_in(town.house.letter(town.email("nora"))))
    hers.get_by_label("Username").fill(f"nora.{town.slug}")
    hers.get_by_role("textbox", name="Password").fill("seven tall birches stand")
    hers.get_by_role("button", name="Set up account").click()
    expect(hers.get_by_role("heading", name="Your practice has to give you a role")).to_be_visible()
    expect(person(page, "Nora Reyes").get_by_text("No role")).to_be_visible()
    page.get_by_role("link", name="Nora Reyes").click()
    switch(page, "Biller").click()
    expect(notice(page, "Biller turned on for Nora Reyes.")).to_be_visible()
    hers.goto("/sign-in")
    hers.get_by_label("Username or email").fill(f"nora.{town.slug}")
    hers.get_by_role("textbox", name="Password").fill("seven tall birches stand")
    hers.get_by_role("button", name="Sign in").click()
    expect(hers).to_have_url(re.compile(rf"/p/{town.slug}"))


@pytest.mark.req("TA-08", "UX-02")
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=str)
def test_what_is_wrong_stands_beside_the_field_and_nothing_typed_is_lost(
    town: Town, as_person: AsPerson, size: Screen
) -> None:
    page = go(as_person(town, "ana", size), town.path("settings/staff/new"))
    page.get_by_role("checkbox", name=re.compile("^Therapist")).click()
    for typed, label, words in (
        (("", "Reyes", "nora@x.example", ""), "First name", "First name is needed."),
        (("Nora", "", "nora@x.example", ""), "Last name", "Last name is needed."),
        (("N" * 400, "Reyes", "nora@x.example", ""), "First name", "This is too long"),
        (("Nora", "Re\u0007yes", "nora@x.example", ""), "Last name", "characters that cannot be shown"),
        (("Nora", "Reyes", "", ""), "Email", "Email is needed"),
        (("Nora", "Reyes", "nora at home", ""), "Email", "This is not an email address."),
        (("Nora", "Reyes", "nora@x.example", "12"), "Phone", "phone number"),
    ):
        fill(page, *typed)
        save(page).click()
        expect(field(page, label)).to_have_accessible_description(re.compile(words))
        expect(field(page, label)).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
        for name, value in zip(("First name", "Last name", "Email", "Phone"), typed, strict=True):
            expect(field(page, name)).to_have_value(value)
        expect(page.get_by_role("checkbox", name=re.compile("^Therapist"))).to_be_checked()
    assert len(town.members()) == 4


@pytest.mark.req("TA-08", "UX-02")
def test_a_name_from_right_to_left(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path("settings/staff/new"))
    fill(page, "نور", "الحسن", town.email("noor"))
    save(page).click()
    link = page.get_by_role("link", name="نور الحسن")
    expect(link).to_be_visible()
    assert link.evaluate("e => getComputedStyle(e).direction") == "rtl"
    expect(person(page, "نور الحسن").get_by_text("No role")).to_be_visible()


@pytest.mark.req("TA-18")
def test_the_form_says_while_typing_who_has_the_email(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(town, "ana", screen), town.path("settings/staff/new"))
    field(page, "First name").fill("Someone")
    field(page, "Email").press_sequentially(town.email("cleo").upper())
    said = notice(page, "Cleo Marchetti already has this email here.")
    expect(said).to_contain_text("Two people cannot share an email.")
    expect(save(page)).to_be_disabled()
    expect(page.get_by_text("This email is taken. Use another.")).to_be_visible()
    expect(field(page, "First name")).to_have_value("Someone")
    field(page, "Email").fill(town.email("else"))
    expect(said).to_be_hidden()
    expect(save(page)).to_be_enabled()
    field(page, "Email").fill(town.email("cleo"))
    said.get_by_role("link", name="Open profile").click()
    expect(page.get_by_role("heading", name="Cleo Marchetti")).to_be_visible()


@pytest.mark.req("TA-18")
def test_the_way_out_for_someone_invited_is_a_new_invitation(town: Town, as_person: AsPerson) -> None:
    town.add("Nora Reyes", "biller", joined=False)
    town.invite("nora")
    page = go(as_person(town, "ana"), town.path("settings/staff/new"))
    field(page, "Email").fill(town.email("nora"))
    expect(notice(page, "Nora Reyes already has this email here, not yet set up.")).to_be_visible()
    page.get_by_role("button", name="Send New Invitation").click()
    expect(page.get_by_role("heading", name="Nora Reyes")).to_be_visible()
    town.house.letter(town.email("nora"), number=2)


@pytest.mark.req("TA-18")
def test_the_way_out_for_someone_gone_is_to_reactivate(town: Town, as_person: AsPerson) -> None:
    town.let_go("cleo")
    page = go(as_person(town, "ana"), town.path("settings/staff/new"))
    field(page, "Email").fill(town.email("cleo"))
    expect(notice(page, "Cleo Marchetti already has this email here. Inactive since")).to_be_visible()
    page.get_by_role("button", name="Reactivate").click()
    expect(page.get_by_role("heading", name="Cleo Marchetti")).to_be_visible()
    assert town.saved("cleo").deactivated_at is None


@pytest.mark.req("TA-18")
def test_two_managers_add_one_email_and_one_row_comes_of_it(town: Town, as_person: AsPerson) -> None:
    pages = [go(as_person(town, who), town.path("settings/staff/new")) for who in ("ana", "ben")]
    for page, name in zip(pages, ("Nora", "Norah"), strict=True):
        fill(page, name, "Reyes", town.email("nora"))
    save(pages[0]).click()
    expect(notice(pages[0], "Nora Reyes is invited.")).to_be_visible()
    # The form may have said so already, and then Save is off: either way nothing comes of it.
    save(pages[1]).click(force=True)
    expect(notice(pages[1], "Nora Reyes already has this email here")).to_be_visible()
    expect(field(pages[1], "First name")).to_have_value("Norah")
    assert len(town.members()) == 5


@pytest.mark.req("TA-10")
def test_an_email_of_another_practice_looks_new_and_its_holder_signs_in_to_accept(
    town: Town, as_person: AsPerson, open_browser: Callable[..., BrowserContext], password_hash: str
) -> None:
    elsewhere = settle(town.house, password_hash)
    page = go(as_person(town, "ana"), town.path("settings/staff/new"))
    fill(page, "Cleo", "Twoplaces", elsewhere.email("cleo"))
    expect(field(page, "Email")).to_have_value(elsewhere.email("cleo"))
    page.get_by_role("checkbox", name=re.compile("^Biller")).click()
    save(page).click()
    expect(notice(page, "Cleo Twoplaces is invited.")).to_be_visible()
    hers = open_browser().new_page()
    hers.goto(link_in(town.house.letter(elsewhere.email("cleo"))))
    expect(hers.get_by_role("heading", name="Join Riverbend Clinic")).to_be_visible()
    hers.get_by_role("textbox", name="Password").fill("four quiet words here")
    hers.get_by_role("button", name="Sign in and accept").click()
    expect(hers.get_by_role("heading", name="Choose a practice")).to_be_visible()
    expect(hers.get_by_role("list").get_by_role("link")).to_have_count(2)
