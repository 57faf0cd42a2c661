"""Who is locked out, and who will be: what the Security page says before anybody decides (TA-22)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select

from motlink.errors import Invalid
from motlink.moments import day_words
from motlink.orgs.rules import checked_lock_after
from motlink.orgs.zones import practice_of, today_of, zone_of
from motlink.permissions import Permission
from motlink.staff.locks import Clock, Cutoff, clock_start, cutoff_after, locked, not_locked, spared_owner
from motlink.staff.models import StaffMember
from motlink.staff.places import open_at
from motlink.work import Work

# So many names of one kind stand on the screen.
MOST_NAMES = 25
# The forecast looks ahead so far.
WINDOWS = (7, 14, 30)


@dataclass(frozen=True)
class Someone:
    """A name, a link and the day on which the place is locked, in words."""

    id: UUID
    name: str
    on: str


@dataclass(frozen=True)
class Group:
    """How many, and the first of them by name."""

    count: int
    first: tuple[Someone, ...]


@dataclass(frozen=True)
class Outlook:
    """The practice's choice, and what follows from it or from another."""

    after_days: int | None
    version: int
    now: Group
    # Within 7, within 14, within 30 days: each without those before it.
    soon: tuple[Group, ...]


def lock_outlook(work: Work, *, choice: str = "", days: str = "") -> Outlook:
    """Return who is and will be locked by the practice's choice, or by another that is not saved.

    Raises Invalid for a number that is none of 1 to 365.
    """
    work.require(Permission.SECURITY)
    org = practice_of(work)
    after = checked_lock_after(choice, days) if choice else org.lock_after_days
    ends = [work.now + timedelta(days=ahead) for ahead in (0, *WINDOWS)]
    shut = [_locked_at(work, after, at) for at in ends]
    groups = [_group(work, after, *shut[0][1])]
    for (earlier, _), (_, conditions) in pairwise(shut):
        groups.append(_group(work, after, *conditions, earlier))
    return Outlook(org.lock_after_days, org.version, groups[0], tuple(groups[1:]))


def who_locked(work: Work, *where: Any, most: int = 0) -> list[StaffMember]:
    """Return those whose place is locked now."""
    return _people(work, *_locked_at(work, practice_of(work).lock_after_days, work.now)[1], *where, most=most)


def how_many_locked(work: Work) -> int:
    """Return how many places are locked now."""
    conditions = _locked_at(work, practice_of(work).lock_after_days, work.now)[1]
    return _count(work, conditions)


def who_soon(work: Work, within: int, *where: Any, most: int = 0) -> list[StaffMember]:
    """Return those of one of the WINDOWS: locked by its end unless they sign in, and not before it begins."""
    if within not in WINDOWS:
        raise Invalid("Choose 7, 14 or 30 days.", field="within")
    after, ahead = practice_of(work).lock_after_days, (0, *WINDOWS)[WINDOWS.index(within)]
    still_open = _locked_at(work, after, work.now + timedelta(days=ahead))[0]
    then = _locked_at(work, after, work.now + timedelta(days=within))[1]
    return _people(work, *then, still_open, *where, most=most)


def lock_day(member: Clock, after_days: int | None, zone: ZoneInfo) -> date | None:
    """Return the day on which a place will be locked, or has been."""
    start = clock_start(member, zone)
    if start is None or after_days is None:
        return None
    return (start + timedelta(days=after_days)).astimezone(zone).date()


def _locked_at(work: Work, after: int | None, at: datetime) -> tuple[Any, tuple[Any, ...]]:
    """Return the condition that a place is not locked at a moment, and those that it is there and locked."""
    cutoff: Cutoff = cutoff_after(after, zone_of(work), at)
    never = spared_owner(work.session, work.org_id, at, cutoff) if after is not None else None
    return not_locked(cutoff, never), (locked(cutoff, never), open_at(at))


def _here(work: Work, where: Sequence[Any]) -> tuple[Any, ...]:
    return col(StaffMember.org_id) == work.org_id, col(StaffMember.deactivated_at).is_(None), *where


def _people(work: Work, *where: Any, most: int) -> list[StaffMember]:
    query = select(StaffMember).where(*_here(work, where)).order_by(col(StaffMember.id))
    return list(work.session.exec(query.limit(most) if most else query))


def _count(work: Work, where: Sequence[Any]) -> int:
    return int(work.session.exec(select(func.count()).where(*_here(work, where))).one())


def _group(work: Work, after: int | None, *where: Any) -> Group:
    count = _count(work, where) if after else 0
    if count == 0:
        return Group(0, ())
    query = select(StaffMember).where(*_here(work, where)).order_by(col(StaffMember.sort_name))
    zone, today = zone_of(work), today_of(work)
    first = [
        Someone(member.id, member.name, _day(member, after, zone, today))
        for member in work.session.exec(query.limit(MOST_NAMES))
    ]
    return Group(count, tuple(first))


def _day(member: StaffMember, after: int | None, zone: ZoneInfo, today: date) -> str:
    on = lock_day(member, after, zone)
    return day_words(on, today) if on else ""
