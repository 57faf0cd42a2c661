"""Bringing people in from a file: it is kept, read, previewed row by row, and only then written (IE-01).

An import is a batch (batches.py) of kind "import" whose items are rows. Reading and previewing happen in the worker
(import_preview.py), outside any transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, null, update
from sqlalchemy import select as columns_of
from sqlmodel import col, select

from motlink import jobs
from motlink.errors import Conflict, Invalid, NotFound
from motlink.folding import name_key
from motlink.permissions import Permission
from motlink.roles.queries import roles_of_org
from motlink.staff.batches import (
    RUN,
    act_as_now,
    add_items,
    begin,
    do_chunk,
    make_batch,
    sentence_of,
    stop_batch,
)
from motlink.staff.import_columns import FIELDS
from motlink.staff.import_limits import MOST_BYTES
from motlink.staff.models import Batch, BatchItem, ImportFile, ImportMapping
from motlink.work import Done, Work

LONGEST_FILE_NAME = 200
FILES_KEPT = timedelta(days=30)
# A file may be read for so long before another process takes it.
READING = timedelta(minutes=2)


class NotReady(Conflict):
    """The preview is not there yet, or the import has begun."""

    sentence = "This import is not waiting for a decision."
    next_step = "Load the page again."


class RowsRefused(Conflict):
    """All rows or none were wanted, and some cannot be taken."""

    def __init__(self, number: int) -> None:
        rows = "1 row is" if number == 1 else f"{number:,} rows are"
        super().__init__(
            f"{rows} refused, so nothing was imported.", next_step="Mend the file, or take the good rows."
        )


def receive_file(work: Work, *, name: str, content: bytes) -> Batch:
    """Keep a file and have it read. Raises Invalid for an empty one and one over 20 MB."""
    work.require(Permission.MANAGE_STAFF)
    if not content:
        raise Invalid("This file is empty.", field="file")
    if len(content) > MOST_BYTES:
        raise Invalid("This file is larger than 20 MB.", field="file")
    shown = "".join(c for c in name if c.isprintable()).strip()[-LONGEST_FILE_NAME:] or "A file"
    batch = make_batch(work, kind="import", given={"name": shown}, state="preparing")
    file = ImportFile(batch_id=batch.id, org_id=work.org_id, name=shown, content=content, created_at=work.now)
    work.add(file)
    work.record("import.received", batch, file=shown, bytes=len(content))
    _have_it_read(work, batch)
    return batch


def read_otherwise(
    work: Work,
    *,
    batch_id: UUID,
    columns: Mapping[str, int] | None = None,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
) -> None:
    """Have a file read another way, "" where it is to be guessed. Raises NotReady once it has begun."""
    work.require(Permission.MANAGE_STAFF)
    batch, file = _waiting(work, batch_id)
    wanted = {"encoding": encoding, "delimiter": delimiter, "sheet": sheet}
    known = {field: int(place) for field, place in columns.items() if field in FIELDS} if columns else None
    file.reading = {**wanted, "columns": known}
    work.add(file)
    # Its preview says what this person could do.
    act_as_now(work, batch)
    _have_it_read(work, batch)


def begin_preview(work: Work, *, batch_id: UUID) -> bool:
    """Take a file for reading, and forget what an earlier reading has found. False where somebody reads it now."""
    work.require(Permission.MANAGE_STAFF)
    batch = work.get(Batch, batch_id)
    if batch.state != "preparing" or (batch.leased_until and batch.leased_until > work.now):
        return False
    batch.leased_until = work.now + READING
    work.session.execute(delete(BatchItem).where(col(BatchItem.batch_id) == batch.id))
    batch.total = batch.done = 0
    work.add(batch)
    return True


def add_preview(
    work: Work, *, batch_id: UUID, items: Sequence[dict[str, Any]], after: int, total: int
) -> None:
    """Keep the fates of some rows; `after` so many, of the `total` there will be.

    Raises NotReady where another process has begun to read the file anew: what it finds counts.
    """
    work.require(Permission.MANAGE_STAFF)
    batch = _being_read(work, batch_id, after)
    add_items(work, batch, items)
    batch.done, batch.total = batch.done + len(items), total
    batch.leased_until = work.now + READING
    work.notify("batch", batch.id)


def end_preview(work: Work, *, batch_id: UUID, found: Mapping[str, Any], rows: int) -> None:
    """Let a person decide; `found` says how the file was read. With "problem" in it there is nothing to decide.

    Raises NotReady where not so many `rows` have been kept: another process reads the file anew.
    """
    work.require(Permission.MANAGE_STAFF)
    batch = _being_read(work, batch_id, rows)
    batch.given = {"name": (batch.given or {}).get("name", ""), **found}
    batch.state, batch.done, batch.leased_until = "ready", 0, None
    work.add(batch)
    work.notify("batch", batch.id)


def start_import(work: Work, *, batch_id: UUID, all_or_nothing: bool = False) -> Done:
    """Write the rows that can be taken. Raises RowsRefused where all were wanted and some cannot be taken.

    What follows in the worker is done as whoever starts it, not as whoever brought the file in.
    """
    work.require(Permission.MANAGE_STAFF)
    batch, _ = _waiting(work, batch_id)
    counts = fates(work, batch.id)
    takes = counts.get("create", 0) + counts.get("update", 0)
    if all_or_nothing and counts.get("refused"):
        raise RowsRefused(counts["refused"])
    if not takes:
        raise Invalid("No row of this file would change anything.")
    for fate in ("refused", "unchanged"):
        settled = update(BatchItem).where(col(BatchItem.batch_id) == batch.id, col(BatchItem.fate) == fate)
        work.session.execute(settled.values(outcome=fate))
    batch.done = batch.total - takes
    _keep_mapping(work, batch)
    entry = begin(work, batch)
    do_chunk(work, batch_id=batch.id)
    batch.leased_until = None
    return Done(sentence_of(work, batch), undo=entry)


def drop_import(work: Work, *, batch_id: UUID) -> Done:
    """Leave a file that has not been imported."""
    work.require(Permission.MANAGE_STAFF)
    batch, file = _waiting(work, batch_id)
    stop_batch(work, batch_id=batch.id, reason="Not imported.")
    forget_cells(work, batch.id)
    work.session.delete(file)
    return Done(f"{file.name} is put away. Nothing was imported.")


def forget_cells(work: Work, batch_id: UUID) -> None:
    """Forget what stood in a file's rows: names, emails, phones. What became of each row stays."""
    rows = update(BatchItem).where(col(BatchItem.batch_id) == batch_id)
    work.session.execute(rows.values(given=null()).execution_options(synchronize_session=False))


