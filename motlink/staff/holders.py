"""Reading who has a role, who could get it, and what taking it would end (TA-25)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from motlink.errors import MotlinkError
from motlink.folding import fold
from motlink.permissions import Permission
from motlink.roles.matrix import words_of
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import BY_NAME, holders_query, in_force, privileges_of_role, role_by_key
from motlink.roles.rules import is_owner, reaches_records
from motlink.staff.models import StaffMember
from motlink.staff.people import person, power
from motlink.staff.roster import initials
from motlink.staff.rules import check_switch
from motlink.work import Work

FIRST_HOLDERS = 8
MOST_HOLDERS = 200
SUGGESTIONS = 8


@dataclass(frozen=True)
class Holder:
    """Somebody who has a role, or could get it. `seat` says whether a seat is paid for them already."""

    id: UUID
    name: str
    initials: str
    seat: bool = False


@dataclass(frozen=True)
class RolePanel:
    """Who has a role. `refusal` says why the actor cannot give it."""

    role_id: UUID
    key: str
    people: int
    holders: tuple[Holder, ...]
    refusal: str
    is_owner: bool
    records: bool


def role_panel(work: Work, *, key: str, limit: int = FIRST_HOLDERS) -> RolePanel | None:
    """Return who has the role of this key, the first of them by name; nothing for an unknown key."""
    work.require(Permission.MANAGE_STAFF)
    role = role_by_key(work, key[:60]) if key.isprintable() else None
    if role is None or role.option_of:
        return None
    query = holders_query(work, role.id)
    people = work.session.exec(select(func.count()).select_from(query.subquery())).one()
    first = work.session.exec(query.order_by(*BY_NAME).limit(min(limit, MOST_HOLDERS)))
    wanted = privileges_of_role(work, role.id)
    return RolePanel(
        role_id=role.id,
        key=role.key,
        people=people,
        holders=tuple(_holder(one) for one in first),
        refusal=_refusal(work, role),
        is_owner=is_owner(wanted),
        records=reaches_records(wanted) and not is_owner(wanted),
    )


def people_without(work: Work, *, role_id: UUID, q: str) -> tuple[Holder, ...]:
    """Return the first active people with these letters in their name who do not have the role."""
    work.require(Permission.MANAGE_STAFF)
    held = select(RoleGrant.member_id).where(
        RoleGrant.role_id == work.get(Role, role_id).id, in_force(work.now)
    )
    query = _named(work, q).where(col(StaffMember.id).not_in(held))
    people = work.session.exec(query.order_by(*BY_NAME).limit(SUGGESTIONS)).all()
    seats = _with_seat(work, [one.id for one in people])
    return tuple(_holder(one, seat=one.id in seats) for one in people)


def people_like(work: Work, *, q: str) -> tuple[Holder, ...]:
    """Return the first active people with these letters in their name."""
    work.require(Permission.MANAGE_STAFF)
    query = _named(work, q).order_by(*BY_NAME).limit(SUGGESTIONS)
    return tuple(_holder(one) for one in work.session.exec(query))


def reaches_of_person(work: Work, *, member_id: UUID) -> dict[str, str]:
    """Return what all roles of a member together allow now, in words."""
    work.require(Permission.MANAGE_STAFF)
    return words_of(person(work, member_id).privileges)


def last_role_of(work: Work, *, role_id: UUID, members: Sequence[UUID]) -> tuple[str, ...]:
    """Return the names of those for whom this is the last role: without it their place ends (TA-12)."""
    work.require(Permission.MANAGE_STAFF)
    role = work.get(Role, role_id)
    others = (
        select(RoleGrant.member_id)
        .join(Role, col(Role.id) == col(RoleGrant.role_id))
        .where(RoleGrant.org_id == work.org_id, in_force(work.now), Role.id != role.id, Role.option_of == "")
    )
    query = holders_query(work, role.id).where(
        col(StaffMember.id).in_(members), col(StaffMember.id).not_in(others)
    )
    return tuple(one.name for one in work.session.exec(query.order_by(*BY_NAME)))


def _named(work: Work, q: str) -> SelectOfScalar[StaffMember]:
    active = col(StaffMember.deactivated_at).is_(None)
    query = select(StaffMember).where(StaffMember.org_id == work.org_id, active)
    for word in fold("".join(c for c in q if c.isprintable()))[:80].split()[:4]:
        query = query.where(col(StaffMember.sort_name).contains(word, autoescape=True))
    return query


def _refusal(work: Work, role: Role) -> str:
    wanted = privileges_of_role(work, role.id)
    try:
        check_switch(actor=power(work), target={}, role=wanted, role_name=role.name, on=True, own=False)
    except MotlinkError as refusal:
        return refusal.sentence
    return ""


def _with_seat(work: Work, ids: Sequence[UUID]) -> set[UUID]:
    query = (
        select(RoleGrant.member_id)
        .join(Role, col(Role.id) == col(RoleGrant.role_id))
        .where(
            RoleGrant.org_id == work.org_id, col(RoleGrant.member_id).in_(ids), in_force(work.now), Role.paid
        )
    )
    return set(work.session.exec(query))


def _holder(one: StaffMember, *, seat: bool = False) -> Holder:
    return Holder(one.id, one.name, initials(one.first_name, one.last_name), seat)
