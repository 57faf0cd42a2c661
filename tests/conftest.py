"""A real database for each test: a fresh SQLite file, or this worker's PostgreSQL database emptied."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from motlink import clock
from motlink import database as db
from motlink.accounts import passwords
from motlink.models import metadata
from motlink.wiring import wire
from tests.installation import SECRET, forget
from tests.kept import kept_engines
from tests.lock_order import watch
from tests.order import mixed
from tests.people import Practice, stranger_and_practice
from tests.servers import fresh_database
from tests.settled import Settled, empty, replace_file, unmoved

# Waiting for the disk after each commit of SQLite's takes a third of these tests' time. They kill processes, never the
# machine, so files in memory are as good.
MEMORY, ENOUGH = Path("/dev/shm"), 8_000_000_000
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# What is about a hash or its time, and what a server in a process of its own compares.
AT_FULL_COST = {"browser", "guard", "web", "cli", "test_stopwatch.py", "test_hints.py", "test_passwords.py"}
_REAL = passwords._context.copy()
_CHEAP = _REAL.copy(argon2__rounds=1, argon2__memory_cost=64, argon2__parallelism=1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let browsers run beside tests that need none."""
    items[:] = mixed(items)


@pytest.fixture(autouse=True)
def cost_of_hashes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let argon2id cost little where it is not what is tested: the tests of the door would take four times as long.

    Only the library's own knobs are turned.
    """
    if AT_FULL_COST.isdisjoint(request.path.parts):
        passwords._context.load(_CHEAP)
        passwords._decoy.cache_clear()
        yield
        passwords._context.load(_REAL)
        passwords._decoy.cache_clear()
    else:
        yield


@pytest.fixture(autouse=True)
def own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests travel in time, and no database travels with them; those of the clock itself turn it on again."""
    monkeypatch.setattr(clock, "follows_database", False)


@pytest.fixture(scope="session", autouse=True)
def engines() -> Iterator[None]:
    """Engines that outlive a test."""
    with kept_engines():
        yield


@pytest.fixture(autouse=True)
def order_of_locks() -> Iterator[None]:
    """Whatever a test is about: nothing in it locks rows against the order."""
    yield
    found = list(watch.drain())
    assert not found, "\n".join(found)


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this worker's SQLite database lies: always at the same place, so that its engine is kept."""
    return tmp_path_factory.mktemp("sqlite") / "motlink.db"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all tables, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "motlink.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[Engine]:
    """This worker's own PostgreSQL database with all tables, and a way into it beside the app's."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with fresh_database(f"motlink_test_{worker}_{os.getpid()}") as url:
        own = create_engine(url)
        metadata.create_all(own)
        unmoved(own)
        yield own
        own.dispose()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation of its own: data folder, key, fresh settings."""
    monkeypatch.setenv("MOTLINK_DATA", str(tmp_path))
    monkeypatch.setenv("MOTLINK_SECRET", SECRET)
    forget()
    wire()
    yield tmp_path
    forget()


@pytest.fixture
def sqlite(
    home: Path, sqlite_template: Path, sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """SQLite alone, for what does not depend on the database."""
    replace_file(sqlite_template, sqlite_file)
    yield from _use(f"sqlite:///{sqlite_file}", monkeypatch)


@pytest.fixture
def postgresql(home: Path, postgres_database: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """PostgreSQL alone, emptied."""
    empty(postgres_database)
    yield from _use(postgres_database.url.render_as_string(hide_password=False), monkeypatch)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Settled:
    """What this worker has made once."""
    return Settled(tmp_path_factory.mktemp("settled"))


@pytest.fixture
def once(database: str, settled: Settled, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return what puts something into the database in use: made the first time, afterwards copied."""
    server = None if database.startswith("sqlite") else request.getfixturevalue("postgres_database")
    return lambda name, make: settled.have(name, make, server)


@pytest.fixture
def practice(once: Callable[..., Practice]) -> Practice:
    """Riverbend with ana, ben, cleo and sam; dov owns another practice."""
    return once("practice", stranger_and_practice)


def _use(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("MOTLINK_DATABASE_URL", url)
    forget()
    yield url
    db.engine().dispose()
