"""A practice's own roles: made as a copy, edited, taken away; never more than their maker may (TA-25)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, delete, select

from motlink.errors import Conflict, Invalid, NotAllowed, NotFound
from motlink.folding import name_key
from motlink.permissions import Permission, Scope, holds
from motlink.roles.catalogue import FIRST_OPTION, SECTIONS
from motlink.roles.errors import BeyondMaker, BuiltIn, HeldByYou, PriceStays, RoleChanged, StillHeld
from motlink.roles.models import Role, RolePermission
from motlink.roles.queries import holders_of, privileges_of_role, roles_and_options, was_held, who_may
from motlink.roles.rules import (
    Privileges,
    is_owner,
    manages_staff,
    may_design,
    reaches_of,
)
from motlink.roles.words import REACH_WORDS, WORDS
from motlink.work import Done, Work

LONGEST_NAME = 40
LONGEST_DESCRIPTION = 120
# Their places in the order of the screen lie between the built-in roles and the options.
MOST_ROLES = FIRST_OPTION - 20


@dataclass(frozen=True)
class Design:
    """What makes a role: its words, its section, which decides the price, and how far each privilege reaches."""

    name: str
    description: str
    section: str
    privileges: Privileges


@dataclass(frozen=True)
class RoleMade(Done):
    """A new role, and the word it has in the address."""

    role_id: UUID | None = None
    key: str = ""


def make_role(
    work: Work, *, name: str, description: str, section: str, privileges: Mapping[Permission, Scope]
) -> RoleMade:
    """Make a role of the practice's own.

    Raises Invalid (with the field), BeyondMaker for a privilege the actor lacks.
    """
    work.require(Permission.MANAGE_STAFF)
    design = _clean(work, name, description, section, privileges)
    _check_design(work, design.privileges)
    everything = list(work.session.exec(select(Role).where(Role.org_id == work.org_id)))
    places = [role.position for role in everything if not role.option_of and role.ended_at is None]
    if len(places) >= MOST_ROLES:
        raise Conflict("This practice has as many roles as fit.", next_step="Delete one first.")
    free = set(range(FIRST_OPTION)) - set(places)
    role = Role(
        id=work.new_id(),
        org_id=work.org_id,
        key=_key(design.name, {role.key for role in everything}),
        name=design.name,
        description=design.description,
        module="pm",
        section=design.section,
        builtin=False,
        paid=_paid(design.section),
        position=max(places) + 1 if max(places) + 1 in free else min(free),
    )
    work.add(role)
    _allow(work, role, design.privileges)
    entry = work.record("role.made", role, role=role.name, version=role.version, **_told(design))
    work.notify("roles", role.id)
    return RoleMade(f"{role.name} is made. Nobody holds it yet.", undo=entry, role_id=role.id, key=role.key)


def edit_role(
    work: Work,
    *,
    role_id: UUID,
    version: int,
    name: str,
    description: str,
    section: str,
    privileges: Mapping[Permission, Scope],
) -> Done:
    """Change a role of the practice's own, at once for everyone who holds it.

    Raises BuiltIn, BeyondMaker, HeldByYou, RoleChanged where someone else saved since `version` (LV-02), and PriceStays
    for a role that was ever held and would cost something else.
    """
    work.require(Permission.MANAGE_STAFF)
    role = _own(work, role_id)
    design = _clean(work, name, description, section, privileges, but=role)
    before = design_of(work, role)
    _check_holders(work, role, before.privileges, design.privileges)
    if role.version != version:
        raise RoleChanged(_differing(before, design), role.version)
    if before == design:
        return Done("Nothing has changed.")
    paid = _paid(design.section)
    if paid != role.paid and was_held(work, role.id):
        raise PriceStays(role.name, paid=role.paid)
    role.name, role.description, role.section = design.name, design.description, design.section
    role.paid = paid
    role.version += 1
    work.add(role)
    _allow(work, role, design.privileges)
    told: dict[str, Any] = {"before": _told(before), "after": _told(design)}
    entry = work.record("role.edited", role, role=role.name, version=role.version, **told)
    _tell(work, role)
    return Done(f"{role.name} is saved.", undo=entry)


def may_edit(work: Work, *, role_id: UUID) -> None:
    """Ask whether the actor may change a role at all, before its form opens. Raises what edit_role would."""
    work.require(Permission.MANAGE_STAFF)
    role = _own(work, role_id)
    before = privileges_of_role(work, role.id)
    _check_holders(work, role, before, before)


def end_role(work: Work, *, role_id: UUID) -> Done:
    """Take a role of the practice's own away. Raises StillHeld while somebody has it."""
    work.require(Permission.MANAGE_STAFF)
    role = _own(work, role_id)
    _check_design(work, privileges_of_role(work, role.id))
    if holders := holders_of(work, role.id):
        raise StillHeld(role.name, len(holders))
    role.ended_at = work.now
    role.version += 1
    work.add(role)
    entry = work.record("role.ended", role, role=role.name, version=role.version)
    work.notify("roles", role.id)
    return Done(f"{role.name} is deleted.", undo=entry)


