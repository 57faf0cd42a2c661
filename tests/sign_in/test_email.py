"""Another email for one's own account: confirmed from the new address, taken back from the old one (PC-01)."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlmodel import col, select
from starlette.testclient import TestClient

from motlink.accounts.email_changes import write_change
from motlink.accounts.models import Account, AccountSession, EmailChange, ResetLink
from motlink.audit.models import AuditEntry
from motlink.errors import Conflict, Invalid
from motlink.mail.letters import render
from motlink.mail.models import Letter
from motlink.sign_in.actions import Proof
from motlink.sign_in.email_change import ask_for_change, cancel_change, confirm_change, give_up_change
from motlink.sign_in.resets import use_reset
from motlink.sign_in.rules import DeadLink
from motlink.staff.actions import deactivate, edit_member
from motlink.staff.models import StaffMember
from motlink.staff.resets import send_reset
from motlink.staff.roster import roster
from motlink.staff.rows import RosterView
from motlink.work import begin_work, nobody, system
from tests.acts import add_someone, count, do, faults, see
from tests.people import PASSWORD, Practice, add_person
from tests.sign_in.test_account import browser_at, is_in, signed_in
from tests.sign_in.test_everywhere import told
from tests.staff.imports import MINA, fates, sheet, take_in
from tests.test_races import ROUNDS, at_once

pytestmark = pytest.mark.req("PC-01", "AC-02")
CLEO, NEW, ANA = "cleo.marchetti@riverbend.example", "cleo@new.example", "ana.castellanos@riverbend.example"
GOOD = "green bicycles in the rain"
NOON = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)


def ask(browser: TestClient, email: str = NEW, password: str = PASSWORD, **headers: str) -> Any:
    data = {"email": email, "email_password": password}
    return browser.post("/account/email", data=data, headers=headers)


def letters(to: str) -> list[Letter]:
    with begin_work(system(), writes=False) as work:
        return list(work.session.exec(select(Letter).where(Letter.to == to).order_by(col(Letter.id))))


def token_in(to: str, kind: str) -> str:
    letter = [one for one in letters(to) if one.kind == kind][-1]
    assert letter.values
    return str(re.findall(r"\?t=([\w-]+)", letter.values["link"])[0])


def open_link(browser: TestClient, path: str, token: str) -> Any:
    moved = browser.get(path, params={"t": token})
    assert (moved.status_code, moved.headers["location"]) == (303, path)
    assert "HttpOnly" in moved.headers["set-cookie"] and f"Path={path};" in moved.headers["set-cookie"]
    return browser.get(path)


def confirm(browser: TestClient, token: str = "") -> Any:
    open_link(browser, "/email", token or token_in(NEW, "email_confirm"))
    return browser.post("/email")


def cancel(browser: TestClient, kind: str = "email_changed", to: str = CLEO) -> Any:
    open_link(browser, "/email-back", token_in(to, kind))
    return browser.post("/email-back")


def account_of(practice: Practice, member_id: UUID) -> Account:
    with begin_work(system(), writes=False) as work:
        return work.session.get_one(Account, work.session.get_one(StaffMember, member_id).account_id)


def email_of(practice: Practice, member_id: UUID | None = None) -> str:
    return account_of(practice, member_id or practice.cleo).email


def on_list(practice: Practice, org: UUID | None = None) -> set[str]:
    with begin_work(system(), writes=False) as work:
        query = select(StaffMember).where(StaffMember.org_id == (org or practice.org))
        found = work.session.exec(query).all()
        assert all(one.email in one.search_text for one in found)
        return {one.email for one in found}


def asked(practice: Practice, member_id: UUID, email: str, *, at: datetime | None = None) -> None:
    """Ask without a browser."""
    account = account_of(practice, member_id)
    given = {"proof": Proof(True, account.password_hash), "email": email}
    assert do(practice, member_id, ask_for_change, at=at, **given)


def act(action: Any, token: str, org: UUID, *, at: datetime | None = None) -> Any:
    with begin_work(nobody(), org=org, at=at) as work:
        return action(work, token=token)


# From the question to the list ----------------------------------------------------------------------------------------


@pytest.mark.asvs("6.3.7")
def test_the_new_address_confirms_and_every_practices_list_follows(
    mine: TestClient, practice: Practice
) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)

    answer = ask(mine, " Cleo@NEW.example ")

    assert answer.headers.get("location") == "/account?done=asked", answer.text
    page = mine.get(answer.headers["location"]).text
    assert "is on its way to the new address" in page and f"Waiting for <strong>{NEW}</strong>" in page
    assert email_of(practice) == CLEO and CLEO in on_list(practice)

    page = open_link(browser_at("192.0.2.8"), "/email", token_in(NEW, "email_confirm"))
    assert NEW in page.text and CLEO not in page.text and "cleo" not in page.text.replace(NEW, "").lower()
    done = confirm(browser_at("192.0.2.9"))

    assert done.headers["location"] == "/email?done=1"
    assert "Your email is changed" in mine.get("/email?done=1").text
    assert email_of(practice) == NEW
    for org in (practice.org, practice.other_org):
        assert NEW in on_list(practice, org) and CLEO not in on_list(practice, org)
    assert told("email.changed") == sorted([practice.org, practice.other_org], key=str)
    assert told("email.asked") == sorted([practice.org, practice.other_org], key=str)
    # The session stays; both the new email and the username sign in, the old one does not.
    assert is_in(mine)
    assert [signs_in(login) for login in (NEW, "cleo", CLEO)] == [303, 303, 401]
    assert faults() == []


def signs_in(login: str, password: str = PASSWORD) -> int:
    data = {"login": login, "password": password}
    return int(browser_at("192.0.2.44").post("/sign-in", data=data).status_code)


@pytest.mark.req("AU-01")
def test_the_log_names_both_emails_and_whose(mine: TestClient, practice: Practice) -> None:
    ask(mine), confirm(mine)

    with begin_work(system(), writes=False) as work:
        entry = work.session.exec(select(AuditEntry).where(AuditEntry.action == "email.changed")).one()
    assert entry.subject_id == practice.cleo
    assert entry.payload == {"before": {"email": CLEO}, "after": {"email": NEW}}
    assert entry.actor_id == account_of(practice, practice.cleo).id


@pytest.mark.req("TA-03")
def test_the_list_finds_the_new_email_and_the_old_one_no_more(mine: TestClient, practice: Practice) -> None:
    ask(mine), confirm(mine)

    found = [
        see(practice, practice.ben, roster, view=RosterView(q=text)).shown for text in ("new.example", CLEO)
    ]

    assert found == [1, 0]


@pytest.mark.asvs("3.5.3")
def test_looking_changes_nothing_and_the_link_works_once(mine: TestClient, practice: Practice) -> None:
    ask(mine)
    token = token_in(NEW, "email_confirm")
    for _ in range(5):
        assert open_link(mine, "/email", token).status_code == mine.head("/email").status_code == 200
    assert email_of(practice) == CLEO

    assert confirm(mine, token).status_code == 303

    again = open_link(mine, "/email", token)
    assert again.status_code == 410 and "has been used" in again.text
    assert mine.post("/email").status_code == 410


# The password and what is typed ---------------------------------------------------------------------------------------


@pytest.mark.asvs("7.5.1", "6.3.1")
def test_the_password_is_asked_for_and_guesses_count(mine: TestClient, practice: Practice) -> None:
    answers = [ask(mine, password=f"wrong password {number}") for number in range(12)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert "This is not your password." in answers[0].text and f'value="{NEW}"' in answers[0].text
    assert count(EmailChange) == 0 and letters(NEW) == []
    assert told("email.wrong") == [practice.org] * 10


@pytest.mark.parametrize(
    ("email", "word"),
    [
        ("", "Type the new email."),
        ("nobody", "not an email address"),
        (CLEO.upper(), "This is the email you have."),
        ("a@b@c.example", "not an email address"),
        ("x" * 400 + "@new.example", "not an email address"),
    ],
)
def test_what_is_no_new_email_is_refused_beside_its_field(
    mine: TestClient, practice: Practice, email: str, word: str
) -> None:
    answer = ask(mine, email)

    assert answer.status_code == 422 and word in answer.text and 'id="email-fault"' in answer.text
    assert count(EmailChange) == 0


def test_five_changes_an_hour_may_be_asked_for(practice: Practice) -> None:
    for number in range(5):
        asked(practice, practice.cleo, f"cleo{number}@new.example", at=NOON)

    with pytest.raises(Conflict):
        asked(practice, practice.cleo, NEW, at=NOON + timedelta(minutes=59))
    asked(practice, practice.cleo, NEW, at=NOON + timedelta(minutes=61))


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("path", ["/account/email", "/account/email/give-up"])
def test_without_a_session_or_from_another_site_nothing_is_asked(
    mine: TestClient, practice: Practice, path: str
) -> None:
    data = {"email": NEW, "email_password": PASSWORD}

    assert browser_at("203.0.113.9").post(path, data=data).headers["location"] == "/sign-in?next=/account"
    assert mine.post(path, data=data, headers={"origin": "http://evil.example"}).status_code == 403
    assert count(EmailChange) == 0


def test_nothing_is_called_off_where_nothing_waits(mine: TestClient) -> None:
    assert mine.post("/account/email/give-up").status_code == 404


# An address that somebody else has ------------------------------------------------------------------------------------


@pytest.mark.asvs("6.3.8")
@pytest.mark.parametrize("taken", ["ana", "invited"])
def test_an_address_that_has_an_account_is_answered_like_any_other(
    mine: TestClient, practice: Practice, taken: str
) -> None:
    add_someone(practice, practice.ana, "Jo", "therapist")
    theirs = {"ana": ANA, "invited": "jo@riverbend.example"}[taken]
    free = "jane@free.example"

    answers, pages, notices = [], [], []
    for email in (free, theirs):
        answers.append(ask(mine, email))
        pages.append(mine.get("/account").text.replace(email, "X"))
        notices.append(letters(CLEO)[-1].kind)

    assert {(one.status_code, one.headers["location"]) for one in answers} == {(303, "/account?done=asked")}
    assert pages[0] == pages[1] and notices == ["email_asked"] * 2
    assert [one.kind for one in letters(theirs)][-1] == "email_taken" and "link" not in (
        letters(theirs)[-1].values or {}
    )
    assert [one.kind for one in letters(free)] == ["email_confirm"]


def test_what_the_letters_tell_whom(mine: TestClient, practice: Practice) -> None:
    """A stranger's mailbox learns neither name, username nor old address; the old one knows the new one again."""
    ask(mine), confirm(mine)
    ask(mine, ANA)

    for email, kind in ((NEW, "email_confirm"), (ANA, "email_taken")):
        values = next(one for one in letters(email) if one.kind == kind).values or {}
        said = render(kind, {"link": "L", **values}, mail_from="x@x.example")
        whole = said.subject + said.text + said.html
        assert not any(word in whole.lower() for word in ("marchetti", "cleo", "riverbend"))
    for kind in ("email_asked", "email_changed"):
        values = next(one for one in letters(CLEO) if one.kind == kind).values or {}
        said = render(kind, values, mail_from="x@x.example")
        assert "c…@new.example" in said.text and NEW not in said.text + said.html


