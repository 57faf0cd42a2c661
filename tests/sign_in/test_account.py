"""One's own account: the password is changed by whoever knows it, sessions are seen and ended (AC-02)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlmodel import col, select
from starlette.testclient import TestClient

from motlink.accounts.models import Account, AccountSession, ResetLink
from motlink.mail.models import Letter
from motlink.sign_in.actions import Proof
from motlink.sign_in.own_account import change_password
from motlink.sign_in.queries import holder_of
from motlink.staff.resets import send_reset
from motlink.work import begin_work, system
from tests.acts import count, do, faults
from tests.people import PASSWORD, Practice, add_person
from tests.sign_in.stepping import browser_at
from tests.sign_in.test_everywhere import told

pytestmark = pytest.mark.req("AC-02", "AC-01")
GOOD = "green bicycles in the rain"
CLEO = "cleo.marchetti@riverbend.example"


@pytest.fixture
def other(door: TestClient) -> TestClient:
    """Cleo's other browser, in another place."""
    return signed_in(browser_at("192.0.2.7"))


def signed_in(browser: TestClient, login: str = "cleo", password: str = PASSWORD) -> TestClient:
    assert browser.post("/sign-in", data={"login": login, "password": password}).status_code == 303
    return browser


def change(browser: TestClient, current: str = PASSWORD, password: str = GOOD, **headers: str) -> Any:
    data = {"current": current, "password": password}
    return browser.post("/account/password", data=data, headers=headers)


def is_in(browser: TestClient) -> bool:
    return bool(browser.get("/account").status_code == 200)


def ids(page: str) -> list[str]:
    return re.findall(r'name="session" value="([^"]+)"', page)


# The password ---------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("6.2.3", "7.4.3", "6.3.7")
def test_a_new_password_ends_every_other_session_and_a_letter_tells_of_it(
    mine: TestClient, other: TestClient, practice: Practice
) -> None:
    do(practice, practice.ana, send_reset, member_id=practice.cleo)

    answer = change(mine)

    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=password")
    assert "Every other session has ended" in mine.get(answer.headers["location"]).text
    assert is_in(mine) and not is_in(other)
    fresh = browser_at("192.0.2.8")
    assert fresh.post("/sign-in", data={"login": "cleo", "password": PASSWORD}).status_code == 401
    signed_in(fresh, password=GOOD)
    with begin_work(system(), writes=False) as work:
        letters = work.session.exec(select(Letter).where(Letter.to == CLEO).order_by(col(Letter.id))).all()
    assert [letter.kind for letter in letters] == ["reset", "password_changed"]
    # The link that a manager has sent leads nowhere any more.
    assert count(ResetLink, col(ResetLink.revoked_at).is_(None)) == 0
    assert told("password.changed") == [practice.org]
    assert faults() == []


@pytest.mark.asvs("6.2.3")
def test_a_wrong_current_password_changes_nothing_and_is_written_down(
    mine: TestClient, other: TestClient, practice: Practice
) -> None:
    answer = change(mine, current="wrong password, sadly")

    assert answer.status_code == 401 and "This is not your current password." in answer.text
    assert GOOD not in answer.text and "sadly" not in answer.text
    assert is_in(mine) and is_in(other)
    assert told("password.wrong") == [practice.org] and told("password.changed") == []


@pytest.mark.asvs("6.3.1", "2.4.1")
def test_the_current_password_cannot_be_guessed_from_an_open_browser(mine: TestClient) -> None:
    guesses = [change(mine, current=f"wrong password {number}").status_code for number in range(12)]

    assert guesses == [401] * 10 + [429] * 2
    assert change(mine).status_code == 429
    assert is_in(mine)


@pytest.mark.asvs("6.2.1", "6.2.4", "6.2.11")
@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short", "At least 15"),
        ("abcdeabcdeabcdeabcde", "repeats a short piece"),
        ("I like Riverbend Therapy", "easy to guess"),
        (PASSWORD, "This is the password you have"),
        ("x" * 1001, "At most 1000"),
    ],
)
def test_a_poor_new_password_is_refused_beside_its_field(mine: TestClient, password: str, word: str) -> None:
    answer = change(mine, password=password)

    assert answer.status_code == 422 and word in answer.text and 'id="password-fault"' in answer.text
    assert change(mine).status_code == 303


def test_a_password_that_changed_meanwhile_is_not_overwritten(mine: TestClient, practice: Practice) -> None:
    digest = digest_of_only_session()

    with begin_work(holder_of(digest), org=practice.org) as work:
        changed = change_password(work, proof=Proof(True, "an older hash"), password_hash="new")

    assert not changed
    assert signed_in(browser_at("192.0.2.9"))


def digest_of_only_session() -> str:
    with begin_work(system(), writes=False) as work:
        return work.session.exec(select(AccountSession)).one().digest


# Sessions -------------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("7.5.2")
def test_the_page_shows_ones_own_sessions_and_nobody_elses(
    mine: TestClient, other: TestClient, practice: Practice
) -> None:
    signed_in(browser_at("203.0.113.5"), "ana")

    page = mine.get("/account").text

    assert all(word in page for word in (CLEO, "192.0.2.7", "Firefox on Linux", "this one", "New York time"))
    assert "203.0.113.5" not in page and "ana" not in page.lower().replace("manager", "")
    assert len(ids(page)) == 1


@pytest.mark.asvs("7.5.2", "7.4.1")
def test_one_session_is_ended_and_the_others_stay(mine: TestClient, other: TestClient) -> None:
    third = signed_in(browser_at("192.0.2.8"))
    (session,) = [one for one in ids(mine.get("/account").text) if one == session_at("192.0.2.7")]

    answers = [mine.post("/account/session", data={"session": session}) for _ in range(2)]

    assert [answer.headers["location"] for answer in answers] == ["/account?done=session"] * 2
    assert is_in(mine) and is_in(third) and not is_in(other)
    assert len(told("session.ended")) == 1


