"""Reading a staff file in the background: what would become of each row, before anything happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from motlink.errors import Busy, Invalid, MotlinkError
from motlink.orgs.zones import practice_of
from motlink.staff import import_actions as imports
from motlink.staff.batches import stop_batch
from motlink.staff.import_columns import guess_columns, header_digest, not_taken
from motlink.staff.import_fate import fate_of
from motlink.staff.import_file import Table, read_table
from motlink.staff.import_lookup import Here
from motlink.staff.import_rows import Decided, decide
from motlink.staff.models import ImportFile
from motlink.staff.people import power
from motlink.work import FindActor, Work, begin_work, system

# Rows that are only kept, not acted on: so many take about as long as a handful of people.
ROWS_AT_ONCE = 250


@dataclass(frozen=True)
class Source:
    """What reading a file needs from the database."""

    name: str
    content: bytes
    reading: dict[str, Any]
    role_keys: dict[str, str]
    country: str


def preview(org_id: UUID, batch_id: UUID, actor: FindActor) -> None:
    """Read a file and keep the fate of each row. What cannot be read ends with the reason, nothing is raised."""
    try:
        with begin_work(actor, org=org_id) as work:
            if not work.do(imports.begin_preview, batch_id=batch_id):
                return
        with begin_work(actor, org=org_id, writes=False) as work:
            source = _source(work, batch_id)
        found, decided = _read(actor, org_id, source)
        seats = 0
        for start in range(0, len(decided), ROWS_AT_ONCE):
            seats += _keep(actor, org_id, batch_id, decided, start)
        with begin_work(actor, org=org_id) as work:
            ended = {**found, "seats": seats}
            work.do(imports.end_preview, batch_id=batch_id, found=ended, rows=len(decided))
    except imports.NotReady:
        return
    except Busy:
        # It says nothing about the file: the next sweep reads it anew.
        raise
    except MotlinkError as refusal:
        with begin_work(system("Import"), org=org_id) as work:
            stop_batch(work, batch_id=batch_id, reason=str(refusal))


def _source(work: Work, batch_id: UUID) -> Source:
    batch = imports.import_of(work, batch_id)
    file = work.session.get_one(ImportFile, batch.id)
    return Source(
        file.name,
        file.content,
        file.reading or {},
        imports.role_names_for_import(work),
        practice_of(work).country,
    )


def _read(actor: FindActor, org_id: UUID, source: Source) -> tuple[dict[str, Any], list[Decided]]:
    """Return how the file was read, and its rows; a problem stands in the first and there are no rows."""
    asked = {name: source.reading.get(name, "") for name in ("encoding", "delimiter", "sheet")}
    try:
        table = read_table(source.content, name=source.name, **asked)
    except Invalid as problem:
        return {"problem": str(problem), "header": [], "columns": {}, **asked}, []
    columns = source.reading.get("columns") or _columns(actor, org_id, table)
    found = _found(table, columns)
    try:
        decided = decide(table, columns, role_keys=source.role_keys, country=source.country)
    except Invalid as problem:
        return {**found, "problem": str(problem)}, []
    return found, decided


def _columns(actor: FindActor, org_id: UUID, table: Table) -> dict[str, int]:
    with begin_work(actor, org=org_id, writes=False) as work:
        saved = imports.saved_columns(work, header_digest(table.header))
    return saved or guess_columns(table.header)


def _found(table: Table, columns: dict[str, int]) -> dict[str, Any]:
    return {
        "kind": table.kind,
        "header": list(table.header),
        "header_digest": header_digest(table.header),
        "columns": columns,
        "not_taken": list(not_taken(table.header, columns)),
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet,
        "sheets": list(table.sheets),
    }


def _keep(actor: FindActor, org_id: UUID, batch_id: UUID, everything: Sequence[Decided], start: int) -> int:
    """Keep the fates of the rows from `start` on; returns how many paid seats they would add."""
    decided = everything[start : start + ROWS_AT_ONCE]
    with begin_work(actor, org=org_id, writes=False) as work:
        here = Here(work, [one.row for one in decided if one.row], writes=False)
        items = [_item(one, here, work) for one in decided]
    with begin_work(actor, org=org_id) as work:
        work.do(imports.add_preview, batch_id=batch_id, items=items, after=start, total=len(everything))
    return sum(_adds_seat(one, item, here) for one, item in zip(decided, items, strict=True))


def _adds_seat(one: Decided, item: dict[str, Any], here: Here) -> bool:
    """Whether a row gives a first paid role to somebody active."""
    if one.row is None or not one.row.active or item["fate"] not in ("create", "update"):
        return False
    member = here.member(one.row.email)
    held = here.held[member.id] if member and member.withdrawn_at is None else set()
    paid = {key for key, role in here.roles.items() if role.paid}
    return bool(paid & set(one.row.roles)) and not paid & held


def _item(one: Decided, here: Here, work: Work) -> dict[str, Any]:
    common = {"number": one.number}
    if one.row is None:
        return {
            **common,
            "given": {"cells": list(one.cells)},
            "fate": "refused",
            "reason": " ".join(one.reasons)[:1000],
        }
    fate = fate_of(one.row, here, actor=power(work), me=work.actor.member_id)
    member = here.member(one.row.email)
    return {
        **common,
        "given": {"row": one.row.to_json(), "cells": list(one.cells)},
        "fate": fate.word,
        "reason": fate.reason[:1000],
        "member_id": member.id if member and member.withdrawn_at is None else None,
        "before": {"changes": fate.changes} if fate.changes else None,
    }
