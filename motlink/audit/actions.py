"""Sealing what a transaction did, as its last writes, and writing refusals down."""

import secrets
from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel, select

from motlink.audit.chain import digest_of, seal_of
from motlink.audit.models import AuditEntry, AuditHead
from motlink.database import is_sqlite
from motlink.errors import NotAllowed, NotFound
from motlink.permissions import Permission
from motlink.roles.models import Role
from motlink.staff.models import StaffMember
from motlink.work import Entry, Work

Named = TypeVar("Named", bound=SQLModel)
# A practice has fewer; what is sent by hand may be long.
MOST_ROLES = 50


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


def note_export(work: Work, *, permission: Permission, what: str, filters: str = "") -> None:
    """Write down that somebody takes a list away as a file, before it leaves: `what` "staff", "refused rows" …"""
    work.require(permission)
    # What is sent by hand may hold a NUL, which PostgreSQL keeps in no text.
    said = "".join(c for c in filters if c.isprintable())
    work.record("exported", list=what, filters=said[:1000])


def keep_refusal(work: Work, refusal: NotAllowed) -> None:
    """Write down what an action or a query has refused."""
    refused = refusal.work
    if isinstance(refused, Work):
        record_refusal(work, reason=refusal.sentence, doing=refused.doing, given=refused.given)


def record_refusal(work: Work, *, reason: str, doing: str, given: Mapping[str, object]) -> None:
    """Write down who was refused what, about whom and which roles. Another practice's ids name nobody."""
    entry = _row_named(work, AuditEntry, given.get("entry_id"))
    member = _row_named(work, StaffMember, entry.subject_id if entry else given.get("member_id"))
    several = given.get("role_ids")
    ids = [given.get("role_id"), *(several if isinstance(several, list | tuple) else ())]
    roles = [role.name for one in ids[:MOST_ROLES] if (role := _row_named(work, Role, one))]
    work.record("refused", member, doing=doing[:120], roles=roles, reason=reason)


def _row_named(work: Work, model: type[Named], sent: object) -> Named | None:
    try:
        return work.get(model, UUID(sent) if isinstance(sent, str) else sent)
    except (NotFound, ValueError):
        return None


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
