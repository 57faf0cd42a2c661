"""One act on many people: kept person by person, done in small transactions, taken back as a whole (TA-31).

Whoever starts a batch sees the first people done at once; the rest follows in the worker (batch_runner.py), each
transaction as the person who started it, with what they may do at that moment. A kill loses nothing: whom it was done
for stands in the same transaction as the act itself.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update
from sqlmodel import col
from sqlmodel import select as rows

from motlink import jobs
from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused
from motlink.errors import Invalid, NotAllowed, NotFound
from motlink.permissions import Permission
from motlink.staff.batch_kinds import KINDS, kind_of
from motlink.staff.models import Batch, BatchItem, StaffMember
from motlink.tags.actions import make_tag
from motlink.work import Done, Work

RUN = "run_batch"
# A click of somebody else waits for one such transaction at most (design.md, rule 2).
CHUNK = 25
# So long a process may be silent before another one goes on with its batch.
LEASE = timedelta(seconds=30)
MOST_PEOPLE = 100_000
# Where a batch keeps the session in which it was set going.
SESSION = "session_id"
# An import begins with its file, an undo with what it takes back.
CHOSEN = KINDS.keys() - {"import", "undo"}


class NobodyChosen(Invalid):
    """A batch needs people."""

    def __init__(self) -> None:
        super().__init__("Nobody is selected.")


def start_batch(work: Work, *, kind: str, member_ids: Sequence[UUID], **given: Any) -> Done:
    """Do one act for many people of the practice: the first of them now, the rest in the worker.

    `kind` is one of batch_kinds.KINDS, `given` what its act takes besides the person. Ids of another practice make
    NotFound. Each person's act checks for itself what the actor may do; who is refused is told with the reason.
    """
    if kind not in CHOSEN:
        raise Invalid("This cannot be done for many at once.")
    work.require(kind_of(kind).permission)
    ids = list(dict.fromkeys(member_ids))
    if not ids:
        raise NobodyChosen
    if len(ids) > MOST_PEOPLE:
        raise Invalid(f"At most {MOST_PEOPLE:,} people at once.")
    _all_here(work, ids)
    batch = make_batch(work, kind=kind, given=given)
    add_items(work, batch, [{"member_id": one} for one in ids])
    entry = begin(work, batch)
    do_chunk(work, batch_id=batch.id)
    # Nobody works on the rest yet: whoever finds it may.
    batch.leased_until = None
    return Done(sentence_of(work, batch), undo=entry if kind_of(kind).undoable else None)


def start_tagging(work: Work, *, member_ids: Sequence[UUID], name: str) -> Done:
    """Put the tag of this name on many, made where it is new. Raises Invalid for no name."""
    tag = make_tag(work, name=name)
    return start_batch(work, kind="tag", member_ids=member_ids, tag_id=tag.id)


def make_batch(work: Work, *, kind: str, given: dict[str, Any], state: str = "running") -> Batch:
    """Write a batch without people yet, to be done as the actor."""
    kept = {name: str(value) if isinstance(value, UUID) else value for name, value in given.items()}
    batch = Batch(
        id=work.new_id(),
        org_id=work.org_id,
        kind=kind,
        given=kept,
        state=state,
        created_at=work.now,
    )
    act_as_now(work, batch)
    return work.add(batch)


def act_as_now(work: Work, batch: Batch) -> None:
    """Have the rest of a batch done as the actor, until somebody ends their session by force."""
    batch.started_by = work.actor.account_id
    batch.given = {**(batch.given or {}), SESSION: str(work.actor.session_id or "")}


def session_behind(batch: Batch) -> UUID | None:
    """Return the session in which a batch was set going; None where it was none, as on the command line."""
    known = (batch.given or {}).get(SESSION)
    return UUID(known) if known else None


def add_items(work: Work, batch: Batch, items: Sequence[dict[str, Any]], *, first: int = 1) -> None:
    """Write the people or rows of a batch, numbered from `first` where they bring no number of their own."""
    common = {"batch_id": batch.id, "org_id": work.org_id}
    empty = {"member_id": None, "given": None, "fate": "", "outcome": "", "reason": "", "before": None}
    numbered = [{"number": first + n, **empty, **common, **item} for n, item in enumerate(items)]
    if numbered:
        work.session.execute(insert(BatchItem), numbered)
    batch.total += len(numbered)
    work.add(batch)


def begin(work: Work, batch: Batch) -> UUID:
    """Set a batch going; returns the audit entry that an undo names."""
    batch.state, batch.started_at = "running", work.now
    batch.leased_until = None
    act_as_now(work, batch)
    work.add(batch)
    words = kind_of(batch.kind).details(work, batch)
    entry = work.record("batch.started", batch, kind=batch.kind, people=batch.total, **words)
    work.after_commit(partial(jobs.ring, RUN, batch.id))
    work.notify("batch", batch.id)
    return entry


def do_chunk(work: Work, *, batch_id: UUID) -> bool:
    """Do the next of a batch, in the actor's name and in this transaction. Returns whether it has to go on.

    Raises NotAllowed where the actor could not begin it now.
    """
    batch = work.get(Batch, batch_id)
    work.require(_permission(work, batch))
    if batch.state != "running":
        return False
    query = rows(BatchItem).where(BatchItem.batch_id == batch.id, BatchItem.outcome == "")
    items = list(work.session.exec(query.order_by(col(BatchItem.number)).limit(CHUNK)))
    if items:
        kind_of(batch.kind).do(work, batch, items)
    batch.done += len(items)
    batch.leased_until = work.now + LEASE
    work.session.add_all([batch, *items])
    if len(items) < CHUNK or batch.done >= batch.total:
        _finish(work, batch)
    work.notify("batch", batch.id)
    return batch.state == "running"


def _permission(work: Work, batch: Batch) -> Permission:
    """Whoever takes a batch back needs what the batch itself needed."""
    return kind_of(work.get(Batch, batch.undoes).kind if batch.undoes else batch.kind).permission


def stop_batch(work: Work, *, batch_id: UUID, reason: str = "") -> None:
    """End a batch where it stands: who is done stays done, the others are left."""
    batch = work.get(Batch, batch_id)
    if batch.state not in ("running", "preparing", "ready"):
        return
    left = update(BatchItem).where(col(BatchItem.batch_id) == batch.id, col(BatchItem.outcome) == "")
    work.session.execute(left.values(outcome="left", reason=reason[:1000]))
    batch.state, batch.finished_at = "stopped", work.now
    if batch.undoes:
        # The rest can still be taken back.
        work.get(Batch, batch.undoes).undone_at = None
    _tell_original(work, batch)
    work.add(batch)
    work.record("batch.stopped", batch, reason=reason, done=batch.done, people=batch.total)
    work.notify("batch", batch.id)


def stop_own_batch(work: Work, *, batch_id: UUID) -> Done:
    """End a batch of the actor's own where it stands. Undo takes back what was done of it."""
    batch = work.get(Batch, batch_id)
    if batch.started_by != work.actor.account_id:
        raise NotAllowed("Only the person who started this can stop it.")
    if batch.state != "running":
        return Done("")
    stop_batch(work, batch_id=batch.id, reason=f"Stopped by {work.actor.name}.")
    return Done(sentence_of(work, batch), undo=undo_of(work, batch))


