"""A manager sends a link to a new password, and never sees or chooses it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from motlink.accounts.models import ResetLink
from motlink.mail.models import Letter
from motlink.staff.actions import deactivate
from motlink.staff.errors import Inactive, ManagersOnly, NotSetUp, OwnersOnly, OwnPassword
from motlink.staff.models import StaffMember
from motlink.staff.queries import history
from motlink.staff.resets import send_reset
from motlink.work import begin_work, system
from tests.acts import (
    add_someone,
    cleo_and_strangers_may_not,
    count,
    do,
    faults,
    log,
    newest_token,
    refusal,
    see,
)
from tests.people import Practice, add_person

pytestmark = [pytest.mark.req("TA-17", "TA-19"), pytest.mark.asvs("6.4.6")]
CLEO = "cleo.marchetti@riverbend.example"
# Later than the fixtures, which are made now.
NOON = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)


def links(practice: Practice, member_id: UUID) -> list[ResetLink]:
    with begin_work(system(), org=practice.org, writes=False) as work:
        account_id = work.get(StaffMember, member_id).account_id
        query = select(ResetLink).where(ResetLink.account_id == account_id).order_by(ResetLink.sent_at)
        return list(work.session.exec(query))


def letter_to(email: str) -> Letter:
    with begin_work(system(), writes=False) as work:
        return work.session.exec(select(Letter).where(Letter.to == email)).one()


def test_a_manager_sends_a_link_and_the_history_says_so(practice: Practice) -> None:
    done = do(practice, practice.ben, send_reset, member_id=practice.cleo, at=NOON)

    (link,) = links(practice, practice.cleo)
    assert done.sentence == "A link to a new password is on its way to Cleo Marchetti."
    assert link.expires_at - link.sent_at == timedelta(hours=1)
    letter = letter_to(CLEO)
    assert (letter.kind, letter.values["asked_by"]) == ("reset", "Ben Okafor")
    newest = see(practice, practice.ana, history, member_id=practice.cleo)[0]
    assert (newest.what, newest.who) == ("Link to a new password sent", "Ben Okafor")
    assert faults() == []


@pytest.mark.asvs("6.4.1")
def test_the_token_is_nowhere_but_in_the_waiting_letter(practice: Practice) -> None:
    do(practice, practice.ben, send_reset, member_id=practice.cleo)

    token = newest_token(CLEO)
    assert len(token) == 43
    assert not any(token in repr(entry.payload) for entry in log(practice))
    assert count(ResetLink, ResetLink.digest == token) == 0


def test_only_the_newest_link_is_open(practice: Practice) -> None:
    for who, minute in ((practice.ana, 0), (practice.ben, 1), (practice.ben, 1)):
        do(practice, who, send_reset, member_id=practice.cleo, at=NOON + timedelta(minutes=minute))

    assert [link.superseded_at is None for link in links(practice, practice.cleo)].count(True) == 1
    assert links(practice, practice.cleo)[0].superseded_at is not None


def test_a_therapist_resets_nobody_and_a_stranger_nobody_here(practice: Practice) -> None:
    cleo_and_strangers_may_not(practice, send_reset, member_id=practice.cleo)

    assert count(ResetLink) == 0


@pytest.mark.req("TA-01")
def test_nobody_resets_above_themselves(practice: Practice) -> None:
    refusal(practice, practice.ben, send_reset, OwnersOnly, member_id=practice.ana)
    refusal(practice, practice.sam, send_reset, ManagersOnly, member_id=practice.ben)

    assert count(ResetLink) == 0


def test_not_oneself_not_the_inactive_and_not_who_has_never_come_in(practice: Practice) -> None:
    jo = add_someone(practice, practice.ana, "Jo", "therapist")
    do(practice, practice.ana, deactivate, member_id=practice.cleo)

    said = [
        str(refusal(practice, practice.ben, send_reset, kind, member_id=whom))
        for whom, kind in ((practice.ben, OwnPassword), (practice.cleo, Inactive), (jo.id, NotSetUp))
    ]

    assert said == [
        "This is your own account. Change the password on your account page.",
        "Cleo Marchetti is inactive. Reactivate first.",
        "Jo Li has not accepted an invitation yet. Send a new invitation instead.",
    ]
    assert count(ResetLink) == 0


def test_someone_set_up_elsewhere_who_has_not_accepted_here_is_not_reset(practice: Practice) -> None:
    dov = add_someone(practice, practice.ana, "Dov", "therapist", email="dov.stranger@riverbend.example")

    refusal(practice, practice.ana, send_reset, NotSetUp, member_id=dov.id)


@pytest.mark.req("TA-20")
@pytest.mark.asvs("7.4.2")
def test_letting_someone_go_ends_the_open_link(practice: Practice) -> None:
    do(practice, practice.ana, send_reset, member_id=practice.cleo)

    do(practice, practice.ana, deactivate, member_id=practice.cleo)

    assert links(practice, practice.cleo)[0].revoked_at is not None


@pytest.mark.req("TA-20", "TA-24")
def test_who_still_works_elsewhere_keeps_the_link(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)
    do(practice, practice.ana, send_reset, member_id=practice.cleo)

    do(practice, practice.ana, deactivate, member_id=practice.cleo)

    assert links(practice, practice.cleo)[0].revoked_at is None
