"""Commands that look after the installation: worker, audit verify, routes."""

import json
from collections.abc import Iterator
from dataclasses import asdict

import typer
from sqlmodel import Session, col, select

from motlink.audit.chain import faults
from motlink.audit.models import AuditEntry, AuditHead
from motlink.cli_ready import ready
from motlink.database import engine
from motlink.errors import Conflict
from motlink.orgs.models import Organization
from motlink.settings import settings


def work_on() -> None:
    """Run the worker until a signal. Raises Conflict where the server does this work itself."""
    ready()
    if not settings().redis_url:
        raise Conflict(
            "Without MOTLINK_REDIS_URL the server does this work itself.",
            next_step="Just run `motlink serve`.",
        )
    from motlink.worker import run_worker

    typer.echo("motlink worker is waiting for work")
    run_worker()


def examine() -> int:
    """Run the doctor. Returns 1 where something is wrong."""
    from motlink.cli_doctor import findings

    found = list(findings())
    for one in found:
        typer.echo(f"{one.level:<8}{one.words}")
    return int(any(one.level == "ERROR" for one in found))


def verify() -> int:
    """Check every chain. Returns 1 where there is a fault."""
    ready()
    found = list(audit_faults())
    for fault in found:
        typer.echo(fault, err=True)
    if not found:
        typer.echo("The audit log is whole.")
    return int(bool(found))


def audit_faults() -> Iterator[str]:
    """Return what is wrong with the audit log, each fault with the practice it is in."""
    with Session(engine()) as session:
        heads = {head.chain: head for head in session.exec(select(AuditHead))}
        names = {str(org.id): org.slug for org in session.exec(select(Organization))}
        chains = set(session.exec(select(AuditEntry.chain).distinct())) | set(heads) | set(names)
        for chain in sorted(chains):
            head = heads.get(chain)
            entries = session.exec(
                select(AuditEntry)
                .where(AuditEntry.chain == chain)
                .order_by(col(AuditEntry.number))
                .execution_options(yield_per=500)
            )
            # A founded practice has entries: one with neither entries nor head has lost them all.
            number, seal = (head.number, head.seal) if head else (-1, "")
            for fault in faults(entries, number, seal):
                yield f"{names.get(chain, chain)}: {fault.removeprefix(chain + ': ')}"


def list_routes(*, as_json: bool) -> None:
    """Print every way in and its rule; this one loads the whole app."""
    from motlink.cli_routes import all_routes

    rows = all_routes()
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    for row in rows:
        typer.echo(f"{row.kind:<6} {row.name:<72} {row.rule}")
