"""The second step at the sign-in: a code after the password, each once, and nothing opens between the two (AC-01)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import col, select
from starlette.testclient import TestClient

from motlink.accounts.actions import write_set_up_link
from motlink.accounts.half import find_half
from motlink.accounts.models import Account, AccountSession, AuthenticatorApp, HalfSession, RecoveryCode
from motlink.audit.models import AuditEntry
from motlink.mail.models import Letter
from motlink.sign_in.actions import Proof, sign_in
from motlink.sign_in.rules import HalfGone
from motlink.sign_in.second_step import by_code, take_second_step
from motlink.staff.actions import deactivate
from motlink.staff.invitations import send_invitation
from motlink.staff.models import StaffMember
from motlink.staff.resets import send_reset
from motlink.work import begin_work, nobody, system
from tests.acts import count, do, faults, newest_token
from tests.people import PASSWORD, Practice, add_person
from tests.sign_in.stepping import (
    HALF,
    app_code,
    browser_at,
    code_step,
    is_in,
    password_step,
    with_app,
)
from tests.sign_in.test_everywhere import told

pytestmark = [pytest.mark.req("AC-01"), pytest.mark.asvs("6.3.3"), pytest.mark.usefixtures("clock")]
CLEO = "cleo.marchetti@riverbend.example"
RIVERBEND = "/p/riverbend-therapy"
GOOD = "green bicycles in the rain"


@pytest.fixture
def app(door: TestClient) -> str:
    """What Cleo's app shares with us."""
    return with_app(door)[0]


@pytest.fixture
def other(app: str) -> TestClient:
    """Cleo's other browser, before anything is typed."""
    return browser_at("192.0.2.7")


def open_sessions() -> int:
    return count(AccountSession, col(AccountSession.ended_at).is_(None))


def test_the_password_leads_to_a_code_and_the_code_leads_in(app: str, other: TestClient) -> None:
    half = password_step(other, next=f"{RIVERBEND}/settings/staff")
    page = other.get(half.headers["location"])
    entered = code_step(other, app_code(app), next=f"{RIVERBEND}/settings/staff")

    assert half.headers["location"] == f"/sign-in/code?next={RIVERBEND}/settings/staff"
    cookie = half.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=lax", "path=/sign-in", "max-age=300"))
    assert "motlink=" not in cookie
    assert page.status_code == 200 and 'autocomplete="one-time-code"' in page.text
    assert (entered.status_code, entered.headers["location"]) == (303, f"{RIVERBEND}/settings/staff")
    assert is_in(other) and HALF not in other.cookies
    assert faults() == []


@pytest.mark.asvs("2.3.1", "7.2.4")
def test_half_a_session_opens_nothing_but_the_question(
    app: str, other: TestClient, practice: Practice
) -> None:
    password_step(other)
    half = other.cookies[HALF]
    before = open_sessions()
    for name in ("motlink", HALF):
        other.cookies.set(name, half, path="/")

    assert other.get("/account").headers["location"] == "/sign-in?next=/account"
    assert other.get("/choose-practice").headers["location"].startswith("/sign-in")
    for path in ("/account/password", "/account/second-step/begin", "/account/second-step/off"):
        answer = other.post(path, data={"current": PASSWORD, "password": GOOD, "code": app_code(app)})
        assert answer.headers["location"] == "/sign-in?next=/account"
    assert open_sessions() == before
    assert told("signed_in") == [practice.org]


@pytest.mark.asvs("2.3.1")
def test_without_the_password_there_is_no_question(app: str, other: TestClient) -> None:
    answers = [other.get("/sign-in/code"), code_step(other, app_code(app))]
    other.cookies.set(HALF, "x" * 43, path="/sign-in")
    answers += [other.get("/sign-in/code"), code_step(other, app_code(app))]

    assert {answer.headers["location"] for answer in answers} == {"/sign-in?again=1"}
    assert "Sign in again" in other.get("/sign-in?again=1").text
    assert not is_in(other)


