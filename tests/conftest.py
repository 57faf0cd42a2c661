"""A real database for each test: a fresh SQLite file, or this worker's PostgreSQL database emptied."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from motlink import database as db
from motlink import settings as settings_module
from motlink.models import metadata
from motlink.wiring import wire
from tests.people import Practice, stranger_and_practice
from tests.servers import postgres_url


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
    server = postgres_url()
    if server is None:
        pytest.skip("no PostgreSQL answers and none can be started")
    name = f"motlink_test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{os.getpid()}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = server.rsplit("/", 1)[0] + f"/{name}"
    own = create_engine(url)
    metadata.create_all(own)
    own.dispose()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation of its own: data folder, key, fresh settings."""
    monkeypatch.setenv("MOTLINK_DATA", str(tmp_path))
    monkeypatch.setenv("MOTLINK_SECRET", "a secret of the tests")
    _forget()
    wire()
    yield tmp_path
    _forget()


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
    _forget()
    yield url
    db.engine().dispose()


def _forget() -> None:
    settings_module.settings.cache_clear()
    settings_module.secret.cache_clear()
    db.engine.cache_clear()
