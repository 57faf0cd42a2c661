"""The Staff list: who gets to it, what stands in it, and how it is searched, sorted and shared."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import PHONE, TABLET, Screen, go, names, person, search, switch
from tests.browser.town import Town

AsPerson = Callable[..., Page]


@pytest.mark.req("TA-02", "TA-03")
def test_the_menu_and_one_tab_lead_to_the_staff(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path("settings/audit"))
    if screen.is_phone:
        page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("link", name="Practice Settings").click()
    page.get_by_role("navigation", name="Practice Settings").get_by_role("link", name="Staff").click()
    expect(page.get_by_role("heading", name="Staff", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"{town.path()}$"))


@pytest.mark.req("TA-01")
def test_a_therapist_sees_no_menu_entry_and_is_refused_at_the_address(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = as_person(town, "cleo", screen)
    for path in (
        town.path(),
        town.path("settings/staff/new"),
        town.profile("ben"),
        town.path("settings/audit"),
    ):
        page.goto(path)
        expect(page.get_by_role("heading", name="Your roles do not allow this")).to_be_visible()
        expect(page.get_by_text("Ben Okafor")).to_have_count(0)
        expect(page.get_by_text(town.email("ben"))).to_have_count(0)
    if screen.is_phone:
        page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.get_by_role("button", name="You: Cleo Marchetti")).to_be_visible()
    expect(page.get_by_role("link", name="Practice Settings")).to_have_count(0)


@pytest.mark.req("TA-01")
def test_a_staff_administrator_cannot_touch_those_above(town: Town, as_person: AsPerson) -> None:
    page = as_person(town, "sam")
    for who in ("ana", "ben"):
        go(page, town.profile(who))
        expect(page.get_by_role("button", name="Deactivate")).to_be_disabled()
        for role in ("Therapist", "Scheduler", "Owner", "Manager"):
            expect(switch(page, role)).to_be_disabled()
    expect(
        page.get_by_text(
            "A staff administrator cannot change owners, managers or staff administrators."
        ).first
    ).to_be_visible()
    go(page, town.profile("cleo"))
    expect(switch(page, "Owner")).to_be_disabled()
    expect(switch(page, "Manager")).to_be_disabled()
    expect(switch(page, "Therapist")).to_be_enabled()


@pytest.mark.req("TA-01")
def test_a_manager_cannot_make_an_owner_nor_change_own_roles(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ben"), town.profile("cleo"))
    expect(switch(page, "Owner")).to_be_disabled()
    expect(page.get_by_text("Only an owner decides about owners.").first).to_be_visible()
    go(page, town.profile("ben"))
    expect(switch(page, "Scheduler")).to_be_disabled()
    expect(page.get_by_text("Nobody changes their own roles.").first).to_be_visible()


@pytest.mark.req("TA-01")
def test_another_practice_is_not_there_for_a_stranger(
    town: Town, as_person: AsPerson, password_hash: str
) -> None:
    from tests.browser.town import settle

    other = settle(town.house, password_hash)
    page = as_person(town, "ana")
    page.goto(other.path())
    expect(page.get_by_role("heading", name="This is not here")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^(You|Orgs)"))).to_have_count(0)
    go(page, town.path(f"settings/staff/{other.people['ben']}"))
    expect(page.get_by_text("This person is not here")).to_be_visible()
    expect(page.get_by_text("Okafor")).to_have_count(0)


@pytest.mark.req("TA-03")
def test_active_staff_by_last_name(town: Town, as_person: AsPerson, screen: Screen) -> None:
    town.add("Zoe Abbott", "therapist")
    town.add("Adam Young", "therapist")
    town.let_go("adam")
    page = go(as_person(town, "ana", screen), town.path())
    expect(person(page, "Sam Whitfield")).to_be_visible()
    assert names(page) == ["Zoe Abbott", "Ana Castellanos", "Cleo Marchetti", "Ben Okafor", "Sam Whitfield"]


@pytest.mark.req("TA-03")
def test_search_as_one_types_on_name_email_phone_and_tag(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    town.add("Núria Søndergård", "therapist", tags=("Feeding",), phone="+1 (617) 555-0142")
    page = go(as_person(town, "ana", screen), town.path())
    for typed in ("nuria", "sondergard", "nuria@riverb", "555-0142", "(617) 555", "feed"):
        search(page).fill("")
        expect(person(page, "Ben Okafor")).to_be_visible()
        search(page).press_sequentially(typed)
        expect(person(page, "Ben Okafor")).to_be_hidden()
        expect(person(page, "Núria Søndergård")).to_be_visible()
        expect(search(page)).to_have_value(typed)
        expect(page.get_by_text("1 of 5 shown")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?q=feed$"))


@pytest.mark.req("TA-03")
def test_back_from_a_profile_keeps_the_view(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path() + "?q=okafor&inactive=1")
    page.get_by_role("link", name="Ben Okafor").click()
    expect(page.get_by_role("heading", name="Ben Okafor")).to_be_visible()
    page.go_back()
    expect(search(page)).to_have_value("okafor")
    expect(page.get_by_role("switch", name="Show inactive")).to_be_checked()
    expect(person(page, "Ben Okafor")).to_be_visible()
    expect(person(page, "Ana Castellanos")).to_be_hidden()


@pytest.mark.req("TA-03")
@pytest.mark.parametrize("column", ["Name", "Phone", "Email", "Roles", "Therapist Tags"])
def test_any_column_sorts_both_ways(town: Town, as_person: AsPerson, column: str) -> None:
    town.add("Zed Zimmer", "intern", tags=("Zebra",), phone="+1 (999) 555-0142")
    town.add("Abe Aaron", "therapist", tags=("Aetna",), phone="+1 (201) 555-0142")
    page = go(as_person(town, "ana"), town.path() + "?q=e")
    head = page.get_by_role("columnheader", name=column)
    if column != "Name":
        head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("rowheader").first).to_be_visible()
    up = names(page)
    assert up.index("Abe Aaron") < up.index("Zed Zimmer")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_role("rowheader").first).not_to_have_text(re.compile(re.escape(up[0])))
    down = names(page)
    assert down.index("Zed Zimmer") < down.index("Abe Aaron")


@pytest.mark.req("TA-03")
def test_pages_of_fifty(town: Town, as_person: AsPerson, screen: Screen) -> None:
    for number in range(51):
        town.add(f"Q{number:02d} Zz{number:02d}", "biller", joined=False)
    page = go(as_person(town, "ana", screen), town.path())
    expect(page.get_by_text("Page 1 of 2")).to_be_visible()
    assert len(names(page)) == 50
    page.get_by_role("button", name="Next").click()
    expect(person(page, "Q50 Zz50")).to_be_visible()
    expect(page).to_have_url(re.compile(r"page=2"))
    page.reload()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    page.get_by_role("button", name="Previous").click()
    expect(person(page, "Ana Castellanos")).to_be_visible()


@pytest.mark.req("TA-04")
def test_the_columns_and_the_roles_that_are_off(town: Town, as_person: AsPerson) -> None:
    town.add("Nora Reyes", "therapist", "scheduler", tags=("Feeding",), phone="+1 (617) 555-0142")
    town.switch("nora", "scheduler", on=False)
    page = go(as_person(town, "ana"), town.path())
    assert page.get_by_role("columnheader").all_inner_texts() == [
        # The box that selects the page.
        "",
        "Name",
        "Phone",
        "Email",
        "Roles",
        "Therapist Tags",
    ]
    row = person(page, "Nora Reyes")
    for words in ("+1 (617) 555-0142", town.email("nora"), "Therapist", "Scheduler off", "Feeding"):
        expect(row.get_by_text(words).locator("visible=true").first).to_be_visible()
    on, off = row.get_by_text("Therapist", exact=True), row.get_by_text("Scheduler", exact=True)
    assert off.evaluate(_COLOR) != on.evaluate(_COLOR)


_COLOR = "e => getComputedStyle(e).color"


@pytest.mark.req("TA-04")
def test_a_row_says_the_one_most_urgent_state(town: Town, as_person: AsPerson, screen: Screen) -> None:
    for name, roles in (("Iris One", ("biller",)), ("Otto Two", ("biller",)), ("Nils Three", ())):
        town.add(name, *roles, joined=name.startswith("Nils"))
    town.add("Gone Four", "biller")
    town.invite("iris"), town.invite("otto"), town.let_run_out("otto"), town.let_go("gone")
    page = go(as_person(town, "ana", screen), town.path() + "?inactive=1")
    expect(person(page, "Iris One").get_by_text("Invited")).to_be_visible()
    left = re.compile(r"(60|59) min left")
    expect(person(page, "Iris One").get_by_text(left)).to_be_visible()
    expect(person(page, "Iris One").get_by_title(left)).to_be_visible()
    expect(person(page, "Otto Two").get_by_text("Expired")).to_be_visible()
    expect(person(page, "Nils Three").get_by_text("No role")).to_be_visible()
    expect(person(page, "Gone Four").get_by_text("Inactive")).to_be_visible()
    expect(person(page, "Ana Castellanos").get_by_text("Active")).to_have_count(0)


@pytest.mark.req("TA-04", "UX-01")
@pytest.mark.parametrize("size", [TABLET, PHONE], ids=str)
def test_below_1280_phone_and_email_fold(town: Town, as_person: AsPerson, size: Screen) -> None:
    town.add("Nora Reyes", "therapist", phone="+1 (617) 555-0142")
    page = go(as_person(town, "ana", size), town.path())
    expect(page.get_by_role("columnheader", name="Phone")).to_be_hidden()
    expect(page.get_by_role("columnheader", name="Email")).to_be_hidden()
    if size is PHONE:
        page.get_by_role("button", name="Actions for Nora Reyes").tap()
        expect(page.get_by_role("dialog").get_by_text(town.email("nora"))).to_be_visible()
        expect(page.get_by_role("link", name="Call +1 (617) 555-0142")).to_be_visible()
    else:
        expect(
            page.get_by_role("rowheader").filter(has_text="Nora").get_by_text(town.email("nora"))
        ).to_be_visible()
        expect(page.get_by_role("rowheader").filter(has_text="Nora").get_by_text("555-0142")).to_be_visible()


@pytest.mark.req("TA-05")
def test_a_name_opens_the_profile(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path())
    page.get_by_role("link", name="Cleo Marchetti").click()
    expect(page.get_by_role("heading", name="Cleo Marchetti", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"{town.profile('cleo')}$"))


@pytest.mark.req("TA-06")
def test_show_inactive_is_in_the_address(town: Town, as_person: AsPerson, screen: Screen) -> None:
    town.let_go("cleo")
    page = go(as_person(town, "ana", screen), town.path())
    expect(person(page, "Ben Okafor")).to_be_visible()
    expect(person(page, "Cleo Marchetti")).to_be_hidden()
    page.get_by_role("switch", name="Show inactive").click()
    expect(person(page, "Cleo Marchetti").get_by_text("Inactive")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?inactive=1$"))
    gone, here = page.get_by_role("link", name="Cleo Marchetti"), page.get_by_role("link", name="Ben Okafor")
    assert gone.evaluate(_COLOR) != here.evaluate(_COLOR)
    page.reload()
    expect(person(page, "Cleo Marchetti")).to_be_visible()
    page.get_by_role("switch", name="Show inactive").click()
    expect(person(page, "Cleo Marchetti")).to_be_hidden()


@pytest.mark.req("LV-01")
def test_a_change_is_on_the_other_managers_screens_within_200_ms(town: Town, as_person: AsPerson) -> None:
    acting, roster, profile = (as_person(town, who) for who in ("ana", "ben", "sam"))
    go(roster, town.path()), go(profile, town.profile("cleo")), go(acting, town.profile("cleo"))
    acting.evaluate("addEventListener('click', () => { window.clicked = Date.now() }, true)")
    seen: dict[Page, list[int]] = {roster: [], profile: []}
    for _ in range(9):
        for page in seen:
            page.evaluate(_WATCH)
        switch(acting, "Scheduler").click()
        for page, delays in seen.items():
            delays.append(page.evaluate("window.seen") - acting.evaluate("window.clicked"))
    expect(person(roster, "Cleo Marchetti").get_by_text("Scheduler", exact=True)).to_be_visible()
    expect(switch(profile, "Scheduler")).to_be_checked()
    # The third of nine: the claim is about motlink, not about the other tests of this machine; bench has the p95.
    assert all(sorted(delays)[2] <= 200 for delays in seen.values()), seen.values()


# The moment at which the other screen's list, or its switch, has changed.
_WATCH = """() => { window.seen = new Promise((tell) => {
  const look = new MutationObserver((changes) => {
    if (changes.some((one) => (one.target.closest ? one.target : one.target.parentElement)?.closest("tr, label"))) {
      look.disconnect(); tell(Date.now());
    }
  });
  const all = { subtree: true, childList: true, attributes: true, characterData: true };
  look.observe(document.querySelector("main"), all);
}) }"""