def bring_back(work: Work, *, role_id: UUID, version: int) -> Done:
    """Undo the end of a role, through the same checks. Raises Invalid where its name is another one's by now."""
    work.require(Permission.MANAGE_STAFF)
    role = work.get(Role, role_id)
    if role.builtin or role.ended_at is None or role.version != version:
        raise NotFound
    _check_design(work, privileges_of_role(work, role.id))
    _check_name(work, role.name, role)
    role.ended_at = None
    role.version += 1
    work.add(role)
    work.record("role.made", role, role=role.name, version=role.version, **_told(design_of(work, role)))
    work.notify("roles", role.id)
    return Done(f"{role.name} is back.")


def design_of(work: Work, role: Role) -> Design:
    """Return what makes a role as it is now."""
    return Design(role.name, role.description, role.section, privileges_of_role(work, role.id))


def design_told(told: Mapping[str, str]) -> Design:
    """Return what an audit entry told of a role."""
    reach = {words: scope for scope, words in REACH_WORDS.items()}
    privileges = {p: reach[told[p.value]] for p in Permission if told.get(p.value, "no") != "no"}
    return Design(told["name"], told["description"], told["section"], privileges)


def _own(work: Work, role_id: UUID) -> Role:
    role = work.get(Role, role_id)
    if role.ended_at:
        raise NotFound
    if role.builtin:
        raise BuiltIn(role.name)
    return role


def _clean(
    work: Work,
    name: str,
    description: str,
    section: str,
    privileges: Mapping[Permission, Scope],
    *,
    but: Role | None = None,
) -> Design:
    name, description = (
        _line(name, LONGEST_NAME, "name"),
        _line(description, LONGEST_DESCRIPTION, "description"),
    )
    if not name_key(name):
        raise Invalid("A name is needed.", field="name")
    _check_name(work, name, but)
    if section not in SECTIONS:
        raise Invalid("Choose one of the three sections.", field="section")
    given = {p: scope for p, scope in privileges.items() if scope != Scope.NONE}
    for permission, scope in given.items():
        if scope not in reaches_of(permission):
            raise Invalid(f"{WORDS[permission]} cannot be had in this way.", field="privileges")
    return Design(name, description, section, given)


def _paid(section: str) -> bool:
    return section == "provider"


def _line(text: str, longest: int, field: str) -> str:
    line = " ".join(text.split())
    if len(line) > longest:
        raise Invalid(f"This is too long: {longest} characters at most.", field=field)
    if not line.isprintable():
        raise Invalid("This has characters that cannot be shown.", field=field)
    return line


def _check_name(work: Work, name: str, but: Role | None) -> None:
    for role in roles_and_options(work):
        if role is not but and name_key(role.name) == name_key(name):
            raise Invalid(f"There is a role {role.name} already.", field="name")


def _check_design(work: Work, privileges: Privileges) -> None:
    if work.actor.kind == "system":
        return
    if beyond := may_design(work.actor.privileges, privileges):
        raise BeyondMaker([WORDS[permission] for permission in beyond])


def _check_holders(work: Work, role: Role, before: Privileges, after: Privileges) -> None:
    """An edit is a grant to everyone who holds the role: it is asked as one."""
    if work.actor.kind == "system":
        return
    _check_design(work, after)
    actor = work.actor.privileges
    if manages_staff(before) and not holds(actor, Permission.MANAGE_MANAGERS):
        raise NotAllowed("Only an owner or manager changes a role that manages staff.")
    holders = holders_of(work, role.id)
    if work.actor.member_id in {holder.id for holder in holders} and not is_owner(actor):
        raise HeldByYou
    if holds(actor, Permission.MANAGE_MANAGERS):
        return
    managers = who_may(work, Permission.MANAGE_STAFF)
    for holder in holders:
        if holder.id in managers:
            raise NotAllowed(
                f"{holder.name} manages staff and holds this role.", next_step="Ask an owner or manager."
            )


def _allow(work: Work, role: Role, privileges: Privileges) -> None:
    gone = delete(RolePermission).where(col(RolePermission.role_id) == role.id)
    work.session.exec(gone)
    for permission, scope in privileges.items():
        work.session.add(
            RolePermission(role_id=role.id, permission=permission, org_id=work.org_id, scope=scope)
        )
    work.session.flush()


def _told(design: Design) -> dict[str, Any]:
    """Return a role in words that the log shows and that an undo can read again."""
    reach = {p.value: REACH_WORDS[design.privileges.get(p, Scope.NONE)] for p in Permission}
    return {"name": design.name, "description": design.description, "section": design.section, **reach}


def _differing(theirs: Design, ours: Design) -> dict[str, str]:
    saved, typed = _told(theirs), _told(ours)
    return {field: words for field, words in saved.items() if words != typed[field]}


def _key(name: str, taken: set[str]) -> str:
    """Return the word of a role in addresses: "front-desk", or "front-desk-2" where that was used before."""
    base = re.sub(r"[^a-z0-9]+", "-", name_key(name)).strip("-")[:50] or "role"
    return next(key for n in range(1, 10_000) if (key := base if n == 1 else f"{base}-{n}") not in taken)


def _tell(work: Work, role: Role) -> None:
    work.notify("roles", role.id)
    # Their chips, prices and rights may all read differently now.
    work.notify("staff")
    if holders := holders_of(work, role.id):
        work.notify("access_changed", *(holder.account_id for holder in holders))