@pytest.mark.soak
@pytest.mark.asvs("15.4.2")
def test_of_two_who_confirm_the_same_email_at_once_one_has_it(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        there = add_person(work, "Eve", "Elsewhere", "therapist")
    for number in range(ROUNDS):
        email = f"both{number}@new.example"
        for member_id, org in ((practice.cleo, practice.org), (there, practice.other_org)):
            with begin_work(system(), writes=False) as work:
                account = work.session.get_one(StaffMember, member_id).account_id
            with begin_work(system(), org=org, at=datetime.now(UTC)) as work:
                write_change(work, account=work.session.get_one(Account, account), email=email)
        first, second = (re.findall(r"\?t=([\w-]+)", (one.values or {})["link"])[0] for one in letters(email))

        results = at_once(
            partial(act, confirm_change, first, practice.org),
            partial(act, confirm_change, second, practice.other_org),
        )

        assert sorted(isinstance(one, DeadLink) for one in results) == [False, True]
        assert count(Account, Account.email == email) == 1
        assert count(StaffMember, StaffMember.email == email) == 1


@pytest.mark.soak
@pytest.mark.asvs("15.4.2")
def test_of_an_edit_and_a_change_at_once_neither_brings_the_old_email_back(practice: Practice) -> None:
    """The edit is in another practice than the one that is locked first."""
    with begin_work(system(), org=practice.other_org) as work:
        there = add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)

    def edit(number: int) -> None:
        with begin_work(system(), org=practice.other_org) as work:
            member = work.get(StaffMember, there)
            given: dict[str, Any] = {
                "first_name": f"Cleo{number}",
                "last_name": "Marchetti",
                "phone": "",
                "designation": "",
            }
            edit_member(work, member_id=there, version=member.version, **given)

    first = min(practice.org, practice.other_org)
    for number in range(ROUNDS):
        email = f"cleo{number}@new.example"
        asked(practice, practice.cleo, email, at=datetime.now(UTC) + timedelta(hours=2 * number))
        token = token_in(email, "email_confirm")
        later = datetime.now(UTC) + timedelta(hours=2 * number)

        at_once(partial(act, confirm_change, token, first, at=later), partial(edit, number))

        assert email in on_list(practice) and email in on_list(practice, practice.other_org)


