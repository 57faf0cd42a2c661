"""Lock-out after days without sign-in: the rule to the microsecond, the last owner, the sweep, who may what (TA-22)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from motlink.accounts.actions import enter_place, open_session, touch_place
from motlink.accounts.models import AccountSession
from motlink.accounts.queries import digest_of, places_open
from motlink.audit.undo import UndoRefused, undo
from motlink.errors import Invalid, NotAllowed, NotFound
from motlink.mail.letters import render
from motlink.mail.models import Letter
from motlink.orgs.models import Organization
from motlink.orgs.rules import SettingsChanged
from motlink.sign_in.queries import practices_of, signed_in
from motlink.staff.actions import deactivate, reactivate, switch_role
from motlink.staff.last_days import set_leave
from motlink.staff.lock_outlook import lock_outlook
from motlink.staff.locking import AT_ONCE, choose_lock, remind, unlock
from motlink.staff.locks import clock_start, cutoff_after, is_stale
from motlink.staff.models import StaffMember
from motlink.staff.queries import profile
from motlink.staff.roster import roster
from motlink.staff.rows import RosterView
from motlink.work import begin_work, system
from motlink.worker import sweep_locked
from tests.acts import cleo_and_strangers_may_not, count, do, faults, log, refusal, see
from tests.people import Practice, add_person

pytestmark = pytest.mark.req("TA-22")
INSTANT, DAY = timedelta(microseconds=1), timedelta(days=1)
NOW = datetime(2031, 11, 20, 15, 4, 5, 678901, tzinfo=UTC)


def policy(practice: Practice, days: int | None) -> None:
    """Set it as the operator would: the action has tests of its own."""
    with begin_work(system(), org=practice.org) as work:
        work.session.get_one(Organization, practice.org).lock_after_days = days


def clock(practice: Practice, member_id: UUID, **moments: Any) -> None:
    with begin_work(system()) as work:
        member = work.session.get_one(StaffMember, member_id)
        for name, value in moments.items():
            setattr(member, name, value)
        work.add(member)


def all_used(practice: Practice, at: datetime, *, but: tuple[UUID, ...] = ()) -> None:
    """Let everyone have joined a year before, and been there at this moment, some not since they joined."""
    for member_id in (practice.ana, practice.ben, practice.cleo, practice.sam):
        clock(practice, member_id, joined_at=at - 365 * DAY, signed_in_at=None if member_id in but else at)


def is_in(practice: Practice, member_id: UUID, at: datetime) -> bool:
    """Whether an open session gets in at a moment, by every way there is; they must agree."""
    with begin_work(system(), org=practice.org, at=at) as work:
        account = work.get(StaffMember, member_id).account_id
        token = open_session(work, account_id=account)
    with begin_work(system(), org=practice.org, writes=False, at=at) as work:
        query = select(AccountSession.id).where(AccountSession.digest == digest_of(token))
        session = work.session.exec(query).one()
        door = any(org.id == practice.org for org in practices_of(work.session, account, at))
        tab = (session, practice.org) in places_open(work.session, {session}, at)
        row = see(practice, practice.ana, roster, view=RosterView(states=("locked",)), at=at).rows
    try:
        with begin_work(signed_in(digest_of(token)), org=practice.org, writes=False, at=at):
            event = True
    except NotFound:
        event = False
    listed = member_id in {one.id for one in row}
    assert door == tab == event == (not listed), (door, tab, event, listed)
    return event


@pytest.mark.parametrize("moment", ["joined_at", "signed_in_at", "unlocked_at", "back_at"])
def test_a_place_is_locked_at_the_very_moment_and_not_before(practice: Practice, moment: str) -> None:
    all_used(practice, NOW, but=(practice.cleo,))
    policy(practice, 30)
    clock(practice, practice.cleo, joined_at=NOW - 60 * DAY)
    clock(practice, practice.cleo, **{moment: NOW - 30 * DAY})

    assert [is_in(practice, practice.cleo, NOW + step) for step in (-INSTANT, 0 * DAY, INSTANT)] == [
        True,
        False,
        False,
    ]


def test_days_are_of_24_hours_whatever_the_clocks_do(practice: Practice) -> None:
    # New York put its clocks back on 2 November 2031.
    start = datetime(2031, 10, 21, 12, tzinfo=UTC)
    all_used(practice, NOW, but=(practice.cleo,))
    clock(practice, practice.cleo, joined_at=start)
    policy(practice, 30)

    assert is_in(practice, practice.cleo, start + 30 * DAY - INSTANT)
    assert not is_in(practice, practice.cleo, start + 30 * DAY)


def test_nobody_is_locked_while_it_is_off_and_whoever_was_is_open_again(practice: Practice) -> None:
    all_used(practice, NOW - 300 * DAY)
    assert is_in(practice, practice.cleo, NOW)
    policy(practice, 30)
    assert not is_in(practice, practice.cleo, NOW)
    policy(practice, None)
    assert is_in(practice, practice.cleo, NOW)


@pytest.mark.req("TA-32")
def test_leave_locks_nobody_and_afterwards_it_counts_from_the_day_back(practice: Practice) -> None:
    all_used(practice, NOW, but=(practice.cleo,))
    policy(practice, 30)
    clock(practice, practice.cleo, on_leave_until=date(2031, 11, 25))
    back = datetime(2031, 11, 25, 5, tzinfo=UTC)  # midnight in New York

    moments = (NOW, back, back + 30 * DAY - INSTANT, back + 30 * DAY)
    assert [is_in(practice, practice.cleo, at) for at in moments] == [True, True, True, False]


@pytest.mark.req("TA-32")
def test_leave_that_is_ended_early_counts_from_then_and_leave_that_never_was_from_nothing(
    practice: Practice,
) -> None:
    all_used(practice, NOW, but=(practice.cleo,))
    policy(practice, 30)
    set_by = do(practice, practice.ben, set_leave, member_id=practice.cleo, back_on="2032-01-10", at=NOW)
    do(practice, practice.ben, undo, entry_id=set_by.undo, at=NOW + INSTANT)
    assert not is_in(practice, practice.cleo, NOW + DAY)

    do(practice, practice.ben, set_leave, member_id=practice.cleo, back_on="2032-01-10", at=NOW)
    do(practice, practice.ben, set_leave, member_id=practice.cleo, back_on="", at=NOW + DAY)
    assert is_in(practice, practice.cleo, NOW + 31 * DAY - INSTANT)
    assert not is_in(practice, practice.cleo, NOW + 31 * DAY)


def test_people_who_never_joined_have_no_clock(practice: Practice) -> None:
    with begin_work(system(), org=practice.org, at=NOW - 300 * DAY) as work:
        new = add_person(work, "New", "Comer", "therapist", joined=False)
    all_used(practice, NOW)
    policy(practice, 1)

    assert see(practice, practice.ana, roster, view=RosterView(states=("locked",)), at=NOW).rows == ()
    assert see(practice, practice.ana, profile, member_id=new, at=NOW).locked == ""


def test_the_last_owner_is_never_locked(practice: Practice) -> None:
    all_used(practice, NOW - 300 * DAY)
    policy(practice, 30)

    assert is_in(practice, practice.ana, NOW)
    assert not is_in(practice, practice.ben, NOW)


def test_of_two_stale_owners_the_one_who_came_last_gets_in(practice: Practice) -> None:
    owner = practice.roles["owner"]
    do(
        practice,
        practice.ana,
        switch_role,
        member_id=practice.ben,
        role_id=owner,
        on=True,
        confirmed=True,
        at=NOW - 400 * DAY,
    )
    all_used(practice, NOW - 300 * DAY)
    clock(practice, practice.ben, signed_in_at=NOW - 299 * DAY)
    policy(practice, 30)
    assert [is_in(practice, one, NOW) for one in (practice.ana, practice.ben)] == [False, True]

    # An owner who leaves does not count, as for keep_an_owner.
    clock(practice, practice.ben, leaves_at=NOW + 5 * DAY)
    assert [is_in(practice, one, NOW) for one in (practice.ana, practice.ben)] == [True, False]

    # Nor does one who is deactivated: then the other is the last.
    clock(practice, practice.ben, leaves_at=None)
    do(practice, practice.ana, deactivate, member_id=practice.ben, at=NOW)
    assert is_in(practice, practice.ana, NOW + INSTANT)


def test_each_practice_counts_for_itself(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org, at=NOW - 300 * DAY) as work:
        add_person(work, "Cleo", "Marchetti", "therapist")
    all_used(practice, NOW, but=(practice.cleo,))
    policy(practice, 30)
    with begin_work(system(), writes=False) as work:
        account = work.session.get_one(StaffMember, practice.cleo).account_id
        names = [org.name for org in practices_of(work.session, account, NOW)]

    assert names == ["Elsewhere"]


def test_a_clock_that_steps_back_locks_nobody_early_and_takes_no_sign_in_away(practice: Practice) -> None:
    all_used(practice, NOW)
    policy(practice, 1)
    with begin_work(system(), org=practice.org, at=NOW - 2 * DAY) as work:
        cleo = work.get(StaffMember, practice.cleo)
        enter_place(work, account_id=cleo.account_id, org_id=practice.org)
    assert is_in(practice, practice.cleo, NOW - 2 * DAY)
    assert is_in(practice, practice.cleo, NOW + DAY - INSTANT)


def test_whoever_works_is_in_use_and_the_row_is_written_twice_a_day_at_most(practice: Practice) -> None:
    all_used(practice, NOW - DAY)
    seen = []
    with begin_work(system(), org=practice.org, at=NOW) as work:
        token = open_session(work, account_id=work.get(StaffMember, practice.cleo).account_id)
    for hours in (0, 1, 11.9, 12, 23):
        with begin_work(system(), at=NOW + timedelta(hours=hours)) as work:
            session = work.session.exec(
                select(AccountSession).where(AccountSession.digest == digest_of(token))
            ).one()
            touch_place(work, member_id=practice.cleo, session_id=session.id)
        with begin_work(system(), writes=False) as work:
            seen.append(work.session.get_one(StaffMember, practice.cleo).signed_in_at)

    later = NOW + timedelta(hours=12)
    assert seen == [NOW, NOW, NOW, later, later]


# The sweep


def locks_of(practice: Practice) -> list[UUID]:
    return [
        entry.subject_id for entry in log(practice) if entry.action == "staff.locked" and entry.subject_id
    ]


@pytest.mark.req("AU-01")
def test_the_sweep_changes_nothing_but_writes_each_lock_down_once(practice: Practice) -> None:
    real = datetime.now(UTC)
    all_used(practice, real, but=(practice.cleo, practice.sam))
    policy(practice, 30)
    assert not is_in(practice, practice.cleo, real)  # it has not run yet
    with begin_work(system(), org=practice.org) as work:
        open_session(work, account_id=work.get(StaffMember, practice.sam).account_id)

    sweep_locked()
    sweep_locked()

    assert sorted(locks_of(practice), key=str) == sorted((practice.cleo, practice.sam), key=str)
    assert count(AccountSession, col(AccountSession.ended_at).is_(None)) == 0
    assert not is_in(practice, practice.cleo, datetime.now(UTC))
    assert faults() == []


@pytest.mark.req("AU-01")
def test_a_lock_after_an_enabling_is_written_down_again_also_where_the_sweep_slept(
    practice: Practice,
) -> None:
    real = datetime.now(UTC)
    all_used(practice, real, but=(practice.cleo,))
    policy(practice, 30)
    sweep_locked()
    # Enabled 40 days ago, as it were, and the sweep did not run since: the note is older than the clock's start.
    clock(practice, practice.cleo, unlocked_at=real - 40 * DAY, lock_noted_at=real - 41 * DAY)
    sweep_locked()

    assert locks_of(practice) == [practice.cleo, practice.cleo]


def test_a_sign_in_and_the_sweep_at_once_come_to_the_same(practice: Practice) -> None:
    real = datetime.now(UTC)
    all_used(practice, real, but=(practice.cleo,))
    policy(practice, 30)
    sweep_locked()
    do(practice, practice.ben, unlock, member_id=practice.cleo)
    with begin_work(system(), org=practice.org) as work:
        cleo = work.get(StaffMember, practice.cleo)
        enter_place(work, account_id=cleo.account_id, org_id=practice.org)
        token = open_session(work, account_id=cleo.account_id)
    sweep_locked()

    assert locks_of(practice) == [practice.cleo]
    with begin_work(signed_in(digest_of(token)), org=practice.org, writes=False) as work:
        assert work.actor.member_id == practice.cleo


# Enabling


@pytest.mark.req("TA-23", "TA-04", "AU-01")
def test_enabling_lets_in_again_and_the_clock_restarts(practice: Practice) -> None:
    all_used(practice, NOW, but=(practice.cleo,))
    policy(practice, 30)
    row = see(practice, practice.ana, roster, view=RosterView(q="cleo"), at=NOW).rows[0]
    assert (row.state, row.id) == ("locked", practice.cleo)
    shown = see(practice, practice.ana, profile, member_id=practice.cleo, at=NOW)
    assert shown.locked.startswith("No sign-in for 30 days: locked out since 20 December 2030")

    done = do(practice, practice.sam, unlock, member_id=practice.cleo, at=NOW)

    assert done.sentence == "Cleo Marchetti can sign in again."
    assert is_in(practice, practice.cleo, NOW)
    assert not is_in(practice, practice.cleo, NOW + 30 * DAY)
    assert log(practice)[-1].action == "staff.unlocked" and faults() == []
    assert "not locked out" in do(practice, practice.sam, unlock, member_id=practice.cleo, at=NOW).sentence


@pytest.mark.req("TA-23")
def test_enabling_is_for_those_who_may_touch_the_person(practice: Practice) -> None:
    all_used(practice, datetime.now(UTC), but=(practice.cleo, practice.ben))
    policy(practice, 30)

    cleo_and_strangers_may_not(practice, unlock, member_id=practice.sam)
    refusal(practice, practice.sam, unlock, NotAllowed, member_id=practice.ben)
    do(practice, practice.ana, unlock, member_id=practice.ben)


@pytest.mark.req("TA-23", "UX-02")
def test_enabling_is_undone_until_the_person_has_come_in(practice: Practice) -> None:
    all_used(practice, NOW, but=(practice.cleo, practice.sam))
    policy(practice, 30)
    first = do(practice, practice.ben, unlock, member_id=practice.cleo, at=NOW)
    do(practice, practice.ben, undo, entry_id=first.undo, at=NOW + INSTANT)
    assert not is_in(practice, practice.cleo, NOW + DAY)

    second = do(practice, practice.ben, unlock, member_id=practice.cleo, at=NOW + DAY)
    with begin_work(system(), org=practice.org, at=NOW + 2 * DAY) as work:
        enter_place(work, account_id=work.get(StaffMember, practice.cleo).account_id, org_id=practice.org)
    with pytest.raises(UndoRefused):
        do(practice, practice.ben, undo, entry_id=second.undo, at=NOW + 2 * DAY)


def test_reactivating_restarts_the_clock(practice: Practice) -> None:
    all_used(practice, NOW, but=(practice.cleo,))
    policy(practice, 30)
    do(practice, practice.ben, deactivate, member_id=practice.cleo, at=NOW)
    do(practice, practice.ben, reactivate, member_id=practice.cleo, at=NOW + DAY)

    state = see(practice, practice.ana, roster, view=RosterView(q="cleo"), at=NOW + 2 * DAY).rows[0].state
    assert state == "no_role"


# The choice


@pytest.mark.req("LV-02", "UX-02", "AU-01")
def test_the_choice_is_seen_first_saved_and_undone(practice: Practice) -> None:
    all_used(practice, NOW, but=(practice.cleo, practice.sam))
    seen = see(practice, practice.ana, lock_outlook, choice="custom", days="45", at=NOW)
    assert (seen.after_days, seen.now.count) == (None, 2)
    assert [one.name for one in seen.now.first] == ["Cleo Marchetti", "Sam Whitfield"]

    done = do(practice, practice.ana, choose_lock, choice="custom", days=" 45 ", version=seen.version, at=NOW)

    assert done.sentence == "Lock-out after 45 days without sign-in. Locked out now: 2."
    with pytest.raises(SettingsChanged):
        do(practice, practice.ana, choose_lock, choice="60", version=seen.version, at=NOW)
    assert not is_in(practice, practice.cleo, NOW)
    do(practice, practice.ana, undo, entry_id=done.undo, at=NOW + INSTANT)
    assert is_in(practice, practice.cleo, NOW + DAY)
    assert faults() == []


@pytest.mark.parametrize("days", ["", "0", "366", "-3", "3.5", "٣", "1e2", "4000"])
def test_a_number_of_days_is_from_1_to_365(practice: Practice, days: str) -> None:
    refusal(practice, practice.ana, choose_lock, Invalid, choice="custom", days=days, version=1)


def test_the_choice_is_the_owners(practice: Practice) -> None:
    for act, given_ in (
        (choose_lock, {"choice": "30", "version": 1}),
        (lock_outlook, {}),
        (remind, {"within": 7}),
    ):
        cleo_and_strangers_may_not(practice, act, of_member=False, **given_)
        refusal(practice, practice.ben, act, NotAllowed, **given_)


# Forecast and reminder


def test_the_forecast_says_who_is_next_in_which_days(practice: Practice) -> None:
    all_used(practice, NOW)
    for member_id, days in ((practice.ben, 25), (practice.cleo, 17), (practice.sam, 31)):
        clock(practice, member_id, signed_in_at=NOW - days * DAY)
    policy(practice, 30)
    seen = see(practice, practice.ana, lock_outlook, at=NOW)

    assert [one.name for one in seen.now.first] == ["Sam Whitfield"]
    assert [[one.name for one in window.first] for window in seen.soon] == [
        ["Ben Okafor"],
        ["Cleo Marchetti"],
        [],
    ]
    # Ana, too, would be locked by day 30, were she not the only owner.
    assert seen.soon[0].first[0].on == "25 November"


@pytest.mark.req("UX-04")
def test_a_reminder_goes_out_once_a_day_and_holds_no_key(practice: Practice) -> None:
    all_used(practice, NOW)
    clock(practice, practice.cleo, signed_in_at=NOW - 25 * DAY)
    policy(practice, 30)
    steps = (0 * DAY, timedelta(hours=23), DAY)
    sent = [do(practice, practice.ana, remind, within=7, at=NOW + step) for step in steps]

    assert sent == [1, 0, 1]
    with begin_work(system(), writes=False) as work:
        letter = work.session.exec(select(Letter).where(Letter.kind == "reminder")).first()
    assert letter and letter.to == "cleo.marchetti@riverbend.example"
    said = render("reminder", letter.values or {}, mail_from="post@motlink.example")
    assert "Riverbend Therapy" in said.subject and "November 25" in said.text
    assert "/sign-in" in said.text and "/sign-in" in said.html and "?t=" not in said.text + said.html
    refusal(practice, practice.ana, remind, Invalid, within=365)


def test_nobody_is_reminded_who_has_no_role_to_come_in_with(practice: Practice) -> None:
    with begin_work(system(), org=practice.org, at=NOW - 25 * DAY) as work:
        add_person(work, "Nora", "Reyes")
    all_used(practice, NOW)
    policy(practice, 30)

    sent = do(practice, practice.ana, remind, within=7, at=NOW)

    assert sent == 0


def test_many_reminders_leave_some_at_a_time(practice: Practice) -> None:
    with begin_work(system(), org=practice.org, at=NOW - 25 * DAY) as work:
        for number in range(AT_ONCE + 3):
            add_person(work, f"P{number}", "Many", "therapist")
    all_used(practice, NOW)
    policy(practice, 30)

    assert [do(practice, practice.ana, remind, within=7, at=NOW) for _ in range(3)] == [AT_ONCE, 3, 0]


# The rule against a plain oracle

START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 730 * 24 * 3600 * 1_000_000).map(lambda micro: START + micro * INSTANT)
DATES = st.integers(0, 730).map(lambda days: date(2026, 1, 1) + days * DAY)
ZONES = ("America/New_York", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia", "UTC", "Asia/Kathmandu")
MAYBE = st.none() | MOMENTS


class Someone:
    """A place in memory."""

    id = UUID(int=1)

    def __init__(self, joined: Any, seen: Any, unlocked: Any, back: Any, leave: Any) -> None:
        self.joined_at, self.signed_in_at, self.unlocked_at, self.back_at = joined, seen, unlocked, back
        self.on_leave_until = leave


@given(MAYBE, MAYBE, MAYBE, MAYBE, st.none() | DATES, MOMENTS, st.integers(1, 365), st.sampled_from(ZONES))
def test_the_rule_is_the_latest_start_and_the_days(
    joined: Any, seen: Any, unlocked: Any, back: Any, leave: Any, now: datetime, days: int, zone_name: str
) -> None:
    zone = ZoneInfo(zone_name)
    place = Someone(joined, seen, unlocked, back, leave)
    start = clock_start(place, zone)

    expected = start is not None and now >= start + timedelta(days=days)
    assert is_stale(place, cutoff_after(days, zone, now)) == expected
    assert not is_stale(place, cutoff_after(None, zone, now))
