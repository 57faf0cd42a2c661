"""Each way in and out stands in the log of every practice that knows the person, and nowhere else (AU-02)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import select
from starlette.testclient import TestClient

from motlink.accounts.actions import write_set_up_link
from motlink.audit.models import AuditEntry
from motlink.audit.queries import AuditView, entries
from motlink.cli_people import end_all_sessions
from motlink.orgs.actions import found_organization
from motlink.sign_in.routes import routes
from motlink.staff.actions import add_member, deactivate
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.acts import do, see
from tests.people import Practice, add_person
from tests.sign_in.test_links import GOOD, open_link, token_of
from tests.web.conftest import PASSWORD

pytestmark = [pytest.mark.req("AU-02"), pytest.mark.asvs("16.3.1")]
ANA = "ana.castellanos@riverbend.example"


@pytest.fixture
def third(practice: Practice) -> UUID:
    """Ana works at Elsewhere too, once worked at a third practice, and a fourth has only invited her."""
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Ana", "Castellanos", "therapist")
    with begin_work(system()) as work:
        found_organization(work, name="Third")
        third, left = work.org_id, add_person(work, "Ana", "Castellanos", "therapist")
    with begin_work(system(), org=third) as work:
        deactivate(work, member_id=left)
    with begin_work(system()) as work:
        found_organization(work, name="Fourth")
        add_member(work, first_name="Ana", last_name="Castellanos", email=ANA)
    return third


def told(action: str) -> list[UUID | None]:
    """Return in whose chains an act stands, in order of name of the practice's id."""
    with begin_work(system(), writes=False) as work:
        query = select(AuditEntry.org_id).where(AuditEntry.action == action)
        return sorted(work.session.exec(query), key=str)


def everywhere(practice: Practice, third: UUID) -> list[UUID]:
    return sorted([practice.org, practice.other_org, third], key=str)


def sign_in(door: TestClient, login: str = "ana", password: str = PASSWORD) -> int:
    return int(door.post("/sign-in", data={"login": login, "password": password}).status_code)


def test_a_sign_in_and_a_failed_one(door: TestClient, practice: Practice, third: UUID) -> None:
    assert (sign_in(door), sign_in(door, password="a wrong password")) == (303, 401)

    assert told("signed_in") == told("sign_in.failed") == everywhere(practice, third)
    failed = see(practice, practice.ana, entries, view=AuditView(action="sign_in.failed")).rows[0]
    assert (failed.who, failed.whom) == ("Someone at the door", "Ana Castellanos")


def test_a_sign_out(door: TestClient, practice: Practice, third: UUID) -> None:
    sign_in(door)

    door.post("/sign-out")
    door.post("/sign-out")

    assert told("signed_out") == everywhere(practice, third)
    row = see(practice, practice.ana, entries, view=AuditView(action="signed_out")).rows[0]
    assert (row.who, row.whom) == ("Ana Castellanos", "")


