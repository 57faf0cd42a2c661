"""A lost second step: who may reset a password removes it, never reads it, and the person hears of it (AC-01)."""

import pytest
from sqlmodel import col, select

from motlink.accounts.actions import open_session
from motlink.accounts.models import Account, AccountSession, AuthenticatorApp, RecoveryCode
from motlink.accounts.resets import locked
from motlink.accounts.second_step import begin_app, new_recovery_codes
from motlink.cli_people import remove_second_step as operator_removes
from motlink.errors import Conflict, NotFound
from motlink.mail.models import Letter
from motlink.sign_in.entering import tell_elsewhere
from motlink.staff.actions import deactivate
from motlink.staff.errors import Inactive, ManagersOnly, NoSecondStep, NotSetUp, OwnersOnly, OwnSecondStep
from motlink.staff.models import StaffMember
from motlink.staff.queries import profile
from motlink.staff.step_removal import REMOVED, remove_second_step
from motlink.work import begin_work, system
from tests.acts import add_someone, cleo_and_strangers_may_not, count, do, faults, log, refusal, see
from tests.loops import run
from tests.people import Practice, add_person
from tests.sign_in.test_everywhere import told

pytestmark = [pytest.mark.req("AC-01", "TA-19"), pytest.mark.asvs("6.4.6")]
CLEO = "cleo.marchetti@riverbend.example"


def give_step(practice: Practice, *members: str) -> None:
    """Let these have an app, ten codes and an open session."""
    with begin_work(system(), org=practice.org) as work:
        for name in members:
            member = work.session.get_one(StaffMember, getattr(practice, name))
            account = locked(work, member.account_id)
            begin_app(work, account=account)
            account.second_step_at = work.now
            work.add(account)
            new_recovery_codes(work, account=account)
            open_session(work, account_id=account.id)


@pytest.mark.asvs("7.4.3", "6.3.7")
def test_a_manager_removes_it_and_the_person_is_out_and_told(practice: Practice) -> None:
    give_step(practice, "cleo")
    assert see(practice, practice.ben, profile, member_id=practice.cleo).second_step != ""

    done = do(practice, practice.ben, remove_second_step, member_id=practice.cleo)

    assert "Cleo Marchetti signs in without a second step" in done.sentence
    assert done.undo is None
    assert count(AuthenticatorApp) == 0
    assert count(RecoveryCode, col(RecoveryCode.ended_at).is_(None)) == 0
    assert count(AccountSession, col(AccountSession.ended_at).is_(None)) == 0
    assert count(Account, col(Account.second_step_at).is_not(None)) == 0
    assert log(practice)[-1].action == REMOVED
    with begin_work(system(), writes=False) as work:
        letter = work.session.exec(select(Letter).where(Letter.to == CLEO)).one()
    assert letter.kind == "second_step" and letter.values
    assert letter.values["what"].startswith("Ben Okafor of Riverbend Therapy removed")
    assert see(practice, practice.ben, profile, member_id=practice.cleo).second_step == ""
    assert faults() == []


@pytest.mark.asvs("8.2.1", "8.2.2")
def test_who_may_not_reset_a_password_may_not_remove_a_second_step(practice: Practice) -> None:
    give_step(practice, "ana", "ben", "cleo", "sam")

    cleo_and_strangers_may_not(practice, remove_second_step, member_id=practice.ben)
    refusal(practice, practice.ben, remove_second_step, OwnersOnly, member_id=practice.ana)
    refusal(practice, practice.sam, remove_second_step, ManagersOnly, member_id=practice.ben)
    refusal(practice, practice.sam, remove_second_step, OwnersOnly, member_id=practice.ana)
    refusal(practice, practice.ana, remove_second_step, OwnSecondStep, member_id=practice.ana)
    assert count(Account, col(Account.second_step_at).is_not(None)) == 4
    do(practice, practice.sam, remove_second_step, member_id=practice.cleo)


def test_there_has_to_be_one_and_somebody_who_is_here(practice: Practice) -> None:
    refusal(practice, practice.ben, remove_second_step, NoSecondStep, member_id=practice.cleo)
    invited = add_someone(practice, practice.ben, "Jo", "therapist").id
    refusal(practice, practice.ben, remove_second_step, NotSetUp, member_id=invited)
    give_step(practice, "cleo")
    do(practice, practice.ben, deactivate, member_id=practice.cleo)
    refusal(practice, practice.ben, remove_second_step, Inactive, member_id=practice.cleo)


def test_a_practice_that_only_invited_somebody_does_not_learn_of_it(practice: Practice) -> None:
    give_step(practice, "cleo")
    with begin_work(system(), org=practice.other_org) as work:
        guest = add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO, joined=False)

    with begin_work(practice.as_(practice.dov), org=practice.other_org, writes=False) as work:
        assert profile(work, member_id=guest).second_step == ""


@pytest.mark.req("AU-02", "TA-24")
def test_the_persons_other_practices_hear_of_it_and_not_who_did_it(practice: Practice) -> None:
    give_step(practice, "cleo")
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    do(practice, practice.ben, remove_second_step, member_id=practice.cleo)

    run(tell_elsewhere(practice.cleo, REMOVED))

    assert told(REMOVED) == sorted([practice.org, practice.other_org], key=str)
    assert faults() == []


def test_the_operator_removes_the_only_owners(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("motlink.cli_people.ready", lambda: None)
    give_step(practice, "ana")

    said = operator_removes(email="ANA.Castellanos@riverbend.example")

    assert "signs in without a second step" in said
    assert told(REMOVED) == [practice.org]
    with pytest.raises(Conflict, match="has no second step"):
        operator_removes(email="ana.castellanos@riverbend.example")
    with pytest.raises(NotFound):
        operator_removes(email="nobody@riverbend.example")
    assert faults() == []
