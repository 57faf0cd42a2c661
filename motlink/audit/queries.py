"""Reading the audit log, and proving it whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import UUID

from sqlalchemy import false, func
from sqlmodel import Session, col, select

from motlink.audit.chain import faults
from motlink.audit.models import AuditEntry, AuditHead
from motlink.audit.words import ACTIONS, action_words, detail_words
from motlink.moments import moment
from motlink.orgs.models import Organization
from motlink.orgs.zones import zone_of
from motlink.permissions import Permission
from motlink.staff.models import StaffMember
from motlink.work import Work

PAGE_SIZE = 50
LONGEST_EXPORT = 50_000
# The people of so many rows fit into one question (SQLite takes 32,766 values at most).
ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class AuditView:
    """What the address of the audit log says."""

    action: str = ""
    who: str = ""
    page: int = 1


@dataclass(frozen=True)
class AuditRow:
    """One act, in words."""

    id: UUID
    number: int
    at: str
    # Sorts, and tells apart the two hours of the night on which clocks go back.
    utc: str
    who: str
    what: str
    whom: str
    whom_id: str
    details: str
    address: str
    browser: str


@dataclass(frozen=True)
class AuditPage:
    """One page of the log; `actions` and `people` are what can be filtered by."""

    rows: tuple[AuditRow, ...]
    shown: int
    pages: int
    page: int
    actions: tuple[tuple[str, str], ...]
    people: tuple[tuple[str, str], ...]


def entries(work: Work, *, view: AuditView) -> AuditPage:
    """Return one page, newest first."""
    work.require(Permission.READ_AUDIT)
    wanted = _conditions(work, view)
    shown = work.session.exec(select(func.count()).select_from(AuditEntry).where(*wanted)).one()
    pages = max(1, -(-shown // PAGE_SIZE))
    page = min(max(1, view.page), pages)
    query = select(AuditEntry).where(*wanted).order_by(col(AuditEntry.number).desc())
    found = work.session.exec(query.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    return AuditPage(
        rows=tuple(_rows(work, list(found))),
        shown=shown,
        pages=pages,
        page=page,
        actions=tuple(ACTIONS.items()),
        people=_actors(work),
    )


def export(work: Work, *, view: AuditView) -> Iterator[list[str]]:
    """Yield the filtered log as rows of text, heads first."""
    work.require(Permission.READ_AUDIT)
    yield ["Number", "Time", "UTC", "Who", "What", "Whom", "Details", "Address", "Browser"]
    query = select(AuditEntry).where(*_conditions(work, view)).order_by(col(AuditEntry.number).desc())
    for start in range(0, LONGEST_EXPORT, ROWS_AT_ONCE):
        found = list(work.session.exec(query.offset(start).limit(ROWS_AT_ONCE)))
        for row in _rows(work, found):
            yield [
                str(row.number),
                row.at,
                row.utc,
                row.who,
                row.what,
                row.whom,
                row.details,
                row.address,
                row.browser,
            ]
        if len(found) < ROWS_AT_ONCE:
            return


def verify(session: Session) -> Iterator[tuple[str, str]]:
    """Yield each fault of the log with its chain (a practice's id, or "installation"); nothing means all is whole."""
    heads = {head.chain: head for head in session.exec(select(AuditHead))}
    founded = {str(org_id) for org_id in session.exec(select(Organization.id))}
    for chain in sorted({*heads, *founded, *session.exec(select(AuditEntry.chain).distinct())}):
        if chain not in heads:
            # A founded practice has entries, and a chain with entries has a head.
            yield chain, "the whole log is missing, or its newest number"
        head = heads.get(chain) or AuditHead(chain=chain)
        query = select(AuditEntry).where(AuditEntry.chain == chain).order_by(col(AuditEntry.number))
        stream = session.exec(query.execution_options(yield_per=ROWS_AT_ONCE))
        yield from ((chain, fault) for fault in faults(stream, head.number, head.seal))


def _conditions(work: Work, view: AuditView) -> list[Any]:
    # The chain's name is the practice's id, and its unique key gives the order without sorting.
    wanted: list[Any] = [AuditEntry.chain == str(work.org_id), AuditEntry.org_id == work.org_id]
    if view.action:
        # PostgreSQL takes no NUL in a text, and an unknown act has no entries anyway.
        wanted.append(AuditEntry.action == (view.action if view.action.isprintable() else "?"))
    if view.who:
        who = _id_or_none(view.who)
        wanted.append(col(AuditEntry.actor_id) == who if who else false())
    return wanted


def _id_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _rows(work: Work, found: list[AuditEntry]) -> Iterator[AuditRow]:
    query = select(StaffMember).where(StaffMember.org_id == work.org_id, _among(found))
    known: dict[UUID | None, StaffMember] = {}
    for member in work.session.exec(query):
        known |= {member.id: member, member.account_id: member}
    zone = zone_of(work)
    for entry in found:
        kind = {"system": "System", "nobody": "Someone at the door"}.get(entry.actor_kind, "Someone")
        actor, whom = known.get(entry.actor_id), known.get(entry.subject_id)
        if whom is actor and entry.subject_kind == "Account":
            # Who signs in does it to nobody.
            whom = None
        yield AuditRow(
            id=entry.id,
            number=entry.number,
            at=moment(entry.at, zone, seconds=True),
            utc=entry.at.astimezone(UTC).isoformat(timespec="seconds"),
            who=actor.name if actor else kind,
            what=action_words(entry.action)
            + (" (undo)" if entry.undoes and entry.action != "undone" else ""),
            whom=whom.name if whom else "",
            whom_id=str(whom.id) if whom else "",
            details=detail_words(entry.payload, zone),
            address=entry.address,
            browser=entry.browser,
        )


def _among(found: list[AuditEntry]) -> Any:
    accounts = {entry.actor_id for entry in found if entry.actor_id}
    subjects = {entry.subject_id for entry in found if entry.subject_id}
    return col(StaffMember.account_id).in_(accounts | subjects) | col(StaffMember.id).in_(subjects)


def _actors(work: Work) -> tuple[tuple[str, str], ...]:
    acted = select(AuditEntry.actor_id).where(AuditEntry.org_id == work.org_id).distinct()
    query = select(StaffMember).where(
        StaffMember.org_id == work.org_id, col(StaffMember.account_id).in_(acted)
    )
    people = work.session.exec(query.order_by(col(StaffMember.sort_name)).limit(200))
    return tuple((str(member.account_id), member.name) for member in people)
