"""A locked place at the door: refused like a wrong password, and no obstacle to another practice (TA-22)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from motlink.orgs.models import Organization
from motlink.sign_in.rules import WrongSignIn
from motlink.staff.locking import unlock
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.acts import do, log
from tests.people import Practice, add_person
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.req("TA-22")


@pytest.fixture
def stale(practice: Practice) -> Practice:
    """Cleo joined long ago and never came; the practice locks after 30 days."""
    with begin_work(system()) as work:
        work.session.get_one(Organization, practice.org).lock_after_days = 30
        cleo = work.session.get_one(StaffMember, practice.cleo)
        cleo.joined_at = datetime.now(UTC) - timedelta(days=90)
        work.add(cleo)
    return practice


def post(door: TestClient, login: str, password: str = PASSWORD) -> Any:
    return door.post("/sign-in", data={"login": login, "password": password})


def signed_in_at(member_id: UUID) -> datetime | None:
    with begin_work(system(), writes=False) as work:
        return work.session.get_one(StaffMember, member_id).signed_in_at


@pytest.mark.asvs("6.3.8", "6.1.1")
def test_a_locked_person_is_answered_like_a_wrong_password(door: TestClient, stale: Practice) -> None:
    answers = [post(door, "cleo"), post(door, "cleo", "wrong password, sadly"), post(door, "nobody")]

    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert len({re.sub(r'<input id="login"[^>]*>', "", answer.text) for answer in answers}) == 1
    assert WrongSignIn.sentence in answers[0].text and "set-cookie" not in answers[0].headers
    assert signed_in_at(stale.cleo) is None


@pytest.mark.req("TA-23")
def test_once_enabled_they_come_in_and_that_is_noted(door: TestClient, stale: Practice) -> None:
    do(stale, stale.ben, unlock, member_id=stale.cleo)

    assert post(door, "cleo").status_code == 303
    seen = signed_in_at(stale.cleo)
    assert seen is not None and datetime.now(UTC) - seen < timedelta(minutes=1)


def test_locked_here_one_comes_into_the_other_practice_alone(door: TestClient, stale: Practice) -> None:
    with begin_work(system(), org=stale.other_org) as work:
        elsewhere = add_person(
            work, "Cleo", "Marchetti", "therapist", email="cleo.marchetti@riverbend.example"
        )
    answer = post(door, "cleo")

    assert answer.headers["location"] == "/p/elsewhere"
    assert signed_in_at(stale.cleo) is None and signed_in_at(elsewhere) is not None
    assert "staff.unlocked" not in {entry.action for entry in log(stale)}


def test_where_one_chooses_a_practice_only_the_chosen_one_is_used(door: TestClient, stale: Practice) -> None:
    with begin_work(system(), org=stale.other_org) as work:
        elsewhere = add_person(work, "Ben", "Okafor", "therapist", email="ben.okafor@riverbend.example")
    answer = post(door, "ben")

    assert answer.headers["location"] == "/choose-practice"
    assert (signed_in_at(stale.ben), signed_in_at(elsewhere)) == (None, None)
