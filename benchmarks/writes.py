"""Eight managers switch roles all at once, in the threads in which the server does it: does anybody wait long?

The peer for SQLite is the plain way: a thread for each of them, who poll the database for their turn.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlmodel import col, select

from benchmarks.figures import Row, milliseconds, verdict
from benchmarks.town import MEMBERS, SLUG, People, installation, populate
from motlink import database as db
from motlink.accounts.queries import digest_of
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import in_force
from motlink.sign_in.queries import signed_in
from motlink.staff.actions import switch_role
from motlink.staff.models import StaffMember
from motlink.web import threads
from motlink.work import begin_work, system
from tests.servers import postgres_url

MANAGERS = 8
BAR = 500.0


def measure(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of the writers."""
    seconds = 10.0 if quick else 60.0
    with installation() as home:
        people = populate(MEMBERS)
        syncs = fsyncs(home)
        times = asyncio.run(_write(people, seconds))
        with _without_queue():
            polled = asyncio.run(_write(people, seconds / 6))
    yield _row("SQLite", times, seconds, f"eight threads that poll: {milliseconds(polled)}")
    yield Row("  one fsync of 4 KB on the same disk", milliseconds(syncs))
    with _postgresql() as url:
        if not url:
            yield Row(f"{MANAGERS} managers switch roles at once, PostgreSQL", "no server answers")
            return
        with installation(url):
            people = populate(MEMBERS)
            alone = asyncio.run(_write(people, seconds / 6, managers=1))
            times = asyncio.run(_write(people, seconds))
    yield _row("PostgreSQL", times, seconds, f"one manager alone: {milliseconds(alone)}")


def _row(database: str, times: list[float], seconds: float, peer: str) -> Row:
    what = f"{MANAGERS} managers switch roles at once, {database}, {seconds:.0f} s, {len(times) / seconds:.0f} a second"
    return Row(what, milliseconds(times), "max ≤ 500 ms", verdict(max(times), BAR), peer)


async def _write(people: People, seconds: float, managers: int = MANAGERS) -> list[float]:
    targets = await asyncio.to_thread(_targets, managers)
    until = time.perf_counter() + seconds
    # Each has people of their own, so that nobody finds a switch done already.
    jobs = [
        _manager(cookie, mine, people, until) for cookie, mine in zip(people.cookies, targets, strict=False)
    ]
    return [took for one in await asyncio.gather(*jobs) for took in one]


async def _manager(cookie: str, members: list[Any], people: People, until: float) -> list[float]:
    found: list[float] = []
    while time.perf_counter() < until:
        turn, which = divmod(len(found), len(members))
        began = time.perf_counter()
        await threads.writing(_switch, cookie, members[which], people.roles["reporting"], turn % 2 == 0)
        found.append((time.perf_counter() - began) * 1000)
    return found


def _switch(cookie: str, member_id: Any, role_id: Any, on: bool) -> None:
    with begin_work(signed_in(digest_of(cookie)), org=SLUG) as work:
        switch_role(work, member_id=member_id, role_id=role_id, on=on)


def _targets(managers: int) -> list[list[Any]]:
    """Return active people, a hundred for each manager; therapists, since nobody loses a last role by a switch."""
    with begin_work(system(), org=SLUG, writes=False) as work:
        query = (
            select(StaffMember.id)
            .join(RoleGrant, col(RoleGrant.member_id) == col(StaffMember.id))
            .join(Role, col(Role.id) == col(RoleGrant.role_id))
            .where(
                StaffMember.org_id == work.org_id,
                col(StaffMember.deactivated_at).is_(None),
                Role.key == "therapist",
                in_force(work.now),
            )
        )
        ids = list(work.session.exec(query.order_by(col(StaffMember.id)).limit(managers * 100)))
    return [ids[number::managers] for number in range(managers)]


@contextmanager
def _without_queue() -> Iterator[None]:
    with (
        ThreadPoolExecutor(MANAGERS) as pool,
        patch.object(db, "write_lock", nullcontext()),
        patch.object(threads, "_writers", lambda _: pool),
    ):
        yield


def fsyncs(folder: Path, rounds: int = 200) -> list[float]:
    """Return how long the disk takes to make 4 KB certain."""
    found = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(rounds):
            file.write(b"x" * 4096)
            began = time.perf_counter()
            os.fsync(file.fileno())
            found.append((time.perf_counter() - began) * 1000)
    return found


@contextmanager
def _postgresql() -> Iterator[str]:
    """Make a database for this run alone; nothing where no server answers."""
    server = os.environ.get("MOTLINK_BENCH_POSTGRESQL") or postgres_url()
    if not server:
        yield ""
        return
    name = f"motlink_bench_{uuid4().hex[:8]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield server.rsplit("/", 1)[0] + f"/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
