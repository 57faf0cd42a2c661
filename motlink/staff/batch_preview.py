"""What a batch would do, said before it is done: who changes, who is refused and why, what else happens, the bill."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as _select
from sqlmodel import col

from motlink.accounts.limits import limits_of, sessions_open
from motlink.accounts.models import AccountSession
from motlink.facts import Check
from motlink.orgs.zones import practice_of, today_of
from motlink.roles.prices import monthly_cents
from motlink.roles.rules import money
from motlink.staff.batch_fates import Fate, all_roles, fates, in_parts
from motlink.staff.batch_kinds import kind_of
from motlink.staff.links import still_open
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.places import open_at
from motlink.work import Work

# So many of the refused are told by name; the number is told of all.
MOST_NAMED = 50


@dataclass(frozen=True)
class Refusal:
    """Who would be refused, and why."""

    member_id: UUID
    name: str
    reason: str


@dataclass(frozen=True)
class Foresight:
    """What a batch would do: how many change, have it already, are refused; what follows; what it costs a month."""

    people: int
    changes: int
    unchanged: int
    refused: int
    refusals: tuple[Refusal, ...]
    # The names of the first who change.
    first: tuple[str, ...]
    facts: tuple[Check, ...]
    # More, or less than nothing.
    seats: int
    cents: int


def foresee(work: Work, *, kind: str, member_ids: Sequence[UUID], **given: Any) -> Foresight:
    """Return what start_batch would do with the same arguments; a tag that is yet to be made goes by its `name`.

    Reads only. Raises NotFound for another practice's ids, NotAllowed where the actor may start no such batch.
    """
    work.require(kind_of(kind).permission)
    found = fates(work, kind=kind, member_ids=member_ids, **given)
    changes = [fate for fate in found if fate.outcome == "done"]
    refused = [fate for fate in found if fate.outcome == "refused"]
    seats, cents = _bill(work, changes) if kind in _BILLED else (0, 0)
    return Foresight(
        people=len(found),
        changes=len(changes),
        unchanged=sum(fate.outcome == "unchanged" for fate in found),
        refused=len(refused),
        refusals=tuple(Refusal(one.who.id, one.who.name, one.reason) for one in refused[:MOST_NAMED]),
        first=tuple(one.who.name for one in changes[:3]),
        facts=tuple(_facts(work, kind, changes, cents)),
        seats=seats,
        cents=cents,
    )


_BILLED = {"role_on", "role_off", "deactivate"}


def _bill(work: Work, changes: Iterable[Fate]) -> tuple[int, int]:
    """Return the seats and the cents a month that the changes bring (or, below nothing, save)."""
    roles, known = all_roles(work), dict[frozenset[UUID], int]()
    day = today_of(work)

    def cost(held: frozenset[UUID]) -> int:
        if held not in known:
            known[held] = monthly_cents((roles[one] for one in held), day)
        return known[held]

    def seat(held: frozenset[UUID]) -> int:
        return int(any(roles[one].paid for one in held))

    pairs = [(fate.who.roles, fate.after) for fate in changes]
    return (
        sum(seat(after) - seat(before) for before, after in pairs),
        sum(cost(after) - cost(before) for before, after in pairs),
    )


def _facts(work: Work, kind: str, changes: Sequence[Fate], cents: int) -> Iterable[Check]:
    leavers = [fate for fate in changes if fate.ends]
    if leavers and kind == "role_off":
        yield Check(
            "user_x",
            f"{_lose(len(leavers))} and {'is' if len(leavers) == 1 else 'are'} deactivated",
            _names(leavers),
        )
    if leavers:
        yield from _endings(work, leavers)
    if kind == "invite" and changes:
        yield from _letters(work, changes)
    if cents:
        yield Check("receipt", f"Next bill: {money(abs(cents))} a month {'more' if cents > 0 else 'less'}")


def _lose(number: int) -> str:
    return "1 person loses their last role" if number == 1 else f"{number:,} people lose their last role"


def _endings(work: Work, leavers: Sequence[Fate]) -> Iterable[Check]:
    sessions = _sessions(work, leavers)
    if sessions:
        yield Check("log_out", _many(sessions, "open session ends", "open sessions end") + " at once")
    own = _links(work, [one.who.id for one in leavers], by_sender=False)
    if own:
        words = _many(own, "open invitation ends", "open invitations end")
        yield Check("mail_x", words, "The links in these emails stop working")
    sent = _links(work, [one.who.account_id for one in leavers], by_sender=True)
    if sent:
        words = _many(sent, "invitation they sent is open", "invitations they sent are open")
        yield Check("send", words, choice="revoke_invitations")


def _letters(work: Work, changes: Sequence[Fate]) -> Iterable[Check]:
    yield Check(
        "send",
        _many(len(changes), "email goes out now", "emails go out now"),
        "Each link is valid for 1 hour and works once",
    )
    older = _links(work, [one.who.id for one in changes], by_sender=False)
    if older:
        yield Check("mail_x", _many(older, "older link stops working", "older links stop working"))


def _sessions(work: Work, leavers: Sequence[Fate]) -> int:
    """Count the sign-ins that end: none of people who are active in another practice, too (nor is that told)."""
    number = 0
    for some in in_parts([one.who.account_id for one in leavers]):
        elsewhere = _select(col(StaffMember.account_id)).where(
            col(StaffMember.account_id) == col(AccountSession.account_id),
            col(StaffMember.org_id) != work.org_id,
            col(StaffMember.joined_at).is_not(None),
            open_at(work.now),
        )
        query = _select(func.count()).where(
            col(AccountSession.account_id).in_(some),
            sessions_open(work.now, *limits_of(practice_of(work)).since(work.now)),
            ~elsewhere.exists(),
        )
        number += work.session.execute(query).scalar_one()
    return number


def _links(work: Work, ids: Sequence[UUID], *, by_sender: bool) -> int:
    """Count the links that still work: of these members, or sent by these accounts."""
    column = col(Invitation.sent_by) if by_sender else col(Invitation.member_id)
    number = 0
    for some in in_parts(ids):
        query = _select(func.count()).where(
            col(Invitation.org_id) == work.org_id,
            column.in_(some),
            still_open(work.now),
        )
        number += work.session.execute(query).scalar_one()
    return number


def _names(some: Sequence[Fate]) -> str:
    rest = f" and {len(some) - 3:,} more" if len(some) > 3 else ""
    return ", ".join(one.who.name for one in some[:3]) + rest


def _many(number: int, one: str, several: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {several}"
