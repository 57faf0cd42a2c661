"""Which people the roster shows, and in which order: made to answer in milliseconds with 100,000 of them.

One reading finds how many match, and the first of them with what they are sorted by. Where those are all, they are
sorted here; where there are more, an index of the order is walked from the nearer end until a page is full, which many
matches make short.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, literal, null, or_
from sqlalchemy import select as _select
from sqlmodel import col, select

from motlink.database import by_another_index, is_sqlite
from motlink.errors import Invalid
from motlink.folding import fold
from motlink.orgs.zones import today_of
from motlink.permissions import Permission
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import NO_OPTION, in_force
from motlink.staff.models import StaffMember
from motlink.staff.place_search import in_place
from motlink.staff.roster_states import in_any
from motlink.staff.rows import PAGE_SIZE, RosterView
from motlink.tags.models import Tag, Tagging
from motlink.tags.rules import tag_key
from motlink.tags.worn import is_on
from motlink.work import Work

# Up to so many matches are sorted by themselves: with 10,000 people a walk to 300 of them takes as long as finding
# them. Above it a walk meets one soon enough, also among 100,000.
FEW = 500


@dataclass(frozen=True)
class Matches:
    """How many people match, and the ids of the page."""

    shown: int
    page: int
    pages: int
    ids: tuple[UUID, ...]


def find(work: Work, view: RosterView, *, everyone: int) -> Matches:
    """Return the page of ids that a view asks for, or the last one before it; `everyone` is who could match."""
    wanted = _Wanted(work, view)
    few = None
    shown = everyone
    if wanted.narrows:
        few, shown = _first(work, wanted, view)
    pages = max(1, -(-shown // PAGE_SIZE))
    page = min(max(1, view.page), pages)
    if few is None:
        return Matches(shown, page, pages, _page_of_ids(work, view, wanted.in_turn(), page, shown))
    return Matches(shown, page, pages, tuple(few[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]))


def all_ids(work: Work, view: RosterView, *, most: int = 100_000) -> list[UUID]:
    """Return everyone of a view, on all its pages, in its order."""
    who = _Wanted(work, view).at_once()
    order = [key.desc() if view.down else key.asc() for key in _order(view.sort)]
    return list(work.session.exec(select(StaffMember.id).where(*who).order_by(*order).limit(most)))


def everyone_in(work: Work, *, view: RosterView, most: int) -> list[UUID]:
    """Return everyone of a view, for an act on all of them. Raises Invalid where they are more than `most`."""
    work.require(Permission.MANAGE_STAFF)
    found = all_ids(work, view, most=most + 1)
    if len(found) > most:
        raise Invalid(f"At most {most:,} people at once. Narrow the list first.")
    return found


def _first(work: Work, wanted: "_Wanted", view: RosterView) -> tuple[list[UUID] | None, int]:
    """Return the ids in the view's order where they are few, else None; and how many match."""
    # A database reads once what is asked twice under one name. A window function took a fifth longer.
    hit = select(StaffMember.id).where(*wanted.at_once()).cte("hit")
    number = select(func.count()).select_from(hit).scalar_subquery()
    keys = _select(*_order(view.sort), number).join(hit, hit.c.id == col(StaffMember.id))
    found = work.session.execute(keys.limit(FEW + 1)).all()
    shown = found[0][-1] if found else 0
    if shown > FEW:
        return None, shown
    # As tuples, because rows compare themselves in Python. These columns are compared byte by byte in both databases;
    # the last before the count is the id.
    return [one[-2] for one in sorted(map(tuple, found), reverse=view.down)], shown


