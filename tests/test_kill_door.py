"""kill -9 at the door, as in test_kill.py: resets, passwords, a changed email and name are whole or absent (R1)."""

from collections.abc import Callable
from typing import Any

import pytest

from motlink.accounts.actions import open_session
from motlink.accounts.models import Account
from motlink.sign_in.actions import Proof
from motlink.sign_in.email_change import ask_for_change, cancel_change, confirm_change
from motlink.sign_in.own_account import change_password
from motlink.sign_in.own_name import change_own_name
from motlink.sign_in.resets import ask_for_reset, use_reset
from motlink.staff.models import StaffMember
from motlink.staff.resets import send_reset
from motlink.work import begin_work, nobody, system
from tests.acts import do, faults, newest_token
from tests.people import Practice, add_person
from tests.sign_in.test_email import CLEO, NEW, asked, token_in
from tests.test_kill import LOGGED, changed, everything, kills_of, was_killed

pytestmark = [pytest.mark.req("R1"), pytest.mark.asvs("2.3.3")]
Act = Callable[[Practice], Any]


def account_id(practice: Practice) -> Any:
    with begin_work(system(), writes=False) as work:
        return work.session.get_one(StaffMember, practice.cleo).account_id


def at_the_door(practice: Practice, action: Any, **given: Any) -> Any:
    with begin_work(nobody(), org=min(practice.org, practice.other_org)) as work:
        return action(work, **given)


def sends(practice: Practice) -> Any:
    return do(practice, practice.ben, send_reset, member_id=practice.cleo)


def asks(practice: Practice) -> Any:
    return at_the_door(practice, ask_for_reset, account_id=account_id(practice))


def chooses(practice: Practice) -> Any:
    return at_the_door(practice, use_reset, token=newest_token(CLEO), password_hash="new")


def changes(practice: Practice) -> Any:
    proof = Proof(True, "a hash")
    return do(practice, practice.cleo, change_password, proof=proof, password_hash="new")


def wants_another_email(practice: Practice) -> Any:
    return do(practice, practice.cleo, ask_for_change, proof=Proof(True, "a hash"), email=NEW)


def confirms(practice: Practice) -> Any:
    return at_the_door(practice, confirm_change, token=token_in(NEW, "email_confirm"))


def takes_back(practice: Practice) -> Any:
    return at_the_door(practice, cancel_change, token=token_in(CLEO, "email_changed"))


def renames(practice: Practice) -> Any:
    names: dict[str, Any] = {"first_name": "Clio", "last_name": "Marquez", "preferred_name": ""}
    return do(practice, practice.cleo, change_own_name, **names)


# What is done before, what is killed, and what it changes at the least.
ACTS: dict[str, tuple[tuple[Act, ...], Act, set[str]]] = {
    "send a reset": ((), sends, {"resetlink", "letter"}),
    "send another": ((sends,), sends, {"resetlink", "letter"}),
    "ask for a reset": ((), asks, {"resetlink", "letter"}),
    "choose by a reset": ((sends,), chooses, {"resetlink", "letter", "account", "accountsession"}),
    "change the password": ((sends,), changes, {"resetlink", "letter", "account"}),
    "ask for an email": ((), wants_another_email, {"emailchange", "letter"}),
    "confirm an email": (
        (wants_another_email,),
        confirms,
        {"emailchange", "account", "staffmember", "letter"},
    ),
    "take an email back": (
        (wants_another_email, confirms),
        takes_back,
        {"emailchange", "account", "staffmember", "letter", "accountsession"},
    ),
    "change one's name": ((), renames, {"staffmember"}),
}


@pytest.fixture(autouse=True)
def cleo(practice: Practice) -> None:
    """Cleo has a password, a place in each practice, and is signed in."""
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    with begin_work(system()) as work:
        account = work.session.get_one(Account, work.session.get_one(StaffMember, practice.cleo).account_id)
        account.password_hash = "a hash"
        work.add(account)
        open_session(work, account_id=account.id)


@pytest.mark.soak
@pytest.mark.req("TA-19", "PC-01", "AC-02")
@pytest.mark.parametrize("name", ACTS)
def test_a_kill_at_any_statement_leaves_all_or_nothing(practice: Practice, name: str) -> None:
    before_it, act, touches = ACTS[name]
    for one in before_it:
        one(practice)
    before = everything()

    assert kills_of(lambda: act(practice), before) > 8, "the statements were not seen"

    assert changed(before) >= touches | LOGGED
    assert faults() == []


@pytest.mark.req("TA-19", "PC-01", "AC-02")
@pytest.mark.parametrize("name", ACTS)
def test_a_kill_around_the_commit_leaves_all_or_nothing(practice: Practice, name: str) -> None:
    before_it, act, touches = ACTS[name]
    for one in before_it:
        one(practice)
    before = everything()

    assert was_killed(lambda: act(practice), on="commit")
    assert changed(before) == set()
    assert was_killed(lambda: act(practice), on="after_commit")

    assert changed(before) >= touches | LOGGED
    assert faults() == []


def test_asking_again_after_a_kill_sends_what_was_never_sent(practice: Practice) -> None:
    assert was_killed(lambda: asked(practice, practice.cleo, NEW), on="commit")

    asked(practice, practice.cleo, NEW)

    assert token_in(NEW, "email_confirm")
