"""R13: the sweep of the locked never ran for ten days, ran twice, ran while somebody signs in: the same result."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlmodel import col, select

from motlink.accounts.actions import end_sessions, open_session
from motlink.accounts.models import Account, AccountSession
from motlink.accounts.resets import locked
from motlink.sign_in.actions import Entry, Proof, sign_in
from motlink.staff.models import StaffMember
from motlink.sweeps import sweep_locked
from motlink.work import begin_work, nobody, system
from tests.acts import faults
from tests.people import Practice
from tests.staff.test_locks import all_used, clock, is_in, locks_of, policy
from tests.test_races import at_once

pytestmark = pytest.mark.req("R13", "TA-22")
ROUNDS = 200 if os.environ.get("MOTLINK_SOAK") else 8
DAY, START = timedelta(days=1), datetime(2031, 3, 1, 12, 0, tzinfo=UTC)
LOCKED_FROM = 30 * DAY


def open_sessions_of(practice: Practice, member_id: UUID) -> int:
    with begin_work(system(), writes=False) as work:
        account_id = work.session.get_one(StaffMember, member_id).account_id
        query = select(AccountSession).where(
            AccountSession.account_id == account_id, col(AccountSession.ended_at).is_(None)
        )
        return len(work.session.exec(query).all())


@pytest.mark.parametrize(
    "sweeps",
    [
        pytest.param(
            [LOCKED_FROM + timedelta(seconds=5), *(LOCKED_FROM + n * DAY for n in range(1, 11))], id="on time"
        ),
        pytest.param([LOCKED_FROM + 10 * DAY], id="never for ten days"),
        pytest.param([LOCKED_FROM + timedelta(seconds=5)] * 2 + [LOCKED_FROM + 10 * DAY] * 2, id="twice"),
    ],
)
def test_r13_the_result_is_the_same_whenever_the_sweep_ran(
    practice: Practice, sweeps: list[timedelta]
) -> None:
    all_used(practice, START, but=())
    policy(practice, 30)
    for member_id in (practice.ana, practice.ben, practice.sam):
        clock(practice, member_id, signed_in_at=START + LOCKED_FROM)
    # Before any sweep: decided at the door and before each event.
    late = START + LOCKED_FROM
    assert not is_in(practice, practice.cleo, late) and is_in(practice, practice.ben, late)
    with begin_work(system(), org=practice.org, at=START) as work:
        open_session(work, account_id=work.get(StaffMember, practice.cleo).account_id)

    for moment in sweeps:
        with time_machine.travel(START + moment, tick=False):
            sweep_locked()

    end = START + LOCKED_FROM + 10 * DAY
    assert locks_of(practice) == [practice.cleo]
    assert open_sessions_of(practice, practice.cleo) == 0
    assert not is_in(practice, practice.cleo, end) and is_in(practice, practice.ben, end)
    assert faults() == []


@pytest.mark.soak
@pytest.mark.asvs("15.4.2")
def test_r13_a_sign_in_while_the_sweep_runs_is_whole_or_refused(practice: Practice) -> None:
    """The time is up in the very moment in which both begin."""
    all_used(practice, datetime.now(UTC))
    policy(practice, 30)
    with begin_work(system()) as work:
        account = work.session.get_one(Account, work.session.get_one(StaffMember, practice.cleo).account_id)
        account.password_hash = "hash"
        work.add(account)
        login = account.email

    def enter() -> Any:
        with begin_work(nobody(), org=practice.org) as work:
            return sign_in(work, login=login, proof=Proof(True, "hash"))

    came_in, left = 0, timedelta(milliseconds=20)
    for _ in range(ROUNDS):
        end_all(practice, practice.cleo)
        before = len(locks_of(practice))
        # The moment is so near that now the one, now the other comes first, however busy the machine is.
        last = datetime.now(UTC) - 30 * DAY + left
        clock(practice, practice.cleo, joined_at=last - DAY, signed_in_at=last, lock_noted_at=None)

        entry, _, _ = at_once(enter, sweep_locked, sweep_locked)

        sweep_locked()
        locked, here = len(locks_of(practice)) - before, open_sessions_of(practice, practice.cleo)
        came_in += isinstance(entry, Entry)
        left = left / 1.6 if isinstance(entry, Entry) else left * 1.6
        # Whoever came in stays in, and the clock runs anew; whoever did not is locked, once, and nothing is open.
        assert here == isinstance(entry, Entry) and locked <= 1
        assert is_in(practice, practice.cleo, datetime.now(UTC)) == isinstance(entry, Entry)
        assert locked == 1 or here
    assert faults() == []
    # Otherwise nothing of the above was asked.
    assert 0 < came_in < ROUNDS


def end_all(practice: Practice, member_id: UUID) -> None:
    with begin_work(system(), org=practice.org) as work:
        account = locked(work, work.get(StaffMember, member_id).account_id)
        end_sessions(work, account_id=account.id)
