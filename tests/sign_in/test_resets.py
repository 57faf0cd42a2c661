"""A forgotten password: one answer for everyone, one hour, once, and every session ends (TA-19)."""

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import event
from sqlmodel import col, select
from starlette.testclient import TestClient

from motlink import worker
from motlink.accounts.actions import open_session
from motlink.accounts.models import Account, AccountSession, ResetLink
from motlink.audit.models import AuditEntry
from motlink.database import engine
from motlink.mail.models import Letter
from motlink.models import metadata
from motlink.sign_in.actions import Proof
from motlink.sign_in.actions import sign_in as sign_in_act
from motlink.sign_in.entering import tell_elsewhere
from motlink.sign_in.reset_routes import sending
from motlink.sign_in.resets import ask_for_reset, use_reset
from motlink.sign_in.routes import routes
from motlink.sign_in.rules import DeadLink
from motlink.staff.actions import deactivate, reactivate, switch_role
from motlink.staff.models import StaffMember
from motlink.staff.resets import send_reset
from motlink.work import begin_work, nobody, system
from tests.acts import add_someone, count, do, faults, newest_token
from tests.loops import run
from tests.people import PASSWORD, Practice, add_person
from tests.sign_in.test_everywhere import told
from tests.test_races import ROUNDS, at_once

pytestmark = pytest.mark.req("TA-19")
CLEO = "cleo.marchetti@riverbend.example"
GOOD = "green bicycles in the rain"
# Later than the fixtures, which are made now.
NOON = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)


def ask(door: TestClient, login: str = "cleo", **headers: str) -> Any:
    answer = door.post("/forgot", data={"login": login}, headers=headers)
    wait_for_letters()
    return answer


def wait_for_letters(seconds: float = 20) -> None:
    """Letters are written once the answer is out."""
    end = time.monotonic() + seconds
    while sending and time.monotonic() < end:
        time.sleep(0.005)
    assert not sending


def open_link(door: TestClient, token: str) -> Any:
    moved = door.get("/reset", params={"t": token})
    assert (moved.status_code, moved.headers["location"]) == (303, "/reset")
    assert "HttpOnly" in moved.headers["set-cookie"] and "Path=/reset" in moved.headers["set-cookie"]
    return door.get("/reset")


def choose(door: TestClient, password: str = GOOD) -> Any:
    return door.post("/reset", data={"password": password})


def sign_in(door: TestClient, login: str, password: str) -> int:
    return int(door.post("/sign-in", data={"login": login, "password": password}).status_code)


def account_of(practice: Practice, member_id: UUID) -> Account:
    with begin_work(system(), writes=False) as work:
        return work.session.get_one(Account, work.session.get_one(StaffMember, member_id).account_id)


def letters(email: str = CLEO) -> list[Letter]:
    with begin_work(system(), writes=False) as work:
        return list(work.session.exec(select(Letter).where(Letter.to == email).order_by(col(Letter.id))))


# From the letter to the sign-in ---------------------------------------------------------------------------------------


@pytest.mark.asvs("6.4.3", "7.4.3", "6.3.7")
def test_the_holder_chooses_a_new_password_every_session_ends_and_then_signs_in(
    door: TestClient, practice: Practice
) -> None:
    sign_in(door, "cleo", PASSWORD)
    ask(door)
    page = open_link(door, newest_token(CLEO))
    assert page.status_code == 200 and 'value="cleo"' in page.text and newest_token(CLEO) not in page.text

    answer = choose(door)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?reset=1")
    # Nobody is let in by it: a second factor would be asked for at the sign-in.
    assert "motlink=" not in str(answer.headers.get_list("set-cookie")).replace("motlink-reset=", "")
    assert count(AccountSession, col(AccountSession.ended_at).is_(None)) == 0
    assert "Your password is changed" in door.get(answer.headers["location"]).text
    assert sign_in(door, "cleo", PASSWORD) == 401
    assert sign_in(door, "cleo", GOOD) == 303
    assert [letter.kind for letter in letters()] == ["reset", "password_changed"]
    assert told("password.reset_asked") == told("password.reset") == [practice.org]
    assert faults() == []


