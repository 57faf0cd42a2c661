"""kill -9 anywhere in a batch: each person's act is there whole or not at all, and what goes on ends as undisturbed.

A kill before every statement of a small batch here; before every seventh of 60 people with `make soak`.
"""

import os
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from motlink import batch_runner
from motlink.staff import batches
from motlink.staff.batches import LEASE, start_batch
from motlink.staff.models import Batch, BatchItem, StaffMember
from motlink.work import begin_work, system
from tests.acts import do, faults, log, roles_of
from tests.people import Practice, add_person
from tests.test_kill import was_killed

SOAK = bool(os.environ.get("MOTLINK_SOAK"))
PEOPLE, EACH_CHUNK, STEP = (60, 25, 7) if SOAK else (5, 2, 11)
pytestmark = [pytest.mark.soak, pytest.mark.req("TA-31", "AU-01"), pytest.mark.asvs("2.3.3")]


@pytest.fixture
def people(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    monkeypatch.setattr(batches, "CHUNK", EACH_CHUNK)
    with begin_work(system(), org=practice.org) as work:
        return [add_person(work, f"P{n}", "Many", "therapist", "biller") for n in range(PEOPLE)]


def the_batch() -> Batch:
    with begin_work(system(), writes=False) as work:
        return work.session.exec(select(Batch)).one()


def go_on(practice: Practice) -> None:
    """Do the rest as the worker does, once the dead process's lease has run out."""
    with begin_work(system(), org=practice.org) as work:
        batch = work.session.exec(select(Batch)).one()
        if batch.leased_until:
            batch.leased_until = datetime.now(UTC) - LEASE - timedelta(seconds=1)
        work.add(batch)
    batch_runner.sweep_batches()


def whole_or_absent(practice: Practice, people: list[UUID]) -> None:
    """Whoever is done has nothing left of a place; whoever is not has all of it; and the items say the same."""
    with begin_work(system(), writes=False) as work:
        items = {item.member_id: item.outcome for item in work.session.exec(select(BatchItem))}
        gone = {
            member.id
            for member in work.session.exec(select(StaffMember).where(col(StaffMember.id).in_(people)))
            if member.deactivated_at
        }
        batch = work.session.exec(select(Batch)).one()
    told = {entry.subject_id for entry in log(practice) if entry.action == "staff.deactivated"}
    for one in people:
        done = items[one] == "done"
        assert (one in gone, one in told) == (done, done)
        assert roles_of(practice, one) == (set() if done else {"therapist", "biller"})
    assert batch.done == len(gone)
    assert faults() == []


def test_a_batch_that_is_killed_over_and_over_ends_as_if_undisturbed(
    practice: Practice, people: list[UUID]
) -> None:
    do(practice, practice.ana, start_batch, kind="deactivate", member_ids=people)
    kills = 0

    def run() -> None:
        batch_runner.run(practice.org, the_batch().id, practice.as_(practice.ana), gap=0)

    # Each time a little later, until one comes to its end: a transaction longer than the step is killed in many places.
    at = 1
    while was_killed(run, at_statement=at):
        kills += 1
        whole_or_absent(practice, people)
        at += STEP
        assert kills < 2_000
    whole_or_absent(practice, people)

    assert kills >= 5
    assert the_batch().state == "done"
    assert Counter(entry.action for entry in log(practice))["staff.deactivated"] == PEOPLE
    assert Counter(entry.action for entry in log(practice))["batch.finished"] == 1


def test_a_kill_around_the_commit_of_a_chunk_is_made_good_by_the_sweep(
    practice: Practice, people: list[UUID]
) -> None:
    do(practice, practice.ana, start_batch, kind="deactivate", member_ids=people)

    def run() -> None:
        batch_runner.run(practice.org, the_batch().id, practice.as_(practice.ana), gap=0)

    def run_until_the_pause() -> None:
        # Nothing is open between two transactions.
        batch_runner.time.sleep = lambda _: os.kill(os.getpid(), signal.SIGKILL)
        run()

    assert was_killed(run, on="commit")
    whole_or_absent(practice, people)
    assert the_batch().done == EACH_CHUNK
    assert was_killed(run_until_the_pause)
    whole_or_absent(practice, people)
    assert the_batch().done == 2 * EACH_CHUNK
    go_on(practice)

    whole_or_absent(practice, people)
    assert (the_batch().state, the_batch().done) == ("done", PEOPLE)


def test_a_kill_while_it_is_started_leaves_no_batch_or_a_whole_chunk(
    practice: Practice, people: list[UUID]
) -> None:
    def start() -> None:
        do(practice, practice.ana, start_batch, kind="deactivate", member_ids=people)

    assert was_killed(start, on="commit")
    with begin_work(system(), writes=False) as work:
        assert work.session.exec(select(Batch)).all() == []
    # A process that dies right after the commit leaves the same as one that goes on without a worker.
    start()
    whole_or_absent(practice, people)
    assert the_batch().done == EACH_CHUNK
    go_on(practice)

    whole_or_absent(practice, people)
    assert the_batch().state == "done"
