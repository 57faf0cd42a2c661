"""What the roster can be filtered by: roles, tags, locations and supervisors of the practice, in one reading."""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import String, bindparam, cast, literal, union_all
from sqlalchemy import select as _select
from sqlmodel import col, select

from motlink.orgs.models import Location
from motlink.roles.models import Role
from motlink.roles.queries import NO_OPTION
from motlink.staff.models import StaffMember
from motlink.staff.rows import Choice
from motlink.tags.models import Tag
from motlink.work import Work

MOST_CHOICES = 200
KINDS = ("role_choices", "tag_choices", "location_choices", "supervisor_choices")
ORG: Any = bindparam("org")


def choices_of(work: Work) -> dict[str, tuple[Choice, ...]]:
    """Return the choices by the names that RosterPage has for them."""
    found: dict[str, list[tuple[str, Choice]]] = {kind: [] for kind in KINDS}
    for kind, order, key, first, last in work.session.execute(_question(), {"org": work.org_id}):
        key = str(UUID(key)) if kind == "supervisor_choices" else key
        found[kind].append((order, Choice(key, f"{first} {last}".strip())))
    return {kind: tuple(choice for _, choice in sorted(some, key=_first)) for kind, some in found.items()}


@cache
def _question() -> Any:
    # One question: four were a sixth of the time that a page takes on PostgreSQL. Put together once, like the list's.
    parts = (
        _roles(),
        _named(Tag, Tag.org_id == ORG, col(Tag.ended_at).is_(None)),
        _named(Location, Location.org_id == ORG),
        _supervisors(),
    )
    asked: list[Any] = [
        _select(literal(kind), *part.limit(MOST_CHOICES).subquery().c)
        for kind, part in zip(KINDS, parts, strict=True)
    ]
    return union_all(*asked)


def _first(one: tuple[str, Choice]) -> str:
    return one[0]


def _roles() -> Any:
    # As text, with zeros in front, so that all four are of one shape.
    place = cast(col(Role.position) + 10_000, String)
    query = _select(place, col(Role.key), col(Role.name), literal(""))
    return query.where(col(Role.org_id) == ORG, col(Role.ended_at).is_(None), NO_OPTION).order_by(place)


def _named(model: type[Tag] | type[Location], *where: Any) -> Any:
    columns: tuple[Any, ...] = (col(model.key).label("place"), col(model.key), col(model.name), literal(""))
    return _select(*columns).where(*where).order_by(col(model.key))


def _supervisors() -> Any:
    """Who supervises somebody."""
    above = select(StaffMember.supervisor_id).where(
        StaffMember.org_id == ORG, col(StaffMember.supervisor_id).is_not(None)
    )
    columns: tuple[Any, ...] = (
        StaffMember.sort_name,
        cast(col(StaffMember.id), String),
        StaffMember.first_name,
        StaffMember.last_name,
    )
    # These ids are of the practice: named once more, SQLite would walk through all of its people for them.
    query = _select(*columns).where(col(StaffMember.id).in_(above.distinct()))
    return query.order_by(col(StaffMember.sort_name))
