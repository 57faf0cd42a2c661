"""What a batch can do, kind by kind: whose permission, the act for one person, and how it is said."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import col, select

from motlink.accounts.resets import locked_all
from motlink.audit.actions import record_refusal
from motlink.audit.undo import undo
from motlink.errors import Invalid, MotlinkError, NotAllowed
from motlink.permissions import Permission
from motlink.roles.models import Role
from motlink.staff.actions import deactivate, switch_role
from motlink.staff.import_writing import import_chunk
from motlink.staff.invitations import send_invitation
from motlink.staff.models import Batch, BatchItem, StaffMember
from motlink.tags.actions import put_tag
from motlink.tags.models import Tag
from motlink.traces import without_words
from motlink.work import Done, Work

Act = Callable[[Work, BatchItem, dict[str, Any]], Done]
Many = Callable[[Work, Batch, Sequence[BatchItem]], None]


log = logging.getLogger(__name__)
# A bug that only the database has noticed; whatever else is wrong ends the batch's transaction.
DATABASE_REFUSES = (IntegrityError, DataError)


@dataclass(frozen=True)
class Kind:
    """One act that can be done for many."""

    permission: Permission
    do: Many
    # How it reads once it is done for so many.
    sentence: Callable[[Work, Batch, int], str]
    # What the audit log says besides the kind and the number of people.
    details: Callable[[Work, Batch], dict[str, Any]] = lambda work, batch: {}
    undoable: bool = True
    # How those read to whom nothing was to be done.
    unchanged: str = "had it already"
    # How it reads while it is under way.
    doing: Callable[[Work, Batch], str] = lambda work, batch: f"Working on {people(batch.total)}"
    # What follows when all are done.
    after: Callable[[Work, Batch], None] = lambda work, batch: None


def kind_of(name: str) -> Kind:
    """Return a kind by its name. Raises Invalid for an unknown one."""
    if name not in KINDS:
        raise Invalid("This cannot be done for many at once.")
    return KINDS[name]


def one_by_one(act: Act) -> Many:
    """Do an act for each person by itself: who is refused leaves nothing behind, and the others go on."""

    def do(work: Work, batch: Batch, items: Sequence[BatchItem]) -> None:
        at_hand = _at_hand(work, batch, items)
        made = [_one(work, act, batch, item) for item in items]
        # Written together at the end: each change would be a statement of its own before the next savepoint.
        for item, one in zip(items, made, strict=True):
            item.outcome, item.reason, item.before = one
        # Until here the session knew them; it forgets whom nobody holds.
        del at_hand

    return do


def _at_hand(work: Work, batch: Batch, items: Sequence[BatchItem]) -> list[Any]:
    """Read what all the acts will ask for in one question, instead of once for each person."""
    ids = [item.member_id for item in items]
    query = select(StaffMember).where(StaffMember.org_id == work.org_id, col(StaffMember.id).in_(ids))
    shared = ((Role, "role_id"), (Tag, "tag_id"))
    given = batch.given or {}
    return [
        *work.session.exec(query),
        *(work.session.get(model, UUID(given[name])) for model, name in shared if name in given),
    ]


def _one(work: Work, act: Act, batch: Batch, item: BatchItem) -> tuple[str, str, dict[str, Any] | None]:
    """Do it for one person; returns the outcome, the reason, and what an undo has to know."""
    try:
        with work.part():
            done = act(work, item, batch.given or {})
    except MotlinkError as refusal:
        if isinstance(refusal, NotAllowed):
            given = {"member_id": item.member_id, **(batch.given or {})}
            record_refusal(work, reason=refusal.sentence, doing=batch.kind, given=given)
        return "refused", str(refusal)[:1000], None
    except DATABASE_REFUSES as bug:
        return "refused", _apology(batch, bug), None
    if done.undo:
        return "done", "", {"entry": str(done.undo)}
    return "unchanged" if kind_of(batch.kind).undoable else "done", done.sentence[:1000], None


def people(number: int) -> str:
    """Return "1 person", "1,200 people"."""
    return "1 person" if number == 1 else f"{number:,} people"


def _member(item: BatchItem) -> UUID:
    assert item.member_id
    return item.member_id


def _role(work: Work, batch: Batch) -> str:
    return work.get(Role, UUID((batch.given or {})["role_id"])).name


def _tag(work: Work, batch: Batch) -> str:
    return work.get(Tag, UUID((batch.given or {})["tag_id"])).name


def _switch(on: bool) -> Act:
    def act(work: Work, item: BatchItem, given: dict[str, Any]) -> Done:
        role_id = UUID(given["role_id"])
        return switch_role(work, member_id=_member(item), role_id=role_id, on=on, confirmed=True)

    return act


def _put(work: Work, item: BatchItem, given: dict[str, Any]) -> Done:
    until = str(given.get("until", ""))
    return put_tag(work, member_id=_member(item), tag_id=UUID(given["tag_id"]), until=until)


def _invite(work: Work, item: BatchItem, given: dict[str, Any]) -> Done:
    return send_invitation(work, member_id=_member(item))


def _let_go(work: Work, item: BatchItem, given: dict[str, Any]) -> Done:
    revoke = bool(given.get("revoke_invitations", True))
    return deactivate(work, member_id=_member(item), revoke_invitations=revoke)


def _let_all_go(work: Work, batch: Batch, items: Sequence[BatchItem]) -> None:
    _hold_accounts(work, items)
    one_by_one(_let_go)(work, batch, items)


def _hold_accounts(work: Work, items: Sequence[BatchItem]) -> None:
    """In one order everywhere: another practice may let the same people go. And before the first place is written."""
    query = select(StaffMember.account_id).where(
        StaffMember.org_id == work.org_id, col(StaffMember.id).in_([item.member_id for item in items])
    )
    locked_all(work, work.session.exec(query).all())


def _take_back(work: Work, batch: Batch, items: Sequence[BatchItem]) -> None:
    _hold_accounts(work, items)
    for item in items:
        try:
            with work.part():
                undo(work, entry_id=UUID((item.given or {})["entry"]))
            item.outcome = "done"
        except MotlinkError as refusal:
            item.outcome, item.reason = "refused", str(refusal)[:1000]
            if isinstance(refusal, NotAllowed):
                given = {"member_id": item.member_id}
                record_refusal(work, reason=refusal.sentence, doing=batch.kind, given=given)
        except DATABASE_REFUSES as bug:
            item.outcome, item.reason = "refused", _apology(batch, bug)


def _apology(batch: Batch, bug: Exception) -> str:
    """Write down that the database refused one person, so that the others go on: otherwise it refuses for ever."""
    log.error("Batch %s, for one person:\n%s", batch.id, without_words(bug))
    return "Something went wrong on our side."


def _switching(*, on: bool) -> Kind:
    word = "on" if on else "off"
    return Kind(
        Permission.MANAGE_STAFF,
        one_by_one(_switch(on)),
        lambda work, batch, n: f"{_role(work, batch)} turned {word} for {people(n)}.",
        lambda work, batch: {"role": _role(work, batch)},
        unchanged="had it already" if on else "did not have it",
        doing=lambda work, batch: f"Turning {_role(work, batch)} {word} for {people(batch.total)}",
    )


KINDS: dict[str, Kind] = {
    "role_on": _switching(on=True),
    "role_off": _switching(on=False),
    "tag": Kind(
        Permission.EDIT_TAGS,
        one_by_one(_put),
        lambda work, batch, n: f"{_tag(work, batch)} put on {people(n)}.",
        lambda work, batch: {"tag": _tag(work, batch)},
        doing=lambda work, batch: f"Putting {_tag(work, batch)} on {people(batch.total)}",
    ),
    "invite": Kind(
        Permission.MANAGE_STAFF,
        one_by_one(_invite),
        lambda work, batch, n: f"Invitation sent to {people(n)}.",
        undoable=False,
        doing=lambda work, batch: f"Inviting {people(batch.total)}",
    ),
    "deactivate": Kind(
        Permission.MANAGE_STAFF,
        _let_all_go,
        lambda work, batch, n: f"{people(n).capitalize()} deactivated and signed out.",
        unchanged="inactive already",
        doing=lambda work, batch: f"Deactivating {people(batch.total)}",
    ),
    "import": Kind(
        Permission.MANAGE_STAFF,
        import_chunk,
        lambda work, batch, n: f"{people(n).capitalize()} imported from {(batch.given or {})['name']}.",
        lambda work, batch: {"file": (batch.given or {})["name"]},
        doing=lambda work, batch: f"Importing {people(batch.total)}",
        after=lambda work, batch: work.notify("staff"),
        unchanged="unchanged",
    ),
    "undo": Kind(
        Permission.EDIT_TAGS,
        _take_back,
        lambda work, batch, n: f"Undone for {people(n)}.",
        undoable=False,
        doing=lambda work, batch: f"Undoing for {people(batch.total)}",
    ),
}
