"""How an import ends: what is kept of a file that was put away, and what is said of one that was taken back."""

import pytest
from sqlmodel import select

from motlink import batch_runner
from motlink.audit.undo import undo
from motlink.staff.actions import deactivate, reactivate, switch_role
from motlink.staff.batches import CHUNK
from motlink.staff.import_actions import drop_import
from motlink.staff.import_queries import imports
from motlink.staff.models import Batch, BatchItem, StaffMember
from motlink.work import begin_work, system
from tests.acts import do, see, switching
from tests.people import Practice
from tests.staff.imports import MINA, bring, sheet, shown, take_in

pytestmark = pytest.mark.req("IE-01")


def test_nothing_of_a_file_that_is_put_away_is_kept(practice: Practice) -> None:
    batch_id = bring(practice, practice.ana, sheet(MINA, MINA | {"Email": "none"}))

    do(practice, practice.ana, drop_import, batch_id=batch_id)

    with begin_work(system(), org=practice.org, writes=False) as work:
        items = work.session.exec(select(BatchItem).where(BatchItem.batch_id == batch_id)).all()
        assert [item.given for item in items] == [None, None]


def test_an_import_that_is_taken_back_says_who_stayed(practice: Practice) -> None:
    batch_id, done = take_in(practice, practice.ana, sheet(MINA, MINA | {"Email": "jo@x.example"}))
    with begin_work(system(), org=practice.org) as work:
        mina = work.session.exec(select(StaffMember).where(StaffMember.email == "mina@x.example")).one()
        mina.joined_at = work.now

    do(practice, practice.ana, undo, entry_id=done.undo)

    assert shown(practice, practice.ana, batch_id).back == "1"
    assert see(practice, practice.ana, imports)[0].back == "1"


def test_an_undo_that_stops_because_its_starter_left_can_be_finished(practice: Practice) -> None:
    people = [MINA | {"Email": f"n{n}@x.example"} for n in range(2 * CHUNK)]
    batch_id, done = take_in(practice, practice.ben, sheet(*people))
    do(practice, practice.ben, undo, entry_id=done.undo)
    assert shown(practice, practice.ana, batch_id).back == "under way"
    do(practice, practice.ana, deactivate, member_id=practice.ben)

    batch_runner.sweep_batches()

    with begin_work(system(), org=practice.org, writes=False) as work:
        back = work.session.exec(select(Batch).where(Batch.undoes == batch_id)).one()
        assert back.state == "stopped"
        assert work.get(Batch, batch_id).undone_at is None
    do(practice, practice.ana, reactivate, member_id=practice.ben)
    do(practice, practice.ana, switch_role, **switching(practice, practice.ben, "manager", on=True))
    do(practice, practice.ben, undo, entry_id=done.undo)
    batch_runner.sweep_batches()
    assert shown(practice, practice.ana, batch_id).back == "all"