def test_a_link_that_a_manager_sent_works_the_same(door: TestClient, practice: Practice) -> None:
    do(practice, practice.ben, send_reset, member_id=practice.cleo)
    open_link(door, newest_token(CLEO))

    assert choose(door).status_code == 303
    assert sign_in(door, "cleo", GOOD) == 303


@pytest.mark.asvs("3.5.3")
def test_looking_uses_nothing_up_and_the_form_works_once(door: TestClient, practice: Practice) -> None:
    ask(door)
    token = newest_token(CLEO)
    for _ in range(20):
        assert door.head("/reset", params={"t": token}).status_code == 303
        assert open_link(door, token).status_code == door.head("/reset").status_code == 200

    assert choose(door).status_code == 303

    again = open_link(door, token)
    assert again.status_code == 410 and "has been used" in again.text
    assert choose(door).status_code == 410


@pytest.mark.asvs("6.2.1", "6.2.4", "6.2.11")
@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short", "At least 15"),
        ("passwordpassword", "first that are guessed"),
        ("I like Riverbend Therapy", "easy to guess"),
        ("marchetti has a bicycle", "easy to guess"),
        ("cleo cleo and nobody", "easy to guess"),
    ],
)
def test_a_poor_password_is_refused_and_the_link_stays(
    door: TestClient, practice: Practice, password: str, word: str
) -> None:
    ask(door)
    open_link(door, newest_token(CLEO))

    answer = choose(door, password)

    assert answer.status_code == 422 and word in answer.text and password not in answer.text
    assert choose(door).status_code == 303


def test_an_invitation_elsewhere_is_left_alone(door: TestClient, practice: Practice) -> None:
    from motlink.orgs.actions import found_organization
    from motlink.staff.actions import add_member
    from motlink.staff.links import unspent
    from motlink.staff.models import Invitation

    with begin_work(system()) as work:
        found_organization(work, name="Third")
        add_member(work, first_name="Cleo", last_name="M", email=CLEO)
    do(practice, practice.ben, send_reset, member_id=practice.cleo)
    open_link(door, newest_token(CLEO))

    assert choose(door).status_code == 303

    assert count(Invitation, unspent()) == 1


# Dead links -----------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("6.4.1")
@pytest.mark.parametrize(
    ("later", "is_open"),
    [
        (timedelta(minutes=59, seconds=59), True),
        (timedelta(minutes=60), False),
        (timedelta(minutes=60, seconds=1), False),
    ],
)
def test_a_link_closes_after_an_hour(practice: Practice, later: timedelta, is_open: bool) -> None:
    do(practice, practice.ben, send_reset, member_id=practice.cleo, at=NOON)
    token = newest_token(CLEO)

    try:
        with begin_work(nobody(), org=practice.org, at=NOON + later) as work:
            use_reset(work, token=token, password_hash="new")
        why = ""
    except DeadLink as dead:
        why = dead.why

    assert why == ("" if is_open else "expired")
    assert (account_of(practice, practice.cleo).password_hash == "new") == is_open


@pytest.mark.parametrize("why", ["expired", "used", "replaced", "withdrawn", "unknown"])
def test_a_dead_link_says_why_and_names_nobody(door: TestClient, practice: Practice, why: str) -> None:
    do(practice, practice.ben, send_reset, member_id=practice.cleo)
    token, later = newest_token(CLEO), timedelta()
    if why == "used":
        open_link(door, token), choose(door)
    if why == "replaced":
        do(practice, practice.ben, send_reset, member_id=practice.cleo)
    if why == "withdrawn":
        do(practice, practice.ana, deactivate, member_id=practice.cleo)
    if why == "expired":
        later = timedelta(hours=2)

    with time_machine.travel(datetime.now(UTC) + later, tick=False):
        page = open_link(door, token if why != "unknown" else "x" * 43)

    title = (
        "is not complete" if why == "unknown" else f"has {'expired' if why == 'expired' else 'been ' + why}"
    )
    assert page.status_code == 410 and title in page.text
    assert not any(word in page.text.lower() for word in ("cleo", "marchetti", "riverbend"))


