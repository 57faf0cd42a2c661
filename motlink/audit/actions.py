"""Sealing what a transaction did, as its last writes, and writing refusals down."""

import secrets

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import select

from motlink.audit.chain import digest_of, seal_of
from motlink.audit.models import AuditEntry, AuditHead
from motlink.database import is_sqlite
from motlink.errors import NotAllowed
from motlink.work import Entry, Work


def seal_entries(work: Work) -> None:
    """Write the collected entries. The head is locked last, so that other work overlaps with ours."""
    if not work.entries:
        return
    work.session.flush()
    head = _locked_head(work)
    for entry in work.entries:
        row = _row(work, entry, head)
        head.number, head.seal = row.number, row.seal
        work.session.add(row)
    work.session.add(head)
    work.session.flush()


def keep_refusal(work: Work, refusal: NotAllowed) -> None:
    """Write down who was refused what."""
    work.record("refused", None, reason=refusal.sentence, doing=getattr(refusal, "doing", ""))


def _locked_head(work: Work) -> AuditHead:
    insert = sqlite.insert(AuditHead) if is_sqlite() else postgresql.insert(AuditHead)
    work.session.execute(insert.values(chain=work.chain, number=0, seal="").on_conflict_do_nothing())
    return work.session.exec(select(AuditHead).where(AuditHead.chain == work.chain).with_for_update()).one()


def _row(work: Work, entry: Entry, head: AuditHead) -> AuditEntry:
    salt = secrets.token_hex(16)
    row = AuditEntry(
        id=entry.id,
        chain=work.chain,
        number=head.number + 1,
        org_id=work.org_id if work.has_org else None,
        at=work.now,
        actor_kind=work.actor.kind,
        actor_id=work.actor.account_id,
        address=work.actor.address[:64],
        browser=work.actor.browser[:120],
        action=entry.action,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        undoes=entry.undoes,
        payload=entry.payload,
        salt=salt,
        digest=digest_of(entry.payload, salt),
        previous=head.seal,
        seal="",
    )
    row.seal = seal_of(row)
    return row
