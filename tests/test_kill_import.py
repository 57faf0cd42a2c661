"""kill -9 anywhere in an import or its undo: each row whole or absent, and another process ends it as undisturbed.

A few places in `make test`, a hundred in `make soak`.
"""

import os
import random
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import event, update
from sqlmodel import col, select

from motlink import batch_runner
from motlink import database as db
from motlink.audit.models import AuditEntry
from motlink.audit.undo import undo
from motlink.roles.models import Role, RoleGrant
from motlink.staff.batches import CHUNK
from motlink.staff.import_actions import receive_file, start_import
from motlink.staff.models import Batch, BatchItem, StaffMember
from motlink.tags.models import Tag, Tagging
from motlink.work import Work, begin_work, system
from tests.acts import do, faults
from tests.people import Practice
from tests.staff.imports import MINA, bring, sheet, shown, take_in
from tests.test_kill import was_killed

SOAK = bool(os.environ.get("MOTLINK_SOAK"))
KILLS = 100 if SOAK else 3
NEW, KNOWN = CHUNK + 5, 4

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800 if SOAK else 120)]


def rows() -> list[dict[str, str]]:
    """Some who are here already and change, some new with roles and tags, one let go, one refused."""
    known = [MINA | {"Email": f"k{n}@x.example", "Last Name": f"Known{n}"} for n in range(KNOWN)]
    changed = [one | {"First Name": "Other", "Roles": "Biller", "Therapist Tags": "Spanish"} for one in known]
    new = [
        MINA | {"Email": f"n{n}@x.example", "Last Name": f"New{n}", "Therapist Tags": "ASL; Spanish"}
        for n in range(NEW)
    ]
    return [*changed, *new, MINA | {"Email": "gone@x.example", "Active": "no"}, MINA | {"Email": "none"}]


def town(practice: Practice) -> None:
    known = [MINA | {"Email": f"k{n}@x.example", "Last Name": f"Known{n}"} for n in range(KNOWN)]
    take_in(practice, practice.ana, sheet(*known))


def picture(practice: Practice) -> list[tuple[object, ...]]:
    """Return everybody as anyone would see them, without ids and moments."""
    with begin_work(system(), org=practice.org, writes=False) as work:
        found = []
        for one in work.session.exec(select(StaffMember).where(StaffMember.org_id == practice.org)):
            roles = select(Role.key).join(RoleGrant, col(RoleGrant.role_id) == col(Role.id))
            held = work.session.exec(
                roles.where(RoleGrant.member_id == one.id, col(RoleGrant.ended_at).is_(None))
            )
            tags = select(Tag.key).join(Tagging, col(Tagging.tag_id) == col(Tag.id))
            worn = work.session.exec(tags.where(Tagging.member_id == one.id, col(Tagging.ended_at).is_(None)))
            shut = (one.deactivated_at is not None, one.withdrawn_at is not None)
            found.append(
                (one.email, one.name, sorted(held), sorted(worn), *shut, one.role_order, one.tag_order)
            )
        return sorted(found)


def places(statements: int) -> list[int]:
    """Return where to kill: spread over all statements, elsewhere in each run of the soak."""
    chosen = random.Random(None if SOAK else 7)
    return sorted(chosen.sample(range(1, statements), min(KILLS, statements - 1)))


def statements_of(act: Callable[[], object]) -> int:
    """Return how many statements an act takes: the kill at one more than that finds nothing to kill."""
    seen: list[int] = []
    event.listen(db.engine(), "before_cursor_execute", lambda *_: seen.append(1))
    act()
    return len(seen)


def later() -> None:
    """Take over what the killed process had leased."""
    with begin_work(system(), writes=True) as work:
        work.session.execute(update(Batch).values(leased_until=None))


@pytest.mark.req("IE-01")
@pytest.mark.asvs("2.3.3")
def test_a_killed_import_leaves_each_row_whole_or_absent_and_ends_as_undisturbed(practice: Practice) -> None:
    town(practice)
    content = sheet(*rows())
    _, done = take_in(practice, practice.ana, content)
    wanted = picture(practice)
    do(practice, practice.ana, undo, entry_id=done.undo)
    batch_runner.sweep_batches()
    emptied = picture(practice)
    again = bring(practice, practice.ana, content)
    number = statements_of(lambda: _import(practice, again))
    assert picture(practice) == wanted

    for place in places(number):
        with begin_work(system(), org=practice.org) as work:
            entry = _entry(work, again)
        do(practice, practice.ana, undo, entry_id=entry)
        batch_runner.sweep_batches()
        assert picture(practice) == emptied
        again = bring(practice, practice.ana, content)
        killed = was_killed(lambda batch=again: _import(practice, batch), at_statement=place)
        _whole_or_absent(practice, again, wanted, emptied)
        later()
        if shown(practice, practice.ana, again).state == "ready":
            do(practice, practice.ana, start_import, batch_id=again)
        batch_runner.sweep_batches()
        assert killed
        assert picture(practice) == wanted, f"killed at statement {place}"
    assert faults() == []


@pytest.mark.req("IE-01")
def test_a_killed_reading_is_taken_up_again(practice: Practice) -> None:
    content = sheet(*rows())
    first = do(practice, practice.ana, receive_file, name="staff.csv", content=content)
    number = statements_of(lambda: batch_runner.run_batch(str(first.id)))
    counts = shown(practice, practice.ana, first.id).counts

    for place in places(number):
        batch = do(practice, practice.ana, receive_file, name="staff.csv", content=content)
        was_killed(lambda one=batch: batch_runner.run_batch(str(one.id)), at_statement=place)
        later()
        batch_runner.sweep_batches()
        assert shown(practice, practice.ana, batch.id).state == "ready"
        assert shown(practice, practice.ana, batch.id).counts == counts


def _import(practice: Practice, batch_id: UUID) -> None:
    do(practice, practice.ana, start_import, batch_id=batch_id)
    batch_runner.run_batch(str(batch_id))


def _entry(work: Work, batch_id: UUID) -> UUID:
    query = select(AuditEntry.id).where(
        AuditEntry.subject_id == batch_id, AuditEntry.action == "batch.started"
    )
    return work.session.exec(query).one()


def _whole_or_absent(
    practice: Practice, batch_id: UUID, wanted: list[tuple[object, ...]], emptied: list[tuple[object, ...]]
) -> None:
    """Each person is as the import makes them where the row is done, and as before where it is not."""
    after, before = ({one[0]: one for one in found} for found in (wanted, emptied))
    now = {one[0]: one for one in picture(practice)}
    with begin_work(system(), writes=False) as work:
        items = work.session.exec(select(BatchItem).where(BatchItem.batch_id == batch_id)).all()
        for item in items:
            email = (item.given or {}).get("row", {}).get("email", "")
            if email:
                expected = after if item.outcome == "done" else before
                assert now.get(email) == expected.get(email), (item.number, item.outcome)
