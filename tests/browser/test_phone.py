"""Letting someone go from a phone: four taps, a slow line, no line at all, a thumb that taps twice."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.hands import PHONE, go, notice, person, search
from tests.browser.town import Town

AsPerson = Callable[..., Page]
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


class Thumb:
    """Taps, and counts."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, target: Locator) -> None:
        box = target.bounding_box()
        assert box and min(box["width"], box["height"]) >= 43.5, f"too small for a thumb: {box}"
        target.tap()
        self.taps += 1


@pytest.fixture
def phone(town: Town, as_person: AsPerson) -> Page:
    return go(as_person(town, "ana", PHONE), town.path())


def deactivate(phone: Page, name: str, thumb: Thumb) -> None:
    thumb.tap(phone.get_by_role("button", name=f"Actions for {name}"))
    thumb.tap(phone.get_by_role("dialog").get_by_role("button", name="Deactivate"))
    asks = phone.get_by_role("alertdialog", name=f"Deactivate {name}?")
    expect(asks.get_by_role("button", name="Keep active")).to_be_focused()
    confirm = asks.get_by_role("button", name="Deactivate")
    box = confirm.bounding_box()
    assert box and box["y"] > 422, "the verb is not within the thumb's reach"
    thumb.tap(confirm)


@pytest.mark.req("TA-29", "UX-02")
def test_three_taps_and_undo(town: Town, phone: Page) -> None:
    thumb = Thumb()
    deactivate(phone, "Cleo Marchetti", thumb)
    expect(notice(phone, "Cleo Marchetti is deactivated and signed out.")).to_be_visible()
    expect(phone.get_by_text("3 active, 1 inactive")).to_be_visible()
    assert thumb.taps <= 4
    assert town.saved("cleo").deactivated_at
    thumb.tap(notice(phone, "Cleo Marchetti is deactivated").get_by_role("button", name="Undo"))
    expect(
        notice(phone, "Cleo Marchetti is active again with Therapist. Ended sessions stay ended.")
    ).to_be_visible()
    expect(person(phone, "Cleo Marchetti").get_by_text("Therapist", exact=True)).to_be_visible()
    expect(phone.get_by_text("4 active, 0 inactive")).to_be_visible()
    assert town.saved("cleo").deactivated_at is None


@pytest.mark.req("TA-29")
def test_the_main_button_is_at_the_thumb(phone: Page) -> None:
    box = phone.get_by_role("link", name="New Staff Member").bounding_box()
    assert box and box["y"] > 700 and box["height"] >= 43.5


@pytest.mark.req("TA-29")
def test_a_double_tap_on_a_slow_line_does_nothing_twice(town: Town, phone: Page) -> None:
    line = phone.context.new_cdp_session(phone)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    phone.get_by_role("button", name="Actions for Cleo Marchetti").tap()
    phone.get_by_role("dialog").get_by_role("button", name="Deactivate").tap()
    confirm = phone.get_by_role("alertdialog").get_by_role("button", name="Deactivate")
    expect(confirm).to_be_visible()
    box = confirm.bounding_box()
    assert box
    for _ in range(2):
        phone.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(notice(phone, "Cleo Marchetti is")).to_be_visible()
    expect(phone.get_by_role("alertdialog")).to_be_hidden()
    assert town.acts("staff.deactivated") == 1


@pytest.mark.req("TA-29", "UX-02")
def test_without_a_line_the_screen_says_so_and_the_tap_waits(town: Town, phone: Page) -> None:
    phone.get_by_role("button", name="Actions for Cleo Marchetti").tap()
    phone.get_by_role("dialog").get_by_role("button", name="Deactivate").tap()
    confirm = phone.get_by_role("alertdialog").get_by_role("button", name="Deactivate")
    expect(confirm).to_be_visible()
    offline = notice(phone, "You’re offline. Nothing is lost")
    phone.context.set_offline(True)
    # Found by its role: the open dialog hides it neither from the eye nor from a screen reader.
    expect(offline).to_have_text("You’re offline. Nothing is lost.")
    assert offline.evaluate(_ON_TOP)
    confirm.tap()
    expect(offline).to_have_text("You’re offline. Nothing is lost; one change waits.")
    assert town.saved("cleo").deactivated_at is None
    phone.context.set_offline(False)
    expect(notice(phone, "Cleo Marchetti is deactivated and signed out.")).to_be_visible(timeout=20_000)
    expect(offline).to_have_count(0)
    assert town.acts("staff.deactivated") == 1


# Nothing lies over the middle of it. A dialog takes the pointer from all behind it, so that is given back first.
_ON_TOP = """(notice) => {
  const box = notice.getBoundingClientRect();
  document.body.style.pointerEvents = "auto";
  return notice.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
}"""


@pytest.mark.req("TA-03", "TA-29")
def test_one_button_beside_the_search_opens_all_filters(town: Town, as_person: AsPerson) -> None:
    town.add("Nora Reyes", "therapist", tags=("Feeding",))
    phone = go(as_person(town, "ana", PHONE), town.path())
    thumb, opener = Thumb(), phone.get_by_role("button", name="Filter by role, tag or state")
    field, button = search(phone).bounding_box(), opener.bounding_box()
    assert field and button and abs(field["y"] + field["height"] / 2 - button["y"] - button["height"] / 2) < 2
    thumb.tap(opener)
    sheet = phone.get_by_role("dialog", name="Filter")
    sheet.get_by_role("group", name="Role").get_by_role("checkbox", name="Therapist").tap()
    expect(sheet.get_by_role("button", name="Show 2")).to_be_visible()
    sheet.get_by_role("group", name="Tag").get_by_role("checkbox", name="Feeding").tap()
    thumb.tap(sheet.get_by_role("button", name="Show 1"))
    expect(sheet).to_be_hidden()
    expect(person(phone, "Cleo Marchetti")).to_be_hidden()
    expect(person(phone, "Nora Reyes")).to_be_visible()
    expect(phone).to_have_url(re.compile(r"\?role=therapist&tag=feeding$"))
    expect(phone.get_by_role("button", name="Filter by role, tag or state, 2 set")).to_be_focused()
    thumb.tap(phone.get_by_role("button", name="Clear the tag filter"))
    expect(person(phone, "Cleo Marchetti")).to_be_visible()
    thumb.tap(opener)
    thumb.tap(sheet.get_by_role("button", name="Clear"))
    expect(sheet.get_by_role("button", name="Show all")).to_be_visible()
    expect(sheet.get_by_role("checkbox", checked=True)).to_have_count(0)


@pytest.mark.req("TA-03", "TA-29")
def test_a_tap_opens_the_rest_of_the_chips(town: Town, as_person: AsPerson) -> None:
    town.add("Nora Reyes", "therapist", tags=("Aetna", "Feeding", "Spanish", "Saturdays, mornings"))
    phone = go(as_person(town, "ana", PHONE), town.path())
    more = person(phone, "Nora Reyes").get_by_role("button", name="+2: Saturdays, mornings, Spanish")
    for _ in range(2):
        more.tap()
        expect(phone.get_by_text("Spanish", exact=True)).to_be_visible()
        phone.keyboard.press("Escape")
        expect(phone.get_by_text("Spanish", exact=True)).to_be_hidden()
    expect(phone).to_have_url(re.compile(rf"{town.path()}$"))