def session_at(address: str) -> str:
    with begin_work(system(), writes=False) as work:
        query = select(AccountSession.id).where(AccountSession.address == address)
        return str(work.session.exec(query).one())


@pytest.mark.asvs("7.5.2", "8.2.2")
@pytest.mark.parametrize("whose", ["ana", "nobody", "nonsense"])
def test_another_persons_session_is_not_here(mine: TestClient, practice: Practice, whose: str) -> None:
    signed_in(browser_at("203.0.113.5"), "ana")
    known = {"ana": session_at("203.0.113.5"), "nobody": str(UUID(int=7)), "nonsense": "'; DROP TABLE x"}

    answer = mine.post("/account/session", data={"session": known[whose]})

    assert answer.status_code == 404 and "This session is not here" in answer.text
    assert count(AccountSession, col(AccountSession.ended_at).is_(None)) == 2


@pytest.mark.asvs("7.5.2", "7.4.3")
def test_signing_out_everywhere_else_keeps_this_session(
    mine: TestClient, other: TestClient, practice: Practice
) -> None:
    third = signed_in(browser_at("192.0.2.8"))

    answers = [mine.post("/account/sessions") for _ in range(2)]

    assert "You are signed out everywhere else." in mine.get(answers[0].headers["location"]).text
    assert is_in(mine) and not is_in(other) and not is_in(third)
    assert told("sessions.ended_elsewhere") == [practice.org]


def test_ending_this_very_session_leads_to_the_door(mine: TestClient) -> None:
    answer = mine.post("/account/session", data={"session": session_at("testclient")})

    assert answer.headers["location"] == "/sign-in?next=/account"
    assert not is_in(mine)


def test_sessions_that_have_run_out_are_not_listed(mine: TestClient, other: TestClient) -> None:
    start = datetime.now(UTC)
    with time_machine.travel(start + timedelta(minutes=50), tick=False):
        late = signed_in(browser_at("192.0.2.8"))
    with time_machine.travel(start + timedelta(minutes=70), tick=False):
        assert ids(late.get("/account").text) == []
        assert not is_in(mine)


# Who may --------------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("path", ["/account/password", "/account/session", "/account/sessions"])
def test_without_a_session_or_from_another_site_nothing_is_done(
    mine: TestClient, other: TestClient, path: str
) -> None:
    stranger = browser_at("203.0.113.9")
    data = {"current": PASSWORD, "password": GOOD, "session": session_at("192.0.2.7")}

    assert stranger.post(path, data=data).headers["location"] == "/sign-in?next=/account"
    assert mine.post(path, data=data, headers={"origin": "http://evil.example"}).status_code == 403
    assert mine.post(path, data={"password": "x" * 100_000}).status_code == 413
    assert is_in(other)
    assert stranger.get("/account").headers["location"] == "/sign-in?next=/account"


def test_the_way_back_from_the_sign_in_leads_to_the_account(door: TestClient) -> None:
    answer = door.post("/sign-in", data={"login": "cleo", "password": PASSWORD, "next": "/account"})

    assert answer.headers["location"] == "/account"


@pytest.mark.req("AU-02", "TA-24")
def test_every_practice_that_knows_the_person_hears_of_each_act(door: TestClient, practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    mine = signed_in(door)
    signed_in(browser_at("192.0.2.7"))
    mine.post("/account/session", data={"session": session_at("192.0.2.7")})
    signed_in(browser_at("192.0.2.8"))
    mine.post("/account/sessions")
    change(mine, current="wrong password, sadly")
    change(mine)

    both = sorted([practice.org, practice.other_org], key=str)
    for act in ("session.ended", "sessions.ended_elsewhere", "password.wrong", "password.changed"):
        assert told(act) == both
    assert faults() == []


def test_someone_whose_last_role_was_taken_still_reaches_their_account(
    mine: TestClient, practice: Practice
) -> None:
    from motlink.roles.grants import take_all

    with begin_work(system(), org=practice.org) as work:
        take_all(work, member_id=practice.cleo)

    assert is_in(mine)
    assert change(mine).status_code == 303
    with begin_work(system(), writes=False) as work:
        account = work.session.exec(select(Account).where(Account.email == CLEO)).one()
    assert account.password_hash


@pytest.mark.asvs("7.3.1")
@pytest.mark.parametrize("path", ["/account/password", "/account/email", "/account/again"])
def test_a_wrong_password_is_no_use_of_a_session(mine: TestClient, path: str) -> None:
    """Else whoever guesses at an open browser keeps it open."""
    before = last_seen()
    wrong = dict.fromkeys(("current", "email_password", "password"), "a wrong password")

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=30), tick=False):
        answer = mine.post(path, data=wrong | {"email": "cleo@new.example"})

    assert answer.status_code == 401 and last_seen() == before


@pytest.mark.asvs("7.3.1")
def test_what_is_done_on_the_account_page_is_use_and_what_is_refused_is_not(mine: TestClient) -> None:
    before = last_seen()
    later = datetime.now(UTC) + timedelta(minutes=30)

    with time_machine.travel(later, tick=False):
        refused = mine.post("/account/email/give-up")
        assert refused.status_code == 404 and last_seen() == before
        mine.post("/account/sessions")

    assert last_seen() == later


def last_seen() -> datetime:
    with begin_work(system(), writes=False) as work:
        return work.session.exec(select(AccountSession)).one().last_seen_at
