"""Lock-out after so many days without sign-in (TA-22): computed wherever it is asked, never stored.

A place is locked once its clock has run for the practice's number of days. The clock starts at the latest of: in use
last, accepted, enabled, reactivated, back from leave. Days are of 24 hours, so that no change of clocks locks anyone
early. One owner is never locked: of those who stay, the one whose clock has started last.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, not_, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, col, select

from motlink.orgs.models import Organization
from motlink.permissions import Permission, Scope
from motlink.roles.models import Role, RoleGrant, RolePermission
from motlink.roles.queries import in_force
from motlink.staff.models import StaffMember
from motlink.staff.places import open_at


class Clock(Protocol):
    """What of a member decides it."""

    id: UUID
    joined_at: datetime | None
    signed_in_at: datetime | None
    unlocked_at: datetime | None
    back_at: datetime | None
    on_leave_until: date | None


class Cutoff(NamedTuple):
    """A clock that has started by then has run long enough; whoever is back from leave by that day is back as long."""

    at: Any
    day: Any


# With the policy off: before any clock, so that nobody is locked.
NEVER = Cutoff(datetime(1, 1, 2, tzinfo=UTC), date(1, 1, 1))


def cutoff_of(org: Organization, now: datetime) -> Cutoff:
    """Return the practice's cutoff at a moment."""
    return cutoff_after(org.lock_after_days, ZoneInfo(org.time_zone), now)


def cutoff_after(days: int | None, zone: ZoneInfo, now: datetime) -> Cutoff:
    """Return the cutoff of a policy of so many days, None for off."""
    if days is None:
        return NEVER
    at = now - timedelta(days=days)
    return Cutoff(at, at.astimezone(zone).date())


def is_stale(member: Clock, cutoff: Cutoff) -> bool:
    """Whether a place's clock has run out. People who never joined have no clock."""
    if member.joined_at is None:
        return False
    started = (member.joined_at, member.signed_in_at, member.unlocked_at, member.back_at)
    away = member.on_leave_until is not None and member.on_leave_until > cutoff.day
    return not away and all(one is None or one <= cutoff.at for one in started)


def clock_start(member: Clock, zone: ZoneInfo) -> datetime | None:
    """Return when the clock has started, None for people who never joined; after leave on the day back."""
    if member.joined_at is None:
        return None
    back = None if member.on_leave_until is None else morning_of(member.on_leave_until, zone)
    started = (member.joined_at, member.signed_in_at, member.unlocked_at, member.back_at, back)
    return max(one for one in started if one is not None)


def morning_of(on: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a day begins."""
    return datetime.combine(on, time.min, tzinfo=zone).astimezone(UTC)


def note_back(member: StaffMember, was_until: date, zone: ZoneInfo, now: datetime) -> None:
    """Keep from when somebody is back whose leave is ended: now, or the day they were back where that has passed."""
    back = min(now, morning_of(was_until, zone))
    member.back_at = max(back, member.back_at or back)


class latest(FunctionElement[datetime]):  # noqa: N801 - a function of SQL
    """The greatest of several moments, none of them NULL."""

    inherit_cache = True
    name = "latest"


@compiles(latest)
def _greatest(element: Any, compiler: Any, **options: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **options)})"


@compiles(latest, "sqlite")
def _max(element: Any, compiler: Any, **options: Any) -> str:
    return f"max({compiler.process(element.clauses, **options)})"


def locked(cutoff: Cutoff, never: Any) -> ColumnElement[bool]:
    """The condition on StaffMember that is_stale says, for all but the owner `never` (an id or a question for one)."""
    clock = col(StaffMember.joined_at), col(StaffMember.on_leave_until)
    later = (col(StaffMember.signed_in_at), col(StaffMember.unlocked_at), col(StaffMember.back_at))
    return and_(
        clock[0] <= cutoff.at,
        *(or_(one.is_(None), one <= cutoff.at) for one in later),
        or_(clock[1].is_(None), clock[1] <= cutoff.day),
        col(StaffMember.id).is_distinct_from(never),
    )


def not_locked(cutoff: Cutoff, never: Any) -> ColumnElement[bool]:
    """The opposite; true of those who never joined, too."""
    return or_(col(StaffMember.joined_at).is_(None), not_(locked(cutoff, never)))


def spared(org_id: Any, now: Any, cutoff: Cutoff) -> ScalarSelect[UUID]:
    """The question for the one owner who is never locked (keep_an_owner says who counts: decision 6).

    Of owners who stay the one whose clock has started last: while any of them is not locked, it is that one anyway.
    """
    joined = col(StaffMember.joined_at)
    start = latest(
        joined,
        *(
            case((one.is_(None), joined), else_=one)
            for one in (col(StaffMember.signed_in_at), col(StaffMember.unlocked_at), col(StaffMember.back_at))
        ),
    )
    stays = and_(col(StaffMember.leaves_at).is_(None), col(RoleGrant.ends_at).is_(None))
    away = col(StaffMember.on_leave_until) > cutoff.day
    return (
        select(StaffMember.id)
        .join(RoleGrant, col(RoleGrant.member_id) == col(StaffMember.id))
        .where(
            col(RoleGrant.org_id) == org_id,
            # From the few roles to the few who have them; of the people the practice is not asked, else all are read.
            col(RoleGrant.role_id).in_(may_own(org_id)),
            *(open_at(now), joined.is_not(None), in_force(now)),
        )
        .order_by(
            case((stays, 0), else_=1), case((away, 0), else_=1), start.desc(), col(StaffMember.id).desc()
        )
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )


def may_own(org_id: Any) -> Any:
    """The question for the roles that make an owner."""
    return (
        select(Role.id)
        .join(RolePermission, col(RolePermission.role_id) == col(Role.id))
        .where(
            col(Role.org_id) == org_id,
            RolePermission.permission == Permission.MANAGE_OWNERS,
            RolePermission.scope > Scope.OWN,
        )
    )


def spared_owner(session: Session, org_id: UUID, now: datetime, cutoff: Cutoff) -> UUID | None:
    """Return the one owner who is never locked."""
    found: UUID | None = session.execute(select(spared(org_id, now, cutoff))).scalar()
    return found


def locked_among(
    session: Session,
    org: Organization,
    members: Iterable[Clock],
    now: datetime,
    owners: Collection[UUID] | None = None,
) -> set[UUID]:
    """Return whose place is locked, of members of one practice that have been read.

    Where it is known who of them may be an owner, nobody else makes the database look for the one who is spared.
    """
    cutoff = cutoff_of(org, now)
    stale = {member.id for member in members if is_stale(member, cutoff)}
    if not stale or (owners is not None and stale.isdisjoint(owners)):
        return stale
    return stale - {spared_owner(session, org.id, now, cutoff)}