def import_of(work: Work, batch_id: UUID) -> Batch:
    """Load an import of the practice. Raises NotFound, also for a batch of another kind."""
    batch = work.get(Batch, batch_id)
    if batch.kind != "import":
        raise NotFound
    return batch


def fates(work: Work, batch_id: UUID) -> dict[str, int]:
    """Return how many rows have which fate."""
    query = columns_of(BatchItem.fate, func.count()).where(col(BatchItem.batch_id) == batch_id)  # type: ignore[call-overload]
    return dict(work.session.execute(query.group_by(col(BatchItem.fate))).all())


def role_names_for_import(work: Work) -> dict[str, str]:
    """Return folded name -> key of the practice's roles; an option stands under its role and is none by itself."""
    return {name_key(role.name): role.key for role in roles_of_org(work)}


def saved_columns(work: Work, digest: str) -> dict[str, int] | None:
    """Return how the columns of a file with this header were read last time."""
    work.require(Permission.MANAGE_STAFF)
    known = work.session.get(ImportMapping, (work.org_id, digest))
    return {field: int(place) for field, place in (known.columns or {}).items()} if known else None


def old_files(work: Work) -> list[UUID]:
    """Return the imports whose file is older than 30 days."""
    # By the batch's date: to read the file's own, SQLite would walk through the whole file.
    query = select(Batch.id).where(
        Batch.kind == "import",
        Batch.state != "running",
        col(Batch.created_at) < work.now - FILES_KEPT,
        col(Batch.id).in_(select(ImportFile.batch_id)),
    )
    return list(work.session.exec(query))


def forget_old_files(work: Work, *, most: int = 1) -> int:
    """Delete files of imports that are older than 30 days, and the cells of their rows. Returns how many.

    What became of each row stays, with the reason; what nobody has decided about is put away.
    """
    old = old_files(work)[:most]
    undecided = col(Batch.state).in_(("preparing", "ready"))
    for batch_id in old:
        work.session.execute(delete(ImportFile).where(col(ImportFile.batch_id) == batch_id))
        forget_cells(work, batch_id)
        work.session.execute(
            update(Batch).where(col(Batch.id) == batch_id, undecided).values(state="stopped")
        )
    return len(old)


def _waiting(work: Work, batch_id: UUID) -> tuple[Batch, ImportFile]:
    batch = import_of(work, batch_id)
    file = work.session.get(ImportFile, batch.id)
    if batch.state != "ready" or file is None:
        raise NotReady
    return batch, file


def _being_read(work: Work, batch_id: UUID, rows: int) -> Batch:
    batch = work.get(Batch, batch_id)
    if batch.state != "preparing" or batch.done != rows:
        raise NotReady
    return batch


def _have_it_read(work: Work, batch: Batch) -> None:
    batch.state, batch.leased_until, batch.done = "preparing", None, 0
    work.add(batch)
    work.after_commit(partial(jobs.ring, RUN, batch.id))
    work.notify("batch", batch.id)


def _keep_mapping(work: Work, batch: Batch) -> None:
    given = batch.given or {}
    known = work.session.get(ImportMapping, (work.org_id, given["header_digest"]))
    if known is None:
        known = ImportMapping(org_id=work.org_id, header_digest=given["header_digest"], saved_at=work.now)
    known.columns, known.saved_at = dict(given["columns"]), work.now
    work.add(known)
