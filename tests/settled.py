"""What takes long to make is made once for a worker, and copied for each test that wants it."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, text

from motlink import database as db
from motlink.models import metadata

Made = TypeVar("Made")


@dataclass
class Settled:
    """Copies of databases by name: files of SQLite, schemas of PostgreSQL."""

    folder: Path
    made: dict[tuple[str, str], Any] = field(default_factory=dict)

    def have(self, name: str, make: Callable[[], Made], server: Engine | None) -> Made:
        """Let the database in use hold what `make` puts there, and return what that returned.

        `server` is the way into PostgreSQL where that is in use.
        """
        key = (name, db.engine().dialect.name)
        if key not in self.made:
            self.made[key] = make()
            self._keep(name, server)
        else:
            self._bring_back(name, server)
        return self.made[key]  # type: ignore[no-any-return]

    def _keep(self, name: str, server: Engine | None) -> None:
        db.engine().dispose()
        if server is None:
            shutil.copy(_file(), self.folder / name)
            return
        names = [table.name for table in metadata.sorted_tables]
        at_once(server, (f'CREATE SCHEMA "{name}"',))
        at_once(server, (f'CREATE TABLE "{name}"."{one}" AS TABLE public."{one}"' for one in names))

    def _bring_back(self, name: str, server: Engine | None) -> None:
        if server is None:
            db.engine().dispose()
            replace_file(self.folder / name, _file())
            return
        names = [table.name for table in metadata.sorted_tables]
        copied = (f'INSERT INTO public."{one}" SELECT * FROM "{name}"."{one}"' for one in names)
        at_once(server, (*_emptied(server), *copied))


def _file() -> Path:
    return Path(str(db.engine().url.database))


def replace_file(by: Path, file: Path) -> None:
    """Put a database of SQLite's in the place of another. Whoever still has that one open does not meet the new one."""
    for rest in ("", "-wal", "-shm"):
        Path(f"{file}{rest}").unlink(missing_ok=True)
    shutil.copy(by, file)


def unmoved(server: Engine) -> None:
    """Let rows lie in the order in which they came, whatever was deleted: no vacuum makes room between them."""
    names = [table.name for table in metadata.sorted_tables]
    at_once(server, (f'ALTER TABLE "{name}" SET (autovacuum_enabled = false)' for name in names))


def empty(server: Engine) -> None:
    """Empty all tables."""
    at_once(server, _emptied(server))


def _emptied(server: Engine) -> list[str]:
    """Return what empties all tables. TRUNCATE makes a table's files anew, a hundredth of a second: for large ones."""
    sizes = "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    with server.connect() as connection:
        size = {row[0]: int(row[1]) for row in connection.execute(text(sizes))}
    return [
        f'TRUNCATE "{name}" CASCADE' if size[name] > 400_000 else f'DELETE FROM "{name}"'
        for name in (table.name for table in metadata.sorted_tables)
        if size[name]
    ]


def at_once(server: Engine, statements: Iterable[str]) -> None:
    """Run statements in one transaction in which the order of the tables is no matter."""
    with server.begin() as connection:
        connection.execute(text("; ".join(("SET LOCAL session_replication_role = replica", *statements))))
