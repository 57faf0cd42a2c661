"""Reading the roster: one page of people, with everything that stands in their rows."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func
from sqlalchemy import select as _select
from sqlmodel import col, select

from motlink.accounts.models import Account
from motlink.database import by_another_index
from motlink.moments import until_day
from motlink.orgs.zones import practice_of, today_of, zone_of
from motlink.permissions import Permission
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import NO_OPTION, in_force
from motlink.staff.agreements import is_current
from motlink.staff.days import day_of_state, is_on_leave
from motlink.staff.desk import asked_count
from motlink.staff.links import unspent
from motlink.staff.locks import locked_among
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.roster_choices import choices_of
from motlink.staff.roster_search import find
from motlink.staff.rows import RoleChip, RosterPage, RosterRow, RosterView, TagChip
from motlink.staff.rules import minutes_left, state_of
from motlink.tags.models import Tag, Tagging
from motlink.tags.worn import is_on
from motlink.work import Work


def roster(work: Work, *, view: RosterView) -> RosterPage:
    """Return one page of the practice's people."""
    work.require(Permission.MANAGE_STAFF)
    active, inactive = _counts(work)
    found = find(work, view, everyone=active + inactive if view.inactive else active)
    return RosterPage(
        rows=roster_rows(work, member_ids=found.ids),
        shown=found.shown,
        active=active,
        inactive=inactive,
        pages=found.pages,
        page=found.page,
        asked=asked_count(work),
        you=work.actor.member_id,
        **choices_of(work),
    )


def roster_rows(work: Work, *, member_ids: Sequence[UUID]) -> tuple[RosterRow, ...]:
    """Return rows for these members of the practice, in this order; unknown ids are left out."""
    work.require(Permission.MANAGE_STAFF)
    # Columns, not whole rows: half of the time went into making those.
    columns: tuple[Any, ...] = (
        StaffMember.id,
        StaffMember.first_name,
        StaffMember.last_name,
        StaffMember.preferred_name,
        StaffMember.phone,
        StaffMember.joined_at,
        StaffMember.deactivated_at,
        StaffMember.leaves_at,
        StaffMember.on_leave_until,
        StaffMember.signed_in_at,
        StaffMember.unlocked_at,
        StaffMember.back_at,
        StaffMember.is_agent,
        StaffMember.baa_signed_on,
        Account.email,
        col(Invitation.expires_at).label("invited_until"),
    )
    link = and_(col(Invitation.member_id) == col(StaffMember.id), unspent())
    query = (
        _select(*columns)
        .join(Account, col(Account.id) == col(StaffMember.account_id))
        .outerjoin(Invitation, link)
        .where(
            col(StaffMember.org_id) == work.org_id,
            col(StaffMember.id).in_(member_ids),
            col(StaffMember.withdrawn_at).is_(None),
        )
    )
    people = {person.id: person for person in work.session.execute(query)}
    found = [member_id for member_id in member_ids if member_id in people]
    roles, tags = _roles_of(work, found), tags_of(work, found)
    shut = locked_among(work.session, practice_of(work), people.values(), work.now)
    return tuple(_row(work, people[one], roles[one], tags[one], one in shut) for one in found)


def initials(first: str, last: str) -> str:
    """Return up to two letters for the gray circle."""
    return f"{first[:1]}{last[:1]}".upper() if first[:1].isascii() or last[:1].isascii() else first[:1]


def _row(work: Work, person: Any, roles: list[RoleChip], tags: list[TagChip], shut: bool) -> RosterRow:
    until = person.invited_until
    state = state_of(
        deactivated=person.deactivated_at is not None,
        joined=person.joined_at is not None,
        has_role=any(chip.on for chip in roles),
        invited_until=until,
        now=work.now,
        leaves_at=person.leaves_at,
        on_leave=is_on_leave(person, today_of(work)),
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
        minutes_left=minutes_left(until, work.now) if until else 0,
        on_day=day_of_state(state, person.leaves_at, person.on_leave_until, zone_of(work), work.now),
        roles=tuple(sorted(roles, key=lambda chip: not chip.on)),
        tags=tuple(tags),
        agent=person.is_agent,
        no_baa=person.is_agent and not is_current(person.baa_signed_on, today_of(work)),
    )


def _whole_name(person: Any) -> str:
    whole = f"{person.first_name} {person.last_name}".strip()
    return f"{whole}, called {person.preferred_name}" if person.preferred_name else whole


def _counts(work: Work) -> tuple[int, int]:
    here = col(StaffMember.org_id) == work.org_id
    # An import that was taken back leaves inactive places which nobody sees; there is an index of those alone.
    away = (by_another_index(here), col(StaffMember.withdrawn_at).is_not(None))
    unseen = select(func.count()).where(*away).scalar_subquery()
    counts = select(func.count(), func.count(col(StaffMember.deactivated_at)), unseen).where(here)
    everyone, inactive, withdrawn = work.session.exec(counts).one()
    return everyone - inactive, inactive - withdrawn


# The ids below are of this practice already (and foreign keys tie the rows to it); naming the practice again makes
# the planner read all of its grants instead of these people's.


def _roles_of(work: Work, ids: Sequence[UUID]) -> dict[UUID, list[RoleChip]]:
    # The literal True/False of in_force is computed by the database, so that an end date counts to the second.
    columns: tuple[Any, ...] = (
        RoleGrant.member_id,
        Role.name,
        Role.paid,
        func.max(_as_int(in_force(work.now))),
    )
    query = (
        _select(*columns)
        .join(Role, col(Role.id) == col(RoleGrant.role_id))
        .where(col(RoleGrant.member_id).in_(ids), NO_OPTION)
        .group_by(*map(col, (RoleGrant.member_id, Role.id, Role.name, Role.paid, Role.position)))
        .order_by(col(Role.position))
    )
    found: dict[UUID, list[RoleChip]] = defaultdict(list)
    for member_id, name, paid, on in work.session.execute(query):
        found[member_id].append(RoleChip(name, paid, bool(on)))
    return found


def _as_int(condition: Any) -> Any:
    return case((condition, 1), else_=0)


def tags_of(work: Work, ids: Sequence[UUID]) -> dict[UUID, list[TagChip]]:
    """Return the tags these members wear, by name."""
    today = today_of(work)
    columns: tuple[Any, ...] = (Tagging.member_id, Tag.name, Tag.color, Tagging.ends_on)
    query = (
        _select(*columns)
        .join(Tag, col(Tag.id) == col(Tagging.tag_id))
        .where(col(Tagging.member_id).in_(ids), is_on(today))
        .order_by(col(Tag.key))
    )
    found: dict[UUID, list[TagChip]] = defaultdict(list)
    for member_id, name, color, ends_on in work.session.execute(query):
        found[member_id].append(TagChip(name, color, until_day(ends_on, today)))
    return found
