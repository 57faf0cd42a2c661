"""`motlink staff import FILE` and `export`: the same import as in the browser, in this process, with its progress."""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

import typer

from motlink.batch_runner import run_steps
from motlink.cli_ready import actor_named, ready
from motlink.errors import MotlinkError
from motlink.orgs.models import Organization
from motlink.permissions import Permission
from motlink.staff import import_actions
from motlink.staff.import_actions import ROWS_A_TRANSACTION, Imported, role_names_for_import
from motlink.staff.import_columns import guess_columns, not_taken
from motlink.staff.import_file import Table, content_of, read_table
from motlink.staff.import_rows import Decided, Row, check_columns, decide, refused_file
from motlink.work import FindActor, begin_work

ALL_IN, SOME_REFUSED = 0, 2
# What import_row does not write yet is named as not used.
NOT_WRITTEN = frozenset({"preferred_name", "starts_on", "location"})

# SQLite's waiters poll every 25 ms at first: without a gap between our transactions the server might never get in.
GAP_SECONDS = 0.025
# Between two looks at a file that a running server has taken for reading before us.
LOOK_SECONDS = 0.2


def import_file(file: Path, *, org: str, as_email: str) -> int:
    """Import a staff list. Returns the exit code: 0 all rows are in, 2 some were refused."""
    table = read_table(content_of(file), name=file.name)
    columns = {
        field: place for field, place in guess_columns(table.header).items() if field not in NOT_WRITTEN
    }
    check_columns(table.header, columns)
    ready()
    actor = actor_named(as_email)
    decided = _decided(actor, org, table, columns)
    outcomes = list(_imported(actor, org, [one.row for one in decided if one.row]))
    refused = _refused(decided, outcomes)
    _report(file, table, not_taken(table.header, columns), outcomes, refused)
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


def _decided(actor: FindActor, org: str, table: Table, columns: Mapping[str, int]) -> list[Decided]:
    with begin_work(actor, org=org, writes=False) as work:
        work.require(Permission.MANAGE_STAFF)
        country = work.session.get_one(Organization, work.org_id).country
        return decide(table, columns, role_keys=role_names_for_import(work), country=country)


def _imported(actor: FindActor, org: str, rows: Sequence[Row]) -> Iterator[Imported]:
    starts = range(0, len(rows), ROWS_A_TRANSACTION)
    # Progress is for the person who waits; what a script reads is on the other channel.
    with typer.progressbar(length=100, label="Importing", file=sys.stderr) as bar:
        for share in run_steps(org_id, batch_id, actor, gap=GAP_SECONDS):
            bar.update(share - bar.pos)


def _refused(
    decided: Sequence[Decided], outcomes: Sequence[Imported]
) -> list[tuple[int, str, Sequence[str]]]:
    reasons = {one.number: " ".join(one.reasons) for one in decided if one.reasons}
    reasons |= {one.number: one.reason for one in outcomes if one.outcome == "refused"}
    return [(one.number, reasons[one.number], one.cells) for one in decided if one.number in reasons]


def _report(
    file: Path,
    table: Table,
    unused: Sequence[str],
    outcomes: Sequence[Imported],
    refused: Sequence[tuple[int, str, Sequence[str]]],
) -> None:
    for number, reason, _ in refused:
        typer.echo(f"Row {number}: {reason}")
    if unused:
        typer.echo(f"Columns not used: {', '.join(unused)}")
    counts = Counter(one.outcome for one in outcomes)
    typer.echo(
        f"{len(table.rows)} rows: {counts['added']} added, {counts['unchanged']} unchanged, {len(refused)} refused."
        " Nobody was invited."
    )
    target = file.with_name(file.name + ".refused.csv")
    if refused:
        target.write_text(refused_file(table.header, refused), encoding="utf-8-sig", newline="")
        typer.echo(f"The refused rows are in {target}, with the reasons.")
    else:
        target.unlink(missing_ok=True)
    return Counter(outcome for _, outcome, _ in rows)