@pytest.mark.soak
@pytest.mark.asvs("15.4.2")
def test_of_many_who_use_one_link_at_once_one_wins(practice: Practice) -> None:
    asked(practice, practice.cleo, NEW)
    token = token_in(NEW, "email_confirm")

    results = at_once(*(partial(act, confirm_change, token, practice.org) for _ in range(8)))

    assert sum(isinstance(one, DeadLink) for one in results) == 7
    assert [one.kind for one in letters(CLEO)].count("email_changed") == 1


# The old address ------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("7.4.3")
def test_a_new_password_ends_a_change_that_waits(mine: TestClient, practice: Practice) -> None:
    """A thief at an open browser has asked for it, with the password; the holder chooses another one by a link."""
    ask(mine)
    do(practice, practice.ana, send_reset, member_id=practice.cleo)
    token = token_in(CLEO, "reset")
    with begin_work(nobody("", ""), org=practice.org) as work:
        use_reset(work, token=token, password_hash="$argon2id$another")

    answer = confirm(mine)

    assert answer.status_code == 410
    assert email_of(practice) == CLEO


def test_the_old_address_stops_a_change_that_waits(mine: TestClient, practice: Practice) -> None:
    ask(mine)

    page = open_link(browser_at("192.0.2.9"), "/email-back", token_in(CLEO, "email_asked"))
    assert "Stop the change of your email" in page.text
    assert cancel(browser_at("192.0.2.9"), "email_asked").headers["location"] == "/email-back?done=1"

    assert confirm(mine).status_code == 410 and email_of(practice) == CLEO
    # Nothing was changed, so nothing else ends.
    assert is_in(mine)
    assert told("email.stopped") == [practice.org]


