"""External Agents on the screen: asked before, added in two ways, at work in two practices (TA-07, TA-24, AC-02)."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from motlink.accounts.agent_keys import code_of, make_key
from motlink.accounts.models import Account
from motlink.roles.queries import role_by_key
from motlink.staff.actions import switch_role
from motlink.staff.agents import add_agent
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.browser.hands import Screen, cookie, go, notice, person, ready, switch, width_beyond
from tests.browser.house import link_in
from tests.browser.test_axe import Eye
from tests.browser.test_guide import guide_shot
from tests.browser.town import Town, settle

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]
pytestmark = pytest.mark.req("TA-24", "TA-07", "AC-02", "UX-01")


@pytest.fixture
def other(town: Town, password_hash: str) -> Town:
    """A second practice, with Grace Pemberton as its External Agent, a biller there."""
    there = settle(town.house, password_hash)
    with begin_work(system(), org=there.org) as work:
        from motlink.orgs.models import Organization

        work.session.get_one(Organization, there.org).name = "Lakeside Counseling"
    there.add("Grace Pemberton")
    with begin_work(system(), org=there.org) as work:
        grace = work.session.get_one(StaffMember, there.people["grace"])
        grace.is_agent = True
        make_key(work, account_id=grace.account_id, first_name="Grace", last_name="Pemberton")
        account = work.session.get_one(Account, grace.account_id)
        account.username = f"grace.{there.slug}"
    there.switch("grace", "biller", on=True)
    return there


def key(town: Town, who: str) -> tuple[str, str]:
    """Return the token and the code of an agent."""
    from motlink.accounts.models import AgentKey

    with begin_work(system(), writes=False) as work:
        found = work.session.get_one(AgentKey, town.saved(who).account_id)
        return found.token, code_of(found)


def add_here(town: Town, other: Town, *roles: str) -> UUID:
    """Add Grace to this practice as well, by her token and code."""
    token, code = key(other, "grace")
    with begin_work(system(), org=town.org) as work:
        member_id = add_agent(work, token=token, code=code).member_id
        assert member_id
        for name in roles:
            role = role_by_key(work, name)
            assert role
            switch_role(work, member_id=member_id, role_id=role.id, on=True)
    town.people["grace"] = member_id
    return member_id


def light_shot(page: Page, screen: Screen, name: str) -> None:
    """Keep a picture of a desk in the light, whatever was looked at before, without the notice."""
    if screen.is_phone:
        return
    page.emulate_media(color_scheme="light")
    close = page.get_by_role("button", name="Close the notice")
    if close.count():
        close.click()
        expect(close).to_have_count(0)
    guide_shot(page, name)


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("textbox", name=re.compile(f"^{label}"))


def open_form(page: Page, town: Town, screen: Screen) -> None:
    """From the list to the form, past the question."""
    go(page, town.path())
    if screen.is_phone:
        page.get_by_role("button", name="More ways to add").click()
        page.get_by_role("menuitem", name="New External Agent").click()
    else:
        page.get_by_role("button", name="New External Agent").click()
    question = page.get_by_role("alertdialog", name="Add an External Agent?")
    expect(question.get_by_text("Someone outside who works for several practices")).to_be_visible()
    question.get_by_role("button", name="Go on with an External Agent").click()
    expect(page.get_by_role("heading", name="New External Agent", level=1)).to_be_visible()
    ready(page)


def test_the_question_comes_first_and_harmless_is_the_first_key(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    eye, page = Eye(), go(as_person(town, "ana", screen), town.path())
    if screen.is_phone:
        page.get_by_role("button", name="More ways to add").click()
        page.get_by_role("menuitem", name="New External Agent").click()
    else:
        page.get_by_role("button", name="New External Agent").click()
    question = page.get_by_role("alertdialog", name="Add an External Agent?")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    eye.look(page, "the question")
    light_shot(page, screen, "agent-question")
    page.keyboard.press("Enter")
    expect(question).to_be_hidden()
    expect(page.get_by_role("heading", name="Staff", level=1)).to_be_visible()
    assert width_beyond(page) == 0 and len(town.members()) == 4
    eye.tell()


def test_from_the_email_to_the_token_and_code(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    page = as_person(town, "ana", screen)
    open_form(page, town, screen)
    field(page, "First name").fill("Rae")
    field(page, "Last name").fill("Lindqvist")
    field(page, "Email").fill(town.email("rae"))
    page.get_by_role("button", name="Invite").click()

    expect(notice(page, "Rae Lindqvist is invited as an External Agent.")).to_be_visible()
    expect(page.get_by_role("heading", name="Rae Lindqvist", level=1)).to_be_visible()
    expect(page.get_by_text("External Agent", exact=True).first).to_be_visible()
    expect(page.get_by_text("are for staff members only.")).to_have_count(1)
    expect(switch(page, "Therapist")).to_have_count(0)
    expect(switch(page, "Owner")).to_have_count(0)
    switch(page, "Biller").click()
    expect(notice(page, "Biller turned on for Rae Lindqvist.")).to_be_visible()

    letter = town.house.letter(town.email("rae"))
    assert "as an External Agent" in str(letter["Subject"])
    hers = open_browser(screen).new_page()
    hers.goto(link_in(letter))
    expect(hers.get_by_text("as an External Agent: one login")).to_be_visible()
    hers.get_by_label("Username").fill(f"rae.{town.slug}")
    hers.get_by_role("textbox", name="Password").fill("seven tall birches stand")
    hers.get_by_role("button", name="Set up account").click()
    expect(hers).to_have_url(re.compile(f"/p/{town.slug}"))

    hers.goto("/account")
    expect(hers.get_by_role("heading", name="External Agent")).to_be_visible()
    expect(hers.get_by_text("Show the Code")).to_be_visible()
    hers.get_by_text("Show the Code").click()
    expect(hers.get_by_text(re.compile(r"^\d{4} \d{4}$"))).to_be_visible()
    expect(hers.get_by_text(re.compile(r"^[A-Z]{4} [A-Z]{4}$"))).to_be_visible()
    assert width_beyond(hers) == 0


def test_token_and_code_add_without_any_letter_to_answer(
    town: Town, other: Town, as_person: AsPerson, screen: Screen
) -> None:
    token, code = key(other, "grace")
    eye, page = Eye(), as_person(town, "ana", screen)
    open_form(page, town, screen)
    eye.look(page, "the form")
    light_shot(page, screen, "agent-new")
    add = page.get_by_role("button", name="Add", exact=True)
    add.click()
    expect(field(page, "Token")).to_have_accessible_description(re.compile("Token is needed"))
    field(page, "Token").fill(f"{token[:4].lower()} {token[4:]}")
    field(page, "Code").fill("0000 0000" if code != "00000000" else "1111 1111")
    add.click()
    expect(field(page, "Code")).to_have_accessible_description(re.compile("do not belong together"))
    eye.look(page, "a wrong code")
    expect(field(page, "Token")).to_have_value(f"{token[:4].lower()} {token[4:]}")
    field(page, "Code").fill(f"{code[:4]} {code[4:]}")
    add.click()

    expect(notice(page, "Grace Pemberton is added.")).to_be_visible()
    expect(page.get_by_role("heading", name="Grace Pemberton", level=1)).to_be_visible()
    expect(page.get_by_role("note").filter(has_text="No business associate agreement")).to_be_visible()
    letter = town.house.letter(other.email("grace"))
    assert "has added you as an External Agent" in str(letter["Subject"])

    open_form(page, town, screen)
    field(page, "Token").fill(token)
    field(page, "Code").fill(code)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(notice(page, "Grace Pemberton is an External Agent here already.")).to_be_visible()
    page.get_by_role("link", name="Open profile").click()
    expect(page.get_by_role("heading", name="Grace Pemberton", level=1)).to_be_visible()
    eye.tell()


def test_the_agreement_is_missed_entered_and_taken_back(
    town: Town, other: Town, as_person: AsPerson, screen: Screen
) -> None:
    add_here(town, other, "biller")
    eye, page = Eye(), go(as_person(town, "ana", screen), town.path())
    expect(person(page, "Grace Pemberton").get_by_text("Check BAA")).to_be_visible()
    page.get_by_role("link", name="Grace Pemberton").click()
    page.get_by_role("button", name="Enter the date").click()
    dialog = page.get_by_role("dialog", name="Agreement with Grace Pemberton")
    dialog.get_by_label("Signed on").fill(f"{town.saved('ana').created_at + timedelta(days=9):%Y-%m-%d}")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert").filter(has_text="This day is yet to come.")).to_be_visible()
    dialog.get_by_label("Signed on").fill("2026-03-14")
    dialog.get_by_label("Where it is kept").fill("Blue folder, office")
    eye.look(page, "the agreement")
    dialog.get_by_role("button", name="Save").click()

    done = notice(page, "The agreement with Grace Pemberton is saved.")
    expect(done).to_be_visible()
    expect(page.get_by_text("Blue folder, office")).to_be_visible()
    expect(page.get_by_role("note").filter(has_text="No business associate agreement")).to_be_hidden()
    eye.look(page, "an agent’s Profile")
    light_shot(page, screen, "agent-profile")
    go(page, town.path())
    expect(person(page, "Grace Pemberton").get_by_text("External Agent", exact=True)).to_be_visible()
    eye.look(page, "the list with an agent")
    light_shot(page, screen, "agent-list")
    assert width_beyond(page) == 0
    eye.tell()


def test_the_list_shows_agents_alone_and_those_without_an_agreement(
    town: Town, other: Town, as_person: AsPerson
) -> None:
    add_here(town, other, "biller")
    page = go(as_person(town, "ana"), town.path())
    page.get_by_role("button", name="Filter by state").click()
    page.get_by_role("checkbox", name="External Agent").click()
    expect(page.get_by_text("1 of 5 shown")).to_be_visible()
    expect(person(page, "Grace Pemberton")).to_be_visible()
    go(page, f"{town.path()}?state=no_baa")
    expect(person(page, "Grace Pemberton")).to_be_visible()
    expect(page.get_by_role("link", name="Ana Castellanos")).to_have_count(0)


def test_an_agent_chooses_works_in_two_tabs_and_switches(
    town: Town, other: Town, open_browser: OpenBrowser, screen: Screen
) -> None:
    add_here(town, other, "manager")
    other.switch("grace", "manager", on=True)
    context = open_browser(screen)
    context.add_cookies([cookie(other, "grace")])
    here = context.new_page()
    here.goto("/choose-practice")
    here.get_by_role("link", name="Riverbend Clinic").click()
    ready(here)
    there = go(context.new_page(), other.path())
    expect(here.get_by_role("link", name="Cleo Marchetti").first).to_be_visible()
    mine, theirs = str(town.people["cleo"]), str(other.people["cleo"])
    for page, shown, hidden in ((here, mine, theirs), (there, theirs, mine)):
        expect(page.locator(f"a[href*='{shown}']").first).to_be_attached()
        expect(page.locator(f"a[href*='{hidden}']")).to_have_count(0)

    if screen.is_phone:
        here.get_by_role("button", name="Menu").click()
    here.get_by_role("button", name="Orgs: Riverbend Clinic").click()
    here.get_by_role("menuitem", name="Lakeside Counseling: Settings").click()
    expect(here).to_have_url(re.compile(f"/p/{other.slug}/settings/staff"))
    ready(here)
    expect(here.locator(f"a[href*='{theirs}']").first).to_be_attached()
    expect(here.locator(f"a[href*='{mine}']")).to_have_count(0)


def test_let_go_in_one_practice_an_agent_is_shown_the_way_to_the_other(
    town: Town, other: Town, as_person: AsPerson, open_browser: OpenBrowser
) -> None:
    add_here(town, other, "manager")
    other.switch("grace", "manager", on=True)
    context = open_browser()
    context.add_cookies([cookie(other, "grace")])
    here, there = go(context.new_page(), town.path()), go(context.new_page(), other.path())
    owner = go(as_person(town, "ana"), town.profile("grace"))
    owner.get_by_role("button", name="Deactivate").click()
    owner.get_by_role("alertdialog").get_by_role("button", name="Deactivate").click()
    expect(notice(owner, "Grace Pemberton is deactivated and signed out.")).to_be_visible()

    expect(here.get_by_role("heading", name="Sign in")).to_be_visible()
    here.get_by_role("link", name="go to your other practice").click()
    expect(here).to_have_url(re.compile(f"/p/{other.slug}"))
    expect(there.get_by_role("heading", name="Staff", level=1)).to_be_visible()
    there.get_by_role("button", name="Name").click()
    expect(there.get_by_role("link", name="Ana Castellanos")).to_be_visible()


def test_token_code_and_leaving_on_the_account_page(
    town: Town, other: Town, open_browser: OpenBrowser, screen: Screen
) -> None:
    add_here(town, other, "biller")
    eye, context = Eye(), open_browser(screen)
    context.add_cookies([cookie(other, "grace")])
    page = context.new_page()
    page.goto("/account")
    page.get_by_text("Show the Code").click()
    before = page.get_by_text(re.compile(r"^\d{4} \d{4}$")).inner_text()
    light_shot(page, screen, "agent-account")
    eye_look(eye, page, "token and code")
    page.get_by_text("Renew the Code", exact=True).click()
    page.get_by_role("button", name="Renew the Code now").click()
    expect(page.get_by_role("status").filter(has_text="You have a new Code")).to_be_visible()
    page.get_by_text("Show the Code").click()
    assert page.get_by_text(re.compile(r"^\d{4} \d{4}$")).inner_text() != before

    page.get_by_role("strong").filter(has_text="Riverbend Clinic").click()
    eye_look(eye, page, "leaving")
    page.get_by_role("button", name="Leave Riverbend Clinic").click()
    expect(page.get_by_role("status").filter(has_text="You have left the practice.")).to_be_visible()
    expect(page.get_by_text("Riverbend Clinic")).to_have_count(0)
    expect(page.get_by_role("strong").filter(has_text="Lakeside Counseling")).to_be_visible()
    assert town.saved("grace").deactivated_at and width_beyond(page) == 0
    eye.tell()


def eye_look(eye: Eye, page: Page, what: str) -> None:
    """The door follows the system by itself."""
    from tests.browser.test_axe import RULES, axe

    for appearance in ("light", "dark"):
        page.emulate_media(color_scheme=appearance)  # type: ignore[arg-type]
        found = axe.run(page, options=RULES["light"]).response["violations"]
        eye.found += [f"{what}, {appearance}: {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def test_reactivated_in_the_way_out_of_a_taken_email(
    town: Town, other: Town, as_person: AsPerson, screen: Screen
) -> None:
    add_here(town, other)
    town.let_go("grace")
    page = as_person(town, "ana", screen)
    open_form(page, town, screen)
    field(page, "Email").fill(other.email("grace"))
    expect(notice(page, "was an External Agent here. Inactive since")).to_be_visible()
    expect(page.get_by_role("button", name="Invite")).to_be_disabled()
    page.get_by_role("button", name="Reactivate").click()
    expect(page.get_by_role("heading", name="Grace Pemberton", level=1)).to_be_visible()
    assert town.saved("grace").deactivated_at is None
