"""Tags in place and on their own page, at a desk and on a phone, with the mouse and by keys (TA-13, TA-14, TA-15)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from motlink.moments import short_day
from motlink.tags.actions import make_tag, put_tag
from motlink.work import begin_work, system
from tests.browser.hands import WIDE, Screen, go, notice, person, ready, width_beyond
from tests.browser.town import Town

AsPerson = Callable[..., Page]
LAST = datetime.now(UTC).date() + timedelta(days=40)
UNTIL = f"until {short_day(LAST, datetime.now(UTC).date())}"


@pytest.fixture
def tagged(town: Town) -> Town:
    """Nora wears three tags; Aetna, Aetna PPO and Medicaid are insurances, Spanish a language."""
    town.add("Nora Reyes", "therapist", tags=("Aetna", "Aetna PPO", "Spanish"))
    town.add("Olga Petrova", "therapist", tags=("Aetna", "Aetna PPO"))
    with begin_work(system(), org=town.slug) as work:
        for name, group in (
            ("Aetna", "Insurance"), ("Aetna PPO", "Insurance"), ("Medicaid", "Insurance"), ("Spanish", "Language"),
        ):  # fmt: skip
            tag = make_tag(work, name=name)
            tag.group = group
            work.add(tag)
        put_tag(
            work, member_id=town.people["ben"], tag_id=make_tag(work, name="Medicaid").id, until=str(LAST)
        )
    return town


def editor(page: Page, name: str) -> Locator:
    """Return the open tag editor."""
    return page.get_by_role("dialog", name=f"Tags of {name}")


def field(page: Page, label: str | re.Pattern[str] = re.compile("^Add a tag")) -> Locator:
    """Return a field that finds as one types."""
    return page.get_by_role("combobox", name=label)


def wears(page: Page, name: str, *tags: str) -> None:
    """Expect these tags in somebody's row or card, in any order."""
    for tag in tags:
        expect(person(page, name).get_by_text(tag, exact=True)).to_be_visible()


@pytest.mark.req("TA-13", "TA-14", "UX-02")
def test_tags_are_added_made_and_taken_off_in_place(
    tagged: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(tagged, "ana", screen), tagged.path())
    person(page, "Cleo Marchetti").get_by_role("button", name="[Add Therapist Tags]").click()
    expect(field(page)).to_be_focused()
    page.get_by_role("option", name="Spanish").click()
    expect(notice(page, "Spanish put on Cleo Marchetti.")).to_be_visible()
    expect(editor(page, "Cleo Marchetti").get_by_role("button", name="Take Spanish off")).to_be_visible()
    expect(page.get_by_role("option", name="Spanish")).to_be_hidden()
    field(page).fill("Play Therapy")
    page.get_by_role("option", name="Create “Play Therapy”").click()
    expect(notice(page, "Play Therapy put on Cleo Marchetti.")).to_be_visible()
    editor(page, "Cleo Marchetti").get_by_role("button", name="Done").click()
    expect(editor(page, "Cleo Marchetti")).to_be_hidden()
    wears(page, "Cleo Marchetti", "Play Therapy", "Spanish")
    assert width_beyond(page) <= 0
    page.reload()
    wears(page, "Cleo Marchetti", "Play Therapy", "Spanish")
    person(page, "Cleo Marchetti").get_by_role("button", name="Edit tags of Cleo Marchetti").click()
    page.get_by_role("button", name="Take Spanish off").click()
    notice(page, "Spanish taken off Cleo Marchetti.").get_by_role("button", name="Undo").click()
    expect(notice(page, "Spanish is on Cleo Marchetti again.")).to_be_visible()
    wears(page, "Cleo Marchetti", "Play Therapy", "Spanish")