@pytest.mark.asvs("7.4.3")
@pytest.mark.parametrize("kind", ["email_asked", "email_changed"])
def test_for_a_week_the_old_address_takes_the_change_back_and_every_session_ends(
    mine: TestClient, practice: Practice, kind: str
) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    ask(mine), confirm(mine)
    assert "can take the last change back" in mine.get("/account").text

    with time_machine.travel(datetime.now(UTC) + timedelta(days=6, hours=23), tick=False):
        page = open_link(browser_at("192.0.2.9"), "/email-back", token_in(CLEO, kind))
        assert "Take your email back" in page.text and CLEO in page.text and NEW not in page.text
        answer = cancel(browser_at("192.0.2.9"), kind)

    assert answer.headers["location"] == "/email-back?done=2"
    assert email_of(practice) == CLEO and CLEO in on_list(practice, practice.other_org)
    assert count(AccountSession, col(AccountSession.ended_at).is_(None)) == 0
    assert told("email.put_back") == sorted([practice.org, practice.other_org], key=str)
    assert letters(CLEO)[-1].kind == "email_back"
    assert cancel(browser_at("192.0.2.9"), kind).status_code == 410
    assert faults() == []


@pytest.mark.parametrize(
    ("later", "works"),
    [(timedelta(days=7) - timedelta(seconds=1), True), (timedelta(days=7), False)],
)
def test_after_a_week_it_is_too_late(practice: Practice, later: timedelta, works: bool) -> None:
    asked(practice, practice.cleo, NEW, at=NOON)
    act(confirm_change, token_in(NEW, "email_confirm"), practice.org, at=NOON)
    token = token_in(CLEO, "email_changed")

    try:
        act(cancel_change, token, practice.org, at=NOON + later)
        why = ""
    except DeadLink as dead:
        why = dead.why

    assert why == ("" if works else "expired")
    assert email_of(practice) == (CLEO if works else NEW)