def undo_of(work: Work, batch: Batch) -> UUID | None:
    """Return the entry that an undo of a batch names; None where nothing takes it back, or it has been."""
    if not kind_of(batch.kind).undoable or batch.undone_at:
        return None
    query = rows(AuditEntry.id).where(
        AuditEntry.org_id == work.org_id,
        AuditEntry.subject_id == batch.id,
        AuditEntry.action == "batch.started",
    )
    return work.session.exec(query).first()


def waiting_batches(work: Work) -> list[tuple[UUID, UUID]]:
    """Return (practice, batch) of what is under way and nobody works on, the oldest first."""
    free = or_(col(Batch.leased_until).is_(None), col(Batch.leased_until) < work.now)
    query = select(Batch.org_id, Batch.id).where(col(Batch.state).in_(("preparing", "running")), free)  # type: ignore[call-overload]
    return [(org, one) for org, one in work.session.execute(query.order_by(col(Batch.created_at)).limit(20))]


def batch_back(work: Work, entry: AuditEntry) -> Done:
    """Take a whole batch back, the last first; what has changed since stays and is told."""
    assert entry.subject_id
    batch = work.get(Batch, entry.subject_id)
    work.require(_permission(work, batch))
    if batch.undone_at or batch.undoes or not kind_of(batch.kind).undoable:
        raise UndoRefused
    if batch.state == "running":
        stop_batch(work, batch_id=batch.id, reason="Undone while it was under way.")
    # Without what stood in a file's rows: that is most of what a batch holds.
    query = rows(BatchItem.member_id, BatchItem.before).where(
        BatchItem.batch_id == batch.id, BatchItem.outcome == "done"
    )
    before = _taken_back(work, batch)
    done = [
        {"member_id": member_id, "given": {"entry": known["entry"]}}
        for member_id, known in work.session.exec(query.order_by(col(BatchItem.number).desc()))
        if known and known["entry"] not in before
    ]
    batch.undone_at = work.now
    work.add(batch)
    back = make_batch(work, kind="undo", given={})
    back.undoes = batch.id
    add_items(work, back, done)
    begin(work, back)
    do_chunk(work, batch_id=back.id)
    back.leased_until = None
    return Done(sentence_of(work, back))


