"""The one place that opens the database: SQLite (embedded) or PostgreSQL, by one URL."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Boolean, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from motlink.errors import Conflict
from motlink.settings import settings

Result = TypeVar("Result")
log = logging.getLogger(__name__)
# Questions are short, so compiling them costs more than it saves. And a plan that fits a practice of five does not fit
# one of 100,000: each is planned for the practice that asks. What is asked for all day lies in memory, where a page
# read out of turn costs no more than the next one: a tenth of the roster's time.
POSTGRESQL_OPTIONS = "-c jit=off -c plan_cache_mode=force_custom_plan -c random_page_cost=1.1"
# SQLite lets one writer in and makes the others poll: a queue of our own is fair (0.2 s instead of 4.4 s at worst).
write_lock = threading.Lock()


# PostgreSQL ends one of two works that wait for each other, or that go by what the other has just changed.
BEATEN = ("40P01", "40001")


class Beaten(Conflict):
    """The same work was ended twice in favor of another one."""

    sentence = "Somebody else was changing the same things at this moment, so nothing has been changed."
    next_step = "Please try again."


@lru_cache
def engine() -> Engine:
    """Return the process's engine for MOTLINK_DATABASE_URL."""
    url = make_url(settings().database_url)
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=20,
            pool_timeout=10,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"options": POSTGRESQL_OPTIONS},
        )
    Path(str(url.database)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = create_engine(
        url, hide_parameters=True, connect_args={"timeout": 10, "check_same_thread": False}, pool_size=20
    )
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    return made


def is_sqlite() -> bool:
    """Whether the embedded database is in use."""
    return engine().dialect.name == "sqlite"


class by_another_index(FunctionElement[bool]):  # noqa: N801 - written like a function
    """A condition by which SQLite chooses no index: one that fits another condition better is then read."""

    inherit_cache = True
    type = Boolean()


@compiles(by_another_index)
def _as_it_is(element: Any, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})"


@compiles(by_another_index, "sqlite")
def _with_plus(element: Any, compiler: Any, **options: Any) -> str:
    return f"+({compiler.process(element.clauses, **options)})"


def _prepare_sqlite(connection: Any, _: object) -> None:
    # We send BEGIN ourselves, so that a writing Work can say IMMEDIATE.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        "cache_size=-32000",
        # What is wiped, such as a link in a letter that has left, is not to be read out of the file either.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def empty_log() -> None:
    """Bring what SQLite's log holds into its file, and empty the log: it keeps what was wiped, too, until then.

    Whoever reads or writes at that moment has the right of way; the next sweep tries again.
    """
    log = Path(f"{engine().url.database}-wal")
    if not is_sqlite() or not log.exists() or log.stat().st_size == 0:
        return
    with closing(sqlite3.connect(str(engine().url.database), timeout=0.05)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _begin_sqlite(connection: Any) -> None:
    immediate = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def one_writer() -> Iterator[None]:
    """Queue SQLite's writers in this process; PostgreSQL queues on the organization's row instead."""
    if not is_sqlite():
        yield
        return
    with write_lock:
        yield


def again_if_beaten(act: Callable[[], Result]) -> Result:
    """Run a whole work, and once more where PostgreSQL has ended it so that another one could go on.

    `act` opens the work itself: nothing of the first time is left, and everything is read anew. Raises Beaten where
    the second one is ended, too.
    """
    for number in (1, 2):
        try:
            return act()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in BEATEN:
                raise
            log.warning("a work was ended in favor of another, try %s", number)
    raise Beaten
