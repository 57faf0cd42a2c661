"""Undo: a new act by the same person through the same checks, refused once the thing has changed (UX-02).

Each slice says in wiring.py how its own acts are taken back.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlmodel import select

from motlink.audit.models import AuditEntry
from motlink.errors import Conflict, NotAllowed, NotFound
from motlink.work import Done, Work

# Does the opposite of an entry's act, or raises UndoRefused.
WayBack = Callable[[Work, AuditEntry], Done]


class UndoRefused(Conflict):
    """The thing has changed since, or the act cannot be undone."""

    sentence = "This cannot be undone any more: it has changed since."


_ways_back: dict[str, WayBack] = {}


def way_back(action: str, act: WayBack) -> None:
    """Register what undoes an act; wiring.py is the only caller."""
    _ways_back[action] = act


def undo(work: Work, *, entry_id: UUID) -> Done:
    """Take back one act of the actor's own. It never revives links, sessions or sent mail.

    Raises NotFound for an unknown entry, NotAllowed for somebody else's, UndoRefused once things have changed.
    """
    entry = work.session.get(AuditEntry, entry_id)
    if entry is None or entry.org_id != work.org_id:
        raise NotFound
    if entry.actor_id != work.actor.account_id:
        raise NotAllowed("Only the person who did this can undo it.", next_step="Change it back instead.")
    act = _ways_back.get(entry.action)
    if (
        act is None
        or entry.subject_id is None
        or any(one.undoes == entry.id for one in acts_since(work, entry))
    ):
        raise UndoRefused
    before = len(work.entries)
    result = act(work, entry)
    _mark(work, entry, before)
    return Done(result.sentence)


def take_back(work: Work, entry: AuditEntry) -> Done:
    """Do the opposite of one entry's act: for a way back that is made of several. Raises UndoRefused."""
    act = _ways_back.get(entry.action)
    if act is None:
        raise UndoRefused
    return act(work, entry)


def payload_of(entry: AuditEntry) -> dict[str, Any]:
    """Return an entry's details. Raises UndoRefused where they have been erased."""
    if entry.payload is None:
        raise UndoRefused
    return entry.payload


def acts_since(work: Work, entry: AuditEntry) -> list[AuditEntry]:
    """Return what has been done about the same subject since; a role turned off and on again is not the same role.

    What somebody was refused has done nothing: else anyone could spoil an undo.
    """
    query = select(AuditEntry).where(
        AuditEntry.org_id == work.org_id,
        AuditEntry.subject_id == entry.subject_id,
        AuditEntry.number > entry.number,
        AuditEntry.action != "refused",
    )
    return list(work.session.exec(query))


def lasting_since(work: Work, entry: AuditEntry) -> list[AuditEntry]:
    """Return the acts about the same subject since that still stand: neither what was undone nor its undoing.

    All entries of one act about one subject have one moment.
    """
    since = acts_since(work, entry)
    undone = {act.id: act.at for act in since}
    moments = {moment for act in since if act.undoes in undone for moment in (act.at, undone[act.undoes])}
    return [act for act in since if act.at not in moments]


def _mark(work: Work, undone: AuditEntry, before: int) -> None:
    # The first act just recorded names the one it takes back.
    if len(work.entries) == before:
        work.record("undone")
        work.entries[before].subject_kind = undone.subject_kind
        work.entries[before].subject_id = undone.subject_id
    work.entries[before].undoes = undone.id
