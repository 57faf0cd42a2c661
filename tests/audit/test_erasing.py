"""Details of an entry may go, where an entry says so; nothing else may make them go (AU-01)."""

import pytest
from sqlmodel import col, select

from motlink.audit.models import AuditEntry
from motlink.work import Work, begin_work, system
from tests.acts import faults, log
from tests.people import Practice

pytestmark = [pytest.mark.req("AU-01"), pytest.mark.asvs("16.4.2")]


def entry(work: Work, practice: Practice, place: int) -> AuditEntry:
    query = select(AuditEntry).where(AuditEntry.org_id == practice.org).order_by(col(AuditEntry.number))
    return work.session.exec(query).all()[place]


def test_details_can_be_erased_and_the_chain_still_holds(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        erased = entry(work, practice, 2)
        erased.payload = None
        work.record("details.erased", erased)

    assert log(practice)[2].payload is None
    assert faults() == []


def test_details_that_are_gone_without_such_an_entry_are_named(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        erased, taken = entry(work, practice, 2), entry(work, practice, 3)
        erased.payload = taken.payload = None
        work.record("details.erased", erased)

    assert faults() == [f"{practice.org}: the details of entry 4 are gone, and nobody has erased them"]


def test_one_practice_cannot_say_that_anothers_details_were_erased(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        theirs = entry(work, practice, 2)
        theirs.payload = None
        work.record("details.erased", theirs)

    assert len(faults()) == 1