@pytest.mark.req("TA-14")
def test_the_keyboard_alone_is_enough_and_never_takes_what_an_older_word_had_found(
    tagged: Town, as_person: AsPerson
) -> None:
    page = go(as_person(tagged, "ana"), tagged.path())
    opener = person(page, "Cleo Marchetti").get_by_role("button", name="[Add Therapist Tags]")
    opener.focus()
    page.keyboard.press("Enter")
    expect(field(page)).to_be_focused()
    expect(page.get_by_role("option").first).to_be_visible()
    # Enter at once: what stands below still answers the empty field.
    page.keyboard.type("span")
    page.keyboard.press("Enter")
    expect(notice(page, "Spanish put on Cleo Marchetti.")).to_be_visible()
    expect(field(page)).to_be_focused()
    page.keyboard.type("éarly")
    expect(page.get_by_role("option", name="Create “éarly”")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("AETNA")
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(notice(page, "Aetna PPO put on Cleo Marchetti.")).to_be_visible()
    page.keyboard.type("  SPANISH ")
    expect(page.get_by_text("Create “")).to_be_hidden()
    for _ in range(20):
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == "Take Aetna PPO off":
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(notice(page, "Aetna PPO taken off Cleo Marchetti.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(editor(page, "Cleo Marchetti")).to_be_hidden()
    wears(page, "Cleo Marchetti", "Spanish")


@pytest.mark.req("TA-14", "TA-16")
def test_a_last_day_is_set_and_the_tag_leads_to_everyone_with_it(
    tagged: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(tagged, "ana", screen), tagged.profile("nora"))
    page.get_by_role("button", name="Edit tags of Nora Reyes").click()
    editor(page, "Nora Reyes").get_by_role("button", name="Last day of Aetna: no end date").click()
    page.get_by_label("Last day, empty for none").fill(str(LAST))
    page.get_by_role("button", name="Save").click()
    expect(
        editor(page, "Nora Reyes").get_by_role("button", name=f"Last day of Aetna: {UNTIL}")
    ).to_be_visible()
    editor(page, "Nora Reyes").get_by_role("link", name="Everyone with Spanish").click()
    ready(page)
    expect(person(page, "Nora Reyes")).to_be_visible()
    expect(person(page, "Olga Petrova")).to_be_hidden()
    assert page.url.endswith("settings/staff?tag=spanish")


@pytest.mark.req("TA-13", "LV-01")
def test_another_manager_sees_the_tag_in_the_list_and_in_an_open_editor(
    tagged: Town, as_person: AsPerson
) -> None:
    mine = go(as_person(tagged, "ana"), tagged.path())
    theirs = go(as_person(tagged, "ben"), tagged.profile("cleo"))
    theirs.get_by_role("button", name="[Add Therapist Tags]").click()
    person(mine, "Cleo Marchetti").get_by_role("button", name="[Add Therapist Tags]").click()
    mine.get_by_role("option", name="Medicaid").click()

    expect(editor(theirs, "Cleo Marchetti").get_by_role("button", name="Take Medicaid off")).to_be_visible()


@pytest.mark.req("TA-15", "UX-02")
def test_the_tags_page_counts_searches_and_says_what_runs_out(
    tagged: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(tagged, "ana", screen), tagged.path("settings/tags"))
    expect(page.get_by_text("4 tags on 3 people")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Insurance").first).to_contain_text("3")
    if screen is WIDE:
        expect(tag_row(page, "Medicaid")).to_contain_text(f"1 expires by {LAST.day} {LAST:%b}")
    page.get_by_role("searchbox").fill("spañ")
    expect(page.get_by_role("row")).to_have_count(3)
    expect(tag_row(page, "Spanish")).to_be_visible()
    assert width_beyond(page) <= 0
    page.get_by_role("searchbox").fill("nothing of the kind")
    page.get_by_role("button", name="Show all tags").click()
    expect(tag_row(page, "Aetna PPO")).to_be_visible()


def tag_row(page: Page, name: str) -> Locator:
    """Return a tag's line."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


@pytest.mark.req("TA-15", "UX-02")
def test_a_tag_is_renamed_coloured_grouped_and_deleted(
    tagged: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(tagged, "ana", screen), tagged.path("settings/tags"))
    page.get_by_role("link", name="Spanish", exact=True).click()
    panel = page.get_by_role("complementary", name="Tag")
    expect(panel.get_by_role("heading", name="1 person wears it")).to_be_visible()
    panel.get_by_role("button", name="Rename").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Español")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(notice(page, "Spanish is called Español now.")).to_be_visible()
    expect(panel.get_by_role("heading", name="Español")).to_be_visible()
    panel.get_by_role("button", name="Colour").click()
    page.get_by_role("button", name="Pink").click()
    expect(notice(page, "Español is pink now.")).to_be_visible()
    page.keyboard.press("Escape")
    panel.get_by_role("button", name="Group: Language").click()
    page.get_by_role("dialog").get_by_label("Group").fill("Languages")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(panel.get_by_role("button", name="Group: Languages")).to_be_visible()
    panel.get_by_role("button", name="Delete").click()
    asks = page.get_by_role("alertdialog", name="Delete “Español”?")
    expect(asks.get_by_text("1 person wears it")).to_be_visible()
    asks.get_by_role("button", name="Delete").click()
    gone = notice(page, "Español is deleted; 1 person wore it.")
    expect(gone).to_be_visible()
    expect(page.get_by_role("link", name="Español", exact=True)).to_be_hidden()
    gone.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Español", exact=True)).to_be_visible()


@pytest.mark.req("TA-15", "UX-02")
def test_tags_that_look_alike_are_merged_and_parted_or_kept(
    tagged: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(tagged, "ana", screen), tagged.path("settings/tags"))
    alike = page.get_by_role("region", name="Tags that look alike")
    expect(alike).to_contain_text("2 people wear both.")
    alike.get_by_role("button", name="Merge").click()
    asks = page.get_by_role("alertdialog", name="Merge “Aetna” into “Aetna PPO”?").or_(
        page.get_by_role("alertdialog", name="Merge “Aetna PPO” into “Aetna”?")
    )
    asks.get_by_role("button", name="Merge").click()
    done = notice(page, "2 people wore it.")
    expect(done).to_be_visible()
    expect(page.get_by_text("3 tags on 3 people")).to_be_visible()
    done.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("4 tags on 3 people")).to_be_visible()
    alike.get_by_role("button", name="Keep both").click()
    expect(alike).to_be_hidden()
    page.reload()
    expect(page.get_by_text("4 tags on 3 people")).to_be_visible()
    expect(alike).to_be_hidden()


@pytest.mark.req("TA-15")
def test_a_name_that_is_taken_offers_the_merge(tagged: Town, as_person: AsPerson) -> None:
    page = go(as_person(tagged, "ana"), tagged.path("settings/tags"))
    page.get_by_role("link", name="Medicaid", exact=True).click()
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("dialog").get_by_label("Name").fill("spanish")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a tag “Spanish” already.")
    page.get_by_role("button", name="Merge into “Spanish”").click()
    asks = page.get_by_role("alertdialog", name="Merge “Medicaid” into “Spanish”?")
    asks.get_by_role("button", name="Merge").click()
    expect(notice(page, "Medicaid is merged into Spanish; 1 person wore it.")).to_be_visible()
    expect(page.get_by_role("link", name="Medicaid", exact=True)).to_be_hidden()


@pytest.mark.req("TA-15")
def test_people_are_added_to_a_tag_from_its_panel(tagged: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(tagged, "ana", screen), tagged.path("settings/tags"))
    page.get_by_role("link", name="Medicaid", exact=True).click()
    field(page, "Add people to Medicaid").fill("marchetti")
    page.get_by_role("option", name="Cleo Marchetti").click()
    expect(notice(page, "Medicaid put on Cleo Marchetti.")).to_be_visible()
    expect(page.get_by_role("heading", name="2 people wear it")).to_be_visible()
    page.get_by_role("button", name="Last day for Cleo Marchetti: No end date").click()
    page.get_by_label("Last day, empty for none").fill(str(LAST))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name=f"Last day for Cleo Marchetti: {UNTIL}")).to_be_visible()
    page.get_by_role("button", name="Take Medicaid off Ben Okafor").click()
    expect(page.get_by_role("heading", name="1 person wears it")).to_be_visible()


@pytest.mark.req("TA-15", "TA-31", "UX-02")
def test_one_tag_goes_to_many_at_once_with_one_undo(
    tagged: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = go(as_person(tagged, "ana", screen), tagged.path("settings/tags"))
    page.get_by_role("button", name="New tag").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Saturdays")
    page.get_by_role("dialog").get_by_role("button", name="Make tag").click()
    expect(notice(page, "Saturdays is a tag now.")).to_be_visible()
    page.get_by_role("button", name="Assign to many").click()
    dialog = page.get_by_role("dialog", name="Assign to many")
    field(page, "Which tag").fill("satur")
    dialog.get_by_role("option", name="Saturdays").click()
    for name in ("Cleo Marchetti", "Nora Reyes", "Sam Whitfield"):
        field(page, "Whom").fill(name.split()[0])
        dialog.get_by_role("option", name=name).click()
        expect(dialog.get_by_role("button", name=f"Leave out {name}")).to_be_visible()
    dialog.get_by_role("button", name="Leave out Sam Whitfield").click()
    dialog.get_by_role("button", name="Assign to 2 people").click()
    done = notice(page, "Saturdays put on 2 people.")
    expect(done).to_be_visible()
    expect(tag_row(page, "Saturdays")).to_contain_text("2")
    done.get_by_role("button", name="Undo").click()
    expect(tag_row(page, "Saturdays")).to_contain_text("0")


@pytest.mark.req("TA-15", "TA-01")
def test_a_scheduler_has_the_tags_page_and_a_therapist_has_not(tagged: Town, as_person: AsPerson) -> None:
    tagged.add("Sky Duler", "scheduler")
    page = go(as_person(tagged, "sky"), f"/p/{tagged.slug}")
    expect(page.get_by_role("heading", name="Tags", level=1)).to_be_visible()
    page.get_by_role("link", name="Aetna", exact=True).click()
    expect(page.get_by_role("heading", name="2 people wear it")).to_be_visible()
    expect(page.get_by_role("link", name="Nora Reyes")).to_be_hidden()
    refused = as_person(tagged, "cleo")
    refused.goto(tagged.path("settings/tags"))
    expect(refused.get_by_role("heading", name="Your roles do not allow this")).to_be_visible()
