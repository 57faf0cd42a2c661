"""`motlink staff import FILE` and `export`: the same import as in the browser, in this process, with its progress."""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import typer

from motlink.audit.actions import note_export
from motlink.batch_runner import run_steps
from motlink.cli_ready import actor_named, ready
from motlink.errors import Invalid
from motlink.import_preview import preview
from motlink.permissions import Permission
from motlink.sheets import csv_text
from motlink.staff import import_actions, import_queries
from motlink.staff.address import query_of
from motlink.staff.export import export_staff
from motlink.staff.import_file import content_of
from motlink.staff.import_queries import ImportShown
from motlink.staff.import_rows import refused_file
from motlink.staff.rows import RosterView
from motlink.work import FindActor, Work, begin_work

ALL_IN, SOME_REFUSED = 0, 2

# SQLite's waiters poll every 25 ms at first: without a gap between our transactions the server might never get in.
GAP_SECONDS = 0.025
# Between two looks at a file that a running server has taken for reading before us.
LOOK_SECONDS = 0.2


def import_file(file: Path, *, org: str, as_email: str, only_preview: bool, all_or_nothing: bool) -> int:
    """Import a staff list, or only say what would happen. Returns the exit code: 0 all rows are in, 2 some are not."""
    content = content_of(file)
    ready()
    actor = actor_named(as_email)
    with begin_work(actor, org=org) as work:
        batch = work.do(import_actions.receive_file, name=file.name, content=content)
        org_id, batch_id = work.org_id, batch.id
    preview(org_id, batch_id, actor)
    while (shown := _shown(actor, org_id, batch_id)).state == "preparing":
        time.sleep(LOOK_SECONDS)
    if shown.problem or only_preview:
        return _only_told(actor, org_id, file, shown)
    return _imported(actor, org_id, file, shown, all_or_nothing=all_or_nothing)


def export_file(*, org: str, as_email: str, inactive: bool) -> None:
    """Write the staff list to the standard output."""
    ready()
    actor = actor_named(as_email)
    with begin_work(actor, org=org) as work:
        filters = query_of(RosterView(inactive=inactive))[1:]
        work.do(note_export, permission=Permission.MANAGE_STAFF, what="staff", filters=filters)
    with begin_work(actor, org=org, writes=False) as work:
        text = csv_text(work.do(_exported, inactive=inactive))
    # Whoever pages through it takes their time: not inside the transaction.
    typer.echo(text, nl=False)


def _exported(work: Work, *, inactive: bool) -> Iterator[Sequence[str]]:
    return export_staff(work, view=RosterView(inactive=inactive))


def _only_told(actor: FindActor, org_id: UUID, file: Path, shown: ImportShown) -> int:
    """Say what would happen, and put the file away again."""
    counts = _report(actor, org_id, file, shown.id, shown)
    _put_away(actor, org_id, shown.id)
    if shown.problem:
        raise Invalid(shown.problem, field="file")
    typer.echo(
        f"{sum(counts.values())} rows: {counts['create']} would be added, {counts['update']} changed,"
        f" {counts['unchanged']} unchanged, {counts['refused']} refused. Nothing was imported."
    )
    return SOME_REFUSED if counts["refused"] else ALL_IN


def _imported(actor: FindActor, org_id: UUID, file: Path, shown: ImportShown, *, all_or_nothing: bool) -> int:
    takes = shown.counts.get("create", 0) + shown.counts.get("update", 0)
    if all_or_nothing and (refused := shown.counts.get("refused")):
        _report(actor, org_id, file, shown.id, shown)
        _put_away(actor, org_id, shown.id)
        raise import_actions.RowsRefused(refused)
    if takes:
        with begin_work(actor, org=org_id) as work:
            work.do(import_actions.start_import, batch_id=shown.id, all_or_nothing=all_or_nothing)
        _run(actor, org_id, shown.id)
    counts = _report(actor, org_id, file, shown.id, shown)
    if not takes:
        _put_away(actor, org_id, shown.id)
    done, refused = counts["done"], counts["refused"]
    typer.echo(
        f"{sum(counts.values())} rows: {done} imported, {counts['unchanged']} unchanged, {refused} refused."
        " Nobody was invited."
    )
    return SOME_REFUSED if refused else ALL_IN


def _put_away(actor: FindActor, org_id: UUID, batch_id: UUID) -> None:
    """Leave nothing behind that would wait for a decision nobody is asked for."""
    with begin_work(actor, org=org_id) as work:
        work.do(import_actions.drop_import, batch_id=batch_id)


def _run(actor: FindActor, org_id: UUID, batch_id: UUID) -> None:
    # Progress is for the person who waits; what a script reads is on the other channel.
    with typer.progressbar(length=100, label="Importing", file=sys.stderr) as bar:
        for share in run_steps(org_id, batch_id, actor, gap=GAP_SECONDS):
            bar.update(share - bar.pos)


def _shown(actor: FindActor, org_id: UUID, batch_id: UUID) -> ImportShown:
    with begin_work(actor, org=org_id, writes=False) as work:
        return work.do(import_queries.import_shown, batch_id=batch_id)


def _report(actor: FindActor, org_id: UUID, file: Path, batch_id: UUID, shown: ImportShown) -> Counter[str]:
    """Say which rows are not taken and why, and keep them in a file beside the first."""
    with begin_work(actor, org=org_id, writes=False) as work:
        rows = list(import_queries.results(work, batch_id))
        header, to_mend = import_queries.rows_to_mend(work, batch_id=batch_id)
    for number, _, reason in (row for row in rows if row[1] == "refused"):
        typer.echo(f"Row {number}: {reason}")
    if shown.not_taken:
        typer.echo(f"Columns not used: {', '.join(shown.not_taken)}")
    target = file.with_name(file.name + ".refused.csv")
    if to_mend:
        target.write_text(refused_file(header, to_mend), encoding="utf-8-sig", newline="")
        typer.echo(f"The refused rows are in {target}, with the reasons.")
    else:
        target.unlink(missing_ok=True)
    return Counter(outcome for _, outcome, _ in rows)