@pytest.mark.asvs("6.5.1")
def test_each_code_works_once_also_within_its_half_minute(app: str, other: TestClient) -> None:
    code = app_code(app)
    password_step(other)
    assert code_step(other, code).status_code == 303

    again = browser_at("192.0.2.8")
    password_step(again)
    answer = code_step(again, code)

    assert answer.status_code == 401 and "was used already" in answer.text
    # Nor does an earlier one of the three that the clocks allow.
    assert code_step(again, app_code(app, codes_later=-1)).status_code == 401
    assert not is_in(again)
    assert code_step(again, app_code(app, codes_later=1)).status_code == 303


@pytest.mark.asvs("6.5.1", "15.4.2")
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_two_at_once_with_one_code_one_comes_in(door: TestClient, practice: Practice, kind: str) -> None:
    shared, codes = with_app(door)
    code = app_code(shared) if kind == "app" else codes[0]
    halves = [half_of(practice) for _ in range(4)]

    def take(half: str) -> bool:
        with begin_work(nobody(), org=practice.org) as work:
            return take_second_step(work, half=half, check=by_code(code)) is not None

    with ThreadPoolExecutor(4) as pool:
        came_in = list(pool.map(take, halves))

    assert came_in.count(True) == 1
    assert faults() == []


@pytest.mark.asvs("15.4.2")
def test_of_two_at_once_with_one_half_session_one_comes_in(door: TestClient, practice: Practice) -> None:
    _, codes = with_app(door)
    half = half_of(practice)

    def take(code: str) -> bool:
        with suppress(HalfGone), begin_work(nobody(), org=practice.org) as work:
            return take_second_step(work, half=half, check=by_code(code)) is not None
        return False

    with ThreadPoolExecutor(4) as pool:
        came_in = list(pool.map(take, codes[:4]))

    assert came_in.count(True) == 1
    assert count(RecoveryCode, col(RecoveryCode.used_at).is_not(None)) == 1


def half_of(practice: Practice) -> str:
    """Return the digest of a fresh half-session of Cleo's."""
    from motlink.accounts.queries import digest_of

    with begin_work(nobody(), org=practice.org) as work:
        known = work.session.exec(select(Account).where(Account.email == CLEO)).one()
        entry = sign_in(work, login="cleo", proof=Proof(True, known.password_hash))
        assert entry and entry.is_half
        assert find_half(work, digest_of(entry.token))
        return digest_of(entry.token)


@pytest.mark.asvs("6.5.2")
def test_a_recovery_code_works_once_and_a_letter_tells_of_it(door: TestClient, practice: Practice) -> None:
    _, codes = with_app(door)
    other, third = browser_at("192.0.2.7"), browser_at("192.0.2.8")
    password_step(other)
    password_step(third)

    entered = other.post("/sign-in/code", data={"recovery": codes[3].upper().replace("-", " ")})
    again = third.post("/sign-in/code", data={"recovery": codes[3]})

    assert entered.status_code == 303 and is_in(other)
    assert again.status_code == 401 and "none of your recovery codes" in again.text
    assert "9 recovery codes are left" in other.get("/account").text
    assert letters()[-1] == "second_step"
    with begin_work(system(), org=practice.org, writes=False) as work:
        query = select(AuditEntry).where(AuditEntry.action == "signed_in")
        ways = [entry.payload["second_step"] for entry in work.session.exec(query) if entry.payload]
    assert ways[-1] == "recovery code"


def letters() -> list[str]:
    with begin_work(system(), writes=False) as work:
        return [
            row.kind
            for row in work.session.exec(select(Letter).where(Letter.to == CLEO).order_by(col(Letter.id)))
        ]


@pytest.mark.asvs("6.5.2", "6.5.3", "11.5.1")
def test_neither_the_apps_secret_nor_a_recovery_code_stands_in_the_database(door: TestClient) -> None:
    shared, codes = with_app(door)

    with begin_work(system(), writes=False) as work:
        app = work.session.exec(select(AuthenticatorApp)).one()
        digests = [row.digest for row in work.session.exec(select(RecoveryCode))]
    assert shared not in app.sealed and len(shared) == 32
    assert len(set(codes)) == len(digests) == 10
    assert all(len(code.replace("-", "")) == 24 for code in codes)
    assert not any(code.replace("-", "") in "".join(digests) for code in codes)


