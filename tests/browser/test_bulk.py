"""Many at once: select in the list, see what would happen, do it, take it back, see how far it is (TA-31)."""

import os
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from motlink.staff.actions import add_member
from motlink.work import begin_work, system
from tests.browser.hands import PHONE, TABLET, WIDE, Screen, go, names, notice, person, ready, search
from tests.browser.test_axe import Eye
from tests.browser.test_guide import guide_shot
from tests.browser.town import Town

AsPerson = Callable[..., Page]
pytestmark = pytest.mark.req("TA-31")


@pytest.fixture
def crew(town: Town) -> Town:
    """Four people more, of whom two have not been invited."""
    town.add("Nora Reyes", "therapist", tags=("Spanish",))
    town.add("Omar Haddad", "biller")
    town.add("Pia Lund", "therapist", joined=False)
    town.add("Quinn Moss", "biller", joined=False)
    return town


def crowd(town: Town, number: int, *roles: str) -> None:
    """Add so many people named Extra … Zed."""
    with begin_work(system(), org=town.slug) as work:
        from motlink.roles.queries import roles_of_org

        ids = [role.id for role in roles_of_org(work) if role.key in roles]
        for n in range(number):
            add_member(
                work,
                first_name=f"Extra{n:03}",
                last_name="Zed",
                email=f"extra{n}@{town.slug}.example",
                role_ids=ids,
                invite=False,
            )


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=f"Select {name}", exact=True)


def head(page: Page) -> Locator:
    return page.get_by_role("checkbox", name="Select everyone on this page")


def pick(page: Page, screen: Screen, *people: str) -> None:
    """Tick these; a phone shows the boxes after Select."""
    if screen is PHONE and not box(page, people[0]).is_visible():
        page.get_by_role("button", name="Select", exact=True).tap()
    for name in people:
        box(page, name).click()
        expect(box(page, name)).to_be_checked()
    expect(bar(page).get_by_text(f"{len(people)} selected")).to_be_visible()


def bar(page: Page) -> Locator:
    return page.get_by_role("group", name="Selected people")


def press(page: Page, words: str) -> None:
    bar(page).get_by_role("button", name=words, exact=True).click()


def question(page: Page) -> Locator:
    return page.get_by_role("dialog").or_(page.get_by_role("alertdialog"))


def test_three_people_get_a_tag(crew: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(crew, "ana", screen), crew.path())
    pick(page, screen, "Nora Reyes", "Omar Haddad", "Cleo Marchetti")
    press(page, "Add tag")
    asks = question(page)
    asks.get_by_label("Tag", exact=True).fill("span")
    asks.get_by_role("radio", name="Spanish").click()
    expect(asks.get_by_text("2 people get Spanish")).to_be_visible()
    expect(asks.get_by_text("1 person has it already")).to_be_visible()
    asks.get_by_role("button", name="Tag 2 people").click()
    expect(notice(page, "Spanish put on 2 people. 1 had it already.")).to_be_visible()
    for name in ("Nora Reyes", "Omar Haddad", "Cleo Marchetti"):
        expect(person(page, name).get_by_text("Spanish", exact=True)).to_be_visible()
    expect(bar(page)).to_have_count(0)


def test_a_word_that_is_no_tag_yet_becomes_one(crew: Town, as_person: AsPerson) -> None:
    page = go(as_person(crew, "ben"), crew.path())
    pick(page, WIDE, "Omar Haddad")
    press(page, "Add tag")
    page.get_by_label("Tag", exact=True).fill("Feeding")
    expect(question(page).get_by_role("radio", name="New tag “Feeding”")).to_be_checked()
    question(page).get_by_role("button", name="Tag 1 person").click()
    expect(person(page, "Omar Haddad").get_by_text("Feeding", exact=True)).to_be_visible()


