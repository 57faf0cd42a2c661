"""In which order rows are locked: a deadlock needs two works that lock in opposite orders, and a test of it needs luck.

So each transaction of each test on PostgreSQL is watched, and one that goes against the order of decision 2 fails its
test, whether or not anybody was in its way.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

# Practice, account, places, sessions, links; of what else is locked, nothing is locked behind it but the audit log.
ORDER = {
    table: rank
    for rank, tables in enumerate(
        (
            ("organization",),
            ("account",),
            ("staffmember",),
            ("accountsession", "halfsession"),
            ("invitation", "setuplink", "resetlink", "emailchange"),
        )
    )
    for table in tables
}
_WRITES = re.compile(r'^\s*(?:UPDATE|DELETE FROM)\s+"?(\w+)"?')
_MAKES = re.compile(r'^\s*INSERT INTO\s+"?(\w+)"?')
_LOCKS = re.compile(r'\sFROM\s+"?(\w+)"?.*\sFOR (?:NO KEY |KEY )?(?:UPDATE|SHARE)', re.DOTALL)


def locked_by(statement: str) -> str | None:
    """Return the table in which a statement locks rows."""
    found = _WRITES.search(statement) or _LOCKS.search(statement)
    return found.group(1) if found else None


@dataclass
class Watch:
    """What was locked against the order, and where."""

    faults: list[str] = field(default_factory=list)

    def over(self, engine: Engine) -> None:
        """Look at all that goes through an engine."""
        event.listen(engine, "begin", _begin)
        event.listen(engine, "before_cursor_execute", self._look)

    def drain(self) -> Iterator[str]:
        """Yield what was found since the last time."""
        while self.faults:
            yield self.faults.pop(0)

    def _look(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        held: list[str] = connection.info.setdefault("held", [])
        if made := _MAKES.search(statement):
            # Nobody else can wait for what only this transaction sees.
            held += [made.group(1)] * (made.group(1) in ORDER)
            return
        table = locked_by(statement)
        if table not in ORDER:
            return
        later = [one for one in held if ORDER[one] > ORDER[table]]
        # What is held already is asked for once more without waiting.
        if later and table not in held:
            self.faults.append(f"{table} is locked after {', '.join(later)}: {statement[:300]}")
        held.append(table)


def _begin(connection: Connection) -> None:
    connection.info["held"] = []


watch = Watch()
