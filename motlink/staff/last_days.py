"""The last working day: planned now, in force then, brought forward or cancelled (TA-30). And leave (TA-32)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from motlink.errors import Invalid
from motlink.moments import day_words
from motlink.orgs.zones import today_of, zone_of
from motlink.permissions import Permission
from motlink.staff.days import leaving_moment, leaving_words, typed_day
from motlink.staff.ending import end_access, finish_leaving
from motlink.staff.errors import HasLeft, Inactive
from motlink.staff.locks import note_back
from motlink.staff.models import StaffMember
from motlink.staff.people import Person, is_self, keep_an_owner, person, power
from motlink.staff.places import drop_plan, has_left, is_open, plan_of
from motlink.staff.rules import check_touch
from motlink.work import Done, Work

# So many at a time: each is a transaction of its own.
MOST_DUE = 25


def plan_leaving_on(
    work: Work, *, member_id: UUID, leaves_on: str, leaves_time: str = "", revoke_invitations: bool = True
) -> Done:
    """Plan a last working day as it was typed: a day, and a time or none for its end."""
    work.require(Permission.MANAGE_STAFF)
    moment = leaving_moment(leaves_on, leaves_time, zone=zone_of(work), now=work.now)
    return plan_leaving(work, member_id=member_id, leaves_at=moment, revoke_invitations=revoke_invitations)


def plan_leaving(
    work: Work, *, member_id: UUID, leaves_at: datetime, revoke_invitations: bool = True
) -> Done:
    """Let a place end at a moment to come: the same checks as for deactivating, now; the effect then, by itself.

    Raises LastOwner, Inactive for someone who has gone, and Invalid for a moment that has passed.
    """
    member = _touched(work, member_id).member
    if not is_open(member, work.now):
        raise Inactive(member.name)
    if leaves_at <= work.now:
        raise Invalid("That moment has passed. Choose a later one.", field="leaves_on")
    leaver = person(work, member_id)
    if leaver.is_owner:
        keep_an_owner(work, member)
    before = plan_of(member)
    earlier: dict[str, Any] = {f"earlier_{key}": value for key, value in before.items()}
    member.leaves_at, member.leaves_by = leaves_at, work.actor.account_id
    member.leaves_with = {"revoke_invitations": revoke_invitations}
    work.add(member)
    entry = work.record("staff.leaving_planned", member, **plan_of(member), **earlier)
    work.notify("staff", member.id)
    return Done(f"{member.name} leaves {leaving_words(leaves_at, zone_of(work), work.now)}.", undo=entry)


def cancel_leaving(work: Work, *, member_id: UUID) -> Done:
    """Forget the plan. Raises HasLeft where its moment has come first."""
    member = _touched(work, member_id).member
    if member.leaves_at is None:
        return Done(f"No last working day is planned for {member.name}.")
    if has_left(member, work.now):
        raise HasLeft(member.name)
    entry = work.record("staff.leaving_cancelled", member, **drop_plan(member))
    work.add(member)
    work.notify("staff", member.id)
    return Done(f"{member.name} stays.", undo=entry)


def bring_forward(work: Work, *, member_id: UUID) -> Done:
    """End the place now instead, with the choices that were planned."""
    leaver = _touched(work, member_id)
    if has_left(leaver.member, work.now):
        finish_leaving(work, leaver.member)
        return Done(f"{leaver.member.name} has left already.")
    revoke = bool((leaver.member.leaves_with or {}).get("revoke_invitations", True))
    return end_access(work, leaver, revoke_invitations=revoke)


def leavers_due(work: Work) -> list[tuple[UUID, UUID]]:
    """Return (organization, member) whose last working day is over and who have not been tidied up."""
    query = (
        select(StaffMember.org_id, StaffMember.id)
        .where(col(StaffMember.leaves_at) <= work.now, col(StaffMember.deactivated_at).is_(None))
        .order_by(col(StaffMember.leaves_at))
    )
    return list(work.session.exec(query.limit(MOST_DUE)))


def tidy_up(work: Work, *, member_id: UUID) -> bool:
    """Do for one of them what deactivating does; twice does no harm. Returns whether there was anything to do."""
    work.require(Permission.MANAGE_STAFF)
    return finish_leaving(work, work.get(StaffMember, member_id))


def set_leave(work: Work, *, member_id: UUID, back_on: str) -> Done:
    """Note that someone is away until the day they are back; "" ends it. Nothing else changes for them (TA-32)."""
    work.require(Permission.MANAGE_STAFF)
    away = person(work, member_id)
    member = away.member
    if not is_self(work, member):
        check_touch(actor=power(work), target=away.privileges, own=False)
    until = typed_day(back_on, "back_on", now=work.now) if back_on.strip() else None
    if until is not None and until <= today_of(work):
        raise Invalid("Choose a day after today: the first day back.", field="back_on")
    if not is_open(member, work.now):
        raise Inactive(member.name)
    before, member.on_leave_until = member.on_leave_until, until
    if before == until:
        return Done("Nothing has changed.")
    if until is None and before is not None:
        note_back(member, before, zone_of(work), work.now)
    work.add(member)
    days: dict[str, Any] = {"back_on": _text(until), "earlier": _text(before)}
    entry = work.record("staff.leave_set" if until else "staff.leave_ended", member, **days)
    work.notify("staff", member.id)
    if until is None:
        return Done(f"{member.name} is no longer on leave.", undo=entry)
    return Done(f"{member.name} is on leave until {day_words(until, today_of(work))}.", undo=entry)


def _touched(work: Work, member_id: UUID) -> Person:
    work.require(Permission.MANAGE_STAFF)
    found = person(work, member_id)
    check_touch(actor=power(work), target=found.privileges, own=is_self(work, found.member))
    return found


def _text(day: object) -> str:
    return str(day or "")