@pytest.mark.parametrize("token", ["", "x", "a" * 5000, "é\x00", "'; DROP TABLE resetlink; --"])
def test_an_unknown_link_is_not_complete(door: TestClient, practice: Practice, token: str) -> None:
    page = open_link(door, token)

    assert page.status_code == 410 and "This link is not complete" in page.text


@pytest.mark.req("TA-30")
def test_a_link_dies_with_the_last_working_day_though_nothing_has_tidied_up(practice: Practice) -> None:
    do(practice, practice.ben, send_reset, member_id=practice.cleo, at=NOON)
    with begin_work(system(), org=practice.org) as work:
        work.get(StaffMember, practice.cleo).leaves_at = NOON + timedelta(minutes=10)

    with (
        pytest.raises(DeadLink) as dead,
        begin_work(nobody(), org=practice.org, at=NOON + timedelta(minutes=11)) as work,
    ):
        use_reset(work, token=newest_token(CLEO), password_hash="new")

    assert dead.value.why == "revoked"


@pytest.mark.soak
@pytest.mark.asvs("2.3.4", "15.4.2")
def test_of_eight_at_once_one_chooses(practice: Practice) -> None:
    do(practice, practice.ben, send_reset, member_id=practice.cleo)
    token = newest_token(CLEO)

    def use(number: int) -> str:
        with begin_work(nobody(), org=practice.org) as work:
            use_reset(work, token=token, password_hash=f"hash {number}")
        return f"hash {number}"

    results = at_once(*(lambda number=number: use(number) for number in range(8)))

    won = [one for one in results if isinstance(one, str)]
    assert len(won) == 1 and [getattr(one, "why", "") for one in results].count("used") == 7
    assert account_of(practice, practice.cleo).password_hash == won[0]
    assert [letter.kind for letter in letters()].count("password_changed") == 1


@pytest.mark.soak
@pytest.mark.asvs("2.3.4", "2.4.1")
def test_of_eight_who_ask_at_once_one_letter_comes_and_one_link_is_open(practice: Practice) -> None:
    """Each in another practice that knows the account, or in the same one."""
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    account_id = account_of(practice, practice.cleo).id

    def one(number: int) -> bool:
        with begin_work(nobody(), org=(practice.org, practice.other_org)[number % 2]) as work:
            return ask_for_reset(work, account_id=account_id)

    results = at_once(*(lambda number=number: one(number) for number in range(8)))

    assert results.count(True) == 1 and results.count(False) == 7
    assert len(letters()) == count(ResetLink) == 1


# The question at the door ---------------------------------------------------------------------------------------------


def everyone(practice: Practice) -> dict[str, str]:
    """Return a login of each kind of person; only the first two can sign in."""
    add_someone(practice, practice.ana, "Jo", "therapist")
    do(practice, practice.ana, deactivate, member_id=practice.ben)
    do(practice, practice.ana, deactivate, member_id=practice.sam)
    do(practice, practice.ana, reactivate, member_id=practice.sam)
    return {
        "known": "cleo",
        "known by email": CLEO.upper(),
        "unknown": "nobody",
        "unknown email": "nobody@nowhere.example",
        "deactivated": "ben",
        "without a role": "sam",
        "not set up": "jo@riverbend.example",
        "nothing": "",
        "nonsense": "a\x00b",
        "endless": "x" * 5000,
    }


