"""Commands that look after the installation: worker, doctor, audit verify, routes."""

import json
from dataclasses import asdict

import typer
from sqlmodel import Session, select

from motlink.audit import queries
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
    whole = True
    with Session(engine()) as session:
        slugs = {str(org.id): org.slug for org in session.exec(select(Organization))}
        for chain, fault in queries.verify(session):
            whole = False
            typer.echo(f"{slugs.get(chain, chain)}: {fault}", err=True)
    if whole:
        typer.echo("The audit log is whole.")
    return int(not whole)


def list_routes(*, as_json: bool) -> None:
    """Print every way in and its rule; this one loads the whole app."""
    from motlink.cli_routes import all_routes

    rows = all_routes()
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    for row in rows:
        typer.echo(f"{row.kind:<6} {row.name:<72} {row.rule}")
