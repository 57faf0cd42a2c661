"""In which order rows are locked: a deadlock needs two works that wait for each other, and a test of it needs luck.

So each transaction of each test on PostgreSQL is watched, and one that goes against decision 2 fails its test, whether
or not anybody was in its way:
- whoever locks rows of two tables that belong to an account (places, sessions, links) holds the account first;
  for places and invitations the practice does as well, since they are of one practice;
- nobody locks an account after such a row, nor a practice after either.
What a transaction has made itself counts as held. It looks at tables, not at rows, so it knows neither whose account is
held nor in which order those of many are; races do (`tests/staff/test_ending_at_once.py`).
"""

import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

OF_A_PRACTICE = {"staffmember", "invitation"}
OWNED = OF_A_PRACTICE | {"accountsession", "halfsession", "setuplink", "resetlink", "emailchange"}
# A shared account keeps its email from being changed, and nobody else from sharing it.
PRACTICE, ACCOUNT, SHARED = "organization", "account", "a shared account"
_MAKES = re.compile(r'^\s*INSERT INTO\s+"?(\w+)"?')
_WRITES = re.compile(r'^\s*(?:UPDATE|DELETE FROM)\s+"?(\w+)"?')
_LOCKS = re.compile(r'\sFROM\s+"?(\w+)"?.*\sFOR (NO KEY UPDATE|KEY SHARE|UPDATE|SHARE)', re.DOTALL)


def locked_by(statement: str) -> str | None:
    """Return what a statement locks: a table's rows, or an account that is shared."""
    if found := _LOCKS.search(statement):
        return SHARED if found.group(1) == ACCOUNT and "SHARE" in found.group(2) else found.group(1)
    written = _WRITES.search(statement)
    return written.group(1) if written else None


def fault(held: list[str], wanted: str) -> str | None:
    """Say what is wrong with locking this now."""
    owned = [one for one in held if one in OWNED]
    if wanted == PRACTICE:
        late = PRACTICE not in held and bool({ACCOUNT, SHARED, *OWNED} & set(held))
        return "a practice is locked after what it comes before" if late else None
    if wanted in (ACCOUNT, SHARED):
        waits = owned and ACCOUNT not in held and not (wanted == SHARED and SHARED in held)
        return f"an account is locked after {owned[0]}" if waits else None
    others = set(owned) - {wanted}
    if wanted not in OWNED or not others or ACCOUNT in held:
        return None
    if others | {wanted} <= OF_A_PRACTICE and PRACTICE in held:
        return None
    return f"{wanted} is locked after {', '.join(sorted(others))}, and the account is not held"


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
            if made.group(1) in (ACCOUNT, PRACTICE):
                held.append(made.group(1))
        elif wanted := locked_by(statement):
            if wrong := fault(held, wanted):
                self.faults.append(f"{wrong}, by {_callers()}: {statement[:300]}")
            held.append(wanted)


def _callers() -> str:
    ours = [
        one for one in traceback.extract_stack() if "/motlink/" in one.filename or "/tests/" in one.filename
    ]
    return " > ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in ours[-8:-2])


def _begin(connection: Connection) -> None:
    connection.info["held"] = []


watch = Watch()
