"""How a planned last working day and leave are taken back (UX-02)."""

from datetime import datetime
from typing import Any

from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, WayBack, payload_of
from motlink.errors import Invalid, MotlinkError
from motlink.staff.last_days import cancel_leaving, plan_leaving, set_leave
from motlink.staff.models import StaffMember
from motlink.staff.places import plan_of
from motlink.work import Done, Work


def _plan_back(work: Work, entry: AuditEntry) -> Done:
    member, payload = work.get(StaffMember, entry.subject_id), payload_of(entry)
    planned = {"planned_for": payload["planned_for"], "invitations": payload["invitations"]}
    if plan_of(member) != planned:
        raise UndoRefused
    earlier = {key.removeprefix("earlier_"): payload[key] for key in payload if key.startswith("earlier_")}
    if earlier:
        return plan_again(work, member, earlier)
    return cancel_leaving(work, member_id=member.id)


def _cancel_back(work: Work, entry: AuditEntry) -> Done:
    member = work.get(StaffMember, entry.subject_id)
    if member.leaves_at is not None:
        raise UndoRefused
    return plan_again(work, member, payload_of(entry))


def plan_again(work: Work, member: StaffMember, plan: dict[str, Any]) -> Done:
    """Plan what was planned before. Raises UndoRefused once its moment has passed."""
    at, revoke = datetime.fromisoformat(plan["planned_for"]), plan["invitations"] == "end"
    try:
        return plan_leaving(work, member_id=member.id, leaves_at=at, revoke_invitations=revoke)
    except Invalid as passed:
        raise UndoRefused from passed


def plan_as_before(work: Work, member: StaffMember, payload: dict[str, Any]) -> None:
    """After a deactivation was taken back: a last working day that was planned, and is still to come, holds again."""
    if not payload.get("planned_for"):
        return
    try:
        plan_again(work, member, payload)
    except MotlinkError:
        return


def _leave_back(work: Work, entry: AuditEntry) -> Done:
    member, payload = work.get(StaffMember, entry.subject_id), payload_of(entry)
    if str(member.on_leave_until or "") != payload["back_on"]:
        raise UndoRefused
    back_at = member.back_at
    try:
        done = set_leave(work, member_id=member.id, back_on=payload["earlier"])
    except Invalid as passed:
        raise UndoRefused from passed
    # Leave that never was starts no clock anew: else it would open a place that is locked.
    if entry.action == "staff.leave_set":
        member.back_at = back_at
        work.add(member)
    return done


WAYS_BACK: dict[str, WayBack] = {
    "staff.leaving_planned": _plan_back,
    "staff.leaving_cancelled": _cancel_back,
    "staff.leave_set": _leave_back,
    "staff.leave_ended": _leave_back,
}
