"""The Profile: account, roles that act at once, letting go and taking back, two people at one record."""

import re
from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.hands import Screen, go, notice, ready, switch
from tests.browser.house import link_in
from tests.browser.town import Town

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]


@pytest.mark.req("TA-12", "UX-02")
def test_a_switch_acts_at_once_and_undo_takes_it_back(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(town, "ana", screen), town.profile("cleo"))
    for section in ("Provider / Therapy", "Administrative", "Auditing / Compliance"):
        expect(page.get_by_role("group", name=section)).to_be_visible()
    switch(page, "Scheduler").click()
    expect(notice(page, "Scheduler turned on for Cleo Marchetti.")).to_be_visible()
    page.reload()
    expect(switch(page, "Scheduler")).to_be_checked()
    switch(page, "Biller").click()
    notice(page, "Biller turned on for Cleo Marchetti.").get_by_role("button", name="Undo").click()
    expect(notice(page, "Biller turned off for Cleo Marchetti.")).to_be_visible()
    expect(switch(page, "Biller")).not_to_be_checked()
    switch(page, "Scheduler").click()
    expect(notice(page, "Scheduler turned off for Cleo Marchetti.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Undo"))).to_be_visible()
    page.keyboard.press("u")
    expect(switch(page, "Scheduler")).to_be_checked()
    expect(notice(page, "Scheduler turned on for Cleo Marchetti.")).to_be_visible()


@pytest.mark.req("UX-02")
def test_undo_is_refused_once_someone_else_has_changed_the_same(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ana"), town.profile("cleo"))
    other = go(as_person(town, "ben"), town.profile("cleo"))
    switch(page, "Scheduler").click()
    expect(switch(other, "Scheduler")).to_be_checked()
    switch(other, "Scheduler").click()
    expect(switch(page, "Scheduler")).not_to_be_checked()
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(notice(page, "This cannot be undone any more: it has changed since.")).to_be_visible()
    expect(switch(page, "Scheduler")).not_to_be_checked()


@pytest.mark.req("TA-12")
def test_giving_owner_asks_first(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.profile("ben"))
    switch(page, "Owner").click()
    question = page.get_by_role("alertdialog", name="Make Ben Okafor an owner?")
    expect(question.get_by_role("button", name="Not now")).to_be_focused()
    question.get_by_role("button", name="Not now").click()
    expect(question).to_be_hidden()
    expect(switch(page, "Owner")).not_to_be_checked()
    switch(page, "Owner").click()
    question.get_by_role("button", name="Make owner").click()
    expect(notice(page, "Owner turned on for Ben Okafor.")).to_be_visible()
    expect(switch(page, "Owner")).to_be_checked()


@pytest.mark.req("TA-12", "TA-20")
def test_the_last_role_opens_the_checklist(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.profile("cleo"))
    switch(page, "Therapist").click()
    asks = page.get_by_role("alertdialog", name="Deactivate Cleo Marchetti?")
    expect(asks.get_by_text("Next bill: $10.00 a month less")).to_be_visible()
    asks.get_by_role("button", name="Keep active").click()
    expect(switch(page, "Therapist")).to_be_checked()
    switch(page, "Therapist").click()
    asks.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("button", name="Reactivate")).to_be_visible()
    expect(switch(page, "Therapist")).not_to_be_checked()


