"""What runs in the background runs as its starter, who may be locked out meanwhile (TA-22, TA-31)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from motlink.batch_runner import sweep_batches
from motlink.orgs.models import Organization
from motlink.staff.batches import CHUNK, start_batch
from motlink.staff.models import Batch, BatchItem, StaffMember
from motlink.tags.actions import make_tag
from motlink.work import begin_work, system
from tests.acts import do
from tests.people import Practice, add_person


@pytest.mark.req("TA-22", "TA-31")
def test_a_batch_stops_once_whoever_started_it_is_locked_out(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        crowd = [add_person(work, f"P{number}", "Many", "therapist") for number in range(CHUNK + 5)]
        tag_id = make_tag(work, name="Aetna").id
    do(practice, practice.ben, start_batch, kind="tag", member_ids=crowd, tag_id=tag_id)
    with begin_work(system(), org=practice.org) as work:
        work.session.get_one(Organization, practice.org).lock_after_days = 30
        ben = work.get(StaffMember, practice.ben)
        ben.joined_at = datetime.now(UTC) - timedelta(days=40)

    sweep_batches()

    with begin_work(system(), org=practice.org, writes=False) as work:
        batch = work.session.exec(select(Batch)).one()
        left = work.session.exec(select(BatchItem).where(BatchItem.outcome == "left")).all()
    assert (batch.state, batch.done, len(left)) == ("stopped", CHUNK, 5)
    assert all(one.reason.startswith("Whoever started this is locked out.") for one in left)
