"""kill -9 before any statement, before the commit and right after it: all or nothing, and the log holds."""

import hashlib
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlmodel import Session

from motlink import database as db
from motlink.database import is_sqlite
from motlink.models import metadata
from motlink.sign_in.actions import accept_invitation
from motlink.staff.actions import deactivate, switch_role
from motlink.work import begin_work, nobody, system
from tests.acts import add_someone, do, faults, newest_token, switching
from tests.people import Practice

Act = Callable[[Practice], Any]
Now = Callable[[], Any]
IDA = "ida@riverbend.example"
MOST_STATEMENTS = 200


def step() -> int:
    """How many statements lie between two kills: what was committed too early is still there at the next."""
    return 1 if is_sqlite() or os.environ.get("MOTLINK_SOAK") else 4


def add(practice: Practice) -> Any:
    return add_someone(practice, practice.ben, "Jo", "therapist", "biller")


def switch(practice: Practice) -> Any:
    return do(practice, practice.ben, switch_role, **switching(practice, practice.cleo, "biller", on=True))


def let_go(practice: Practice) -> Any:
    return do(practice, practice.ana, deactivate, member_id=practice.ben)


def accept(practice: Practice) -> Any:
    with begin_work(nobody(), org=practice.org) as work:
        return accept_invitation(work, token=newest_token(IDA), username="ida.i", password_hash="a hash")


ACTS: dict[str, Act] = {"add": add, "switch": switch, "deactivate": let_go, "accept": accept}
# What each act changes at the least.
TOUCHES = {
    "add": {"account", "staffmember", "rolegrant", "invitation", "letter"},
    "switch": {"rolegrant"},
    "deactivate": {"staffmember", "rolegrant"},
    "accept": {"account", "staffmember", "invitation", "accountsession"},
}
LOGGED = {"auditentry", "audithead"}


@pytest.fixture(autouse=True)
def ida(practice: Practice) -> None:
    """Ida is invited, and may come in once she has accepted."""
    add_someone(practice, practice.ben, "Ida", "therapist", email=IDA)


@pytest.mark.req("TA-09", "TA-10", "TA-12", "TA-20", "AU-01")
@pytest.mark.soak
@pytest.mark.asvs("2.3.3")
@pytest.mark.parametrize("name", ACTS)
def test_a_kill_at_any_statement_leaves_all_or_nothing(practice: Practice, name: str) -> None:
    before = everything()

    assert kills_of(lambda: ACTS[name](practice), before) > 10, "the statements were not seen"

    assert changed(before) >= TOUCHES[name] | LOGGED
    assert faults() == []


@pytest.mark.req("TA-09", "TA-10", "TA-12", "TA-20", "AU-01")
@pytest.mark.parametrize("name", ACTS)
def test_a_kill_around_the_commit_leaves_all_or_nothing(practice: Practice, name: str) -> None:
    before = everything()

    assert was_killed(lambda: ACTS[name](practice), on="commit")
    assert changed(before) == set()
    assert was_killed(lambda: ACTS[name](practice), on="after_commit")

    assert changed(before) >= TOUCHES[name] | LOGGED
    assert faults() == []


def kills_of(act: Now, before: dict[str, str]) -> int:
    """Kill an act at one statement after the other, until it comes to its end; returns how many it has."""
    statement = 1
    while was_killed(act, at_statement=statement):
        assert changed(before) == set(), f"something is left after a kill at statement {statement}"
        statement += step()
        assert statement < MOST_STATEMENTS
    return statement


def was_killed(act: Callable[[], Any], *, at_statement: int = 0, on: str = "") -> bool:
    """Do it in a process of its own that kills itself there. False where it came to its end."""
    # No open connection crosses the fork.
    db.engine().dispose()
    child = os.fork()
    if child == 0:
        try:
            db.engine.cache_clear()
            _arm(at_statement, on)
            act()
            os._exit(0)
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the act failed in its process"
    return False


def _arm(at_statement: int, on: str) -> None:
    seen = 0

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def one_more(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == at_statement:
            die()

    event.listen(db.engine(), "before_cursor_execute", one_more)
    if on == "commit":
        event.listen(db.engine(), "commit", die)
    if on == "after_commit":
        event.listen(Session, "after_commit", die)


def everything() -> dict[str, str]:
    """Return a digest of every table."""
    with begin_work(system(), writes=False) as work:
        found = {}
        for table in metadata.sorted_tables:
            rows = sorted(repr(tuple(row)) for row in work.session.execute(select(table)))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found


def changed(before: dict[str, str]) -> set[str]:
    """Return the tables that are not as they were."""
    now = everything()
    return {table for table in now if now[table] != before[table]}