class _Wanted:
    """The conditions of a view."""

    def __init__(self, work: Work, view: RosterView) -> None:
        self._words = fold(_typed(view.q)).split()[:8]
        self._tag_keys = [tag_key(_typed(key)) for key in view.tags]
        roles, tags = (
            _named(work, map(_typed, view.roles), self._tag_keys) if view.roles or view.tags else ({}, {})
        )
        self._grants = _held(work, roles) if view.roles else None
        # For each key the one tag that has it, or none.
        self._tag_ids = [[tags[key]] if key in tags else [] for key in self._tag_keys]
        self._org_id, self._view = work.org_id, view
        self._today = today_of(work)
        self._states = [in_any(work, view.states)] if view.states else []
        self._where = in_place(work, view)
        self._tags = _folded_tags(work) if self._words else []
        self._last_order = max(roles.values(), default=0) if view.roles and view.sort == "roles" else None

    @property
    def narrows(self) -> bool:
        """Whether anything but the switch for inactive people is asked."""
        asked = (self._words, self._view.roles, self._view.tags, self._states, self._where)
        return any(asked)

    def at_once(self) -> list[ColumnElement[bool]]:
        """For reading everyone: who wears the tags and holds a role is found first, and once."""
        lists = [self._wearers(ids) for ids in self._tag_ids]
        if self._grants:
            lists.append(select(RoleGrant.member_id).where(*self._grants))
        among = [col(StaffMember.id).in_(_in_all(lists))] if lists else []
        here = self._here()
        if self._words and (among or self._states):
            # From the holders to their rows: read through the index of the texts, everyone would be looked up among
            # the holders (0.10 s with 100,000, this way 0.06).
            here = [by_another_index(condition) for condition in here]
        return [*here, *self._texts(), *among, *self._states]

    def in_turn(self) -> list[ColumnElement[bool]]:
        """For walking along an index: each person is asked about when their turn comes."""
        me = col(StaffMember.id)
        held = [select(1).where(*self._grants, RoleGrant.member_id == me).exists()] if self._grants else []
        worn = [self._wearers(ids).where(Tagging.member_id == me).exists() for ids in self._tag_ids]
        return [*self._here(), *self._bounds(), *held, *worn, *self._states, *self._texts()]

    def _here(self) -> list[Any]:
        here: list[Any] = [StaffMember.org_id == self._org_id, *self._where]
        if not self._view.inactive:
            return [*here, col(StaffMember.deactivated_at).is_(None)]
        # The index says of the active ones already that they are seen.
        seen = or_(col(StaffMember.deactivated_at).is_(None), col(StaffMember.withdrawn_at).is_(None))
        return [*here, seen]

    def _bounds(self) -> Iterable[Any]:
        """The first role or tag of who has one of these stands no later: the walk need not begin behind it."""
        if self._last_order is not None:
            yield col(StaffMember.role_order) <= self._last_order
        if self._tag_keys and self._view.sort == "tags":
            yield col(StaffMember.tag_order) <= min(self._tag_keys)

    def _texts(self) -> list[ColumnElement[bool]]:
        return [self._matches(word) for word in self._words]

    def _matches(self, word: str) -> ColumnElement[bool]:
        """A word is found in name, email or phone, or in the name of a tag the person wears."""
        digits = "".join(c for c in word if c.isdigit())
        needle = digits if digits and not any(c.isalpha() for c in word) else word
        position = func.instr if is_sqlite() else func.strpos
        in_text = position(col(StaffMember.search_text), needle) > 0
        tag_ids = [tag_id for tag_id, name in self._tags if word in name]
        if not tag_ids:
            return in_text
        return or_(in_text, col(StaffMember.id).in_(self._wearers(tag_ids)))

    def _wearers(self, tag_ids: list[UUID]) -> Any:
        # By ids: through a join on the tag's key SQLite read all that is worn, once for each person.
        return select(Tagging.member_id).where(
            Tagging.org_id == self._org_id,
            col(Tagging.tag_id).in_(tag_ids),
            is_on(self._today),
        )


def _in_all(lists: list[Any]) -> Any:
    """Return who is in each of these lists, one inside the other: side by side everyone is looked up in all of them."""
    first, *others = lists
    member_id = first.selected_columns[0]
    return first.where(*(member_id.in_(other.correlate(None)) for other in others))


def _named(
    work: Work, role_keys: Iterable[str], tag_keys: Iterable[str]
) -> tuple[dict[UUID, int], dict[str, UUID]]:
    """Return these roles by id with where each stands among the practice's, and the ids of these tags by key."""
    values = {"org": work.org_id, "roles": list(role_keys), "tags": list(tag_keys)}
    roles: dict[UUID, int] = {}
    tags: dict[str, UUID] = {}
    for found_id, position, key in work.session.execute(_names(), values):
        if key is None:
            roles[found_id] = position
        else:
            tags[key] = found_id
    return roles, tags


@cache
def _names() -> Any:
    org: Any = bindparam("org")
    roles = _select(col(Role.id), col(Role.position), null().label("key")).where(
        col(Role.org_id) == org, col(Role.key).in_(bindparam("roles", expanding=True)), NO_OPTION
    )
    tags = _select(col(Tag.id), literal(0), col(Tag.key)).where(
        col(Tag.org_id) == org,
        col(Tag.key).in_(bindparam("tags", expanding=True)),
        col(Tag.ended_at).is_(None),
    )
    return tags.union_all(roles)


def _held(work: Work, role_ids: Iterable[UUID]) -> list[Any]:
    return [RoleGrant.org_id == work.org_id, col(RoleGrant.role_id).in_(role_ids), in_force(work.now)]


def _folded_tags(work: Work) -> list[tuple[UUID, str]]:
    # A tag's key keeps its accents, and the practice has few: they are folded here.
    query = select(Tag.id, Tag.key).where(Tag.org_id == work.org_id, col(Tag.ended_at).is_(None))
    return [(tag_id, fold(key)) for tag_id, key in work.session.exec(query)]


def _typed(text: str) -> str:
    # PostgreSQL takes no NUL and no half of a surrogate pair.
    return "".join(c for c in text if c.isprintable() or c.isspace())[:200]


def _page_of_ids(work: Work, view: RosterView, who: list[Any], page: int, shown: int) -> tuple[UUID, ...]:
    """Return the ids of one page, reading the index of the order from whichever end is nearer."""
    start = (page - 1) * PAGE_SIZE
    size = min(PAGE_SIZE, shown - start)
    from_end = start > shown // 2
    skip = shown - start - size if from_end else start
    # One direction for all keys: only then an index can be read backwards.
    order = [key.desc() if view.down != from_end else key.asc() for key in _order(view.sort)]
    ids = tuple(
        work.session.exec(select(StaffMember.id).where(*who).order_by(*order).offset(skip).limit(size))
    )
    return ids[::-1] if from_end else ids


def _order(sort: str) -> list[Any]:
    column = {"phone": "phone", "email": "email", "roles": "role_order", "tags": "tag_order"}.get(sort)
    last = [col(StaffMember.sort_name), col(StaffMember.id)]
    return [getattr(StaffMember, column), *last] if column else last
