"""Batches in the background: one short transaction after the other, each as the person who started the batch."""

import logging
import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import Session, select

from motlink.accounts.models import Account
from motlink.accounts.queries import is_put_out
from motlink.database import again_if_beaten
from motlink.errors import Busy, MotlinkError, NotAllowed
from motlink.import_preview import preview
from motlink.orgs.models import Organization
from motlink.roles.queries import privileges_of_member
from motlink.staff.batches import do_chunk, session_behind, stop_batch, waiting_batches
from motlink.staff.demands import lacks_step
from motlink.staff.locks import locked_among
from motlink.staff.models import Batch, StaffMember
from motlink.staff.places import is_open
from motlink.traces import without_words
from motlink.work import Actor, FindActor, begin_work, system

log = logging.getLogger(__name__)

RUNNER = system("Batches")
# Between two transactions somebody else gets in: a lock that is let go and taken again at once is never free.
GAP_SECONDS = 0.003


def run_batch(batch_id: str) -> None:
    """Go on with one batch until it is done, as the bell asks; several at once take turns, which does no harm."""
    with begin_work(RUNNER, writes=False) as work:
        batch = work.session.get(Batch, UUID(batch_id))
    if batch is None:
        return
    act = preview if batch.state == "preparing" else run
    act(batch.org_id, batch.id, as_starter(batch))


def run(org_id: UUID, batch_id: UUID, actor: FindActor, *, gap: float = GAP_SECONDS) -> None:
    """Do a batch to its end. Where the starter may no longer, it stops and says so."""
    try:
        for _ in run_steps(org_id, batch_id, actor, gap=gap):
            pass
    except Busy:
        # It says nothing about the batch: the next sweep goes on.
        raise
    except MotlinkError as refusal:
        with begin_work(RUNNER, org=org_id) as work:
            stop_batch(work, batch_id=batch_id, reason=str(refusal))


def run_steps(org_id: UUID, batch_id: UUID, actor: FindActor, *, gap: float = GAP_SECONDS) -> Iterator[int]:
    """Do a batch to its end, and yield after each transaction how much of it is done, in percent."""
    more = True
    while more:
        more, share = again_if_beaten(partial(_step, org_id, batch_id, actor))
        yield share
        time.sleep(gap)


def _step(org_id: UUID, batch_id: UUID, actor: FindActor) -> tuple[bool, int]:
    with begin_work(actor, org=org_id) as work:
        more = work.do(do_chunk, batch_id=batch_id)
        batch = work.get(Batch, batch_id)
        return more, 100 * batch.done // max(1, batch.total)


def sweep_batches() -> int:
    """Go on with what a killed process has left. Returns how many there were."""
    left = waiting()
    for batch_id in left:
        try:
            run_batch(batch_id)
        except Exception as error:  # noqa: BLE001 - a bug in one batch must not stop those behind it
            log.error("Batch %s:\n%s", batch_id, without_words(error))
    return len(left)


def waiting() -> list[str]:
    """Return the batches that are under way and that nobody works on, the oldest first."""
    with begin_work(RUNNER, writes=False) as work:
        return [str(batch_id) for _, batch_id in waiting_batches(work)]


def as_starter(batch: Batch) -> FindActor:
    """Act as the starter's place in the practice, with what it may do now; nobody's batch is the operator's.

    Whoever signs out, or is away for too long, wants it done. Whose sessions are ended by force does not: it may have
    been a thief who has set it going.
    """
    account_id, session_id = batch.started_by, session_behind(batch)

    def find(session: Session, org_id: UUID | None, now: datetime) -> Actor:
        query = select(StaffMember).where(StaffMember.org_id == org_id, StaffMember.account_id == account_id)
        member = session.exec(query).first()
        if org_id is None or member is None or not is_open(member, now):
            raise NotAllowed("Whoever started this is no longer active here.")
        org = session.get_one(Organization, org_id)
        if locked_among(session, org, [member], now):
            raise NotAllowed("Whoever started this is locked out.")
        if session_id and is_put_out(session, session_id):
            raise NotAllowed("The session in which this was started was ended by force.")
        privileges = privileges_of_member(session, org_id, member.id, now)
        if lacks_step(org, session.get_one(Account, account_id), privileges):
            raise NotAllowed("Whoever started this needs a second step first.")
        return Actor(
            "person",
            org_id=org_id,
            account_id=account_id,
            member_id=member.id,
            name=member.name,
            privileges=privileges,
            browser="In the background",
        )

    return find if account_id else system("Command line")
