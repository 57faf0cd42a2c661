"""One's own name: changed by oneself, in every practice in which one works, seen and undone like any edit (AC-02)."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from sqlmodel import select
from starlette.testclient import TestClient

from motlink.audit.models import AuditEntry
from motlink.orgs.models import Organization
from motlink.roles.grants import take_all
from motlink.staff.actions import deactivate, edit_member
from motlink.staff.errors import Changed
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.acts import do, faults
from tests.meeting import overtaken
from tests.people import Practice, add_person
from tests.sign_in.test_account import browser_at

pytestmark = pytest.mark.req("AC-02")
CLEO = "cleo.marchetti@riverbend.example"


def save(
    browser: TestClient, first: str = "Clio", last: str = "Marquez", preferred: str = "", **headers: str
) -> Any:
    data = {"first_name": first, "last_name": last, "preferred_name": preferred}
    return browser.post("/account/name", data=data, headers=headers)


def member(member_id: Any) -> StaffMember:
    with begin_work(system(), writes=False) as work:
        return work.session.get_one(StaffMember, member_id)


def edits() -> list[AuditEntry]:
    with begin_work(system(), writes=False) as work:
        return list(work.session.exec(select(AuditEntry).where(AuditEntry.action == "staff.edited")))


def test_the_name_is_another_in_every_practice_and_their_lists_follow(
    mine: TestClient, practice: Practice
) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        there = add_person(work, "Cléo", "M", "therapist", email=CLEO)
    assert (
        "Elsewhere has “Cléo M” so far." in mine.get("/account").text
        or "Riverbend Therapy has" in mine.get("/account").text
    )

    answer = save(mine, " Clio ", "Marquez", "Clee")

    assert answer.headers["location"] == "/account?done=name"
    page = mine.get(answer.headers["location"]).text
    assert "Your name is saved." in page and 'value="Marquez"' in page and "so far" not in page
    for one in (member(practice.cleo), member(there)):
        assert (one.first_name, one.last_name, one.preferred_name) == ("Clio", "Marquez", "Clee")
        assert one.sort_name.startswith("marquez") and "clio marquez" in one.search_text
        assert one.email == CLEO
    written = edits()
    assert {entry.org_id for entry in written} == {practice.org, practice.other_org}
    assert {entry.actor_id for entry in written} == {member(practice.cleo).account_id}
    assert faults() == []


def test_the_same_name_again_writes_nothing(mine: TestClient, practice: Practice) -> None:
    save(mine), save(mine)

    assert len(edits()) == 1 and member(practice.cleo).version == 2


@pytest.mark.parametrize(
    ("first", "last", "preferred", "field", "word"),
    [
        ("", "Marquez", "", "first_name", "First name is needed."),
        ("Clio", " \u2800 ", "", "last_name", "Last name is needed."),
        ("x" * 101, "Marquez", "", "first_name", "100 characters at most"),
        ("Clio", "Mar\u202equez", "", "last_name", "cannot be shown"),
        ("Clio", "Marquez", "a\0b", "preferred_name", "cannot be shown"),
    ],
)
def test_a_name_is_checked_as_in_the_managers_form(
    mine: TestClient, practice: Practice, first: str, last: str, preferred: str, field: str, word: str
) -> None:
    answer = save(mine, first, last, preferred)

    assert answer.status_code == 422 and word in answer.text and f'id="{field}-fault"' in answer.text
    assert member(practice.cleo).first_name == "Cleo" and edits() == []


@pytest.mark.asvs("3.5.1")
def test_without_a_session_or_from_another_site_nothing_is_saved(
    mine: TestClient, practice: Practice
) -> None:
    assert save(browser_at("203.0.113.9")).headers["location"] == "/sign-in?next=/account"
    assert save(mine, origin="http://evil.example").status_code == 403
    assert member(practice.cleo).first_name == "Cleo"


def test_it_changes_nothing_where_one_is_let_go_or_locked_out(mine: TestClient, practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        there = add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
        add_person(work, "Olga", "Second", "owner")
        work.session.get_one(Organization, practice.other_org).lock_after_days = 30
        place = work.get(StaffMember, there)
        place.joined_at = place.joined_at.replace(year=2020) if place.joined_at else None
    save(mine)
    assert member(practice.cleo).first_name == "Clio" and member(there).first_name == "Cleo"

    do(practice, practice.ana, deactivate, member_id=practice.cleo)

    # Let go of the one, locked out of the other: the session is over.
    assert save(mine, "Third").status_code in (303, 404)
    assert member(practice.cleo).first_name == "Clio" and member(there).first_name == "Cleo"


def test_someone_without_a_role_changes_their_name_too(mine: TestClient, practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        take_all(work, member_id=practice.cleo)

    assert save(mine).status_code == 303
    assert member(practice.cleo).first_name == "Clio"


@pytest.mark.req("LV-02")
def test_a_manager_who_had_the_form_open_hears_of_it(mine: TestClient, practice: Practice) -> None:
    save(mine)
    typed: dict[str, Any] = {"first_name": "Kleo", "last_name": "Marchetti", "phone": "", "designation": ""}

    with pytest.raises(Changed):
        do(practice, practice.ben, edit_member, member_id=practice.cleo, version=1, **typed)

    assert member(practice.cleo).first_name == "Clio"


# Where this sign-in does not lead now ---------------------------------------------------------------------------------


def elsewhere(practice: Practice, **settings: Any) -> Any:
    """Give Cleo a place at Elsewhere, which demands this of a sign-in."""
    with begin_work(system(), org=practice.other_org) as work:
        for field, value in settings.items():
            setattr(work.session.get_one(Organization, practice.other_org), field, value)
        return add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)


@pytest.mark.asvs("6.3.3", "8.3.2")
def test_a_practice_that_demands_a_second_step_is_left_out_and_named(
    mine: TestClient, practice: Practice
) -> None:
    there = elsewhere(practice, second_step_of="everyone")

    answer = save(mine)

    assert answer.status_code == 200 and "Your name is saved, but not in Elsewhere" in answer.text
    assert member(practice.cleo).first_name == "Clio" and member(there).first_name == "Cleo"
    assert {entry.org_id for entry in edits()} == {practice.org}


@pytest.mark.asvs("7.3.1", "8.3.2")
def test_one_for_whose_screens_the_session_is_over_is_left_out_too(
    mine: TestClient, practice: Practice
) -> None:
    there = elsewhere(practice, idle_minutes=15)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=20), tick=False):
        answer = save(mine)

    assert "but not in Elsewhere" in answer.text
    assert member(practice.cleo).first_name == "Clio" and member(there).first_name == "Cleo"


def test_where_nothing_could_be_saved_it_says_so(mine: TestClient, practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        work.session.get_one(Organization, practice.org).second_step_of = "everyone"

    answer = save(mine)

    assert answer.status_code == 409 and "Your name is not saved in Riverbend Therapy" in answer.text
    assert member(practice.cleo).first_name == "Cleo" and edits() == []


def test_a_place_that_closes_meanwhile_does_not_keep_the_others_from_the_name(
    mine: TestClient, practice: Practice
) -> None:
    """It closes after the page's list of places was read, before its own turn."""
    there = elsewhere(practice)

    # Elsewhere comes first by name. It is not seen in the list that its place is ending, but at its turn.
    answer = overtaken(lambda: save(mine), partial(deactivate, member_id=there), org=practice.other_org)

    assert "but not in Elsewhere" in answer.text
    assert member(practice.cleo).first_name == "Clio" and member(there).first_name == "Cleo"
