"""Light and dark, narrow and wide, and everything without a mouse."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.hands import PHONE, TABLET, WIDE, Screen, go, notice, person, ready, switch, width_beyond
from tests.browser.town import Town

AsPerson = Callable[..., Page]
SMALL = Screen("320 px", {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True})
NARROW = Screen("narrow", {"viewport": {"width": 820, "height": 1180}})
# Between a phone and a tablet: the cards of the one and their button at the thumb.
MIDDLE = Screen("600 px", {"viewport": {"width": 600, "height": 800}})
LONG = "Wilhelmina-Antoinette Featherstonehaugh-Cholmondeley"


@pytest.mark.req("UX-01")
@pytest.mark.parametrize("size", [WIDE, TABLET, PHONE, SMALL], ids=str)
def test_no_screen_is_wider_than_its_window(town: Town, as_person: AsPerson, size: Screen) -> None:
    town.add(
        LONG,
        "therapist",
        "supervisor",
        "scheduler",
        "biller",
        tags=("Accepting new clients", "Early intervention"),
    )
    town.add("Nora Reyes", "therapist", joined=False), town.invite("nora")
    page = as_person(town, "ana", size)
    for path in (
        town.path(),
        town.path("settings/staff/new"),
        town.path("settings/staff/new-agent"),
        town.profile("wilhelmina-antoinette"),
        town.path("settings/audit"),
        town.path("settings/roles"),
    ):
        go(page, path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert width_beyond(page) <= 0, path


@pytest.mark.req("UX-01", "TA-01")
@pytest.mark.parametrize("width", [1280, 1440, 1920])
def test_a_phone_number_stands_on_one_line_in_its_own_column(
    town: Town, as_person: AsPerson, width: int
) -> None:
    town.add("Nora Reyes", "therapist", phone="+1 (617) 555-0142")
    page = as_person(town, "ana")
    page.set_viewport_size({"width": width, "height": 900})

    cell = person(go(page, town.path()), "Nora Reyes").get_by_role("cell", name="+1 (617) 555-0142")

    lines, over = cell.evaluate(_LINES)
    assert (lines, over <= 0) == (1, True)


# On how many lines its text stands, and how many pixels it reaches into what comes after.
_LINES = """(cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  const over = range.getBoundingClientRect().right - cell.getBoundingClientRect().right;
  return [range.getClientRects().length, over];
}"""


@pytest.mark.req("UX-01")
@pytest.mark.parametrize("size", [WIDE, TABLET, PHONE], ids=str)
def test_light_and_dark_follow_the_system_and_the_choice_stays(
    town: Town, as_person: AsPerson, size: Screen
) -> None:
    paper = "getComputedStyle(document.querySelector('main')).backgroundColor"
    page = go(as_person(town, "ana", size, color_scheme="dark"), town.path())
    dark = page.evaluate(paper)
    page.emulate_media(color_scheme="light")
    page.reload()
    ready(page)
    light = page.evaluate(paper)
    assert _brightness(light) > 200 > 80 > _brightness(dark)
    if size is PHONE:
        page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("button", name="You: Ana Castellanos").click()
    dark_entry = page.get_by_role("menuitemradio", name="Dark")
    expect(page.get_by_role("menuitemradio", name="As the system")).to_be_checked()
    expect(dark_entry).not_to_be_checked()
    dark_entry.click()
    page.reload()
    ready(page)
    assert page.evaluate(paper) == dark
    if size is PHONE:
        page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("button", name="You: Ana Castellanos").click()
    expect(page.get_by_role("menuitemradio", checked=True)).to_have_text("Dark")


def _brightness(color: str) -> float:
    return sum(int(part) for part in re.findall(r"\d+", color)[:3]) / 3


def tab_to(page: Page, target: Locator, *, most: int = 60) -> None:
    """Press Tab until it has the focus, which has to be seen."""
    for _ in range(most):
        if target.evaluate("e => e.contains(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by {most} times Tab")


@pytest.mark.req("UX-01", "TA-08", "TA-12", "TA-20")
def test_add_switch_and_let_go_without_a_mouse(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ana"), town.path())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="New Staff Member"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New Staff Member")).to_be_visible()
    ready(page)
    for label, typed in (("First name", "Nora"), ("Last name", "Reyes"), ("Email", town.email("nora"))):
        tab_to(page, page.get_by_label(label))
        page.keyboard.type(typed)
    tab_to(page, page.get_by_role("checkbox", name=re.compile("^Biller")))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Save", exact=True))
    page.keyboard.press("Enter")
    expect(notice(page, "Nora Reyes is invited.")).to_be_visible()

    tab_to(page, page.get_by_role("link", name="Nora Reyes"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nora Reyes")).to_be_visible()
    tab_to(page, switch(page, "Scheduler"))
    page.keyboard.press("Space")
    expect(notice(page, "Scheduler turned on for Nora Reyes.")).to_be_visible()
    expect(switch(page, "Scheduler")).to_be_checked()
    expect(switch(page, "Scheduler")).to_be_focused()

    page.keyboard.press("Shift+Tab")
    opener = page.get_by_role("button", name="Deactivate")
    for _ in range(30):
        if opener.evaluate("e => e === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    asks = page.get_by_role("alertdialog")
    expect(asks.get_by_role("button", name="Keep active")).to_be_focused()
    page.keyboard.press("Escape")
    expect(asks).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, asks.get_by_role("button", name="Deactivate"))
    page.keyboard.press("Enter")
    expect(notice(page, "Nora Reyes is deactivated")).to_be_visible()
    page.keyboard.press("u")
    expect(notice(page, "Nora Reyes is active again")).to_be_visible()


@pytest.mark.req("UX-01", "TA-03")
def test_the_slash_key_goes_to_the_search(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ana"), town.path())
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("okafor")
    expect(person(page, "Ana Castellanos")).to_be_hidden()
    expect(person(page, "Ben Okafor")).to_be_visible()


@pytest.mark.req("UX-01", "TA-03")
def test_the_rest_of_the_chips_opens_on_focus_and_under_the_mouse(town: Town, as_person: AsPerson) -> None:
    town.add("Nora Reyes", "therapist", "supervisor", "scheduler", "biller", "intern", tags=("Aetna",))
    town.switch("nora", "biller", on=False)
    page = go(as_person(town, "ana"), town.path())
    more = person(page, "Nora Reyes").get_by_role("button", name=re.compile(r"^\+2: .*Biller off"))
    whole = page.get_by_text("Biller off", exact=True)
    expect(whole).to_be_hidden()
    tab_to(page, more)
    expect(whole).to_be_visible()
    page.keyboard.press("Escape")
    expect(whole).to_be_hidden()
    expect(more).to_be_focused()
    page.keyboard.press("Tab")
    more.hover()
    expect(whole).to_be_visible()
    page.mouse.move(5, 5)
    expect(whole).to_be_hidden()
    expect(person(page, "Ben Okafor").get_by_role("button", name="+")).to_have_count(0)


@pytest.mark.req("UX-01")
def test_the_narrow_menu_says_its_icons(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ana", NARROW), town.path())
    menu = page.get_by_role("navigation", name="Main")
    for target, words in (
        (menu.get_by_role("button", name=re.compile("^Orgs")), "Riverbend Clinic"),
        (menu.get_by_role("link"), "Practice Settings"),
        (menu.get_by_role("button", name=re.compile("^You")), "Ana Castellanos"),
    ):
        target.hover()
        tip = page.get_by_role("tooltip", name=words)
        expect(tip).to_be_visible()
        page.mouse.move(400, 400, steps=5)
        expect(tip).to_be_hidden()
        tab_to(page, target)
        expect(tip).to_be_visible()
        page.keyboard.press("Escape")
        expect(tip).to_be_hidden()
    page.set_viewport_size({"width": 1440, "height": 900})
    menu.get_by_role("link").hover()
    expect(menu.get_by_text("Practice Settings")).to_be_visible()
    expect(page.get_by_role("tooltip")).to_have_count(0)


@pytest.mark.req("UX-01")
@pytest.mark.parametrize("size", [WIDE, NARROW, TABLET, PHONE], ids=str)
def test_the_keys_stand_at_the_foot_where_there_is_a_keyboard(
    town: Town, as_person: AsPerson, size: Screen
) -> None:
    page = go(as_person(town, "ana", size), town.path())
    keys = page.get_by_role("paragraph").filter(has_text=re.compile(r"/\s*search\s*u\s*undo"))
    expect(keys).to_be_visible(visible=size is WIDE)


@pytest.mark.req("UX-01", "TA-08")
@pytest.mark.parametrize("size", [WIDE, MIDDLE, PHONE], ids=str)
def test_what_leads_elsewhere_is_one_link(town: Town, as_person: AsPerson, size: Screen) -> None:
    page = go(as_person(town, "ana", size), town.path())
    mixed = page.locator("a button, button a, a a, button button, label label")
    expect(page.get_by_role("link", name="New Staff Member")).to_have_count(1)
    expect(mixed).to_have_count(0)
    page.get_by_role("link", name="New Staff Member").click()
    expect(page.get_by_role("heading", name="New Staff Member")).to_be_visible()
    ready(page)
    expect(mixed).to_have_count(0)
    page.get_by_role("link", name="Cancel").click()
    expect(person(page, "Ben Okafor")).to_be_visible()


@pytest.mark.req("UX-01")
@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_the_focus_is_seen_on_whatever_tab_reaches(town: Town, as_person: AsPerson, appearance: str) -> None:
    page = go(as_person(town, "ana", color_scheme=appearance), town.profile("cleo"))
    for _ in range(35):
        page.keyboard.press("Tab")
        unseen = page.evaluate(_UNSEEN)
        assert not unseen, unseen


# What has the focus and shows none: no ring of its own, nor one of the row or field around it.
_UNSEEN = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const ring = (e) => {
    const s = getComputedStyle(e);
    return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1) || s.boxShadow !== "none";
  };
  for (let e = here, n = 0; e && n < 3; e = e.parentElement, n++) if (ring(e)) return null;
  return here.outerHTML.slice(0, 200);
}"""
