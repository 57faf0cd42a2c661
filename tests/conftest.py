"""A real database for each test: a fresh SQLite file, or this worker's PostgreSQL database emptied."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from motlink import database as db
from motlink.models import metadata
from motlink.wiring import wire
from tests.installation import SECRET, forget
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
def postgres_database() -> Iterator[str]:
    """This worker's own PostgreSQL database with all tables."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with fresh_database(f"motlink_test_{worker}_{os.getpid()}") as url:
        own = create_engine(url)
        metadata.create_all(own)
        own.dispose()
        yield url


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
def postgresql(home: Path, postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """PostgreSQL alone, emptied."""
    own = create_engine(postgres_database)
    with own.begin() as connection:
        tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {tables} CASCADE"))
    own.dispose()
    yield from _use(postgres_database, monkeypatch)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def practice(database: str) -> Practice:
    """Riverbend with ana, ben, cleo and sam; dov owns another practice."""
    return stranger_and_practice()


def _use(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("MOTLINK_DATABASE_URL", url)
    forget()
    yield url
    db.engine().dispose()