def test_who_changes_it_twice_cannot_keep_the_first_holder_out(practice: Practice) -> None:
    for email, old in ((NEW, CLEO), ("thief@evil.example", NEW)):
        asked(practice, practice.cleo, email)
        act(confirm_change, token_in(email, "email_confirm"), practice.org)
        assert letters(old)[-1].kind == "email_changed"
    thiefs = token_in(NEW, "email_changed")

    act(cancel_change, token_in(CLEO, "email_changed"), practice.org)

    assert email_of(practice) == CLEO
    with pytest.raises(DeadLink):
        act(cancel_change, thiefs, practice.org)
    assert email_of(practice) == CLEO


def test_after_a_change_was_taken_back_only_a_new_password_allows_another(
    mine: TestClient, practice: Practice
) -> None:
    ask(mine), confirm(mine), cancel(mine)
    thief = signed_in(browser_at("203.0.113.9"))

    answer = ask(thief, "thief@evil.example")

    assert answer.status_code == 409 and "was taken back" in answer.text
    do(practice, practice.ben, send_reset, member_id=practice.cleo)
    with begin_work(nobody(), org=practice.org) as work:
        use_reset(work, token=token_in(CLEO, "reset"), password_hash="new")
    asked(practice, practice.cleo, "cleo@third.example")


def test_nobody_gets_the_old_email_while_it_may_come_back(practice: Practice) -> None:
    asked(practice, practice.cleo, NEW, at=NOON)
    act(confirm_change, token_in(NEW, "email_confirm"), practice.org, at=NOON)

    with pytest.raises(Invalid) as refused:
        add_someone(practice, practice.ben, "Jo", "therapist", email=CLEO, at=NOON + timedelta(days=6))
    asked(practice, practice.ben, CLEO, at=NOON + timedelta(days=6))

    assert "Use their new one" in refused.value.sentence
    assert letters(CLEO)[-1].kind == "email_taken"
    add_someone(practice, practice.ben, "Jo", "therapist", email=CLEO, at=NOON + timedelta(days=7))


@pytest.mark.req("IE-01")
def test_nor_does_an_import_while_its_other_rows_come_in(practice: Practice) -> None:
    asked(practice, practice.cleo, NEW)
    act(confirm_change, token_in(NEW, "email_confirm"), practice.org)

    batch_id, _ = take_in(practice, practice.ben, sheet(MINA | {"Email": CLEO}, MINA))

    assert [how for how, _ in fates(practice, practice.ben, batch_id).values()] == ["refused", "done"]
    assert "is kept for 7 days" in next(iter(fates(practice, practice.ben, batch_id).values()))[1]
    assert CLEO not in on_list(practice) and "mina@x.example" in on_list(practice)


def test_the_holder_gets_the_old_email_back_by_asking_too(practice: Practice) -> None:
    asked(practice, practice.cleo, NEW)
    act(confirm_change, token_in(NEW, "email_confirm"), practice.org)

    asked(practice, practice.cleo, CLEO)
    act(confirm_change, token_in(CLEO, "email_confirm"), practice.org)

    assert email_of(practice) == CLEO


