"""axe-core, WCAG 2.0 to 2.2 A and AA, on every screen and state, in light and dark: no finding."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.hands import PHONE, WIDE, Screen, go, notice, person, switch
from tests.browser.house import link_in
from tests.browser.town import Town, settle

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
axe = Axe()


class Eye:
    """Looks at one screen after the other, in both appearances, and tells everything at the end."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def look(self, page: Page, what: str, *, but: tuple[str, ...] = ()) -> None:
        for appearance in ("light", "dark"):
            page.emulate_media(color_scheme=appearance, reduced_motion="reduce")  # type: ignore[arg-type]
            # Radix follows the system by a class on the root.
            page.wait_for_function(_FOLLOWED, arg=appearance)
            result: dict[str, Any] = axe.run(page, options=RULES[appearance]).response
            self.found += [
                f"{what}, {appearance}: {one['id']}: {node['target']} {node['html'][:160]} {_contrast(node)}"
                for one in result["violations"]
                if one["id"] not in but
                for node in one["nodes"]
            ]

    def tell(self) -> None:
        assert not self.found, "\n".join(self.found)


# Of a page in the dark nothing differs but its colours, and so only what looks at those is asked again.
_ASKED = {
    "light": {"type": "tag", "values": TAGS},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
# What is in order is not told: that would be most of each page.
RULES = {light: {"runOnly": asked, "resultTypes": ["violations"]} for light, asked in _ASKED.items()}

_FOLLOWED = """(wanted) => {
  const root = document.documentElement;
  return !document.querySelector(".radix-themes") || root.classList.contains(wanted);
}"""


def _contrast(node: dict[str, Any]) -> str:
    data = next((check.get("data") or {} for check in node["any"]), {})
    return (
        f"{data.get('contrastRatio')} {data.get('fgColor')} on {data.get('bgColor')}"
        if isinstance(data, dict) and "contrastRatio" in data
        else ""
    )


@pytest.fixture
def full(town: Town) -> Town:
    """Someone in each state."""
    town.add(
        "Nora Reyes",
        "therapist",
        "scheduler",
        tags=("Feeding", "Spanish", "Aetna"),
        phone="+1 (617) 555-0142",
    )
    town.switch("nora", "scheduler", on=False)
    town.add("Iris Invited", "therapist", joined=False), town.invite("iris")
    town.add("Otto Overdue", "biller", joined=False), town.invite("otto"), town.let_run_out("otto")
    town.add("Nils Norole"), town.add("Gina Gone", "therapist"), town.let_go("gina")
    return town


@pytest.mark.req("UX-01")
def test_the_roster(full: Town, as_person: AsPerson, screen: Screen) -> None:
    eye, page = Eye(), go(as_person(full, "ana", screen), full.path() + "?inactive=1")
    expect(person(page, "Gina Gone")).to_be_visible()
    eye.look(page, "roster")
    more = person(page, "Nora Reyes").get_by_role("button", name="+1: Spanish")
    more.tap() if screen is PHONE else more.focus()
    expect(page.get_by_text("Spanish", exact=True)).to_be_visible()
    eye.look(page, "the rest of the chips")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Filter by role").click()
    page.get_by_role("checkbox", name="Therapist").click()
    expect(person(page, "Ben Okafor")).to_be_hidden()
    eye.look(page, "filters open")
    page.keyboard.press("Escape")
    eye.look(page, "a filter set")
    go(page, full.path() + "?q=xyzzy")
    eye.look(page, "nobody matches")
    if screen is PHONE:
        page.get_by_role("button", name="Menu", exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        eye.look(page, "drawer")
    page.get_by_role("button", name=re.compile("^You:")).click()
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()
    eye.look(page, "my menu")
    eye.tell()


@pytest.mark.req("UX-01")
def test_letting_go_on_a_phone(full: Town, as_person: AsPerson) -> None:
    eye, page = Eye(), go(as_person(full, "ana", PHONE), full.path())
    page.get_by_role("button", name="Actions for Nora Reyes").tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    eye.look(page, "sheet")
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").tap()
    expect(page.get_by_role("alertdialog")).to_be_visible()
    eye.look(page, "checklist")
    page.get_by_role("alertdialog").get_by_role("button", name="Deactivate").tap()
    expect(notice(page, "Nora Reyes is deactivated")).to_be_visible()
    eye.look(page, "notice with Undo")
    eye.tell()


@pytest.mark.req("UX-01")
def test_the_add_form(full: Town, as_person: AsPerson, screen: Screen) -> None:
    eye, page = Eye(), go(as_person(full, "ana", screen), full.path("settings/staff/new"))
    eye.look(page, "add form")
    page.get_by_role("checkbox", name=re.compile("^Therapist")).click()
    page.get_by_label("Email").fill("nobody")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert").first).to_be_visible()
    eye.look(page, "add form with an error")
    page.get_by_label("Email").fill(full.email("iris"))
    expect(page.get_by_role("button", name="Send New Invitation")).to_be_visible()
    eye.look(page, "email taken")
    eye.tell()


@pytest.mark.req("UX-01")
def test_the_profile(full: Town, as_person: AsPerson, screen: Screen) -> None:
    eye, page = Eye(), go(as_person(full, "ana", screen), full.profile("nora"))
    eye.look(page, "profile")
    switch(page, "Biller").click()
    expect(notice(page, "Biller turned on")).to_be_visible()
    eye.look(page, "profile with a notice")
    for who in ("iris", "gina", "ana"):
        eye.look(go(page, full.profile(who)), f"profile of {who}")
    go(page, full.profile("ben"))
    switch(page, "Owner").click()
    expect(page.get_by_role("alertdialog")).to_be_visible()
    eye.look(page, "question about Owner")
    page.goto(full.path("settings/staff/nobody"))
    expect(page.get_by_role("heading", name="This person is not here")).to_be_visible()
    eye.look(page, "nobody there")
    eye.tell()


@pytest.mark.req("UX-01", "LV-02")
def test_editing_and_its_conflict(full: Town, as_person: AsPerson, screen: Screen) -> None:
    eye, pages = (
        Eye(),
        [
            go(as_person(full, who, size), full.profile("nora"))
            for who, size in (("ana", screen), ("ben", WIDE))
        ],
    )
    for page, phone in zip(reversed(pages), ("617 555 0143", "617 555 0144"), strict=True):
        page.get_by_role("button", name="Edit name, phone and job title").click()
        page.get_by_role("dialog").get_by_label("Phone").fill(phone)
    mine, theirs = pages
    eye.look(mine, "edit")
    for page in (theirs, mine):
        page.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(notice(theirs, "Nora Reyes is saved.")).to_be_visible()
    expect(mine.get_by_role("alert")).to_be_visible()
    eye.look(mine, "conflict")
    eye.tell()


@pytest.mark.req("UX-01", "TA-14")
def test_the_tag_editor(full: Town, as_person: AsPerson, screen: Screen) -> None:
    eye, page = Eye(), go(as_person(full, "ana", screen), full.path())
    person(page, "Nora Reyes").get_by_role("button", name="Edit tags of Nora Reyes").click()
    expect(page.get_by_role("dialog", name="Tags of Nora Reyes")).to_be_visible()
    page.get_by_role("combobox", name="Add a tag").fill("new")
    expect(page.get_by_role("option", name="Create “new”")).to_be_visible()
    page.get_by_role("button", name="Last day of Aetna").click()
    expect(page.get_by_label("Last day, empty for none")).to_be_visible()
    eye.look(page, "tag editor")
    eye.tell()


@pytest.mark.req("UX-01", "TA-15")
def test_the_tags_page(full: Town, as_person: AsPerson, screen: Screen) -> None:
    full.add("Olga Petrova", "therapist", tags=("Aetna", "Aetna PPO"))
    eye, page = Eye(), go(as_person(full, "ana", screen), full.path("settings/tags"))
    eye.look(page, "tags")
    page.get_by_role("button", name="New tag").click()
    page.get_by_role("dialog").get_by_role("button", name="Make tag").click()
    expect(page.get_by_role("alert")).to_be_visible()
    eye.look(page, "new tag with an error")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Assign to many").click()
    expect(page.get_by_role("dialog", name="Assign to many")).to_be_visible()
    eye.look(page, "assign to many")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Aetna", exact=True).click()
    page.get_by_role("combobox", name="Add people").fill("marchetti")
    expect(page.get_by_role("option")).to_be_visible()
    eye.look(page, "a tag's panel")
    for button, name in (("Colour", "Colour"), ("Merge", "Merge “Aetna”"), ("Delete", "Delete “Aetna”?")):
        page.get_by_role("complementary").get_by_role("button", name=button).click()
        expect(
            page.get_by_role("dialog", name=name).or_(page.get_by_role("alertdialog", name=name))
        ).to_be_visible()
        eye.look(page, name)
        page.keyboard.press("Escape")
    go(page, full.path("settings/tags?q=xyzzy"))
    eye.look(page, "no tag fits")
    eye.tell()


@pytest.mark.req("UX-01", "AU-01")
def test_the_audit_log_and_who_may_not(full: Town, as_person: AsPerson, screen: Screen) -> None:
    eye, page = Eye(), go(as_person(full, "ana", screen), full.path("settings/audit"))
    eye.look(page, "audit log")
    page.get_by_role("combobox", name="Act").click()
    expect(page.get_by_role("option", name="All acts")).to_be_visible()
    # Radix hides all but its open list from screen readers and holds the focus in it; axe knows this of dialogs only.
    # Where the list is longer than the window, the arrows scroll it: its entries have the focus, not its frame.
    eye.look(page, "audit log, filter open", but=("aria-hidden-focus", "scrollable-region-focusable"))
    refused = as_person(full, "cleo", screen)
    refused.goto(full.path())
    expect(refused.get_by_role("heading", name="Your roles do not allow this")).to_be_visible()
    eye.look(refused, "not allowed")
    refused.goto(full.path("no-role"))
    expect(refused.get_by_role("heading", name="No role is on for you yet")).to_be_visible()
    eye.look(refused, "no role")
    go(page, full.path("settings/roles"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    eye.look(page, "roles")
    eye.tell()


@pytest.mark.req("UX-01", "TA-11", "AC-01")
def test_the_door(
    full: Town, as_person: AsPerson, open_browser: OpenBrowser, password_hash: str, screen: Screen
) -> None:
    eye, page = Eye(), open_browser(screen).new_page()
    page.goto("/sign-in?ended=1")
    eye.look(page, "sign-in")
    page.get_by_label("Username or email").fill("nobody")
    page.get_by_role("textbox", name="Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    eye.look(page, "sign-in refused")
    link = link_in(full.house.letter(full.email("iris")))
    page.goto(link)
    page.get_by_label("Username").fill("a b")
    page.get_by_role("textbox", name="Password").fill("seven tall birches stand")
    page.get_by_role("button", name="Set up account").click()
    expect(page.get_by_role("alert")).to_be_visible()
    eye.look(page, "invitation with an error")
    for why, dead in (
        ("unknown", link[:-4] + "xxxx"),
        ("expired", link_in(full.house.letter(full.email("otto")))),
    ):
        page.goto(dead)
        eye.look(page, f"link {why}")
    full.invite("iris")
    page.goto(link)
    eye.look(page, "link replaced")
    settle(full.house, password_hash).join(full, "ana", "biller")
    chooser = as_person(full, "ana", screen)
    chooser.goto("/choose-practice")
    expect(chooser.get_by_role("heading", name="Choose a practice")).to_be_visible()
    eye.look(chooser, "choose a practice")
    chooser.goto("/sign-out")
    eye.look(chooser, "sign out")
    eye.tell()


@pytest.mark.req("UX-01", "TA-25", "TA-26", "TA-27")
def test_roles_and_their_dialogs(full: Town, as_person: AsPerson, screen: Screen) -> None:
    eye, page = Eye(), go(as_person(full, "ana", screen), full.path("settings/roles?role=therapist"))
    expect(page.get_by_role("complementary", name="Therapist")).to_be_visible()
    page.get_by_role("button", name="Select all").click()
    expect(page.get_by_role("button", name="Turn off for")).to_be_visible()
    eye.look(page, "a chosen role")
    for opener, what in (("Grant", "grant"), ("Copy role", "form of a role"), ("Compare", "compare")):
        page.get_by_role("button", name=opener, exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        eye.look(page, what)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Turn off for").click()
    expect(page.get_by_role("alertdialog")).to_be_visible()
    eye.look(page, "turn off for many")
    go(page, full.profile("ben"))
    page.get_by_role("button", name="End date of Manager").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    eye.look(page, "end date")
    page.keyboard.press("Escape")
    switch(page, "Records Custodian").click()
    page.get_by_role("checkbox", name="Reads the records of all providers").click()
    page.get_by_role("checkbox", name="Cleo Marchetti").click()
    expect(page.get_by_role("group", name="Chosen providers")).to_contain_text("Cleo Marchetti")
    eye.look(page, "records of chosen providers")
    eye.tell()
