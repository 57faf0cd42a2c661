"""Work: one transaction with an actor, a clock and new ids. Only the edges open one, and only here is committed.

A writing Work takes the lock before its first read: BEGIN IMMEDIATE on SQLite, the organization's row on
PostgreSQL. Without it two owners demoting each other leave no owner (docs/decisions/0002).
"""

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import uuid_utils
from sqlalchemy import Update
from sqlmodel import Session, SQLModel, select

from motlink import clock, facts
from motlink.actors import Actor as Actor
from motlink.actors import FindActor as FindActor
from motlink.actors import nobody as nobody
from motlink.actors import system as system
from motlink.database import busy_is_a_refusal, engine, is_sqlite, one_writer
from motlink.errors import NotAllowed, NotFound
from motlink.orgs.models import Organization
from motlink.permissions import Permission, holds

Row = TypeVar("Row", bound=SQLModel)
Result = TypeVar("Result")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Done:
    """What an act says to the person, and the audit entry that an undo would name."""

    sentence: str
    undo: UUID | None = None


@dataclass
class Entry:
    """An audit entry collected during the work, sealed at commit."""

    id: UUID
    action: str
    subject_kind: str
    subject_id: UUID | None
    payload: dict[str, Any]
    undoes: UUID | None


@dataclass(frozen=True)
class Notice:
    """News for open screens: a kind and ids, never data."""

    org_id: UUID | None
    kind: str
    ids: tuple[UUID, ...]


class Work:
    """One use of the database by one actor at one moment."""

    def __init__(self, session: Session, actor: Actor, now: datetime, org_id: UUID | None) -> None:
        self.session, self.actor, self.now, self._org_id = session, actor, now, org_id
        self.entries: list[Entry] = []
        self.notices: list[Notice] = []
        self._afterwards: list[Callable[[], None]] = []
        # What was asked and about which ids: the audit log says it of a refusal.
        self.doing = ""
        self.given: Mapping[str, Any] = {}

    @property
    def org_id(self) -> UUID:
        """The organization worked in. Raises NotFound where there is none."""
        if self._org_id is None:
            raise NotFound
        return self._org_id

    @property
    def chain(self) -> str:
        """The audit chain this work writes to."""
        return str(self._org_id) if self._org_id else "installation"

    @property
    def has_org(self) -> bool:
        """Whether the work is inside an organization."""
        return self._org_id is not None

    def move_to(self, org_id: UUID) -> None:
        """Go on inside an organization that this very work has made."""
        self._org_id = org_id

    def new_id(self) -> UUID:
        """Return a UUIDv7, which sorts by time."""
        return UUID(str(uuid_utils.uuid7()))

    def new_token(self) -> str:
        """Return 256 random bits for a link or a cookie, URL-safe."""
        return secrets.token_urlsafe(32)

    def new_bytes(self, count: int) -> bytes:
        """Return random bytes for a secret that has a form of its own."""
        return secrets.token_bytes(count)

    def do(self, act: Callable[..., Result], /, **given: Any) -> Result:
        """Run an action or a query, as every edge does that acts for a person."""
        # An edge's own wrapper of an action may be called like it, with an underscore in front.
        self.doing, self.given = getattr(act, "__name__", "").lstrip("_"), given
        return act(self, **given)

    def may(self, permission: Permission) -> bool:
        """Whether the actor has the privilege beyond their own work."""
        return self.actor.kind == "system" or holds(self.actor.privileges, permission)

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed unless the actor has the privilege."""
        if not self.may(permission):
            raise NotAllowed

    def get(self, model: type[Row], row_id: object) -> Row:
        """Load a row of the actor's organization. Raises NotFound for anything else."""
        row = self.session.get(model, row_id) if isinstance(row_id, UUID) else None
        if row is None or getattr(row, "org_id", None) != self.org_id:
            raise NotFound
        return row

    def add(self, row: Row) -> Row:
        """Put a new row in, at once, so that constraints speak where it happens."""
        self.session.add(row)
        self.session.flush()
        return row

    def claim(self, change: Update) -> bool:
        """Run a conditional UPDATE of one row, and say whether it was this work's: of many at once exactly one wins."""
        return int(self.session.connection().execute(change).rowcount) == 1

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of many: what is refused inside it leaves nothing behind, neither rows nor entries nor notices."""
        collected = (self.entries, self.notices, self._afterwards)
        before = [len(one) for one in collected]
        try:
            with self.session.begin_nested():
                yield
        except BaseException:
            for one, length in zip(collected, before, strict=True):
                del one[length:]  # type: ignore[attr-defined]  # three lists of different things
            raise

    def record(
        self, action: str, subject: SQLModel | None = None, *, undoes: UUID | None = None, **payload: Any
    ) -> UUID:
        """Collect an audit entry; it is sealed at commit. Returns its id, which an undo names."""
        kind = type(subject).__name__ if subject is not None else ""
        subject_id = getattr(subject, "id", None)
        entry = Entry(self.new_id(), action, kind, subject_id, payload, undoes)
        self.entries.append(entry)
        return entry.id

    def announce(self, fact: facts.Fact) -> None:
        """Tell the slices above, inside this transaction."""
        facts.announce(self, fact)

    def notify(self, kind: str, *ids: UUID) -> None:
        """Tell open screens after the commit."""
        self.notices.append(Notice(self._org_id, kind, ids))

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do something outside the database once it is certain."""
        self._afterwards.append(act)

    def finish(self) -> None:
        """Run what waited for the commit. It is certain by now, so a failure here is logged, not raised."""
        for act in self._afterwards:
            _log_failure(act)
        if self.notices:
            for listener in _listeners:
                _log_failure(partial(listener, self.notices))