@pytest.mark.asvs("6.3.8")
def test_every_answer_is_the_same_and_is_given_before_anything_is_looked_up(
    door: TestClient, practice: Practice
) -> None:
    asked: list[str] = []
    at_the_answer: list[int] = []
    event.listen(engine(), "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            if message["type"] == "http.response.body":
                at_the_answer.append(len(asked))
            await send(message)

        await routes()(scope, receive, sent)

    logins = everyone(practice)
    with TestClient(watched, base_url="http://localhost:3000") as browser:
        answers = []
        for login in logins.values():
            asked.clear()
            answers.append(browser.post("/forgot", data={"login": login}))
            wait_for_letters()

    assert {(one.status_code, one.text, str(sorted(one.headers.items()))) for one in answers} == {
        (200, answers[0].text, str(sorted(answers[0].headers.items())))
    }
    assert at_the_answer == [0] * len(logins)


def test_letters_go_to_those_alone_who_are_set_up_and_have_a_place(
    door: TestClient, practice: Practice
) -> None:
    logins = everyone(practice)

    for login in logins.values():
        ask(door, login)

    with begin_work(system(), writes=False) as work:
        sent = work.session.exec(select(Letter.to).where(Letter.kind == "reset")).all()
    # Sam has no role just now; a new password is theirs to choose all the same.
    assert sorted(sent) == [CLEO, "sam.whitfield@riverbend.example"]


@pytest.mark.asvs("2.4.1", "6.1.1")
def test_one_letter_in_two_minutes_and_five_in_an_hour_and_the_newest_always_opens(
    practice: Practice,
) -> None:
    account_id = account_of(practice, practice.cleo).id
    sent: list[int] = []
    for minute in range(181):
        with begin_work(nobody(), org=practice.org, at=NOON + timedelta(minutes=minute)) as work:
            if ask_for_reset(work, account_id=account_id):
                sent.append(minute)
        # A stranger asks every minute for three hours; at each of them the newest letter still works.
        assert minute - sent[-1] < 60

    assert sent[:5] == [0, 2, 4, 6, 8] and sent[5] == 60
    assert len(sent) == 16


@pytest.mark.asvs("2.4.1")
def test_one_address_asks_twenty_times_and_then_waits_known_or_not(
    door: TestClient, practice: Practice
) -> None:
    said = [ask(door, f"someone{number}").status_code for number in range(21)]

    assert said == [200] * 20 + [429]
    assert ask(door, "cleo").status_code == 429
    elsewhere = TestClient(routes(), base_url="http://localhost:3000", client=("192.0.2.7", 1))
    assert elsewhere.post("/forgot", data={"login": "cleo"}).status_code == 200


def test_whatever_fails_is_for_the_log_and_the_answer_is_the_same(
    door: TestClient, practice: Practice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from motlink.sign_in import reset_routes

    good = ask(door, "nobody").text

    def full(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(reset_routes, "_ask", full)
    answer = ask(door)

    assert (answer.status_code, answer.text) == (200, good)
    assert "a reset letter was not written" in caplog.text


@pytest.mark.asvs("3.5.1")
def test_another_site_can_neither_ask_nor_choose(door: TestClient, practice: Practice) -> None:
    do(practice, practice.ben, send_reset, member_id=practice.cleo)
    open_link(door, newest_token(CLEO))
    evil = {"origin": "http://evil.example"}

    assert door.post("/forgot", data={"login": "ana"}, headers=evil).status_code == 403
    assert door.post("/reset", data={"password": GOOD}, headers=evil).status_code == 403
    assert count(ResetLink) == 1


@pytest.mark.soak
@pytest.mark.asvs("15.4.2", "7.4.3")
def test_nobody_comes_in_by_the_old_password_while_it_is_replaced(practice: Practice) -> None:
    """The sign-in is under another practice's lock than the reset."""
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    with begin_work(system()) as work:
        account = work.session.exec(select(Account).where(Account.email == CLEO)).one()
        account.password_hash = "hash 0"
        work.add(account)

    def reset(token: str, number: int) -> None:
        with begin_work(nobody(), org=practice.org) as work:
            use_reset(work, token=token, password_hash=f"hash {number + 1}")

    def enter(number: int) -> None:
        with begin_work(nobody(), org=practice.other_org) as work:
            sign_in_act(work, login=CLEO, proof=Proof(True, f"hash {number}"))

    for number in range(ROUNDS):
        do(practice, practice.ben, send_reset, member_id=practice.cleo)
        token = newest_token(CLEO)
        at_once(
            lambda token=token, number=number: reset(token, number),
            lambda number=number: enter(number),
            lambda number=number: enter(number),
        )
        assert count(AccountSession, col(AccountSession.ended_at).is_(None)) == 0


# What is written down -------------------------------------------------------------------------------------------------


@pytest.mark.req("AU-02")
@pytest.mark.asvs("16.3.1")
def test_every_practice_that_knows_the_account_hears_of_it_and_no_other(
    door: TestClient, practice: Practice
) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    ask(door)
    open_link(door, newest_token(CLEO))

    assert choose(door).status_code == 303

    both = sorted([practice.org, practice.other_org], key=str)
    assert told("password.reset_asked") == told("password.reset") == both
    with begin_work(system(), writes=False) as work:
        rows = work.session.exec(select(AuditEntry).where(col(AuditEntry.action).startswith("password.")))
        kinds = {(row.action, row.actor_kind, row.address) for row in rows}
    assert kinds == {
        ("password.reset_asked", "nobody", "testclient"),
        ("password.reset", "person", "testclient"),
    }
    assert faults() == []


@pytest.mark.req("AU-02", "TA-24")
def test_another_practice_hears_that_a_link_went_out_and_not_from_whom(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    do(practice, practice.ben, send_reset, member_id=practice.cleo)

    run(tell_elsewhere(practice.cleo, "password.reset_sent"))

    with begin_work(system(), writes=False) as work:
        query = select(AuditEntry).where(AuditEntry.action == "password.reset_sent")
        entries = {entry.org_id: entry for entry in work.session.exec(query)}
    assert entries.keys() == {practice.org, practice.other_org}
    there = entries[practice.other_org]
    assert (there.actor_kind, there.actor_id, there.address) == ("system", None, "")
    assert entries[practice.org].actor_kind == "person"
    assert faults() == []


@pytest.mark.asvs("16.2.5")
def test_the_token_is_in_no_log_in_no_column_and_in_no_letter_that_has_left(
    door: TestClient, practice: Practice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ask(door)
    token = newest_token(CLEO)
    before = columns_with(token)

    worker.sweep()
    open_link(door, token), choose(door), open_link(door, token)

    assert before == ["letter.values"]
    assert columns_with(token) == columns_with(GOOD) == []
    # The browser of the tests writes its own requests down.
    said = [one.getMessage() for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    assert not any(token in line or GOOD in line for line in said)


def columns_with(words: str) -> list[str]:
    """Return the columns of any table in which these words stand."""
    with begin_work(system(), writes=False) as work:
        return sorted(
            {
                f"{table.name}.{name}"
                for table in metadata.sorted_tables
                for row in work.session.connection().execute(table.select()).mappings()
                for name, value in row.items()
                if words in str(value)
            }
        )


@pytest.mark.asvs("6.3.7")
def test_the_operators_link_for_an_account_that_is_set_up_writes_to_its_holder_and_ends_a_reset_link(
    door: TestClient, practice: Practice
) -> None:
    from motlink.accounts.actions import write_set_up_link

    do(practice, practice.ana, send_reset, member_id=practice.cleo)
    reset = newest_token(CLEO)
    with begin_work(system()) as work:
        token = write_set_up_link(work, account_id=account_of(practice, practice.cleo).id)
    door.get("/set-up", params={"t": token})

    assert door.post("/set-up", data={"username": "cleo.new", "password": GOOD}).status_code == 303

    assert [letter.kind for letter in letters()] == ["reset", "password_changed"]
    assert "withdrawn" in open_link(door, reset).text


def test_open_screens_are_told_at_once(practice: Practice) -> None:
    do(practice, practice.ben, send_reset, member_id=practice.cleo)
    account = account_of(practice, practice.cleo)
    with begin_work(system()) as work:
        open_session(work, account_id=account.id)
    with begin_work(nobody(), org=practice.org) as work:
        use_reset(work, token=newest_token(CLEO), password_hash="new")

        assert {notice.kind for notice in work.notices} == {"access_ended", "session_ended"}


@pytest.mark.req("TA-12")
def test_who_has_no_role_chooses_a_password_and_comes_in_once_one_is_on(
    door: TestClient, practice: Practice
) -> None:
    do(practice, practice.ana, deactivate, member_id=practice.cleo)
    do(practice, practice.ana, reactivate, member_id=practice.cleo)
    ask(door)
    open_link(door, newest_token(CLEO))

    assert choose(door).status_code == 303
    assert sign_in(door, "cleo", GOOD) == 401
    role = practice.roles["therapist"]
    do(practice, practice.ana, switch_role, member_id=practice.cleo, role_id=role, on=True)
    assert sign_in(door, "cleo", GOOD) == 303
