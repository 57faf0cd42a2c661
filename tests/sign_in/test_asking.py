"""A dead link offers to ask for a new one: the answer is one and the same, whatever the link was."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import select
from starlette.testclient import TestClient

from motlink.staff.actions import deactivate
from motlink.staff.invitations import send_invitation
from motlink.staff.models import Invitation, StaffMember
from motlink.work import begin_work, system
from tests.acts import add_someone, do, log, newest_token
from tests.people import Practice

pytestmark = pytest.mark.req("TA-11")
JO = "jo@new.example"
ASK = "Ask the practice for a new one"


@pytest.fixture
def jo(practice: Practice) -> StaffMember:
    """Jo is invited and has a letter."""
    return add_someone(practice, practice.ana, "Jo", "therapist", email=JO)


def invitations(member: StaffMember) -> list[Invitation]:
    with begin_work(system(), writes=False) as work:
        query = select(Invitation).where(Invitation.member_id == member.id)
        return sorted(work.session.exec(query), key=lambda one: one.sent_at)


@pytest.mark.asvs("6.3.8")
@pytest.mark.parametrize("why", ["expired", "superseded", "revoked", "used", "unknown", "open", "none"])
def test_the_answer_is_the_same_for_every_link(
    door: TestClient, practice: Practice, jo: StaffMember, why: str
) -> None:
    token = newest_token(JO)
    if why == "superseded":
        do(practice, practice.ana, send_invitation, member_id=jo.id)
    if why == "revoked":
        do(practice, practice.ana, deactivate, member_id=jo.id)
    if why == "used":
        door.get("/invitation", params={"t": token})
        door.post("/invitation", data={"username": "jo.li", "password": "green bicycles in the rain"})
    at = datetime.now(UTC) + timedelta(minutes=61 if why == "expired" else 0)
    with time_machine.travel(at):
        if why != "none":
            door.get("/invitation", params={"t": token if why != "unknown" else "x" * 43})
        page = door.get("/invitation")
        answer = door.post("/invitation/ask")

    assert (ASK in page.text) is (why in ("expired", "superseded", "revoked"))
    assert answer.status_code == 200 and "You have asked for a new link" in answer.text
    assert not any(word in answer.text for word in ("Jo", "Riverbend", JO))
    asked = [one.asked_again_at is not None for one in invitations(jo)]
    # Always the newest of the person.
    assert asked == {"superseded": [False, True], "expired": [True], "open": [True]}.get(why, [False])


@pytest.mark.asvs("6.3.1")
def test_asking_again_and_again_is_not_heard(door: TestClient, practice: Practice, jo: StaffMember) -> None:
    door.get("/invitation", params={"t": newest_token(JO)})
    start = datetime.now(UTC)
    for minute in range(5):
        with time_machine.travel(start + timedelta(minutes=minute)):
            assert door.post("/invitation/ask").status_code == 200

    (one,) = invitations(jo)
    assert one.asked_again_at and one.asked_again_at < start + timedelta(minutes=3)
    assert [entry.action for entry in log(practice)].count("staff.asked_again") == 1


def test_one_address_asks_for_twenty_links_an_hour(
    door: TestClient, practice: Practice, jo: StaffMember
) -> None:
    for number in range(20):
        door.get("/invitation", params={"t": f"guess-{number}"})
        door.post("/invitation/ask")
    door.get("/invitation", params={"t": newest_token(JO)})

    assert door.post("/invitation/ask").status_code == 200

    assert invitations(jo)[0].asked_again_at is None


@pytest.mark.asvs("3.5.1")
def test_another_site_cannot_ask(door: TestClient, practice: Practice, jo: StaffMember) -> None:
    door.get("/invitation", params={"t": newest_token(JO)})

    assert door.post("/invitation/ask", headers={"sec-fetch-site": "cross-site"}).status_code == 403

    assert invitations(jo)[0].asked_again_at is None


@pytest.mark.asvs("3.5.3")
def test_only_a_look_at_the_page_itself_is_noted(
    door: TestClient, practice: Practice, jo: StaffMember
) -> None:
    for _ in range(3):
        door.head("/invitation", params={"t": newest_token(JO)})
        door.get("/invitation", params={"t": newest_token(JO)})
        door.head("/invitation")
    assert invitations(jo)[0].first_seen_at is None

    door.get("/invitation")

    (one,) = invitations(jo)
    assert one.first_seen_at and one.accepted_at is None