def _taken_back(work: Work, batch: Batch) -> set[str]:
    """Return the entries that an undo which was stopped half-way has taken back already."""
    query = rows(BatchItem).join(Batch, col(Batch.id) == col(BatchItem.batch_id))
    query = query.where(Batch.org_id == work.org_id, Batch.undoes == batch.id, BatchItem.outcome == "done")
    return {(item.given or {})["entry"] for item in work.session.exec(query)}


def sentence_of(work: Work, batch: Batch, counts: Mapping[str, int] | None = None) -> str:
    """Return what has become of a batch so far, for the notice; `counts` where its outcomes are known already."""
    counts = outcomes(work, batch.id) if counts is None else counts
    said = kind_of(batch.kind).sentence(work, batch, counts.get("done", 0))
    parts = [said]
    if counts.get("unchanged"):
        parts.append(f"{counts['unchanged']:,} {kind_of(batch.kind).unchanged}.")
    if counts.get("refused"):
        parts.append(f"{counts['refused']:,} refused.")
    if counts.get("left"):
        parts.append(f"{counts['left']:,} left as they were.")
    if batch.state == "running":
        parts.append(f"{batch.total - batch.done:,} more follow.")
    return " ".join(parts)


def outcomes(work: Work, batch_id: UUID) -> dict[str, int]:
    """Return how many of a batch came out how."""
    query = select(BatchItem.outcome, func.count()).where(col(BatchItem.batch_id) == batch_id)  # type: ignore[call-overload]
    return dict(work.session.execute(query.group_by(col(BatchItem.outcome))).all())


def _tell_original(work: Work, batch: Batch) -> None:
    """A screen that shows what this one takes back hears that it is over."""
    if batch.undoes:
        work.notify("batch", batch.undoes)


def _finish(work: Work, batch: Batch) -> None:
    work.session.flush()
    batch.state, batch.finished_at, batch.leased_until = "done", work.now, None
    counts = outcomes(work, batch.id)
    work.record(
        "batch.finished",
        batch,
        people=batch.total,
        came_out=[f"{name} {counts[name]}" for name in sorted(counts)],
    )
    kind_of(batch.kind).after(work, batch)
    _tell_original(work, batch)


def _all_here(work: Work, ids: list[UUID]) -> None:
    """Raise NotFound where one of these is not of the practice."""
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        query = select(StaffMember.id).where(  # type: ignore[call-overload]
            col(StaffMember.org_id) == work.org_id, col(StaffMember.id).in_(some)
        )
        if len(work.session.execute(query).all()) != len(some):
            raise NotFound
