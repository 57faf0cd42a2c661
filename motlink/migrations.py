"""Bringing the database up to date: `motlink migrate` and `motlink serve` call this, even two at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from motlink.database import engine, in_no_hurry, is_sqlite
from motlink.errors import MotlinkError

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ROOT / "alembic" / "versions"

# Any number will do, as long as nobody else takes it: "motlink" on a telephone's keys.
ADVISORY_LOCK = 6685465


class TooNew(MotlinkError):
    """The database has been migrated by a newer motlink."""

    sentence = "This database belongs to a newer version of motlink."
    next_step = "Start the version that last ran here, or a newer one."


class PointsNowhere(MotlinkError):
    """After a migration there are rows whose other row is gone."""

    next_step = "Keep the database as it is, and tell the makers of motlink."

    def __init__(self, tables: set[str]) -> None:
        names = ", ".join(sorted(tables))
        super().__init__(
            f"Migrated, rows of {names} would point at rows that are not there. Nothing was changed."
        )


def head() -> str:
    """Return the newest revision. They are numbered, so that this needs no Alembic (0.6 s at start)."""
    return max(path.name.split("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def current() -> str:
    """Return the database's revision, or "" for an empty one."""
    with engine().connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def migrate() -> bool:
    """Bring the database to the newest revision. Returns whether anything had to be done.

    Raises TooNew for a database that this version does not know.
    """
    if _is_done():
        return False
    with _locked() as connection:
        if _is_done():
            return False
        _upgrade(connection)
    return True


def _is_done() -> bool:
    found = current()
    if found > head():
        raise TooNew
    return found == head()


def _upgrade(connection: Connection) -> None:
    from alembic.config import Config

    from alembic import command

    config = Config(ROOT / "alembic.ini")
    config.attributes["connection"] = connection
    # Ours, so that Alembic commits nothing before the keys are looked at.
    with connection.begin():
        command.upgrade(config, "head")
        _check_keys(connection)


def _check_keys(connection: Connection) -> None:
    """Look for rows that point at nothing: SQLite did not, while its tables were copied."""
    if is_sqlite():
        lost = {row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
        if lost:
            raise PointsNowhere(lost)


@contextmanager
def _locked() -> Iterator[Connection]:
    with _locked_sqlite() if is_sqlite() else _locked_postgresql() as connection:
        yield connection


@contextmanager
def _locked_postgresql() -> Iterator[Connection]:
    with engine().connect() as connection, in_no_hurry(connection):
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": ADVISORY_LOCK})
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": ADVISORY_LOCK})
            connection.commit()


@contextmanager
def _locked_sqlite() -> Iterator[Connection]:
    database = Path(str(engine().url.database))
    with database.with_name(database.name + ".migrating").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with engine().connect().execution_options(writes=True) as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            # A table that is copied and dropped would take the rows that point at it along; only settable outside
            # a transaction, hence here.
            raw.execute("PRAGMA foreign_keys=OFF")
            try:
                yield connection
            finally:
                connection.rollback()
                raw.execute("PRAGMA foreign_keys=ON")