# Dead links -----------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("6.4.1")
@pytest.mark.parametrize(
    ("later", "is_open"), [(timedelta(minutes=59, seconds=59), True), (timedelta(minutes=60), False)]
)
def test_a_link_closes_after_an_hour(practice: Practice, later: timedelta, is_open: bool) -> None:
    asked(practice, practice.cleo, NEW, at=NOON)
    token = token_in(NEW, "email_confirm")

    try:
        act(confirm_change, token, practice.org, at=NOON + later)
        why = ""
    except DeadLink as dead:
        why = dead.why

    assert why == ("" if is_open else "expired")
    assert email_of(practice) == (NEW if is_open else CLEO)


@pytest.mark.asvs("6.4.1")
def test_only_the_newest_link_works(practice: Practice) -> None:
    asked(practice, practice.cleo, NEW)
    old = token_in(NEW, "email_confirm")
    asked(practice, practice.cleo, "cleo@third.example")

    with pytest.raises(DeadLink) as dead:
        act(confirm_change, old, practice.org)

    assert dead.value.why == "superseded"


@pytest.mark.asvs("6.4.1")
def test_no_link_is_used_for_what_it_was_not_sent_for(mine: TestClient, practice: Practice) -> None:
    ask(mine)
    do(practice, practice.ben, send_reset, member_id=practice.cleo)
    tokens = {
        "/email": token_in(NEW, "email_confirm"),
        "/email-back": token_in(CLEO, "email_asked"),
        "/reset": token_in(CLEO, "reset"),
    }

    for path in tokens:
        for sent_for, token in tokens.items():
            page = open_link(mine, path, token)
            assert page.status_code == (200 if path == sent_for else 410), (path, sent_for)


@pytest.mark.req("TA-20")
def test_a_change_dies_with_the_last_place(practice: Practice) -> None:
    asked(practice, practice.cleo, NEW)
    do(practice, practice.ana, deactivate, member_id=practice.cleo)

    with pytest.raises(DeadLink) as dead:
        act(confirm_change, token_in(NEW, "email_confirm"), practice.org)

    assert dead.value.why == "revoked"
    assert count(EmailChange, col(EmailChange.revoked_at).is_not(None)) == 1
    assert email_of(practice) == CLEO


@pytest.mark.req("TA-30")
def test_a_change_dies_with_the_last_working_day_though_nothing_has_tidied_up(practice: Practice) -> None:
    asked(practice, practice.cleo, NEW, at=NOON)
    with begin_work(system(), org=practice.org) as work:
        work.get(StaffMember, practice.cleo).leaves_at = NOON + timedelta(minutes=10)

    with pytest.raises(DeadLink) as dead:
        act(confirm_change, token_in(NEW, "email_confirm"), practice.org, at=NOON + timedelta(minutes=11))

    assert dead.value.why == "revoked"


@pytest.mark.parametrize("path", ["/email", "/email-back"])
@pytest.mark.parametrize("token", ["", "x", "a" * 5000, "é\x00", "'; DROP TABLE emailchange; --"])
def test_an_unknown_link_is_not_complete(door: TestClient, path: str, token: str) -> None:
    page = open_link(door, path, token)

    assert page.status_code == 410 and "This link is not complete" in page.text


def test_links_to_a_new_password_in_the_old_mailbox_end_with_the_change(practice: Practice) -> None:
    do(practice, practice.ben, send_reset, member_id=practice.cleo)
    asked(practice, practice.cleo, NEW)

    act(confirm_change, token_in(NEW, "email_confirm"), practice.org)

    assert count(ResetLink, col(ResetLink.revoked_at).is_(None)) == 0


def test_one_who_gives_up_keeps_their_email(practice: Practice) -> None:
    asked(practice, practice.cleo, NEW)

    do(practice, practice.cleo, give_up_change)

    with pytest.raises(DeadLink) as dead:
        act(confirm_change, token_in(NEW, "email_confirm"), practice.org)
    assert dead.value.why == "cancelled"
    assert told("email.given_up") == [practice.org]
