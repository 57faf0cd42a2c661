"""`motlink staff import FILE`: reading, deciding, writing in small transactions, and saying what became of each row."""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from motlink.cli_ready import actor_named, ready
from motlink.errors import Invalid, MotlinkError
from motlink.orgs.models import Organization
from motlink.permissions import Permission
from motlink.staff import import_actions
from motlink.staff.import_actions import ROWS_A_TRANSACTION, Imported, role_names_for_import
from motlink.staff.import_file import MOST_BYTES, Refused, Row, Sheet, decide, read_sheet, refused_file
from motlink.work import FindActor, begin_work

ALL_IN, SOME_REFUSED = 0, 2

# SQLite's waiters poll every 25 ms at first: without a gap between our transactions the server might never get in.
GAP_SECONDS = 0.025


def import_file(file: Path, *, org: str, as_email: str) -> int:
    """Import a staff list. Returns the exit code: 0 all rows are in, 2 some were refused."""
    sheet = read_sheet(_content(file))
    ready()
    actor = actor_named(as_email)
    rows, refused = _decided(actor, org, sheet)
    outcomes = list(_imported(actor, org, rows))
    refused += _refused_late(sheet, outcomes)
    _report(file, sheet, outcomes, refused)
    return SOME_REFUSED if refused else ALL_IN


def import_rows(actor: FindActor, org: str, rows: Sequence[Row]) -> list[Imported]:
    """Write a chunk of rows in one transaction; where one is refused half way, each in a transaction of its own."""
    try:
        with begin_work(actor, org=org) as work:
            return work.do(import_actions.import_rows, rows=rows)
    except MotlinkError as refusal:
        if len(rows) == 1:
            return [Imported(rows[0].number, "refused", str(refusal))]
    return [outcome for row in rows for outcome in import_rows(actor, org, [row])]


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Invalid("This file is larger than 20 MB.", field="file")
        return file.read_bytes()
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.", field="file") from None


def _decided(actor: FindActor, org: str, sheet: Sheet) -> tuple[list[Row], list[Refused]]:
    with begin_work(actor, org=org, writes=False) as work:
        work.require(Permission.MANAGE_STAFF)
        country = work.session.get_one(Organization, work.org_id).country
        return decide(sheet, role_keys=role_names_for_import(work), country=country)


def _imported(actor: FindActor, org: str, rows: Sequence[Row]) -> Iterator[Imported]:
    starts = range(0, len(rows), ROWS_A_TRANSACTION)
    # Progress is for the person who waits; what a script reads is on the other channel.
    with typer.progressbar(starts, label=f"Importing {len(rows)} rows", file=sys.stderr) as bar:
        for start in bar:
            yield from import_rows(actor, org, rows[start : start + ROWS_A_TRANSACTION])
            time.sleep(GAP_SECONDS)


def _refused_late(sheet: Sheet, outcomes: Sequence[Imported]) -> list[Refused]:
    cells = {line.number: line.cells for line in sheet.lines}
    return [
        Refused(one.number, (one.reason,), cells[one.number]) for one in outcomes if one.outcome == "refused"
    ]


def _report(file: Path, sheet: Sheet, outcomes: Sequence[Imported], refused: Sequence[Refused]) -> None:
    for row in sorted(refused, key=lambda one: one.number):
        typer.echo(f"Row {row.number}: {' '.join(row.reasons)}")
    if sheet.ignored:
        typer.echo(f"Columns not used: {', '.join(sheet.ignored)}")
    counts = Counter(one.outcome for one in outcomes)
    typer.echo(
        f"{len(sheet.lines)} rows: {counts['added']} added, {counts['unchanged']} unchanged, {len(refused)} refused."
        " Nobody was invited."
    )
    target = file.with_name(file.name + ".refused.csv")
    if refused:
        target.write_text(refused_file(sheet, refused), encoding="utf-8-sig", newline="")
        typer.echo(f"The refused rows are in {target}, with the reasons.")
    else:
        target.unlink(missing_ok=True)