def test_a_role_is_turned_on_for_many_with_its_price_and_undone(
    crew: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(crew, "ana", screen), crew.path())
    pick(page, screen, "Omar Haddad", "Quinn Moss", "Cleo Marchetti")
    press(page, "Grant role")
    asks = question(page)
    asks.get_by_role("radio", name=re.compile("^Supervisor")).click()
    expect(asks.get_by_text("Next bill: $20.00 a month more")).to_be_visible()
    asks.get_by_role("button", name="Turn Supervisor on for 3 people").click()
    done = notice(page, "Supervisor turned on for 3 people.")
    expect(done).to_be_visible()
    expect(person(page, "Quinn Moss").get_by_text("Supervisor", exact=True)).to_be_visible()
    done.get_by_role("button", name="Undo").click()
    expect(notice(page, "Undone for 3 people.")).to_be_visible()
    expect(person(page, "Quinn Moss").get_by_text("Biller", exact=True)).to_be_visible()
    expect(person(page, "Cleo Marchetti").get_by_text("Supervisor off")).to_be_visible()


def test_letting_go_names_the_refused_one_before_and_after(
    crew: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(crew, "ana", screen), crew.path())
    pick(page, screen, "Nora Reyes", "Omar Haddad", "Ana Castellanos")
    press(page, "Deactivate")
    asks = page.get_by_role("alertdialog", name="Deactivate 3 people?")
    expect(asks.get_by_role("button", name="Keep active")).to_be_focused()
    expect(asks.get_by_text("2 people are deactivated and signed out")).to_be_visible()
    expect(asks.get_by_role("link", name="Ana Castellanos")).to_be_visible()
    expect(asks.get_by_text("Nobody deactivates their own account.")).to_be_visible()
    expect(asks.get_by_text("Next bill: $10.00 a month less")).to_be_visible()
    asks.get_by_role("button", name="Deactivate 2 people").click()
    expect(notice(page, "2 people deactivated and signed out. 1 refused.")).to_be_visible()
    expect(person(page, "Nora Reyes")).to_be_hidden()
    refused = page.get_by_role("region", name="Refused")
    refused.get_by_role("button", name="Show").click()
    listed = page.get_by_role("dialog", name="1 refused")
    expect(listed.get_by_text("Nobody deactivates their own account.")).to_be_visible()
    listed.get_by_role("button", name="Close").click()
    notice(page, "2 people deactivated").get_by_role("button", name="Undo").click()
    expect(notice(page, "Undone for 2 people.")).to_be_visible()
    expect(person(page, "Nora Reyes").get_by_text("Therapist", exact=True)).to_be_visible()


def test_who_was_not_invited_is_found_and_invited(crew: Town, as_person: AsPerson, screen: Screen) -> None:
    page = as_person(crew, "ben", screen)
    go(page, crew.path() + "?state=not_invited")
    expect(person(page, "Pia Lund")).to_be_visible()
    assert {name.split()[0] for name in names(page)} == {"Pia", "Quinn"}
    if screen is PHONE:
        page.get_by_role("button", name="Select", exact=True).tap()
    head(page).click()
    expect(bar(page).get_by_text("2 selected")).to_be_visible()
    press(page, "Invite")
    asks = page.get_by_role("alertdialog", name="Invite 2 people?")
    expect(asks.get_by_text("2 emails go out now")).to_be_visible()
    asks.get_by_role("button", name="Invite 2 people").click()
    expect(notice(page, "Invitation sent to 2 people.")).to_be_visible()
    assert crew.house.letter(crew.email("pia"))["To"] == crew.email("pia")
    expect(person(page, "Pia Lund")).to_be_hidden()


def test_the_state_filter_is_a_filter_like_the_others(crew: Town, as_person: AsPerson) -> None:
    page = go(as_person(crew, "ana"), crew.path())
    page.get_by_role("button", name="Filter by state").click()
    page.get_by_role("checkbox", name="Not invited").click()
    expect(page).to_have_url(re.compile(r"\?state=not_invited$"))
    expect(person(page, "Nora Reyes")).to_be_hidden()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear the state filter").click()
    expect(person(page, "Nora Reyes")).to_be_visible()


