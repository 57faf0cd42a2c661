"""Whether a place is open: not deactivated, and its last working day not over (TA-30). Asked at every check."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col

from motlink.staff.models import StaffMember


class Place(Protocol):
    """What of a member decides it."""

    deactivated_at: datetime | None
    leaves_at: datetime | None


def open_at(now: Any) -> ColumnElement[bool]:
    """The condition on StaffMember: active, and still there at `now`."""
    return and_(
        col(StaffMember.deactivated_at).is_(None),
        or_(col(StaffMember.leaves_at).is_(None), col(StaffMember.leaves_at) > now),
    )


def is_open(member: Place, now: datetime) -> bool:
    """Whether the same is true of a member that has been read."""
    return member.deactivated_at is None and not has_left(member, now)


def follows_account(member: StaffMember, now: datetime) -> bool:
    """Whether a place has the account's email: it was accepted and is open; else it keeps what it had (decision 16)."""
    return member.joined_at is not None and is_open(member, now)


def has_left(member: Place, now: datetime) -> bool:
    """Whether the last working day is over, be it that nothing has tidied up yet."""
    return member.leaves_at is not None and member.leaves_at <= now


def plan_of(member: StaffMember) -> dict[str, Any]:
    """Return a planned last working day for a record, nothing where there is none."""
    if member.leaves_at is None:
        return {}
    ends = (member.leaves_with or {}).get("revoke_invitations", True)
    return {"planned_for": member.leaves_at.isoformat(), "invitations": "end" if ends else "stay"}


def drop_plan(member: StaffMember) -> dict[str, Any]:
    """Forget a planned last working day, and return what it was."""
    plan = plan_of(member)
    member.leaves_at = member.leaves_by = member.leaves_with = None
    return plan
