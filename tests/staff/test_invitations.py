"""Sending an invitation again: only the newest link, one hour, only to someone who still has to come in."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from motlink.mail.models import Letter
from motlink.staff.actions import deactivate
from motlink.staff.errors import AlreadySetUp, Inactive, ManagersOnly, OwnersOnly
from motlink.staff.invitations import find_by_token, send_invitation
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.queries import profile
from motlink.work import begin_work, system
from tests.acts import add_someone, cleo_and_strangers_may_not, count, do, log, refusal, see
from tests.people import Practice

pytestmark = pytest.mark.req("TA-17", "TA-09")
# Later than the fixtures, which are made now: roles begin when they are given.
NOON = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def jo(practice: Practice) -> StaffMember:
    """Someone invited at noon."""
    return add_someone(practice, practice.ben, "Jo", "biller", at=NOON)


def links() -> list[str]:
    """Return the tokens in the letters that still may leave."""
    with begin_work(system(), writes=False) as work:
        letters = work.session.exec(select(Letter).order_by(col(Letter.id)))
        waiting = [letter.values for letter in letters if letter.values and "link" in letter.values]
    return [values["link"].split("t=")[1] for values in waiting]


def test_only_the_newest_link_is_open_and_only_its_letter_leaves(practice: Practice, jo: StaffMember) -> None:
    tokens = links()
    for minute, who in ((5, practice.ana), (6, practice.sam)):
        do(practice, who, send_invitation, member_id=jo.id, at=NOON + timedelta(minutes=minute))
        tokens += links()

    with begin_work(system(), writes=False) as work:
        found = [find_by_token(work.session, token) for token in tokens]
    assert [one is not None and one.superseded_at is not None for one in found] == [True, True, False]
    assert len(set(tokens)) == 3 and all(len(token) == 43 for token in tokens)


@pytest.mark.asvs("6.4.1")
def test_the_link_itself_is_nowhere_but_in_the_waiting_letter(practice: Practice, jo: StaffMember) -> None:
    (token,) = links()

    assert count(Invitation, Invitation.digest == token) == 0
    assert not any(token in repr(entry.payload) for entry in log(practice))


@pytest.mark.parametrize(
    ("after", "left", "state"),
    [
        (timedelta(minutes=59, seconds=59), 1, "invited"),
        (timedelta(minutes=60), 0, "expired"),
        (timedelta(minutes=60, seconds=1), 0, "expired"),
    ],
)
def test_the_profile_says_that_the_hour_is_over(
    practice: Practice, jo: StaffMember, after: timedelta, left: int, state: str
) -> None:
    shown = see(practice, practice.ben, profile, member_id=jo.id, at=NOON + after)

    assert (shown.minutes_left, shown.state) == (left, state)


def test_an_expired_invitation_is_sent_again_for_another_hour(practice: Practice, jo: StaffMember) -> None:
    later = NOON + timedelta(hours=3)

    do(practice, practice.ben, send_invitation, member_id=jo.id, at=later)

    shown = see(practice, practice.ben, profile, member_id=jo.id, at=later)
    assert (shown.state, shown.minutes_left) == ("invited", 60)


def test_a_therapist_invites_nobody_and_a_stranger_nobody_here(practice: Practice, jo: StaffMember) -> None:
    cleo_and_strangers_may_not(practice, send_invitation, member_id=jo.id)

    assert len(links()) == 1


def test_nobody_invites_above_themselves(practice: Practice) -> None:
    zed = add_someone(practice, practice.ana, "Zed", "owner")
    max_ = add_someone(practice, practice.ana, "Max", "manager")

    refusal(practice, practice.ben, send_invitation, OwnersOnly, member_id=zed.id)
    refusal(practice, practice.sam, send_invitation, ManagersOnly, member_id=max_.id)


def test_nobody_who_is_in_or_gone_is_invited(practice: Practice, jo: StaffMember) -> None:
    refusal(practice, practice.ben, send_invitation, AlreadySetUp, member_id=practice.cleo)
    refusal(practice, practice.ben, send_invitation, AlreadySetUp, member_id=practice.ben)
    do(practice, practice.ben, deactivate, member_id=jo.id)

    refusal(practice, practice.ben, send_invitation, Inactive, member_id=jo.id)

    assert count(Invitation, Invitation.member_id == jo.id, col(Invitation.revoked_at).is_(None)) == 0


def test_the_letter_says_who_sent_it_when_and_until_when(practice: Practice, jo: StaffMember) -> None:
    with begin_work(system(), writes=False) as work:
        letter = work.session.exec(select(Letter)).one()

    assert letter.values is not None
    assert (letter.to, letter.values["sender"], letter.values["person"]) == (
        "jo@riverbend.example",
        "Ben Okafor",
        "Jo",
    )
    assert datetime.fromisoformat(letter.values["valid_until"]) == NOON + timedelta(hours=1)
    assert datetime.fromisoformat(letter.values["sent_at"]) == NOON
