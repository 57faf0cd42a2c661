"""An end date on a role, and Records Custodian for chosen providers (TA-27)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from motlink.roles.queries import grant_in_force, role_by_key
from motlink.staff.granting import set_role_end
from motlink.work import begin_work, system
from tests.browser.hands import Screen, go, notice, switch, tick
from tests.browser.town import Town

AsPerson = Callable[..., Page]
NEXT_YEAR = datetime.now(ZoneInfo("America/New_York")).year + 1


def end_soon(town: Town, who: str, key: str, seconds: float) -> None:
    """Let a role end in so many seconds, as its last day may."""
    with begin_work(system(), org=town.slug) as work:
        role = role_by_key(work, key)
        assert role
        grant = grant_in_force(work, town.people[who], role.id)
        assert grant
        grant.ends_at = datetime.now(UTC) + timedelta(seconds=seconds)
        work.add(grant)


@pytest.mark.req("TA-27")
def test_a_role_gets_a_last_day(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ben", screen), town.profile("cleo"))
    page.get_by_role("button", name="End date of Therapist").click()
    dialog = page.get_by_role("dialog", name="Therapist for Cleo Marchetti")
    dialog.get_by_label("Last day").fill("2020-01-31")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("This day is over.")
    dialog.get_by_label("Last day").fill(f"{NEXT_YEAR}-01-31")
    dialog.get_by_role("button", name="Save").click()
    said = notice(page, f"Therapist for Cleo Marchetti: until 31 January {NEXT_YEAR}.")
    expect(said).to_be_visible()
    note = page.get_by_text(f"until 31 January {NEXT_YEAR}", exact=True)
    expect(note).to_be_visible()
    said.get_by_role("button", name="Undo").click()
    expect(note).to_be_hidden()


@pytest.mark.req("TA-27")
def test_the_only_owner_has_no_last_day(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ana"), town.profile("ana"))
    expect(switch(page, "Owner")).to_be_checked()
    expect(page.get_by_role("button", name="End date of Owner")).to_have_count(0)


@pytest.mark.req("TA-27")
def test_an_owner_lets_somebody_read_chosen_providers(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    town.add("Nora Reyes", "therapist")
    page = go(as_person(town, "ana", screen), town.profile("sam"))
    switch(page, "Records Custodian").click()
    dialog = page.get_by_role("dialog", name="Records Custodian for Sam Whitfield")
    dialog.get_by_role("checkbox", name="Reads the records of all providers").click()
    dialog.get_by_role("button", name="Turn on").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose at least one provider, or all of them.")
    expect(dialog.get_by_role("searchbox", name="Find a provider")).to_be_visible()
    tick(dialog, "nora", "Nora Reyes")
    dialog.get_by_label("Last day").fill(f"{NEXT_YEAR}-01-31")
    dialog.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text(f"reads 1 provider, until 31 January {NEXT_YEAR}", exact=True)).to_be_visible()
    expect(switch(page, "Records Custodian")).to_be_checked()

    page.get_by_role("button", name="Providers and end date of Records Custodian").click()
    tick(dialog, "cleo", "Cleo Marchetti")
    expect(dialog.get_by_role("group", name="Chosen providers")).to_contain_text("Nora Reyes")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"reads 2 providers, until 31 January {NEXT_YEAR}", exact=True)).to_be_visible()


@pytest.mark.req("TA-27", "LV-02")
def test_what_somebody_else_changed_meanwhile_is_shown_before_it_is_saved(
    town: Town, as_person: AsPerson
) -> None:
    page = go(as_person(town, "ben"), town.profile("cleo"))
    page.get_by_role("button", name="End date of Therapist").click()
    dialog = page.get_by_role("dialog", name="Therapist for Cleo Marchetti")
    dialog.get_by_label("Last day").fill(f"{NEXT_YEAR}-03-31")
    with begin_work(system(), org=town.slug) as work:
        role = role_by_key(work, "therapist")
        assert role
        last = date(NEXT_YEAR, 1, 31)
        set_role_end(work, member_id=town.people["cleo"], role_id=role.id, ends_on=last)

    dialog.get_by_role("button", name="Save").click()

    changed = f"Someone else changed Therapist for Cleo Marchetti meanwhile: until 31 January {NEXT_YEAR}."
    expect(dialog.get_by_role("alert")).to_contain_text(changed)
    expect(dialog.get_by_label("Last day")).to_have_value(f"{NEXT_YEAR}-01-31")
    dialog.get_by_label("Last day").fill(f"{NEXT_YEAR}-03-31")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"until 31 March {NEXT_YEAR}", exact=True)).to_be_visible()


@pytest.mark.req("TA-27", "TA-01")
def test_nobody_else_lets_anybody_read(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ben"), town.profile("sam"))
    expect(switch(page, "Records Custodian")).to_be_disabled()
    expect(
        page.get_by_text("Records Custodian may do more than you may, so you cannot give it.")
    ).to_be_visible()


@pytest.mark.req("TA-27", "LV-01")
def test_when_the_last_role_ends_the_open_tab_closes_and_others_see_it(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    town.add("Nora Reyes", "manager")
    hers = go(as_person(town, "nora", screen), town.path())
    page = go(as_person(town, "ana"), town.profile("nora"))

    end_soon(town, "nora", "manager", 3)

    expect(hers.get_by_role("heading", name="No role is on for you yet")).to_be_visible()
    expect(switch(page, "Manager")).not_to_be_checked()
    expect(page.get_by_text("off since").first).to_be_visible()
