"""Reading the roster: search, filter, sort, page. Made to answer in milliseconds with 100,000 people."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_
from sqlalchemy import select as _select
from sqlmodel import col, select

from motlink.accounts.models import Account
from motlink.database import is_sqlite
from motlink.permissions import Permission
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import in_force, roles_of_org
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.rows import PAGE_SIZE, Choice, RoleChip, RosterPage, RosterRow, RosterView, TagChip
from motlink.staff.rules import fold, minutes_left, state_of
from motlink.tags.models import Tag, Tagging
from motlink.tags.rules import tag_key
from motlink.work import Work


def roster(work: Work, *, view: RosterView) -> RosterPage:
    """Return one page of the practice's people."""
    work.require(Permission.MANAGE_STAFF)
    wanted = _conditions(work, view)
    active, inactive = _counts(work)
    if view.q.strip() or view.roles or view.tags:
        shown = work.session.exec(select(func.count()).select_from(StaffMember).where(*wanted)).one()
    else:
        shown = active + inactive if view.inactive else active
    pages = max(1, -(-shown // PAGE_SIZE))
    page = min(max(1, view.page), pages)
    ids = _page_of_ids(work, view, wanted, page, shown)
    return RosterPage(
        rows=roster_rows(work, member_ids=ids),
        shown=shown,
        active=active,
        inactive=inactive,
        pages=pages,
        page=page,
        role_choices=tuple(Choice(role.key, role.name) for role in roles_of_org(work)),
        tag_choices=_tag_choices(work),
    )


def roster_rows(work: Work, *, member_ids: Sequence[UUID]) -> tuple[RosterRow, ...]:
    """Return rows for these members of the practice, in this order; unknown ids are left out."""
    work.require(Permission.MANAGE_STAFF)
    query = (
        select(StaffMember, Account.email)
        .join(Account, col(Account.id) == col(StaffMember.account_id))
        .where(StaffMember.org_id == work.org_id, col(StaffMember.id).in_(member_ids))
    )
    people = {member.id: (member, email) for member, email in work.session.exec(query)}
    found = [member_id for member_id in member_ids if member_id in people]
    roles, tags, until = _roles_of(work, found), tags_of(work, found), _invited_until(work, found)
    return tuple(
        _row(work, *people[member_id], roles[member_id], tags[member_id], until.get(member_id))
        for member_id in found
    )


def initials(first: str, last: str) -> str:
    """Return up to two letters for the gray circle."""
    return f"{first[:1]}{last[:1]}".upper() if first[:1].isascii() or last[:1].isascii() else first[:1]


def _row(
    work: Work, member: StaffMember, email: str, roles: list[RoleChip], tags: list[TagChip], until: Any
) -> RosterRow:
    return RosterRow(
        id=member.id,
        name=member.name,
        initials=initials(member.first_name, member.last_name),
        phone=member.phone,
        email=email,
        state=state_of(
            deactivated=member.deactivated_at is not None,
            joined=member.joined_at is not None,
            has_role=any(chip.on for chip in roles),
            invited_until=until,
            now=work.now,
        ),
        minutes_left=minutes_left(until, work.now) if until else 0,
        roles=tuple(sorted(roles, key=lambda chip: not chip.on)),
        tags=tuple(tags),
        you=member.id == work.actor.member_id,
    )


def _conditions(work: Work, view: RosterView) -> list[ColumnElement[bool]]:
    wanted: list[Any] = [StaffMember.org_id == work.org_id]
    if not view.inactive:
        wanted.append(col(StaffMember.deactivated_at).is_(None))
    wanted += [_matches(work, word) for word in fold(_typed(view.q)).split()[:8]]
    if view.roles:
        holders = (
            select(RoleGrant.member_id)
            .join(Role, col(Role.id) == col(RoleGrant.role_id))
            .where(
                RoleGrant.org_id == work.org_id,
                col(Role.key).in_(map(_typed, view.roles)),
                in_force(work.now),
            )
        )
        wanted.append(col(StaffMember.id).in_(holders))
    for key in view.tags:
        wanted.append(col(StaffMember.id).in_(_wearers(work, Tag.key == tag_key(_typed(key)))))
    return wanted


def _typed(text: str) -> str:
    # PostgreSQL takes no NUL and no half of a surrogate pair.
    return "".join(c for c in text if c.isprintable() or c.isspace())[:200]


def _matches(work: Work, word: str) -> ColumnElement[bool]:
    """A word is found in name, email or phone, or in the name of a tag the person wears."""
    digits = "".join(c for c in word if c.isdigit())
    needle = digits if digits and not any(c.isalpha() for c in word) else word
    find = func.instr if is_sqlite() else func.strpos
    in_text = find(col(StaffMember.search_text), needle) > 0
    # A tag's key keeps its accents, and the practice has few: they are folded here.
    keys = work.session.exec(select(Tag.id, Tag.key).where(Tag.org_id == work.org_id))
    tag_ids = [tag_id for tag_id, key in keys if word in fold(key)]
    if not tag_ids:
        return in_text
    return or_(in_text, col(StaffMember.id).in_(_wearers(work, col(Tagging.tag_id).in_(tag_ids))))


def _wearers(work: Work, which: Any) -> Any:
    worn = and_(col(Tagging.org_id) == work.org_id, col(Tagging.ended_at).is_(None), which)
    return select(Tagging.member_id).join(Tag, col(Tag.id) == col(Tagging.tag_id)).where(worn)


def _page_of_ids(
    work: Work, view: RosterView, wanted: list[ColumnElement[bool]], page: int, shown: int
) -> list[UUID]:
    """Return the ids of one page, reading the index of the order from whichever end is nearer."""
    start = (page - 1) * PAGE_SIZE
    size = min(PAGE_SIZE, shown - start)
    from_end = start > shown // 2
    skip = shown - start - size if from_end else start
    # One direction for all keys: only then an index can be read backwards.
    order = [key.desc() if view.down != from_end else key.asc() for key in _order(view.sort)]
    query = select(StaffMember.id).where(*wanted).order_by(*order).offset(skip).limit(size)
    ids = list(work.session.exec(query))
    return ids[::-1] if from_end else ids


def _order(sort: str) -> list[Any]:
    column = {"phone": "phone", "email": "email", "roles": "role_order", "tags": "tag_order"}.get(sort)
    last = [col(StaffMember.sort_name), col(StaffMember.id)]
    return [getattr(StaffMember, column), *last] if column else last


def _counts(work: Work) -> tuple[int, int]:
    counts = select(func.count(), func.count(col(StaffMember.deactivated_at))).where(
        StaffMember.org_id == work.org_id
    )
    everyone, inactive = work.session.exec(counts).one()
    return everyone - inactive, inactive


def _tag_choices(work: Work) -> tuple[Choice, ...]:
    query = select(Tag).where(Tag.org_id == work.org_id).order_by(col(Tag.key)).limit(200)
    return tuple(Choice(tag.key, tag.name) for tag in work.session.exec(query))


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
        .where(col(RoleGrant.member_id).in_(ids))
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
    query = (
        select(Tagging.member_id, Tag.name, Tag.color)
        .join(Tag, col(Tag.id) == col(Tagging.tag_id))
        .where(col(Tagging.member_id).in_(ids), col(Tagging.ended_at).is_(None))
        .order_by(col(Tag.key))
    )
    found: dict[UUID, list[TagChip]] = defaultdict(list)
    for member_id, name, color in work.session.exec(query):
        found[member_id].append(TagChip(name, color))
    return found


def _invited_until(work: Work, ids: Sequence[UUID]) -> dict[UUID, Any]:
    query = select(Invitation.member_id, Invitation.expires_at).where(
        col(Invitation.member_id).in_(ids),
        col(Invitation.accepted_at).is_(None),
        col(Invitation.superseded_at).is_(None),
        col(Invitation.revoked_at).is_(None),
    )
    return dict(work.session.exec(query).all())
