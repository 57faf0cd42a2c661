"""Reading imports: what a file would do, how far it is, what became of it, and the rows to mend."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select as columns_of
from sqlmodel import col, select

from motlink.audit.models import AuditEntry
from motlink.moments import moment
from motlink.orgs.zones import zone_of
from motlink.permissions import Permission
from motlink.staff.batches import outcomes, sentence_of, undo_of
from motlink.staff.import_actions import fates, import_of
from motlink.staff.models import Batch, BatchItem
from motlink.staff.queries import names_of
from motlink.work import Work

ROWS_A_PAGE = 50
IMPORTS_SHOWN = 20


@dataclass(frozen=True)
class ImportLine:
    """One import in the list."""

    id: UUID
    name: str
    at: str
    who: str
    state: str
    done: int
    refused: int
    back: str


@dataclass(frozen=True)
class PreviewRow:
    """One row of a file: what would become of it, or what has."""

    number: int
    name: str
    email: str
    fate: str
    words: str


@dataclass(frozen=True)
class ImportShown:
    """An import as its screen shows it. `counts` are of fates before it begins, of outcomes afterwards."""

    id: UUID
    name: str
    state: str
    problem: str
    header: tuple[str, ...]
    columns: dict[str, int]
    not_taken: tuple[str, ...]
    kind: str
    encoding: str
    delimiter: str
    sheet: str
    sheets: tuple[str, ...]
    counts: dict[str, int]
    done: int
    total: int
    seats: int
    rows: tuple[PreviewRow, ...]
    page: int
    pages: int
    # How far it has been taken back: "", "under way", "all", or how many stayed.
    back: str
    # The audit entry that an undo would name; nothing for somebody else's.
    undo: UUID | None


def imports(work: Work) -> tuple[ImportLine, ...]:
    """Return the newest imports of the practice."""
    work.require(Permission.MANAGE_STAFF)
    query = select(Batch).where(Batch.org_id == work.org_id, Batch.kind == "import")
    found = work.session.exec(query.order_by(col(Batch.created_at).desc()).limit(IMPORTS_SHOWN)).all()
    names = names_of(work, {batch.started_by for batch in found})
    zone = zone_of(work)
    return tuple(
        ImportLine(
            batch.id,
            str((batch.given or {}).get("name", "")),
            moment(batch.created_at, zone),
            names.get(batch.started_by, "Command line"),
            batch.state,
            (counts := outcomes(work, batch.id)).get("done", 0),
            counts.get("refused", 0) if batch.state != "ready" else fates(work, batch.id).get("refused", 0),
            _back(work, batch),
        )
        for batch in found
    )


def import_shown(work: Work, *, batch_id: UUID, fate: str = "", page: int = 1) -> ImportShown:
    """Return one import with a page of its rows: those of one fate, or all."""
    work.require(Permission.MANAGE_STAFF)
    batch = import_of(work, batch_id)
    given = batch.given or {}
    begun = batch.state in ("running", "done", "stopped")
    counts = outcomes(work, batch.id) if begun else fates(work, batch.id)
    shown = counts.get(fate, 0) if fate else sum(counts.values())
    pages = max(1, -(-shown // ROWS_A_PAGE))
    page = min(max(1, page), pages)
    return ImportShown(
        id=batch.id,
        name=str(given.get("name", "")),
        state=batch.state,
        problem=str(given.get("problem", "")) or _why_stopped(work, batch),
        header=tuple(given.get("header", ())),
        columns=dict(given.get("columns", {})),
        not_taken=tuple(given.get("not_taken", ())),
        kind=str(given.get("kind", "")),
        encoding=str(given.get("encoding", "")),
        delimiter=str(given.get("delimiter", "")),
        sheet=str(given.get("sheet", "")),
        sheets=tuple(given.get("sheets", ())),
        counts=counts,
        done=batch.done,
        total=batch.total,
        seats=int(given.get("seats", 0)),
        rows=() if batch.state == "preparing" else _rows(work, batch, fate, page, begun=begun),
        page=page,
        pages=pages,
        back=_back(work, batch),
        undo=_undo(work, batch),
    )


def how_far(work: Work, *, batch_id: UUID) -> tuple[str, str, int, int]:
    """Return (state, how far it is taken back, done, total) of a batch: little to read while it goes on."""
    work.require(Permission.MANAGE_STAFF)
    batch = work.get(Batch, batch_id)
    return batch.state, _back(work, batch), batch.done, batch.total


def result_words(work: Work, *, batch_id: UUID) -> str:
    """Return what has become of an import, in a sentence."""
    work.require(Permission.MANAGE_STAFF)
    return sentence_of(work, import_of(work, batch_id))


def file_name_of(work: Work, *, batch_id: UUID) -> str:
    """Return the name of an import's file."""
    work.require(Permission.MANAGE_STAFF)
    return str((import_of(work, batch_id).given or {}).get("name", ""))


