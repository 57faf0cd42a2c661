"""Reading the roster: one page of people, with everything that stands in their rows."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from motlink.moments import until_day
from motlink.orgs.zones import practice_of, today_of, zone_of
from motlink.permissions import Permission
from motlink.staff import roster_questions as questions
from motlink.staff.agreements import is_current
from motlink.staff.days import day_of_state, is_on_leave
from motlink.staff.locks import locked_among
from motlink.staff.roster_choices import choices_of
from motlink.staff.roster_search import find
from motlink.staff.rows import RoleChip, RosterPage, RosterRow, RosterView, TagChip
from motlink.staff.rules import minutes_left, state_of
from motlink.work import Work


class Day(NamedTuple):
    """The practice's zone, the day it is there, and the moment: read once for a page."""

    zone: ZoneInfo
    today: date
    now: datetime


def roster(work: Work, *, view: RosterView) -> RosterPage:
    """Return one page of the practice's people."""
    work.require(Permission.MANAGE_STAFF)
    active, inactive, asked = _counts(work)
    found = find(work, view, everyone=active + inactive if view.inactive else active)
    return RosterPage(
        rows=roster_rows(work, member_ids=found.ids),
        shown=found.shown,
        active=active,
        inactive=inactive,
        pages=found.pages,
        page=found.page,
        asked=asked,
        you=work.actor.member_id,
        **choices_of(work),
    )


def roster_rows(work: Work, *, member_ids: Sequence[UUID]) -> tuple[RosterRow, ...]:
    """Return rows for these members of the practice, in this order; unknown ids are left out."""
    work.require(Permission.MANAGE_STAFF)
    answer = work.session.execute(questions.people(), {"org": work.org_id, "ids": member_ids})
    people = {person.id: person for person in answer}
    found = [member_id for member_id in member_ids if member_id in people]
    (roles, owners), tags = _roles_of(work, found), tags_of(work, found)
    shut = locked_among(work.session, practice_of(work), people.values(), work.now, owners=owners)
    day = Day(zone_of(work), today_of(work), work.now)
    return tuple(_row(day, people[one], roles[one], tags[one], one in shut) for one in found)


def initials(first: str, last: str) -> str:
    """Return up to two letters for the gray circle."""
    return f"{first[:1]}{last[:1]}".upper() if first[:1].isascii() or last[:1].isascii() else first[:1]


def _row(day: Day, person: Any, roles: list[RoleChip], tags: list[TagChip], shut: bool) -> RosterRow:
    until = person.invited_until
    state = state_of(
        deactivated=person.deactivated_at is not None,
        joined=person.joined_at is not None,
        has_role=any(chip.on for chip in roles),
        invited_until=until,
        now=day.now,
        leaves_at=person.leaves_at,
        on_leave=is_on_leave(person, day.today),
        locked=shut,
    )
    called = person.preferred_name or person.first_name
    return RosterRow(
        id=person.id,
        name=f"{called} {person.last_name}".strip(),
        whole_name=_whole_name(person),
        initials=initials(called, person.last_name),
        phone=person.phone,
        email=person.email,
        state=state,
        minutes_left=minutes_left(until, day.now) if until else 0,
        on_day=day_of_state(state, person.leaves_at, person.on_leave_until, day.zone, day.now),
        roles=tuple(sorted(roles, key=lambda chip: not chip.on)),
        tags=tuple(tags),
        agent=person.is_agent,
        no_baa=person.is_agent and not is_current(person.baa_signed_on, day.today),
    )


def _whole_name(person: Any) -> str:
    whole = f"{person.first_name} {person.last_name}".strip()
    return f"{whole}, called {person.preferred_name}" if person.preferred_name else whole


def _counts(work: Work) -> tuple[int, int, int]:
    answer = work.session.execute(questions.counts(), {"org": work.org_id, "now": work.now})
    everyone, inactive, withdrawn, asked = answer.one()
    return everyone - inactive, inactive - withdrawn, asked


def _roles_of(work: Work, ids: Sequence[UUID]) -> tuple[dict[UUID, list[RoleChip]], set[UUID]]:
    """Return the roles of each, and who has or had one that makes an owner."""
    found: dict[UUID, list[RoleChip]] = defaultdict(list)
    owners = set()
    values = {"org": work.org_id, "ids": ids, "now": work.now}
    for member_id, name, paid, on, owns in work.session.execute(questions.roles(), values):
        found[member_id].append(RoleChip(name, paid, bool(on)))
        if owns:
            owners.add(member_id)
    return found, owners


def tags_of(work: Work, ids: Sequence[UUID]) -> dict[UUID, list[TagChip]]:
    """Return the tags these members wear, by name."""
    today = today_of(work)
    found: dict[UUID, list[TagChip]] = defaultdict(list)
    for member_id, name, color, ends_on in work.session.execute(
        questions.tags(), {"ids": ids, "today": today}
    ):
        found[member_id].append(TagChip(name, color, until_day(ends_on, today)))
    return found