def test_a_selection_survives_paging_sorting_and_searching_and_ends_with_the_screen(
    crew: Town, as_person: AsPerson
) -> None:
    crowd(crew, 60)
    page = go(as_person(crew, "ana"), crew.path())
    pick(page, WIDE, "Cleo Marchetti")
    expect(head(page)).to_have_attribute("aria-checked", "mixed")
    page.get_by_role("button", name="Email").click()
    expect(page).to_have_url(re.compile("sort=email"))
    page.get_by_role("button", name="Next").click()
    expect(page).to_have_url(re.compile("page=2"))
    expect(person(page, "Extra059 Zed")).to_be_visible()
    expect(head(page)).not_to_be_checked()
    box(page, "Extra059 Zed").click()
    expect(bar(page).get_by_text("2 selected")).to_be_visible()
    search(page).fill("cleo")
    expect(box(page, "Cleo Marchetti")).to_be_checked()
    expect(head(page)).to_be_checked()
    page.get_by_role("link", name="Cleo Marchetti").click()
    expect(page.get_by_role("heading", name="Cleo Marchetti", level=1)).to_be_visible()
    page.get_by_role("link", name="Staff", exact=True).first.click()
    expect(box(page, "Ben Okafor")).not_to_be_checked()
    expect(bar(page)).to_have_count(0)


