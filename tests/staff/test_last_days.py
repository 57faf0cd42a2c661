"""The last working day: planned now, in force at its moment whatever tidies up; brought forward, cancelled (TA-30)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from motlink.accounts.actions import open_session
from motlink.accounts.models import AccountSession
from motlink.accounts.queries import digest_of, places_open
from motlink.audit.undo import UndoRefused, undo
from motlink.errors import Invalid, NotFound
from motlink.sign_in.queries import practices_of, signed_in
from motlink.staff.actions import deactivate, reactivate, switch_role
from motlink.staff.days import ends_with_the_day, last_day, leaving_moment, leaving_words
from motlink.staff.errors import HasLeft, Inactive, LastOwner, ManagersOnly, OwnersOnly, OwnRoles
from motlink.staff.last_days import (
    bring_forward,
    cancel_leaving,
    leavers_due,
    plan_leaving,
    plan_leaving_on,
    set_leave,
)
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.queries import profile
from motlink.staff.roster import roster
from motlink.staff.rows import RosterView
from motlink.staff.undo import restore_roles
from motlink.work import Work, begin_work, system
from motlink.worker import sweep_leavers
from tests.acts import (
    add_someone,
    cleo_and_strangers_may_not,
    count,
    do,
    faults,
    log,
    refusal,
    roles_of,
    see,
    switching,
)
from tests.people import Practice

HOUR = timedelta(hours=1)
ZONES = ("America/New_York", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia", "Europe/Berlin", "UTC")


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=10)


def cookie_of(practice: Practice, member_id: UUID) -> str:
    with begin_work(system(), org=practice.org) as work:
        return open_session(work, account_id=work.session.get_one(StaffMember, member_id).account_id)


def is_in(practice: Practice, token: str, at: datetime) -> bool:
    try:
        with begin_work(signed_in(digest_of(token)), org=practice.org, writes=False, at=at):
            return True
    except NotFound:
        return False


@pytest.mark.req("TA-30")
def test_until_the_moment_nothing_changes_and_from_it_on_nothing_passes(practice: Practice) -> None:
    token, moment = cookie_of(practice, practice.cleo), soon()
    do(practice, practice.ben, plan_leaving, member_id=practice.cleo, leaves_at=moment)
    with begin_work(system(), org=practice.org, writes=False) as work:
        account = work.get(StaffMember, practice.cleo).account_id
        session = next(iter(places_open_of(work, account)))
        before, after = (
            practices_of(work.session, account, at) for at in (moment - timedelta(seconds=1), moment)
        )
        open_before, open_after = (
            places_open(work.session, {session}, at) for at in (moment - timedelta(seconds=1), moment)
        )

    assert is_in(practice, token, moment - timedelta(seconds=1)) and not is_in(practice, token, moment)
    assert len(before) == 1 and after == []
    assert list(open_before.values()) == [moment] and open_after == {}
    assert roles_of(practice, practice.cleo) == {"therapist"}


def places_open_of(work: Work, account: UUID) -> list[UUID]:
    query = select(AccountSession.id).where(AccountSession.account_id == account)
    return list(work.session.exec(query))


@pytest.mark.req("TA-30", "TA-04")
def test_the_roster_says_so_and_then_that_they_are_inactive(practice: Practice) -> None:
    do(
        practice,
        practice.ben,
        plan_leaving_on,
        member_id=practice.cleo,
        leaves_on="2030-11-30",
        at=datetime(2029, 11, 22, tzinfo=UTC),
    )
    states = [
        see(practice, practice.ana, roster, view=RosterView(q="cleo"), at=at).rows[0]
        for at in (datetime(2030, 11, 30, 12, tzinfo=UTC), datetime(2030, 12, 1, 5, tzinfo=UTC))
    ]

    assert [(row.state, row.on_day) for row in states] == [("leaving", "30 Nov"), ("inactive", "")]
    shown = see(practice, practice.ana, profile, member_id=practice.cleo, at=datetime(2030, 3, 1, tzinfo=UTC))
    assert shown.place.leaves == "on 30 November, at the end of the day"


@pytest.mark.req("TA-30", "TA-01")
def test_who_may_not_deactivate_may_not_plan_it(practice: Practice) -> None:
    given = {"leaves_at": soon()}
    cleo_and_strangers_may_not(practice, plan_leaving, member_id=practice.sam, **given)
    cleo_and_strangers_may_not(practice, cancel_leaving, member_id=practice.sam)
    cleo_and_strangers_may_not(practice, bring_forward, member_id=practice.sam)
    refusal(practice, practice.ben, plan_leaving, OwnersOnly, member_id=practice.ana, **given)
    refusal(practice, practice.sam, plan_leaving, ManagersOnly, member_id=practice.ben, **given)
    refusal(practice, practice.ben, plan_leaving, OwnRoles, member_id=practice.ben, **given)
    for wrong in (datetime.now(UTC) - HOUR,):
        refusal(practice, practice.ben, plan_leaving, Invalid, member_id=practice.cleo, leaves_at=wrong)


@pytest.mark.req("TA-30", "TA-01")
def test_owners_who_leave_one_after_the_other_leave_one_behind(practice: Practice) -> None:
    zed, yan = (add_someone(practice, practice.ana, name, "owner").id for name in ("Zed", "Yan"))
    with begin_work(system(), org=practice.org) as work:
        for member_id in (zed, yan):
            work.get(StaffMember, member_id).joined_at = work.now
    later = datetime.now(UTC) + timedelta(days=40)
    do(practice, practice.ana, plan_leaving, member_id=zed, leaves_at=later)
    do(practice, practice.ana, plan_leaving, member_id=yan, leaves_at=soon())

    with (
        begin_work(system(), org=practice.org) as work,
        pytest.raises(LastOwner, match="the only owner who stays"),
    ):
        plan_leaving(work, member_id=practice.ana, leaves_at=later + HOUR)
    with begin_work(system(), org=practice.org) as work, pytest.raises(LastOwner):
        deactivate(work, member_id=practice.ana)
    with begin_work(system(), org=practice.org) as work, pytest.raises(LastOwner):
        switch_role(work, **switching(practice, practice.ana, "owner", on=False, confirmed=True))

    do(practice, practice.ana, bring_forward, member_id=zed)
    assert roles_of(practice, practice.ana) == {"owner"}


@pytest.mark.req("TA-30", "TA-20")
@pytest.mark.parametrize("revoke", [True, False])
def test_the_sweep_tidies_up_once_as_it_was_planned(practice: Practice, revoke: bool) -> None:
    jo = add_someone(practice, practice.ben, "Jo")
    cookie_of(practice, practice.ben)
    given = {"member_id": practice.ben, "leaves_at": soon(), "revoke_invitations": revoke}
    do(practice, practice.ana, plan_leaving, **given)
    moment = datetime.now(UTC) - timedelta(milliseconds=1)
    with begin_work(system(), org=practice.org) as work:
        work.get(StaffMember, practice.ben).leaves_at = moment

    assert (sweep_leavers(), sweep_leavers()) == (1, 0)

    with begin_work(system(), org=practice.org, writes=False) as work:
        ben = work.get(StaffMember, practice.ben)
        assert (ben.deactivated_at, ben.leaves_at, leavers_due(work)) == (moment, None, [])
    assert roles_of(practice, practice.ben) == set()
    assert count(AccountSession, col(AccountSession.ended_at).is_(None)) == 0
    still_open = count(Invitation, Invitation.member_id == jo.id, col(Invitation.revoked_at).is_(None))
    assert still_open == (0 if revoke else 1)
    do(practice, practice.ana, reactivate, member_id=practice.ben)
    do(practice, practice.ana, restore_roles, member_id=practice.ben)
    assert roles_of(practice, practice.ben) == {"manager"}
    entry = next(one for one in reversed(log(practice)) if one.action == "staff.deactivated")
    assert (entry.actor_kind, entry.subject_id) == ("system", practice.ben)
    assert faults() == []


@pytest.mark.req("TA-30")
def test_whoever_cancels_too_late_is_told_so(practice: Practice) -> None:
    moment = soon()
    do(practice, practice.ben, plan_leaving, member_id=practice.cleo, leaves_at=moment)

    with pytest.raises(HasLeft), begin_work(practice.as_(practice.ben), org=practice.org, at=moment) as work:
        cancel_leaving(work, member_id=practice.cleo)
    with pytest.raises(Inactive), begin_work(practice.as_(practice.ben), org=practice.org, at=moment) as work:
        switch_role(work, **switching(practice, practice.cleo, "biller", on=True))

    # Nobody has tidied up yet, and taking back works all the same.
    do(practice, practice.ben, reactivate, member_id=practice.cleo, at=moment + HOUR)
    assert see(practice, practice.ben, profile, member_id=practice.cleo, at=moment + HOUR).state == "no_role"
    assert sweep_leavers() == 0


@pytest.mark.req("TA-30", "UX-02")
def test_plans_and_their_ends_are_taken_back(practice: Practice) -> None:
    first, second = soon(), soon() + timedelta(days=3)
    given = {"member_id": practice.cleo}
    one = do(practice, practice.ben, plan_leaving, leaves_at=first, **given)
    two = do(practice, practice.ben, plan_leaving, leaves_at=second, revoke_invitations=False, **given)
    refusal(practice, practice.ben, undo, UndoRefused, entry_id=one.undo)
    do(practice, practice.ben, undo, entry_id=two.undo)
    assert planned(practice) == first
    gone = do(practice, practice.ben, bring_forward, **given)
    assert planned(practice) is None
    do(practice, practice.ben, undo, entry_id=gone.undo)
    assert planned(practice) == first and roles_of(practice, practice.cleo) == {"therapist"}
    cancelled = do(practice, practice.ben, cancel_leaving, **given)
    do(practice, practice.ben, undo, entry_id=cancelled.undo)
    assert planned(practice) == first
    again = do(practice, practice.ben, cancel_leaving, **given)
    with (
        pytest.raises(UndoRefused),
        begin_work(practice.as_(practice.ben), org=practice.org, at=second) as work,
    ):
        undo(work, entry_id=again.undo)


def planned(practice: Practice) -> datetime | None:
    with begin_work(system(), org=practice.org, writes=False) as work:
        return work.get(StaffMember, practice.cleo).leaves_at


@given(
    st.dates(datetime(2026, 12, 1).date(), datetime(2035, 1, 1).date()),  # noqa: DTZ001 - days of a zone
    st.none() | st.times(),
    st.sampled_from(ZONES).map(ZoneInfo),
)
@pytest.mark.req("TA-30")
def test_the_moment_lies_on_the_day_that_was_typed(day: object, hour: object, zone: ZoneInfo) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    typed = hour.strftime("%H:%M") if hour else ""  # type: ignore[attr-defined]

    moment = leaving_moment(str(day), typed, zone=zone, now=now)

    assert moment > now
    if not typed:
        assert ends_with_the_day(moment, zone) and last_day(moment, zone) == day
    elif typed != "00:00":
        assert moment.astimezone(zone).date() == day
    assert leaving_words(moment, zone, now).startswith("on ")


@pytest.mark.req("TA-30")
@pytest.mark.parametrize("typed", ["", "soon", "2026-02-30", "2026-11-21", "9999-01-01", "2020-01-01"])
def test_what_is_no_day_to_come_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        leaving_moment(typed, "", zone=ZoneInfo("UTC"), now=datetime(2026, 11, 22, 1, tzinfo=UTC))
    assert refused.value.field == "leaves_on"


@pytest.mark.req("TA-32", "TA-04")
def test_leave_lasts_until_the_day_back_and_changes_nothing_else(practice: Practice) -> None:
    at = datetime(2026, 12, 20, 12, tzinfo=UTC)
    done = do(practice, practice.ben, set_leave, member_id=practice.cleo, back_on="2027-01-05", at=at)

    rows = [
        see(practice, practice.ana, roster, view=RosterView(q="cleo"), at=moment).rows[0]
        # Midnight in New York is five hours after midnight in Greenwich.
        for moment in (at, datetime(2027, 1, 5, 4, 59, tzinfo=UTC), datetime(2027, 1, 5, 5, tzinfo=UTC))
    ]
    assert [(row.state, row.on_day) for row in rows] == [
        ("on_leave", "5 Jan"),
        ("on_leave", "5 Jan"),
        ("active", ""),
    ]
    assert roles_of(practice, practice.cleo) == {"therapist"}
    do(practice, practice.ben, undo, entry_id=done.undo, at=at + HOUR)
    assert see(practice, practice.ana, profile, member_id=practice.cleo, at=at + HOUR).state == "active"


@pytest.mark.req("TA-32", "TA-01")
def test_who_may_not_touch_someone_notes_no_leave_for_them(practice: Practice) -> None:
    given = {"back_on": "2027-06-01"}
    cleo_and_strangers_may_not(practice, set_leave, member_id=practice.sam, **given)
    refusal(practice, practice.sam, set_leave, ManagersOnly, member_id=practice.ben, **given)
    refusal(practice, practice.ben, set_leave, Invalid, member_id=practice.cleo, back_on="yesterday")
    refusal(practice, practice.ben, set_leave, Invalid, member_id=practice.cleo, back_on="2026-01-01")

    assert do(practice, practice.ben, set_leave, member_id=practice.ben, **given).undo


@pytest.mark.req("TA-04")
def test_leaving_is_more_urgent_than_leave(practice: Practice) -> None:
    at = datetime(2027, 5, 1, tzinfo=UTC)
    do(practice, practice.ben, set_leave, member_id=practice.cleo, back_on="2027-06-01", at=at)
    do(practice, practice.ben, plan_leaving, member_id=practice.cleo, leaves_at=at + 99 * HOUR, at=at)

    assert see(practice, practice.ben, profile, member_id=practice.cleo, at=at).state == "leaving"


@pytest.mark.req("TA-30")
def test_the_sweep_and_a_manager_at_once_end_a_place_once(practice: Practice) -> None:
    for name in ("Ada", "Bo", "Cy"):
        member_id = add_someone(practice, practice.ana, name, "biller").id
        do(practice, practice.ana, plan_leaving, member_id=member_id, leaves_at=soon())
        with begin_work(system(), org=practice.org) as work:
            work.get(StaffMember, member_id).leaves_at = work.now
        given = {"member_id": member_id}
        acts = (sweep_leavers, lambda: do(practice, practice.ana, bring_forward, **given), sweep_leavers)  # noqa: B023
        with ThreadPoolExecutor(3) as pool:
            for one in [pool.submit(act) for act in acts]:
                one.result()

        ended = [
            one for one in log(practice) if one.action == "staff.deactivated" and one.subject_id == member_id
        ]
        assert len(ended) == 1 and roles_of(practice, member_id) == set()
    assert faults() == []