@pytest.mark.asvs("8.2.2")
def test_what_belongs_to_one_account_opens_no_other(door: TestClient, app: str, practice: Practice) -> None:
    bens, bens_codes = with_app(browser_at("192.0.2.20"), "ben")
    other = browser_at("192.0.2.7")
    password_step(other)

    assert code_step(other, app_code(bens)).status_code == 401
    assert other.post("/sign-in/code", data={"recovery": bens_codes[0]}).status_code == 401
    assert not is_in(other)


@pytest.mark.asvs("11.5.1")
def test_a_secret_moved_to_another_row_opens_nothing(door: TestClient, app: str) -> None:
    """Who can write the database, and has an app of their own, puts its secret into Cleo's row."""
    bens, _ = with_app(browser_at("192.0.2.20"), "ben")
    with begin_work(system()) as work:
        rows = {row.account_id: row for row in work.session.exec(select(AuthenticatorApp))}
        cleo = work.session.exec(select(Account).where(Account.email == CLEO)).one().id
        (ben,) = set(rows) - {cleo}
        rows[cleo].sealed = rows[ben].sealed
        work.session.add(rows[cleo])
    other = browser_at("192.0.2.7")
    password_step(other)

    assert code_step(other, app_code(bens)).status_code == 409
    assert not is_in(other)


@pytest.mark.asvs("6.3.8")
def test_a_wrong_password_reads_the_same_with_and_without_a_second_step(door: TestClient, app: str) -> None:
    wrong = [
        password_step(browser_at("192.0.2.9"), who, "wrong password") for who in ("cleo", "ana", "nobody")
    ]

    assert {answer.status_code for answer in wrong} == {401}
    assert (
        len(
            {
                answer.text.replace(who, "")
                for answer, who in zip(wrong, ("cleo", "ana", "nobody"), strict=True)
            }
        )
        == 1
    )
    assert not any("set-cookie" in answer.headers for answer in wrong)


@pytest.mark.asvs("2.3.1", "6.3.1")
def test_half_a_session_is_over_after_five_minutes(app: str, other: TestClient) -> None:
    start = datetime.now(UTC)
    password_step(other)
    half = other.cookies[HALF]

    with time_machine.travel(start + timedelta(minutes=5, seconds=1), tick=False):
        other.cookies.set(HALF, half, path="/sign-in")
        answer = code_step(other, app_code(app))

    assert answer.headers["location"] == "/sign-in?again=1"


@pytest.mark.asvs("6.3.1", "16.3.1")
def test_wrong_codes_end_half_a_session_and_then_are_not_looked_at_for_a_while(
    app: str, other: TestClient, practice: Practice
) -> None:
    password_step(other)
    answers = [code_step(other, "000000") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [401] * 4 + [303]
    assert answers[-1].headers["location"] == "/sign-in?again=1"
    assert told("second_step.wrong") == [practice.org] * 5
    # The right code is not looked at either; a recovery code, which nobody guesses, is.
    password_step(other)
    waits = code_step(other, app_code(app))
    assert waits.status_code == 429 and "use a recovery code" in waits.text
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1, seconds=1), tick=False):
        fresh = browser_at("192.0.2.8")
        password_step(fresh)
        assert code_step(fresh, app_code(app)).status_code == 303


@pytest.mark.asvs("6.1.1")
def test_an_attacker_with_the_password_keeps_the_holder_out_of_nothing(door: TestClient) -> None:
    _, codes = with_app(door)
    attacker = browser_at("203.0.113.66")
    for _ in range(2):
        password_step(attacker)
        for _ in range(5):
            code_step(attacker, "000000")
    holder = browser_at("192.0.2.7")
    password_step(holder)

    assert holder.post("/sign-in/code", data={"recovery": codes[0]}).status_code == 303