def test_a_sign_out_by_the_operator(
    door: TestClient, practice: Practice, third: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motlink.cli_people.ready", lambda: None)
    sign_in(door)

    end_all_sessions(email=ANA.upper())

    assert told("sessions.ended") == everywhere(practice, third)
    assert door.get("/choose-practice").headers["location"].startswith("/sign-in")


def test_a_guess_at_an_invitation_is_a_failed_sign_in_and_an_acceptance_a_sign_in(
    door: TestClient, practice: Practice, third: UUID
) -> None:
    with begin_work(system()) as work:
        found_organization(work, name="Fifth")
        fifth = work.org_id
        roles = [role for role in _roles(work) if role.key == "therapist"]
        add_member(work, first_name="Ana", last_name="C", email=ANA, role_ids=[role.id for role in roles])
    open_link(door, token_of(ANA))

    guesses = [door.post("/invitation", data={"password": one}).status_code for one in ("wrong", PASSWORD)]

    known = sorted([*everywhere(practice, third), fifth], key=str)
    assert guesses == [401, 303]
    assert told("sign_in.failed") == told("signed_in") == known
    assert told("staff.accepted") == [fifth]


def _roles(work: Any) -> Any:
    from motlink.roles.queries import roles_of_org

    return roles_of_org(work)


@pytest.mark.req("AC-03")
def test_a_set_up_by_the_operators_link(door: TestClient, practice: Practice, third: UUID) -> None:
    with begin_work(system()) as work:
        found_organization(work, name="New")
        new, member = work.org_id, add_person(work, "Ana", "Castellanos", "owner", email=ANA, joined=False)
        token = write_set_up_link(work, account_id=work.session.get_one(StaffMember, member).account_id)
    door.get("/set-up", params={"t": token})

    answer = door.post("/set-up", data={"username": "ana.new", "password": GOOD})

    known = sorted([*everywhere(practice, third), new], key=str)
    assert answer.status_code == 303
    assert told("account.set_up") == told("signed_in") == known
    assert told("staff.accepted") == [new]


@pytest.mark.req("AC-03")
def test_the_first_owners_set_up_is_in_the_practices_own_log(door: TestClient) -> None:
    with begin_work(system()) as work:
        found_organization(work, name="New")
        new, member = work.org_id, add_person(work, "Nia", "Owner", "owner", joined=False)
        token = write_set_up_link(work, account_id=work.session.get_one(StaffMember, member).account_id)
    door.get("/set-up", params={"t": token})

    assert door.post("/set-up", data={"username": "nia", "password": GOOD}).status_code == 303

    assert told("account.set_up") == told("staff.accepted") == told("signed_in") == [new]


# After the answer -----------------------------------------------------------------------------------------------------


@contextmanager
def a_log_that_cannot_be_written(database: str, org: UUID) -> Iterator[None]:
    """Let the database refuse every entry of one practice."""
    refuse, allow = _trigger(database, org)
    with begin_work(system()) as work:
        for statement in refuse:
            work.session.execute(text(statement))
    try:
        yield
    finally:
        with begin_work(system()) as work:
            for statement in allow:
                work.session.execute(text(statement))


def _trigger(database: str, org: UUID) -> tuple[list[str], list[str]]:
    if database.startswith("sqlite"):
        when = f"NEW.chain = '{org}' BEGIN SELECT RAISE(ABORT, 'no room'); END"
        return [f"CREATE TRIGGER no_room BEFORE INSERT ON auditentry WHEN {when}"], ["DROP TRIGGER no_room"]
    body = f"BEGIN IF NEW.chain = '{org}' THEN RAISE 'no room'; END IF; RETURN NEW; END"
    return [
        f"CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        "CREATE TRIGGER no_room BEFORE INSERT ON auditentry FOR EACH ROW EXECUTE FUNCTION no_room()",
    ], ["DROP TRIGGER no_room ON auditentry", "DROP FUNCTION no_room()"]


@pytest.mark.asvs("16.5.2")
def test_another_practices_log_that_cannot_be_written_takes_nobody_the_session_away(
    door: TestClient, practice: Practice, third: UUID, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    with a_log_that_cannot_be_written(database, third):
        answer = door.post("/sign-in", data={"login": "ana", "password": PASSWORD})

    assert (answer.status_code, "motlink=" in answer.headers["set-cookie"]) == (303, True)
    assert door.get("/choose-practice").status_code == 200
    assert told("signed_in") == sorted([practice.org, practice.other_org], key=str)
    assert str(third) in caplog.text


@pytest.mark.asvs("6.3.8")
@pytest.mark.parametrize(("login", "password"), [("ana", PASSWORD), ("ana", "a wrong password")])
def test_the_answer_is_out_before_the_other_practices_are_told(
    door: TestClient, practice: Practice, third: UUID, login: str, password: str
) -> None:
    at_the_answer: list[int] = []

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            if message["type"] == "http.response.body":
                at_the_answer.append(len(told("signed_in") + told("sign_in.failed")))
            await send(message)

        await routes()(scope, receive, sent)

    with TestClient(watched, base_url="http://localhost:3000", follow_redirects=False) as browser:
        browser.post("/sign-in", data={"login": login, "password": password})

    assert at_the_answer == [1]
    assert len(told("signed_in") + told("sign_in.failed")) == 3


def test_what_is_written_afterwards_is_in_a_chain_that_holds(
    door: TestClient, practice: Practice, third: UUID
) -> None:
    from tests.acts import faults

    sign_in(door)
    door.post("/sign-out")

    assert faults() == []
    assert do(practice, practice.ana, lambda work: work.actor.name) == "Ana Castellanos"
