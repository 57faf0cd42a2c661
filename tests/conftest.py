"""A real database for each test: a fresh SQLite file, or this worker's PostgreSQL database emptied."""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from motlink import database as db
from motlink.models import metadata
from motlink.wiring import wire
from tests.installation import SECRET, environment_of, forget, in_environment, installed
from tests.people import Practice, stranger_and_practice
from tests.servers import fresh_database


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
def sqlite(home: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """SQLite alone, for what does not depend on the database."""
    shutil.copy(sqlite_template, home / "motlink.db")
    yield from _use(f"sqlite:///{home / 'motlink.db'}", monkeypatch)


@pytest.fixture
def postgresql(home: Path, postgres_database: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """PostgreSQL alone, emptied."""
    _empty(postgres_database)
    yield from _use(postgres_database.url.render_as_string(hide_password=False), monkeypatch)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def practice(database: str, home: Path, request: pytest.FixtureRequest) -> Practice:
    """Riverbend with ana, ben, cleo and sam; dov owns another practice."""
    if database.startswith("sqlite"):
        path, settled = request.getfixturevalue("settled_sqlite")
        shutil.copy(path, home / "motlink.db")
    else:
        settled = request.getfixturevalue("settled_postgres")
        _copy(request.getfixturevalue("postgres_database"), "public", "settled")
    return settled  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def settled_sqlite(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, Practice]:
    """Both practices in a file, made once: a test has a copy of it."""
    home = tmp_path_factory.mktemp("settled")
    with installed(home, sqlite_template):
        return home / "motlink.db", stranger_and_practice()


@pytest.fixture(scope="session")
def settled_postgres(tmp_path_factory: pytest.TempPathFactory, postgres_database: Engine) -> Practice:
    """Both practices in a schema of their own, made once: a test has a copy of their rows."""
    url = postgres_database.url.render_as_string(hide_password=False)
    home = tmp_path_factory.mktemp("settled")
    _empty(postgres_database)
    with in_environment(environment_of(home) | {"MOTLINK_DATABASE_URL": url}):
        practice = stranger_and_practice()
    with postgres_database.begin() as connection:
        connection.execute(text("CREATE SCHEMA settled"))
        for table in metadata.sorted_tables:
            connection.execute(text(f'CREATE TABLE settled."{table.name}" (LIKE public."{table.name}")'))
    _copy(postgres_database, "settled", "public")
    _empty(postgres_database)
    return practice


def _empty(database: Engine) -> None:
    # TRUNCATE makes each of the tables' files anew: a quarter of a second.
    _at_once(database, (f'DELETE FROM "{table.name}"' for table in metadata.sorted_tables))


def _copy(database: Engine, to: str, source: str) -> None:
    names = [table.name for table in metadata.sorted_tables]
    _at_once(database, (f'INSERT INTO {to}."{name}" SELECT * FROM {source}."{name}"' for name in names))


def _at_once(database: Engine, statements: Iterable[str]) -> None:
    """Run statements in one transaction in which the order of the tables is no matter."""
    with database.begin() as connection:
        connection.execute(text("; ".join(("SET LOCAL session_replication_role = replica", *statements))))


def _use(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("MOTLINK_DATABASE_URL", url)
    forget()
    yield url
    db.engine().dispose()