def rows_to_mend(work: Work, *, batch_id: UUID) -> tuple[Sequence[str], list[tuple[int, str, list[str]]]]:
    """Return the header and (number, reason, cells) of the rows that are not taken, before or after the import."""
    work.require(Permission.MANAGE_STAFF)
    batch = import_of(work, batch_id)
    which = BatchItem.fate if batch.state == "ready" else BatchItem.outcome
    query = select(BatchItem).where(BatchItem.batch_id == batch.id, which == "refused")
    items = work.session.exec(query.order_by(col(BatchItem.number)))
    rows = [(item.number, item.reason, list((item.given or {}).get("cells", ()))) for item in items]
    return list((batch.given or {}).get("header", ())), rows


def results(work: Work, batch_id: UUID) -> Iterator[tuple[int, str, str]]:
    """Yield (number, outcome, reason) of every row, for the command line."""
    work.require(Permission.MANAGE_STAFF)
    query = columns_of(BatchItem.number, BatchItem.outcome, BatchItem.fate, BatchItem.reason)  # type: ignore[call-overload]
    batch = import_of(work, batch_id)
    for number, outcome, fate, reason in work.session.execute(
        query.where(col(BatchItem.batch_id) == batch.id).order_by(col(BatchItem.number))
    ):
        yield number, outcome or fate, reason


def _rows(work: Work, batch: Batch, fate: str, page: int, *, begun: bool) -> tuple[PreviewRow, ...]:
    query = select(BatchItem).where(BatchItem.batch_id == batch.id)
    if fate:
        query = query.where((BatchItem.outcome if begun else BatchItem.fate) == fate)
    found = work.session.exec(
        query.order_by(col(BatchItem.number)).offset((page - 1) * ROWS_A_PAGE).limit(ROWS_A_PAGE)
    )
    columns = (batch.given or {}).get("columns", {})
    return tuple(_row(item, columns, begun=begun) for item in found)


def _row(item: BatchItem, columns: dict[str, int], *, begun: bool) -> PreviewRow:
    given: dict[str, Any] = item.given or {}
    cells, row = given.get("cells", []), given.get("row", {})

    def said(field: str) -> str:
        if field in row:
            return str(row[field])
        place = columns.get(field, -1)
        return str(cells[place]).strip()[:200] if 0 <= place < len(cells) else ""

    name = f"{said('first_name')} {said('last_name')}".strip() or said("full_name")
    word = item.outcome if begun and item.outcome else item.fate
    return PreviewRow(item.number, name, said("email"), word, item.reason)


def _why_stopped(work: Work, batch: Batch) -> str:
    if batch.state != "stopped":
        return ""
    query = select(AuditEntry).where(
        AuditEntry.org_id == work.org_id,
        AuditEntry.subject_id == batch.id,
        AuditEntry.action == "batch.stopped",
    )
    entry = work.session.exec(query).first()
    return str((entry.payload or {}).get("reason", "")) if entry else ""


def _back(work: Work, batch: Batch) -> str:
    if batch.undone_at is None:
        return ""
    query = select(Batch).where(Batch.org_id == work.org_id, Batch.undoes == batch.id)
    newest = work.session.exec(query.order_by(col(Batch.created_at).desc())).first()
    if newest is None or newest.state == "running":
        return "under way"
    stayed = outcomes(work, newest.id).get("refused", 0)
    return f"{stayed:,}" if stayed else "all"


def _undo(work: Work, batch: Batch) -> UUID | None:
    return undo_of(work, batch) if batch.started_by == work.actor.account_id else None
