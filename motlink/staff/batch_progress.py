"""How far a batch is, and what became of whom: for the person who started it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, or_, select

from motlink.errors import NotFound
from motlink.staff.batch_kinds import kind_of
from motlink.staff.batch_preview import Refusal
from motlink.staff.batches import outcomes, sentence_of, undo_of
from motlink.staff.models import Batch, BatchItem, StaffMember
from motlink.work import Work

# A batch that has just ended is still news.
NEWS = timedelta(seconds=10)
MOST_REFUSED = 500


@dataclass(frozen=True)
class Progress:
    """A batch as its starter sees it. `sentence` says what has become of it, `undo` what an undo would name.

    `refused` counts people: the refused rows of a file stand on the import's own screen, and few of them are anybody.
    """

    id: UUID
    running: bool
    doing: str
    done: int
    total: int
    refused: int
    sentence: str
    undo: UUID | None


def batch_progress(work: Work, *, batch_id: UUID | None = None) -> Progress | None:
    """Return the actor's batch: this one, else their newest that is under way or has just ended, if there is one.

    Needs no privilege: everyone may see what they have started themselves. Raises NotFound for somebody else's.
    """
    batch = _mine(work, batch_id) if batch_id else _newest(work)
    if batch is None:
        return None
    counts = outcomes(work, batch.id)
    return Progress(
        id=batch.id,
        running=batch.state == "running",
        doing=kind_of(batch.kind).doing(work, batch),
        done=batch.done,
        total=batch.total,
        refused=0 if batch.kind == "import" else counts.get("refused", 0),
        sentence=sentence_of(work, batch, counts),
        undo=undo_of(work, batch),
    )


def refused_people(work: Work, *, batch_id: UUID) -> tuple[Refusal, ...]:
    """Return whom a batch of the actor's own was refused for, and why; the first of them where they are very many."""
    batch = _mine(work, batch_id)
    query = (
        select(BatchItem, StaffMember)
        .join(StaffMember, col(StaffMember.id) == col(BatchItem.member_id))
        .where(
            BatchItem.batch_id == batch.id, BatchItem.outcome == "refused", StaffMember.org_id == work.org_id
        )
        .order_by(col(BatchItem.number))
        .limit(MOST_REFUSED)
    )
    return tuple(_refusals(work.session.exec(query)))


def _refusals(found: Iterable[tuple[BatchItem, StaffMember]]) -> Iterable[Refusal]:
    return (Refusal(member.id, member.name, item.reason) for item, member in found)


def _mine(work: Work, batch_id: UUID) -> Batch:
    batch = work.get(Batch, batch_id)
    if batch.started_by != work.actor.account_id:
        raise NotFound
    return batch


def _newest(work: Work) -> Batch | None:
    query = select(Batch).where(
        Batch.org_id == work.org_id,
        Batch.started_by == work.actor.account_id,
        or_(Batch.state == "running", col(Batch.finished_at) > work.now - NEWS),
    )
    return work.session.exec(query.order_by(col(Batch.id).desc())).first()