_finishers: list[Callable[[Work], None]] = []
_refusals: list[Callable[[Work, NotAllowed], None]] = []
_listeners: list[Callable[[list[Notice]], None]] = []


def _log_failure(act: Callable[[], None]) -> None:
    try:
        act()
    except Exception:
        logger.exception("something failed after a commit")


def before_commit(finisher: Callable[[Work], None]) -> None:
    """Register what is written last in each transaction (the audit chain)."""
    if finisher not in _finishers:
        _finishers.append(finisher)


def on_refusal(keeper: Callable[[Work, NotAllowed], None]) -> None:
    """Register who writes refusals down, in a transaction of their own."""
    if keeper not in _refusals:
        _refusals.append(keeper)


def on_notices(listener: Callable[[list[Notice]], None]) -> None:
    """Register who carries notices to open screens."""
    if listener not in _listeners:
        _listeners.append(listener)


@contextmanager
def begin_work(
    find_actor: FindActor, *, org: UUID | str | None = None, writes: bool = True, at: datetime | None = None
) -> Iterator[Work]:
    """Open a transaction in `org` (an id or a slug), commit it at the end or roll all of it back.

    A refusal (NotAllowed) is written to the audit log in a transaction of its own. Raises NotFound for an
    organization that does not exist, and Busy where the database lets nobody in.
    """
    with busy_is_a_refusal():
        now = at or clock.now()
    try:
        with _transaction(find_actor, org, writes, now) as work:
            yield work
    except NotAllowed as refusal:
        _keep_refusal(refusal, now)
        raise
    work.finish()


@contextmanager
def _transaction(
    find_actor: FindActor, org: UUID | str | None, writes: bool, now: datetime
) -> Iterator[Work]:
    with (
        busy_is_a_refusal(),
        one_writer() if writes else nullcontext(),
        engine().connect().execution_options(writes=writes, **_isolation(writes)) as connection,
        Session(connection, expire_on_commit=False) as session,
    ):
        org_id = _lock(session, org, writes)
        work = Work(session, find_actor(session, org_id, now), now, org_id)
        try:
            yield work
        except NotAllowed as refusal:
            refusal.work = work
            raise
        if writes:
            for finisher in _finishers:
                finisher(work)
            session.commit()


def _lock(session: Session, org: UUID | str | None, writes: bool) -> UUID | None:
    if org is None:
        return None
    wanted = Organization.id == org if isinstance(org, UUID) else Organization.slug == org
    query = select(Organization).where(wanted)
    found = session.exec(query.with_for_update() if writes else query).first()
    if found is None:
        raise NotFound
    # Whoever asks for its zone or country need not read it again (orgs/zones.py).
    session.info["practice"] = found
    return found.id


def _isolation(writes: bool) -> dict[str, Any]:
    """A reading sees one moment; on PostgreSQL that is said with the BEGIN itself."""
    if writes or is_sqlite():
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _keep_refusal(refusal: NotAllowed, now: datetime) -> None:
    refused = refusal.work
    if not isinstance(refused, Work) or not _refusals:
        return
    org = refused.org_id if refused.has_org else None
    with _transaction(lambda *_: refused.actor, org, True, now) as work:
        for keeper in _refusals:
            keeper(work, refusal)