def test_all_that_match_are_meant_and_one_can_be_left_out(crew: Town, as_person: AsPerson) -> None:
    crowd(crew, 60, "biller")
    page = go(as_person(crew, "ana"), crew.path() + "?q=zed")
    head(page).click()
    expect(bar(page).get_by_text("50 selected")).to_be_visible()
    press(page, "Select all 60 that match")
    expect(bar(page).get_by_text("60 selected")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(box(page, "Extra059 Zed")).to_be_checked()
    box(page, "Extra059 Zed").click()
    expect(bar(page).get_by_text("59 selected")).to_be_visible()
    press(page, "Grant role")
    question(page).get_by_role("radio", name="Reporting").click()
    question(page).get_by_role("button", name="Turn Reporting on for 59 people").click()
    expect(notice(page, "Reporting turned on for 59 people.")).to_be_visible(timeout=20_000)
    expect(person(page, "Extra058 Zed").get_by_text("Reporting", exact=True)).to_be_visible()
    expect(person(page, "Extra059 Zed").get_by_text("Reporting", exact=True)).to_have_count(0)


def test_a_large_one_shows_how_far_it_is_on_every_screen_and_can_be_undone(
    crew: Town, as_person: AsPerson, screen: Screen
) -> None:
    # For the picture in the guide it has to last.
    number = 400 if os.environ.get("MOTLINK_GUIDE") == "1" else 60
    crowd(crew, number, "biller")
    page = go(as_person(crew, "ana", screen), crew.path() + "?q=zed")
    if screen is PHONE:
        page.get_by_role("button", name="Select", exact=True).tap()
    head(page).click()
    press(page, f"Select all {number} that match")
    press(page, "Deactivate")
    # Whoever comes to the panel late finds it gone: it is watched for, not looked up.
    page.evaluate(_WATCH)
    page.get_by_role("alertdialog").get_by_role("button", name=f"Deactivate {number} people").click()
    if number > 60 and screen is WIDE:
        expect(page.get_by_role("progressbar")).not_to_have_attribute("aria-valuenow", "25")
        guide_shot(page, "many-progress")
    done = notice(page, f"{number} people deactivated and signed out.")
    expect(done).to_be_visible(timeout=20_000)
    seen = page.evaluate("window.progress")
    assert [f"Deactivating {number} people", f"25 of {number}", str(number)] in seen, seen
    expect(page.get_by_role("progressbar")).to_have_count(0)
    done.get_by_role("button", name="Undo").click()
    go(page, crew.path("settings/roles"))
    expect(notice(page, f"Undone for {number} people.")).to_be_visible(timeout=20_000)
    go(page, crew.path() + "?q=zed")
    expect(person(page, "Extra000 Zed").get_by_text("Biller", exact=True)).to_be_visible()


_WATCH = """() => {
  window.progress = [];
  const look = () => {
    const bar = document.querySelector("[role=progressbar]");
    if (!bar) return;
    const now = ["aria-label", "aria-valuetext", "aria-valuemax"].map((one) => bar.getAttribute(one));
    if (!window.progress.some((one) => "" + one === "" + now)) window.progress.push(now);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def test_the_keyboard_alone_is_enough(crew: Town, as_person: AsPerson) -> None:
    page = go(as_person(crew, "ana"), crew.path())
    box(page, "Cleo Marchetti").focus()
    page.keyboard.press("Space")
    expect(box(page, "Cleo Marchetti")).to_be_checked()
    expect(box(page, "Cleo Marchetti")).to_be_focused()
    page.keyboard.press("Escape")
    expect(bar(page)).to_have_count(0)
    page.keyboard.press("Space")
    expect(bar(page).get_by_text("1 selected")).to_be_visible()
    bar(page).get_by_role("button", name="Add tag").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Tag", exact=True)
    expect(field).to_be_focused()
    page.keyboard.type("Feeding")
    expect(question(page).get_by_role("button", name="Tag 1 person")).to_be_visible()
    page.keyboard.press("Tab")
    expect(question(page).get_by_role("radio", name="New tag “Feeding”")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(notice(page, "Feeding put on 1 person.")).to_be_visible()


def test_shift_takes_all_between(crew: Town, as_person: AsPerson) -> None:
    page = go(as_person(crew, "ana"), crew.path())
    box(page, "Ana Castellanos").click()
    box(page, "Pia Lund").click(modifiers=["Shift"])
    shown = names(page)
    expected = shown[shown.index("Ana Castellanos") : shown.index("Pia Lund") + 1]
    expect(bar(page).get_by_text(f"{len(expected)} selected")).to_be_visible()
    for name in shown:
        expect(box(page, name)).to_be_checked(checked=name in expected)


def test_a_click_sends_little(crew: Town, as_person: AsPerson) -> None:
    crowd(crew, 60)
    page = as_person(crew, "ana")
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(str(data))))
    go(page, crew.path())
    head(page).click()
    expect(bar(page).get_by_text("50 selected")).to_be_visible()
    page.wait_for_timeout(300)
    frames.clear()
    box(page, "Ben Okafor").click()
    expect(bar(page).get_by_text("49 selected")).to_be_visible()
    assert sum(map(len, frames)) < 4_096, [len(frame) for frame in frames]


def test_the_bar_stands_at_the_thumb_and_nothing_is_wider_than_the_phone(
    crew: Town, as_person: AsPerson
) -> None:
    page = go(as_person(crew, "ana", PHONE), crew.path())
    pick(page, PHONE, "Nora Reyes", "Omar Haddad")
    for words in ("Add tag", "Grant role", "Invite", "Deactivate"):
        found = bar(page).get_by_role("button", name=words, exact=True).bounding_box()
        assert found and found["y"] > 560 and min(found["width"], found["height"]) >= 43.5, (words, found)
    below = page.get_by_role("link", name="New Staff Member").bounding_box()
    lowest = bar(page).bounding_box()
    assert below and lowest and lowest["y"] + lowest["height"] <= below["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    person(page, "Cleo Marchetti").tap(position={"x": 200, "y": 20})
    expect(box(page, "Cleo Marchetti")).to_be_checked()
    page.get_by_role("button", name="Done", exact=True).tap()
    expect(page.get_by_role("button", name="Actions for Nora Reyes")).to_be_visible()


@pytest.mark.req("UX-01")
@pytest.mark.parametrize("size", [WIDE, TABLET, PHONE], ids=str)
def test_axe_finds_nothing(crew: Town, as_person: AsPerson, size: Screen) -> None:
    eye, page = Eye(), go(as_person(crew, "ana", size), crew.path())
    pick(page, size, "Nora Reyes", "Pia Lund", "Ana Castellanos")
    eye.look(page, "selected")
    press(page, "Add tag")
    question(page).get_by_role("radio", name="Spanish").click()
    expect(question(page).get_by_role("button", name="Tag 2 people")).to_be_visible()
    eye.look(page, "tag")
    question(page).get_by_role("button", name="Cancel").click()
    press(page, "Grant role")
    question(page).get_by_role("radio", name="Turn off").click()
    question(page).get_by_role("radio", name="Therapist").click()
    expect(question(page).get_by_text("lose their last role")).to_be_visible()
    eye.look(page, "role")
    question(page).get_by_role("button", name="Cancel").click()
    for kind, harmless in (("Invite", "Not now"), ("Deactivate", "Keep active")):
        press(page, kind)
        expect(question(page).get_by_text("refused")).to_be_visible()
        eye.look(page, kind)
        if kind == "Invite":
            question(page).get_by_role("button", name=harmless).click()
    question(page).get_by_role("button", name=re.compile("^Deactivate 2")).click()
    expect(page.get_by_role("region", name="Refused")).to_be_visible()
    eye.look(page, "notice and refused")
    ready(page)
    eye.tell()
