"""Reading the Roles page: what each role may do, what it costs, how many have it; two roles side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from motlink.permissions import Permission, Scope
from motlink.roles.models import Role
from motlink.roles.prices import SEAT, listed
from motlink.roles.queries import count_holders, privileges_by_role, roles_and_options
from motlink.roles.rules import Privileges, may_design, reaches_of
from motlink.roles.words import GROUPS, REACH_WORDS
from motlink.work import Work

Reaches = Mapping[str, str]


@dataclass(frozen=True)
class RoleColumn:
    """A role as a column. `reaches` says how far each privilege goes, in words: "no", "own", "chosen", "yes"."""

    id: UUID
    key: str
    name: str
    description: str
    section: str
    builtin: bool
    cents: int
    people: int
    version: int
    reaches: Reaches
    option_of: str = ""


@dataclass(frozen=True)
class Matrix:
    """The roles of a practice, and the options that stand under some."""

    roles: tuple[RoleColumn, ...]
    options: tuple[RoleColumn, ...]


@dataclass(frozen=True)
class DesignRow:
    """A privilege in the form of a role: how far the actor may let it reach."""

    permission: str
    group: str
    words: str
    reaches: tuple[str, ...]


def matrix(work: Work) -> Matrix:
    """Return what every role of the practice may do."""
    work.require(Permission.MANAGE_STAFF)
    allowed, people = privileges_by_role(work), count_holders(work)
    columns = [
        _column(role, allowed.get(role.id, {}), people.get(role.id, 0)) for role in roles_and_options(work)
    ]
    return Matrix(
        roles=tuple(one for one in columns if not one.option_of),
        options=tuple(one for one in columns if one.option_of),
    )


def design_rows(work: Work) -> tuple[DesignRow, ...]:
    """Return what the actor may put into a role: never more than they have (TA-25)."""
    work.require(Permission.MANAGE_STAFF)
    return tuple(
        DesignRow(permission.value, group, words, tuple(REACH_WORDS[one] for one in _let(work, permission)))
        for group, rows in GROUPS
        for permission, words in rows
        if len(_let(work, permission)) > 1
    )


def words_of(privileges: Privileges) -> dict[str, str]:
    """Return how far each privilege goes, in words."""
    return {one.value: REACH_WORDS[privileges.get(one, Scope.NONE)] for one in Permission}


def _let(work: Work, permission: Permission) -> list[Scope]:
    mine = dict.fromkeys(Permission, Scope.ALL) if work.actor.kind == "system" else work.actor.privileges
    return [scope for scope in reaches_of(permission) if not may_design(mine, {permission: scope})]


def _column(role: Role, allowed: Privileges, people: int) -> RoleColumn:
    return RoleColumn(
        id=role.id,
        key=role.key,
        name=role.name,
        description=role.description,
        section=role.section,
        builtin=role.builtin,
        cents=listed(SEAT) if role.paid else listed(role.addon),
        people=people,
        version=role.version,
        reaches=words_of(allowed),
        option_of=role.option_of,
    )
