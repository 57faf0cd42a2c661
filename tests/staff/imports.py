"""Small words for the tests of imports: bring a file in, import it, see what became of its rows."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from motlink import batch_runner
from motlink.staff.import_actions import receive_file, start_import
from motlink.staff.import_queries import ImportShown, import_shown, results
from motlink.staff.models import StaffMember
from motlink.work import Done, begin_work, system
from tests.acts import do, see
from tests.people import Practice

DATA = Path(__file__).parent.parent / "data"
HEADER = (
    "First Name", "Last Name", "Email", "Phone", "Roles", "Therapist Tags", "Job title", "Location", "Start Date",
    "Preferred Name", "Active",
)  # fmt: skip
MINA = {
    "First Name": "Mina",
    "Last Name": "Haddad",
    "Email": "mina@x.example",
    "Roles": "Therapist",
    "Active": "yes",
}


def sheet(*rows: Mapping[str, str], header: Sequence[str] = HEADER) -> bytes:
    """Return these rows as a CSV; what a row does not name is empty."""
    paper = io.StringIO()
    writer = csv.DictWriter(paper, header, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return paper.getvalue().encode()


def bring(practice: Practice, who: UUID, content: bytes, name: str = "staff.csv") -> UUID:
    """Bring a file in and have it read."""
    batch = do(practice, who, receive_file, name=name, content=content)
    batch_runner.run_batch(str(batch.id))
    return UUID(str(batch.id))


def take_in(
    practice: Practice, who: UUID, content: bytes, name: str = "staff.csv", **how: Any
) -> tuple[UUID, Done]:
    """Bring a file in and import its good rows to the end."""
    batch_id = bring(practice, who, content, name)
    done = do(practice, who, start_import, batch_id=batch_id, **how)
    batch_runner.run_batch(str(batch_id))
    return batch_id, done


def shown(practice: Practice, who: UUID, batch_id: UUID, **view: Any) -> ImportShown:
    """Return an import as its screen shows it."""
    found: ImportShown = see(practice, who, import_shown, batch_id=batch_id, **view)
    return found


def fates(practice: Practice, who: UUID, batch_id: UUID) -> dict[int, tuple[str, str]]:
    """Return what becomes, or has become, of each row, with the reason."""
    with begin_work(practice.as_(who), org=practice.org, writes=False) as work:
        return {number: (outcome, reason) for number, outcome, reason in results(work, batch_id)}


def people(practice: Practice) -> list[StaffMember]:
    """Return everyone whom somebody could see, by name."""
    with begin_work(system(), org=practice.org, writes=False) as work:
        query = select(StaffMember).where(
            StaffMember.org_id == practice.org, col(StaffMember.withdrawn_at).is_(None)
        )
        return list(work.session.exec(query.order_by(col(StaffMember.sort_name))))


def named(practice: Practice, last_name: str) -> StaffMember:
    """Return the one person of this last name."""
    (found,) = [one for one in people(practice) if one.last_name == last_name]
    return found
