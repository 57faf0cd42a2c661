"""What would become of a row of a file: create, update, unchanged, refused. Pure, over what import_lookup has read."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from motlink.errors import MotlinkError, NotAllowed
from motlink.orgs.rules import location_key
from motlink.permissions import Permission, holds
from motlink.roles.rules import Privileges
from motlink.staff.import_lookup import Here
from motlink.staff.import_rows import Row
from motlink.staff.models import StaffMember
from motlink.staff.rules import check_switch, check_touch
from motlink.tags.rules import tag_key

# Our field -> its word on the screen.
DETAILS = {"first_name": "First name", "last_name": "Last name", "phone": "Phone", "designation": "Job title"}
FACTS = {"preferred_name": "Preferred name", "starts_on": "Start date", "location": "Location"}
WORDS = DETAILS | FACTS


NO_AGENT_BY_FILE = "A file makes nobody an External Agent: use “New External Agent”."


@dataclass(frozen=True)
class Fate:
    """What would become of a row, in a word and in sentences; `changes` is what an update would do."""

    word: str
    reason: str = ""
    changes: dict[str, Any] | None = None


def fate_of(row: Row, here: Here, *, actor: Privileges, me: object) -> Fate:
    """Return the fate of one row for an actor with these privileges, whose own member id is `me`.

    Nobody who is here loses anything by a file but, where it says so, the place itself: an empty cell changes nothing,
    roles and tags are added, never taken. Someone inactive is never let in again by a file.
    """
    member = here.member(row.email)
    if agent := _about_an_agent(row, member, here):
        return agent
    if member is None or member.withdrawn_at:
        refusal = _beyond(row.roles, here, actor, {}, own=False) or _no_tags(row.tags, actor)
        return Fate("refused", refusal) if refusal else Fate("create")
    if member.deactivated_at and row.active:
        return Fate("refused", f"{member.name} is inactive here. Reactivate first, on the Profile.")
    changes = changes_of(row, member, here)
    if not changes:
        return Fate("unchanged", f"{member.name} is here already.")
    refusal = _may_not(row, member, here, changes, actor, own=member.id == me)
    return Fate("refused", refusal) if refusal else Fate("update", "; ".join(_words(changes, here)), changes)


def _about_an_agent(row: Row, member: StaffMember | None, here: Here) -> Fate | None:
    """A file makes no External Agent and changes none: they say by their code where they work (TA-24)."""
    if member is None or member.withdrawn_at:
        return Fate("refused", NO_AGENT_BY_FILE) if row.agent else None
    if not member.is_agent:
        return (
            Fate("refused", f"{member.name} is a staff member here. {NO_AGENT_BY_FILE}")
            if row.agent
            else None
        )
    if member.deactivated_at is None and changes_of(row, member, here):
        return Fate("refused", f"{member.name} is an External Agent here. Change them on the Profile.")
    return None


def changes_of(row: Row, member: StaffMember, here: Here) -> dict[str, Any]:
    """Return what differs: {"phone": [ours, theirs], …, "roles": [keys], "tags": [names], "deactivate": True}."""
    changes: dict[str, Any] = {}
    given = row.given | ({"first_name", "last_name"} if "full_name" in row.given else set())
    for field in WORDS:
        ours, theirs = here.detail(member, field), detail(row, field)
        if field in given and theirs and not _same(field, ours, theirs):
            changes[field] = [ours, theirs]
    if member.deactivated_at is None:
        if not row.active:
            return changes | {"deactivate": True}
        if roles := [key for key in row.roles if key not in here.held[member.id]]:
            changes["roles"] = roles
        if tags := [name for name in row.tags if tag_key(name)[:80] not in here.worn[member.id]]:
            changes["tags"] = tags
    return changes


def detail(row: Row, field: str) -> str:
    """Return what a row says of one field, as a form takes it."""
    value = getattr(row, field)
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _same(field: str, ours: str, theirs: str) -> bool:
    return location_key(ours) == location_key(theirs) if field == "location" else ours == theirs


def _may_not(
    row: Row, member: StaffMember, here: Here, changes: dict[str, Any], actor: Privileges, *, own: bool
) -> str:
    target = here.privileges_of(member)
    try:
        if (changes.keys() & WORDS.keys() and not own) or "deactivate" in changes:
            check_touch(actor=actor, target=target, own=own)
    except MotlinkError as refusal:
        return str(refusal)
    return _beyond(changes.get("roles", ()), here, actor, target, own=own) or _no_tags(
        changes.get("tags", ()), actor
    )


def _no_tags(names: Any, actor: Privileges) -> str:
    """Return why the actor may put no tag on anyone: a role of the practice's own can manage staff without it."""
    return str(NotAllowed()) if names and not holds(actor, Permission.EDIT_TAGS) else ""


def _beyond(keys: Any, here: Here, actor: Privileges, target: Privileges, *, own: bool) -> str:
    """Return why the actor may not give one of these roles, asked before anything is written."""
    try:
        for key in keys:
            role = here.roles.get(key)
            if role is None:
                # Deleted since the file was read.
                return "One of its roles is no longer here."
            wanted = here.privileges.get(role.id, {})
            check_switch(actor=actor, target=target, role=wanted, role_name=role.name, on=True, own=own)
    except MotlinkError as refusal:
        return str(refusal)
    return ""


def _words(changes: dict[str, Any], here: Here) -> list[str]:
    words = [
        f"{WORDS[field]}: {ours or 'none'} → {theirs}"
        for field, (ours, theirs) in ((one, changes[one]) for one in WORDS if one in changes)
    ]
    if roles := changes.get("roles"):
        words.append(f"Gets {', '.join(here.roles[key].name for key in roles)}")
    if tags := changes.get("tags"):
        words.append(f"Gets the tag{'s' if len(tags) > 1 else ''} {', '.join(tags)}")
    if "deactivate" in changes:
        words.append("Will be deactivated")
    return words
