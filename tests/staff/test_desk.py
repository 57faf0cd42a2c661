"""The invitation desk: who is invited, how far each mail has come, who asks for another, and what ends a link."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from motlink import worker
from motlink.errors import NotAllowed
from motlink.mail.models import Letter
from motlink.staff.actions import deactivate
from motlink.staff.asking import ask_again, note_seen
from motlink.staff.desk import desk
from motlink.staff.desk_rows import DeskPage, DeskRow, DeskView, LinkState, desk_query_of, desk_view_of
from motlink.staff.errors import NothingToWithdraw
from motlink.staff.invitations import revoke_invitation, send_invitation
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.roster import roster
from motlink.staff.rows import RosterView
from motlink.work import begin_work, nobody, system
from tests.acts import add_someone, cleo_and_strangers_may_not, do, faults, log, newest_token, refusal, see
from tests.people import Practice

pytestmark = pytest.mark.req("TA-09", "TA-11", "TA-17")
JO = "jo@riverbend.example"


@pytest.fixture
def jo(practice: Practice) -> StaffMember:
    """Jo is invited by ben; the letter waits."""
    return add_someone(practice, practice.ben, "Jo", "therapist")


def on_desk(practice: Practice, state: str = "", *, at: datetime | None = None) -> DeskPage:
    return see(practice, practice.ana, desk, view=DeskView(state=state), at=at)  # type: ignore[no-any-return]


def row(practice: Practice, *, at: datetime | None = None) -> DeskRow:
    (found,) = on_desk(practice, at=at).rows
    return found


def change_letter(**changed: Any) -> None:
    with begin_work(system()) as work:
        letter = work.session.exec(select(Letter).where(Letter.to == JO)).one()
        for name, value in changed.items():
            setattr(letter, name, value)
        work.add(letter)


def at_the_door(practice: Practice, act: Any, token: str, *, at: datetime | None = None) -> None:
    with begin_work(nobody("10.0.0.1"), org=practice.org, at=at) as work:
        act(work, token=token)


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("changed", "state", "why"),
    [
        ({}, "waiting", ""),
        ({"last_error": "SendGrid answered 503"}, "waiting", "SendGrid answered 503"),
        ({"sent_at": NOW}, "sent", ""),
        ({"sent_at": NOW, "delivered_at": NOW}, "delivered", ""),
        ({"sent_at": NOW, "opened_at": NOW}, "opened", ""),
        (
            {
                "sent_at": NOW,
                "delivered_at": NOW,
                "bounced_at": NOW,
                "bounce_reason": "the mailbox is full or shut",
            },
            "bounced",
            "the mailbox is full or shut",
        ),
        ({"failed_at": NOW, "last_error": "SendGrid answered 400"}, "failed", "SendGrid answered 400"),
    ],
)
def test_the_desk_says_how_far_a_mail_has_come_and_why_no_further(
    practice: Practice, jo: StaffMember, changed: dict[str, Any], state: str, why: str
) -> None:
    change_letter(**changed)

    found = row(practice)

    assert (found.member_id, found.name, found.email) == (jo.id, "Jo Li", JO)
    assert (found.state, found.why) == (state, why)
    assert on_desk(practice).counts == ((state, 1),)
    assert [one.name for one in on_desk(practice, state).rows] == ["Jo Li"]
    assert on_desk(practice, "withdrawn").rows == ()


def test_it_counts_whole_minutes_down_and_then_says_expired(practice: Practice, jo: StaffMember) -> None:
    worker.sweep()
    sent = datetime.now(UTC)

    assert row(practice, at=sent + timedelta(minutes=17)).minutes_left == 43
    late = row(practice, at=sent + timedelta(minutes=61))

    assert (late.state, late.minutes_left) == (LinkState.EXPIRED, 0)


def test_who_sent_it_is_named_and_marked_once_they_have_left(practice: Practice, jo: StaffMember) -> None:
    assert row(practice).sent.endswith("by Ben Okafor") and not row(practice).sender_left

    do(practice, practice.ana, deactivate, member_id=practice.ben, revoke_invitations=False)

    assert row(practice).sent.endswith("by Ben Okafor") and row(practice).sender_left


def test_whoever_is_in_or_inactive_or_was_never_invited_is_not_on_the_desk(
    practice: Practice, jo: StaffMember
) -> None:
    add_someone(practice, practice.ana, "Kim", "biller")
    with begin_work(system(), org=practice.org) as work:
        work.get(StaffMember, jo.id).joined_at = work.now

    assert [one.name for one in on_desk(practice).rows] == ["Kim Li"]


def test_a_therapist_and_a_stranger_see_no_desk(practice: Practice, jo: StaffMember) -> None:
    with pytest.raises(NotAllowed):
        see(practice, practice.cleo, desk, view=DeskView())
    with begin_work(practice.as_(practice.dov), org=practice.other_org, writes=False) as work:
        assert desk(work, view=DeskView()).rows == ()


def test_looking_is_noted_once(practice: Practice, jo: StaffMember) -> None:
    token, later = newest_token(JO), datetime.now(UTC) + timedelta(minutes=5)
    at_the_door(practice, note_seen, token)
    first = row(practice)

    at_the_door(practice, note_seen, token, at=later)
    at_the_door(practice, note_seen, "no such token")

    assert first.state == LinkState.OPENED and first.seen
    assert row(practice).seen == first.seen


def test_a_withdrawn_link_is_dead_its_mail_stops_and_nobody_may_who_may_not(
    practice: Practice, jo: StaffMember
) -> None:
    cleo_and_strangers_may_not(practice, revoke_invitation, member_id=jo.id)

    done = do(practice, practice.ben, revoke_invitation, member_id=jo.id)

    assert (
        done.sentence == "The invitation of Jo Li is withdrawn. The link no longer works."
        and done.undo is None
    )
    assert on_desk(practice).rows == ()
    assert worker.sweep() == 0, "a dead link was sent"
    with begin_work(system(), writes=False) as work:
        letter = work.session.exec(select(Letter).where(Letter.to == JO)).one()
    assert letter.failed_at and "link" not in (letter.values or {})
    refusal(practice, practice.ben, revoke_invitation, NothingToWithdraw, member_id=jo.id)
    assert [entry.action for entry in log(practice)].count("staff.invitation_revoked") == 1


def test_a_newer_invitation_stops_the_older_mail_that_still_waits(
    practice: Practice, jo: StaffMember
) -> None:
    do(practice, practice.ben, send_invitation, member_id=jo.id)

    assert worker.sweep() == 1


def test_whoever_asks_for_a_new_link_is_on_top_until_there_is_one(
    practice: Practice, jo: StaffMember
) -> None:
    worker_token = newest_token(JO)
    add_someone(practice, practice.ana, "Kim", "biller")
    do(practice, practice.ben, revoke_invitation, member_id=jo.id)

    for _ in range(3):
        at_the_door(practice, ask_again, worker_token)

    page = on_desk(practice)
    assert [one.name for one in page.rows] == ["Jo Li", "Kim Li"]
    assert (page.rows[0].state, page.asked) == (LinkState.WITHDRAWN, 1) and page.rows[0].asked
    assert [one.name for one in on_desk(practice, "asked").rows] == ["Jo Li"]
    assert see(practice, practice.ana, roster, view=RosterView()).asked == 1
    assert [entry.action for entry in log(practice)].count("staff.asked_again") == 1
    do(practice, practice.ben, send_invitation, member_id=jo.id)
    assert (on_desk(practice).asked, len(on_desk(practice).rows)) == (0, 2)
    assert see(practice, practice.ana, roster, view=RosterView()).asked == 0
    assert faults() == []


def test_the_count_is_told_anew_also_where_two_links_were_asked_from(
    practice: Practice, jo: StaffMember
) -> None:
    do(practice, practice.ben, send_invitation, member_id=jo.id)
    with begin_work(system(), org=practice.org) as work:
        for one in work.session.exec(select(Invitation).where(Invitation.member_id == jo.id)):
            one.asked_again_at = work.now

    with begin_work(practice.as_(practice.ben), org=practice.org) as work:
        revoke_invitation(work, member_id=jo.id)
        told = [(notice.kind, notice.ids) for notice in work.notices]

    # News without ids is about the list as a whole.
    assert ("staff", ()) in told and on_desk(practice).asked == 0


@pytest.mark.parametrize("why", ["joined", "inactive", "unknown", "elsewhere"])
def test_asking_does_nothing_where_nobody_is_to_be_invited(
    practice: Practice, jo: StaffMember, why: str
) -> None:
    token = newest_token(JO)
    if why == "inactive":
        do(practice, practice.ana, deactivate, member_id=jo.id)
    if why == "joined":
        with begin_work(system(), org=practice.org) as work:
            work.get(StaffMember, jo.id).joined_at = work.now
    org = practice.other_org if why == "elsewhere" else practice.org

    with begin_work(nobody(), org=org) as work:
        ask_again(work, token="unknown" if why == "unknown" else token)

    assert asked_of(jo.id) is None


def asked_of(member_id: UUID) -> datetime | None:
    with begin_work(system(), writes=False) as work:
        query = select(Invitation.asked_again_at).where(Invitation.member_id == member_id)
        return work.session.exec(query.order_by(col(Invitation.sent_at).desc())).first()


def test_the_address_of_the_desk_holds_state_and_page() -> None:
    view = DeskView("bounced", 3)

    assert desk_query_of(view) == "?state=bounced&page=3"
    assert desk_view_of({"state": "bounced", "page": "3"}) == view
    assert desk_view_of({"state": "<b>", "page": "-1"}) == DeskView()
