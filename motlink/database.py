"""The one place that opens the database: SQLite (embedded) or PostgreSQL, by one URL."""

import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Boolean, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from motlink.errors import Beaten, Busy
from motlink.settings import settings

Result = TypeVar("Result")
log = logging.getLogger(__name__)
# Questions are short, so compiling them costs more than it saves. And a plan that fits a practice of five does not fit
# one of 100,000: each is planned for the practice that asks. What is asked for all day lies in memory, where a page
# read out of turn costs no more than the next one: a tenth of the roster's time.
POSTGRESQL_OPTIONS = "-c jit=off -c plan_cache_mode=force_custom_plan -c random_page_cost=1.1"
# How long anybody waits for the database; docs/security.md says why so long.
LOCK_SECONDS, SILENT_SECONDS, STATEMENT_SECONDS, CONNECT_SECONDS = 3, 30, 60, 5
SQLITE_LOCK_SECONDS = 5
# A server that has vanished is noticed by this machine: asked again after 10 s of silence, given up after 25 s.
NOTICE_DEATH = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
# A lock that did not come, a statement that took too long, a transaction that fell silent (PostgreSQL's codes).
WAITED_TOO_LONG = frozenset({"55P03", "57014", "25P03"})
# SQLite lets one writer in and makes the others poll: a queue of our own is fair (0.2 s instead of 4.4 s at worst).
write_lock = threading.Lock()


# PostgreSQL ends one of two works that wait for each other, or that go by what the other has just changed.
BEATEN = frozenset({"40P01", "40001"})
# How long a work that was ended lets others go first, in seconds: each time twice as long at most.
PAUSES = (0.05, 0.2)


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
            connect_args={"options": _postgresql_options(), "connect_timeout": CONNECT_SECONDS}
            | NOTICE_DEATH,
        )
    Path(str(url.database)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": SQLITE_LOCK_SECONDS, "check_same_thread": False},
        pool_size=20,
    )
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    return made


def _postgresql_options() -> str:
    waits = {
        "lock_timeout": LOCK_SECONDS,
        "idle_in_transaction_session_timeout": SILENT_SECONDS,
        "statement_timeout": STATEMENT_SECONDS,
    }
    return " ".join([POSTGRESQL_OPTIONS, *(f"-c {name}={seconds}s" for name, seconds in waits.items())])


@contextmanager
def in_no_hurry(connection: Connection) -> Iterator[None]:
    """Let what is done on this connection of PostgreSQL's take as long as it takes: a migration of a full table."""
    names = ("lock_timeout", "idle_in_transaction_session_timeout", "statement_timeout")
    for name in names:
        connection.execute(text(f"SET {name} = 0"))
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        for name in names:
            connection.execute(text(f"RESET {name}"))
        connection.commit()


@contextmanager
def busy_is_a_refusal() -> Iterator[None]:
    """Make one calm refusal of every way in which the database keeps somebody waiting for too long."""
    try:
        yield
    except NoneFree as late:
        raise Busy from late
    except DBAPIError as failure:
        if getattr(failure.orig, "sqlstate", None) in BEATEN:
            raise Beaten from failure
        if _is_busy(failure.orig):
            raise Busy from failure
        raise


def _is_busy(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        # The last byte: what follows says which kind of busy.
        return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return getattr(error, "sqlstate", None) in WAITED_TOO_LONG or type(error).__name__ == "ConnectionTimeout"


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
        f"busy_timeout={SQLITE_LOCK_SECONDS * 1000}",
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
    """Run a whole work, and again where PostgreSQL has ended it so that another one could go on.

    `act` opens the work itself: nothing of the first time is left, and everything is read anew. Raises Beaten where
    it is ended each time.
    """
    for pause in PAUSES:
        try:
            return act()
        except Beaten:
            log.warning("a work was ended in favor of another, and is done again")
            # Whoever won has only been woken. Come back at once, and the rows are taken before it gets to them.
            time.sleep(pause * (1 + secrets.randbelow(100) / 100))
    return act()