def test_the_wait_doubles_and_ends_at_an_hour() -> None:
    from motlink.accounts.codes import wait_after

    waits = [wait_after(wrong) for wrong in (1, 4, 5, 6, 7, 10, 11, 1000)]

    minutes = [one and int(one.total_seconds() // 60) for one in waits]
    assert minutes == [None, None, 1, 2, 4, 32, 60, 60]


def test_a_clock_that_is_one_code_off_is_borne_and_two_are_not(app: str, other: TestClient) -> None:
    password_step(other)

    assert code_step(other, app_code(app, codes_later=2)).status_code == 401
    assert code_step(other, app_code(app, codes_later=-2)).status_code == 401
    assert code_step(other, app_code(app, codes_later=1)).status_code == 303


@pytest.mark.asvs("7.4.2")
def test_somebody_let_go_between_the_two_steps_stays_out(
    app: str, other: TestClient, practice: Practice
) -> None:
    password_step(other)
    do(practice, practice.ana, deactivate, member_id=practice.cleo)

    answer = code_step(other, app_code(app))

    # All sessions have ended with the place, and half ones with them.
    assert answer.headers["location"] == "/sign-in?again=1"
    assert password_step(other).status_code == 401
    assert not is_in(other)


@pytest.mark.asvs("6.4.3")
def test_a_new_password_by_a_link_still_asks_for_the_code(
    app: str, other: TestClient, practice: Practice
) -> None:
    password_step(other)
    do(practice, practice.ana, send_reset, member_id=practice.cleo)
    fresh = browser_at("192.0.2.8")
    fresh.get(f"/reset?t={newest_token(CLEO)}")
    assert fresh.post("/reset", data={"password": GOOD}).headers["location"] == "/sign-in?reset=1"

    # The old password's half-session is over, and the new password needs the code as well.
    assert code_step(other, app_code(app)).headers["location"] == "/sign-in?again=1"
    assert password_step(fresh, password=GOOD).headers["location"] == "/sign-in/code"
    assert not is_in(fresh)
    assert code_step(fresh, app_code(app)).status_code == 303


@pytest.mark.asvs("6.4.3")
def test_the_operators_link_still_asks_for_the_code(app: str, other: TestClient, practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        account = work.session.exec(select(Account).where(Account.email == CLEO)).one()
        token = write_set_up_link(work, account_id=account.id)
    other.get(f"/set-up?t={token}")

    answer = other.post("/set-up", data={"username": "cleo", "password": GOOD})

    assert answer.headers["location"] == "/sign-in/code"
    assert not is_in(other)
    assert code_step(other, app_code(app)).headers["location"] == RIVERBEND


@pytest.fixture
def invited(app: str, practice: Practice) -> str:
    """Cleo is invited to Elsewhere, too: the token of the link."""
    with begin_work(system(), org=practice.other_org) as work:
        member = add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO, joined=False)
        send_invitation(work, member_id=member)
    return newest_token(CLEO)


def joined(practice: Practice) -> bool:
    with begin_work(system(), writes=False) as work:
        query = select(StaffMember).where(
            StaffMember.org_id == practice.other_org, StaffMember.first_name == "Cleo"
        )
        return work.session.exec(query).one().joined_at is not None


@pytest.mark.asvs("2.3.1")
def test_an_invitation_is_accepted_with_the_second_step_and_not_before(
    app: str, invited: str, other: TestClient, practice: Practice
) -> None:
    other.get(f"/invitation?t={invited}")
    answer = other.post("/invitation", data={"password": PASSWORD})

    assert answer.headers["location"] == "/sign-in/code"
    assert not joined(practice) and not is_in(other)
    assert code_step(other, "000000").status_code == 401
    entered = code_step(other, app_code(app))
    assert entered.headers["location"] == "/choose-practice"
    assert joined(practice) and is_in(other)
    assert told("second_step.wrong") == sorted([practice.org, practice.other_org], key=str)
    assert told("staff.accepted") == [practice.other_org]


def test_an_invitation_withdrawn_between_the_two_steps_lets_nobody_in(
    app: str, invited: str, other: TestClient, practice: Practice
) -> None:
    other.get(f"/invitation?t={invited}")
    other.post("/invitation", data={"password": PASSWORD})
    with begin_work(system(), org=practice.other_org) as work:
        query = select(StaffMember).where(
            StaffMember.org_id == practice.other_org, StaffMember.first_name == "Cleo"
        )
        send_invitation(work, member_id=work.session.exec(query).one().id)

    answer = code_step(other, app_code(app))

    assert answer.status_code == 410 and "has been replaced" in answer.text
    assert not joined(practice) and not is_in(other)


@pytest.mark.asvs("7.2.4")
def test_the_session_that_the_browser_brought_ends_with_the_second_step(app: str, other: TestClient) -> None:
    password_step(other, "ana")
    password_step(other, "cleo")
    assert open_sessions() == 2
    anas = other.cookies["motlink"]

    code_step(other, app_code(app))

    assert open_sessions() == 2 and is_in(other)
    stale = browser_at("192.0.2.8")
    stale.cookies.set("motlink", anas)
    assert not is_in(stale)


@pytest.mark.asvs("7.2.4")
def test_a_cookie_planted_before_is_not_taken_over(app: str, other: TestClient) -> None:
    for name, path in (("motlink", "/"), (HALF, "/sign-in")):
        other.cookies.set(name, "planted" * 6, path=path)
    password_step(other)
    halves = [one.value for one in other.cookies.jar if one.name == HALF]
    code_step(other, app_code(app))

    assert "planted" * 6 not in halves[-1:]
    assert count(AccountSession, AccountSession.digest == "planted" * 6) == 0
    thief = browser_at("203.0.113.66")
    thief.cookies.set("motlink", "planted" * 6)
    assert not is_in(thief)


@pytest.mark.asvs("3.5.1")
def test_a_code_sent_by_another_site_does_nothing(app: str, other: TestClient) -> None:
    password_step(other)

    answer = other.post(
        "/sign-in/code", data={"code": app_code(app)}, headers={"origin": "http://evil.example"}
    )

    assert answer.status_code == 403 and not is_in(other)
    assert count(HalfSession, col(HalfSession.used_at).is_(None)) == 1


@pytest.mark.req("AU-02", "TA-24")
def test_every_practice_hears_of_the_sign_in_once_the_second_step_is_taken(
    door: TestClient, practice: Practice
) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    shared, _ = with_app(door)
    heard = len(told("signed_in"))
    other = browser_at("192.0.2.7")
    password_step(other)
    assert len(told("signed_in")) == heard

    code_step(other, app_code(shared))

    assert len(told("signed_in")) == heard + 2
    assert told("second_step.on") == sorted([practice.org, practice.other_org], key=str)
    assert faults() == []


def test_a_flood_of_codes_from_one_address_is_stopped(
    app: str, other: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from motlink.web import rate

    monkeypatch.setattr(rate, "CODES_FROM_ADDRESS", rate.parse("3 per 15 minute"))
    password_step(other)
    answers = [code_step(other, "not a code").status_code for _ in range(4)]

    assert answers == [401] * 3 + [429]


@pytest.mark.asvs("16.5.3")
def test_with_another_key_of_the_installation_no_app_opens_anything_and_recovery_codes_do(
    door: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from motlink import settings

    shared, codes = with_app(door)
    monkeypatch.setenv("MOTLINK_SECRET", "another key, as long as it has to be")
    settings.settings.cache_clear(), settings.secret.cache_clear()
    other = browser_at("192.0.2.7")
    password_step(other)

    answer = code_step(other, app_code(shared))

    assert answer.status_code == 409 and "Use a recovery code" in answer.text
    assert not is_in(other)
    assert other.post("/sign-in/code", data={"recovery": codes[0]}).status_code == 303
