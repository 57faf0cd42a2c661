"""PostgreSQL for the tests: the one on the standard port, else a throw-away one where the programs are there."""

import atexit
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

STANDARD = ("postgresql+psycopg://postgres@127.0.0.1:5432/postgres", "postgresql+psycopg:///postgres")


@lru_cache
def postgres_url() -> str | None:
    """Return the address of a server in which databases can be made, None where there is none."""
    return next((url for url in STANDARD if _answers(url)), None) or _throw_away()


@contextmanager
def fresh_database(name: str) -> Iterator[str]:
    """Make an empty database, and drop it afterwards; the test is skipped where there is no server."""
    server = postgres_url()
    if server is None:
        pytest.skip("no PostgreSQL answers and none can be started")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        # No test pulls the plug of the server, and waiting for the disk would take a third of their time.
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    yield server.rsplit("/", 1)[0] + f"/{name}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def _answers(url: str) -> bool:
    try:
        with create_engine(url, connect_args={"connect_timeout": 2}).connect():
            return True
    except Exception:  # noqa: BLE001 - any failure means: not this one
        return False


def _throw_away() -> str | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    initdb = shutil.which("initdb") or next(
        (str(f / "initdb") for f in folders if (f / "initdb").exists()), None
    )
    if initdb is None:
        return None
    data = tempfile.mkdtemp(prefix="motlink-pg-")
    as_owner = ["su", "postgres", "-c"] if Path.home() == Path("/root") else ["sh", "-c"]
    if as_owner[0] == "su":
        shutil.chown(data, "postgres")
    control = str(Path(initdb).with_name("pg_ctl"))
    make = f"{initdb} -D {data}/d -U postgres -A trust >/dev/null"
    start = f"{make} && {control} -D {data}/d -w -o '-p 54329 -k {data}' start >/dev/null"
    if subprocess.run([*as_owner, start], check=False).returncode:
        return None
    atexit.register(subprocess.run, [*as_owner, f"{control} -D {data}/d -m immediate stop"], check=False)
    return "postgresql+psycopg://postgres@127.0.0.1:54329/postgres"