@pytest.mark.req("TA-01", "TA-20")
def test_the_last_owner_stays(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ana"), town.profile("ana"))
    expect(switch(page, "Owner")).to_be_disabled()
    expect(page.get_by_role("button", name="Deactivate")).to_be_disabled()
    expect(switch(page, "Scheduler")).to_be_enabled()


@pytest.mark.req("TA-17")
def test_send_new_invitation_ends_the_older_link(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    town.add("Nora Reyes", "biller", joined=False)
    town.invite("nora")
    page = go(as_person(town, "ana", screen), town.profile("nora"))
    expect(page.get_by_role("heading", name="Account information")).to_be_visible()
    expect(page.get_by_text("Not set up yet")).to_be_visible()
    page.get_by_role("button", name="Send New Invitation").click()
    expect(notice(page, "Invitation sent to Nora Reyes. The older link no longer works.")).to_be_visible()
    second, first = (town.house.letter(town.email("nora"), number) for number in (2, 1))
    for letter in (first, second):
        body = letter.get_body(("plain",))
        assert body and re.search(r"Sent .*\d", body.get_content())
    hers = open_browser(screen).new_page()
    hers.goto(link_in(first))
    expect(hers.get_by_role("heading", name="This invitation has been replaced")).to_be_visible()
    hers.goto(link_in(second))
    expect(hers.get_by_role("heading", name="Welcome, Nora")).to_be_visible()


@pytest.mark.req("TA-17")
def test_the_username_stands_left_of_the_action(town: Town, as_person: AsPerson) -> None:
    town.add("Nora Reyes", "biller", joined=False)
    page = go(as_person(town, "ana"), town.profile("nora"))
    left, right = (
        page.get_by_text("Username").bounding_box(),
        page.get_by_role("button", name="Send New Invitation").bounding_box(),
    )
    assert left and right and left["x"] < right["x"]
    go(page, town.profile("cleo"))
    expect(page.get_by_text(town.username("cleo"), exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Send New Invitation")).to_have_count(0)


@pytest.mark.req("TA-20")
def test_a_person_let_go_is_out_of_every_tab_within_a_second(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    town.switch("cleo", "reporting", on=True), town.switch("ben", "reporting", on=True)
    his = as_person(town, "ben")
    go(his, town.path())
    second = go(his.context.new_page(), town.path("settings/audit"))
    page = go(as_person(town, "ana", screen), town.profile("ben"))
    button, roles = (
        page.get_by_role("button", name="Deactivate"),
        page.get_by_role("group", name="Provider / Therapy"),
    )
    above, below = button.bounding_box(), roles.bounding_box()
    assert above and below and above["y"] < below["y"]
    button.click()
    asks = page.get_by_role("alertdialog", name="Deactivate Ben Okafor?")
    expect(asks.get_by_role("button", name="Keep active")).to_be_focused()
    expect(asks.get_by_text("1 open session ends at once")).to_be_visible()
    page.evaluate("addEventListener('click', () => { window.clicked = Date.now() }, true)")
    asks.get_by_role("button", name="Deactivate").click()
    for tab in (his, second):
        expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(tab.get_by_text("Your access to that practice has ended")).to_be_visible()
        left = tab.evaluate("performance.timeOrigin") - page.evaluate("window.clicked")
        assert left <= 1000, f"{left} ms"
    expect(notice(page, "Ben Okafor is deactivated and signed out.")).to_be_visible()
    his.goto(town.path())
    expect(his.get_by_role("heading", name="Sign in")).to_be_visible()
    _sign_in(his, town.username("ben"))
    expect(his.get_by_role("alert")).to_contain_text(
        "The username or password is not right, or this account has no access now."
    )


@pytest.mark.req("TA-20")
def test_the_checklist_names_what_it_touches(town: Town, as_person: AsPerson) -> None:
    adding = go(as_person(town, "ben"), town.path("settings/staff/new"))
    for label, typed in (("First name", "Nora"), ("Last name", "Reyes"), ("Email", town.email("nora"))):
        adding.get_by_label(label).fill(typed)
    adding.get_by_role("button", name="Save", exact=True).click()
    expect(notice(adding, "Nora Reyes is invited.")).to_be_visible()
    page = go(as_person(town, "ana"), town.profile("ben"))
    page.get_by_role("button", name="Deactivate").click()
    asks = page.get_by_role("alertdialog")
    expect(asks.get_by_text("1 invitation they sent is open")).to_be_visible()
    expect(asks.get_by_text("Nora Reyes")).to_be_visible()
    expect(asks.get_by_role("switch", name="End these invitations too")).to_be_checked()
    asks.get_by_role("button", name="Deactivate").click()
    expect(notice(page, "Ben Okafor is deactivated")).to_be_visible()
    letter = town.house.letter(town.email("nora"))
    expect(adding.get_by_role("heading", name="Sign in")).to_be_visible()
    adding.goto(link_in(letter))
    expect(adding.get_by_role("heading", name="This invitation has been withdrawn")).to_be_visible()


@pytest.mark.req("TA-21")
def test_back_again_with_the_roles_of_before(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    town.let_go("cleo")
    page = go(as_person(town, "ana", screen), town.profile("cleo"))
    expect(switch(page, "Therapist")).to_be_disabled()
    page.get_by_role("button", name="Reactivate").click()
    expect(notice(page, "Cleo Marchetti is active again, with no roles yet.")).to_be_visible()
    hers = open_browser(screen).new_page()
    hers.goto("/sign-in")
    _sign_in(hers, town.username("cleo"))
    expect(hers.get_by_role("alert")).to_contain_text("has no access now")
    page.get_by_role("button", name="Restore previous roles").click()
    expect(notice(page, "Therapist restored for Cleo Marchetti.")).to_be_visible()
    expect(switch(page, "Therapist")).to_be_checked()
    _sign_in(hers, town.username("cleo"))
    expect(hers).to_have_url(re.compile(rf"/p/{town.slug}"))


@pytest.mark.req("TA-21")
def test_back_again_who_never_set_up_gets_a_new_invitation(town: Town, as_person: AsPerson) -> None:
    town.add("Nora Reyes", "biller", joined=False)
    town.let_go("nora")
    page = go(as_person(town, "ana"), town.profile("nora"))
    page.get_by_role("button", name="Reactivate").click()
    page.get_by_role("button", name="Send New Invitation").click()
    expect(notice(page, "Invitation sent to Nora Reyes.")).to_be_visible()


@pytest.mark.req("TA-20", "UX-02")
@pytest.mark.parametrize(
    ("button", "role"), [("Deactivate", "alertdialog"), ("Edit name, phone and job title", "dialog")]
)
def test_a_screen_loaded_again_has_no_dialog_open(
    town: Town, as_person: AsPerson, button: str, role: Literal["alertdialog", "dialog"]
) -> None:
    page = go(as_person(town, "ana"), town.profile("cleo"))
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role(role)).to_be_visible()

    page.reload()
    ready(page)

    expect(page.get_by_role(role)).to_be_hidden()
    expect(page.get_by_role("button", name=button)).to_be_enabled()


@pytest.mark.req("LV-02")
def test_two_at_one_record_see_each_other_and_lose_nothing(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    mine, theirs = (
        go(as_person(town, "ana", screen), town.profile("cleo")),
        go(as_person(town, "ben"), town.profile("cleo")),
    )
    for page in (mine, theirs):
        page.get_by_role("button", name="Edit name, phone and job title").click()
        expect(page.get_by_role("dialog", name="Edit details")).to_be_visible()
    _edit(theirs, "Phone", "617 555 0142")
    expect(notice(theirs, "Cleo Marchetti is saved.")).to_be_visible()
    dialog = mine.get_by_role("dialog", name="Edit details")
    dialog.get_by_label("Job title").fill("Lead")
    _edit(mine, "Phone", "617 555 0199")
    said = dialog.get_by_role("alert").filter(has_text="Someone else saved while you were typing.")
    expect(said).to_contain_text("Phone is now +1 (617) 555-0142")
    expect(dialog.get_by_label("Phone")).to_have_value("617 555 0199")
    expect(dialog.get_by_label("Job title")).to_have_value("Lead")
    assert town.saved("cleo").phone == "+1 (617) 555-0142"
    dialog.get_by_role("button", name="Save").click()
    expect(notice(mine, "Cleo Marchetti is saved.")).to_be_visible()
    for page in (mine, theirs):
        expect(page.get_by_text("+1 (617) 555-0199")).to_be_visible()
        expect(page.get_by_text("Lead").first).to_be_visible()


def _edit(page: Page, label: str, typed: str) -> None:
    dialog = page.get_by_role("dialog", name="Edit details")
    dialog.get_by_label(label).fill(typed)
    dialog.get_by_role("button", name="Save").click()


def _sign_in(page: Page, username: str, password: str = "four quiet words here") -> None:
    page.get_by_label("Username or email").fill(username)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
