"""Signing in and out over HTTP: who comes in, what everyone else is told, what is written down."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import select
from starlette.testclient import TestClient

from motlink.accounts.models import Account, AccountSession
from motlink.audit.models import AuditEntry
from motlink.sign_in.rules import WrongSignIn, own_path
from motlink.staff.actions import deactivate, switch_role
from motlink.work import begin_work, system
from tests.people import Practice
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.req("AC-01")
RIVERBEND = "/p/riverbend-therapy"


def post(door: TestClient, login: str, password: str = PASSWORD, **more: str) -> object:
    return door.post("/sign-in", data={"login": login, "password": password, **more})


@pytest.mark.parametrize(
    "login", ["ana", "ANA", " ana ", "ana.castellanos@riverbend.example", "Ana.Castellanos@RIVERBEND.example"]
)
def test_username_or_email_in_any_case_opens_the_practice(door: TestClient, login: str) -> None:
    answer = post(door, login)
    assert (answer.status_code, answer.headers["location"]) == (303, RIVERBEND)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower() and "Path=/" in cookie


@pytest.mark.asvs("6.3.8")
def test_every_refusal_reads_alike(door: TestClient, practice: Practice) -> None:
    with begin_work(practice.as_(practice.ana), org=practice.org) as work:
        deactivate(work, member_id=practice.ben)
        switch_role(
            work,
            member_id=practice.sam,
            role_id=practice.roles["staff_administrator"],
            on=False,
            confirmed=True,
        )

    tries = [
        ("nobody", PASSWORD),
        ("ana", "wrong password, sadly"),
        ("ben", PASSWORD),
        ("sam", PASSWORD),
        ("", ""),
        ("ana", "x" * 5000),
    ]
    answers = [post(door, *one) for one in tries]
    assert {answer.status_code for answer in answers} == {401}
    bodies = {re.sub(r'<input id="login"[^>]*>', "", answer.text) for answer in answers}
    assert len(bodies) == 1
    assert all(WrongSignIn.sentence in answer.text for answer in answers)
    assert not any("set-cookie" in answer.headers for answer in answers)


@pytest.mark.asvs("2.3.1")
def test_a_reactivated_person_without_a_role_stays_out(door: TestClient, practice: Practice) -> None:
    from motlink.staff.actions import reactivate

    with begin_work(practice.as_(practice.ana), org=practice.org) as work:
        deactivate(work, member_id=practice.cleo)
    with begin_work(practice.as_(practice.ana), org=practice.org) as work:
        reactivate(work, member_id=practice.cleo)
    assert post(door, "cleo").status_code == 401
    with begin_work(practice.as_(practice.ana), org=practice.org) as work:
        switch_role(work, member_id=practice.cleo, role_id=practice.roles["therapist"], on=True)
    assert post(door, "cleo").status_code == 303


@pytest.mark.req("AU-02")
@pytest.mark.asvs("16.3.1", "16.2.5")
def test_sign_ins_and_failures_are_written_down_without_what_was_typed(
    door: TestClient, practice: Practice
) -> None:
    post(door, "ana")
    post(door, "ana", "wrong password, sadly")
    post(door, "my secret in the wrong field", "wrong password, sadly")
    with begin_work(system(), writes=False) as work:
        rows = work.session.exec(
            select(AuditEntry)
            .where(AuditEntry.action.in_(["signed_in", "sign_in.failed"]))
            .order_by(AuditEntry.number)
        ).all()
    assert [(row.action, row.org_id) for row in rows if row.org_id] == [
        ("signed_in", practice.org),
        ("sign_in.failed", practice.org),
    ]
    assert [row.actor_kind for row in rows if row.org_id] == ["person", "nobody"]
    assert len([row for row in rows if row.org_id is None]) == 1
    assert "secret" not in str([row.payload for row in rows]) and "sadly" not in str(
        [row.payload for row in rows]
    )


@pytest.mark.asvs("7.2.4")
def test_a_new_sign_in_ends_the_session_that_the_browser_brought(door: TestClient) -> None:
    post(door, "ana")
    post(door, "ben")
    with begin_work(system(), writes=False) as work:
        rows = work.session.exec(select(AccountSession).order_by(AccountSession.created_at)).all()
    assert [row.ended_at is None for row in rows] == [False, True]


@pytest.mark.asvs("7.4.1")
def test_signing_out_ends_the_session(door: TestClient) -> None:
    post(door, "ana")
    assert door.get("/sign-out").status_code == 200
    assert door.get("/choose-practice").headers["location"] == RIVERBEND
    cookie = door.cookies["motlink"]
    answer = door.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    door.cookies.set("motlink", cookie)
    assert door.get("/choose-practice").headers["location"].startswith("/sign-in")


@pytest.mark.asvs("7.3.1", "7.3.2")
def test_a_session_ends_after_an_hour_idle_and_after_twelve_hours(door: TestClient) -> None:
    start = datetime.now(UTC)
    post(door, "ana")
    for later, location in (
        (timedelta(minutes=59), RIVERBEND),
        (timedelta(minutes=61), "/sign-in?next=/choose-practice"),
    ):
        with time_machine.travel(start + later, tick=False):
            assert door.get("/choose-practice").headers["location"] == location


@pytest.mark.asvs("6.2.10")
def test_a_password_is_good_after_ten_years(door: TestClient) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(days=3653), tick=False):
        answer = post(door, "ana")

    assert answer.headers["location"] == RIVERBEND


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403), ({"origin": "null"}, 403), ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "http://localhost:3000"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303), ({"origin": "http://localhost:3000"}, 303),
        ({}, 303),
    ],
)  # fmt: skip
def test_a_form_from_another_site_is_refused(door: TestClient, headers: dict[str, str], status: int) -> None:
    assert (
        door.post("/sign-in", data={"login": "ana", "password": PASSWORD}, headers=headers).status_code
        == status
    )


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "http://evil.example",
        "javascript:alert(1)",
        "/%0d%0aset-cookie:a=b\r\nx: y",
        "evil",
    ],
)
def test_next_leads_nowhere_but_here(door: TestClient, wanted: str) -> None:
    assert post(door, "ana", next=wanted).headers["location"] in (RIVERBEND, own_path(wanted) or RIVERBEND)
    assert own_path(wanted) == ""


def test_next_leads_back_to_the_screen(door: TestClient) -> None:
    assert (
        post(door, "ana", next=f"{RIVERBEND}/settings/staff?q=li").headers["location"]
        == f"{RIVERBEND}/settings/staff?q=li"
    )


@pytest.mark.asvs("6.3.1", "6.1.1")
def test_guessing_is_stopped_and_the_owner_of_the_account_is_not(door: TestClient) -> None:
    guesses = [post(door, "ana", f"wrong password {n}").status_code for n in range(12)]
    assert guesses == [401] * 10 + [429] * 2
    elsewhere = TestClient(
        door.app, base_url="http://localhost:3000", follow_redirects=False, client=("192.0.2.7", 1)
    )
    assert elsewhere.post("/sign-in", data={"login": "ana", "password": PASSWORD}).status_code == 303
    unknown = [
        elsewhere.post("/sign-in", data={"login": "nobody", "password": "x"}).status_code for n in range(12)
    ]
    assert unknown == guesses


def test_right_passwords_are_never_counted(door: TestClient) -> None:
    assert {post(door, "ana").status_code for _ in range(15)} == {303}


@pytest.mark.asvs("15.3.4", "4.1.3")
def test_an_invented_address_is_not_believed(door: TestClient) -> None:
    for number in range(11):
        answer = door.post(
            "/sign-in",
            data={"login": "ana", "password": "wrong"},
            headers={"x-forwarded-for": f"198.51.100.{number}"},
        )
    assert answer.status_code == 429


def test_an_endless_form_is_refused(door: TestClient) -> None:
    assert post(door, "ana", "x" * 100_000).status_code == 413


@pytest.mark.req("TA-24")
def test_someone_in_two_practices_chooses(door: TestClient, practice: Practice) -> None:
    from tests.people import add_person

    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Ana", "Castellanos", "therapist")
    assert post(door, "ana").headers["location"] == "/choose-practice"
    page = door.get("/choose-practice").text
    assert 'href="/p/elsewhere"' in page and f'href="{RIVERBEND}"' in page
    with begin_work(system(), writes=False) as work:
        rows = work.session.exec(select(AuditEntry).where(AuditEntry.action == "signed_in")).all()
    assert {row.org_id for row in rows} == {practice.org, practice.other_org}


@pytest.mark.asvs("7.4.2")
def test_letting_an_agent_go_in_one_practice_keeps_the_other(door: TestClient, practice: Practice) -> None:
    from tests.people import add_person

    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist")
    post(door, "cleo")
    with begin_work(practice.as_(practice.ana), org=practice.org) as work:
        deactivate(work, member_id=practice.cleo)
    assert door.get("/choose-practice").headers["location"] == "/p/elsewhere"


def test_health_asks_the_database(door: TestClient) -> None:
    assert door.get("/health").json() == {"status": "ok"}


@pytest.mark.asvs("13.4.2", "16.5.2")
def test_health_says_so_when_the_database_is_away(door: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from motlink import database as db
    from motlink import settings

    monkeypatch.setenv("MOTLINK_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    settings.settings.cache_clear()
    db.engine().dispose()
    db.engine.cache_clear()
    assert door.get("/health").status_code == 503


def test_nothing_is_signed_in_by_a_hash_that_has_changed_meanwhile(
    door: TestClient, practice: Practice
) -> None:
    from motlink.sign_in.actions import Proof, sign_in
    from motlink.work import nobody

    with begin_work(nobody(), org=practice.org) as work:
        assert sign_in(work, login="ana", proof=Proof(True, "an older hash")) is None
        account = work.session.exec(select(Account).where(Account.username == "ana")).one()
        assert sign_in(work, login="ana", proof=Proof(True, account.password_hash)) is not None
