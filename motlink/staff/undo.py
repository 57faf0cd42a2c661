"""Undo: a new act by the same person through the same checks, refused once the thing has changed (UX-02)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlmodel import select

from motlink.audit.models import AuditEntry
from motlink.errors import MotlinkError, NotAllowed, NotFound
from motlink.permissions import Permission
from motlink.roles.models import Role
from motlink.roles.queries import open_grant
from motlink.staff.actions import deactivate, edit_member, put_off, reactivate, switch_role
from motlink.staff.errors import Inactive, UndoRefused
from motlink.staff.models import StaffMember
from motlink.staff.people import when_let_go
from motlink.work import Done, Work

SWITCHES = {"staff.role_on", "staff.role_off"}
PLACE = {"staff.deactivated", "staff.reactivated"}


def undo(work: Work, *, entry_id: UUID) -> Done:
    """Take back one act of the actor's own. It never revives links, sessions or sent mail.

    Raises NotFound for an unknown entry, NotAllowed for somebody else's, UndoRefused once things have changed.
    """
    entry = work.session.get(AuditEntry, entry_id)
    if entry is None or entry.org_id != work.org_id:
        raise NotFound
    if entry.actor_id != work.actor.account_id:
        raise NotAllowed("Only the person who did this can undo it.", next_step="Change it back instead.")
    way_back = WAYS_BACK.get(entry.action)
    if (
        way_back is None
        or entry.subject_id is None
        or any(later.undoes == entry.id for later in _later(work, entry))
    ):
        raise UndoRefused
    member = work.get(StaffMember, entry.subject_id)
    result = way_back(work, entry, member)
    _mark(work, entry.id, member)
    return Done(result.sentence)


def restore_roles(work: Work, *, member_id: UUID) -> Done:
    """Switch on a person's previous roles, through the same checks, as far as the actor may give them.

    Raises Inactive for someone who has to be reactivated first.
    """
    work.require(Permission.MANAGE_STAFF)
    member = work.get(StaffMember, member_id)
    if member.deactivated_at:
        raise Inactive(member.name)
    entry = when_let_go(work, member.id)
    if entry is None:
        raise NotFound("There are no previous roles.")
    given = _give_back(work, entry, member)
    return Done(f"{', '.join(given) or 'No role'} restored for {member.name}.")


def _role_back(work: Work, entry: AuditEntry, member: StaffMember) -> Done:
    switched, was_on = _payload(entry)["role_id"], entry.action == "staff.role_on"
    later = _later(work, entry)
    if any(
        act.action in PLACE or (act.action in SWITCHES and _payload(act)["role_id"] == switched)
        for act in later
    ):
        raise UndoRefused
    role_id = UUID(switched)
    grant = open_grant(work, member.id, role_id)
    is_on = grant is not None and (grant.ends_at is None or grant.ends_at > work.now)
    if is_on != was_on or member.deactivated_at:
        raise UndoRefused
    if was_on:
        return put_off(work, member_id=member.id, role_id=role_id)
    return switch_role(work, member_id=member.id, role_id=role_id, on=True, confirmed=True)


def _deactivation_back(work: Work, entry: AuditEntry, member: StaffMember) -> Done:
    if member.deactivated_at != entry.at:
        raise UndoRefused
    reactivate(work, member_id=member.id)
    given = _give_back(work, entry, member)
    roles = f" with {', '.join(given)}" if given else ", with no roles"
    return Done(f"{member.name} is active again{roles}. Ended sessions stay ended.")


def _reactivation_back(work: Work, entry: AuditEntry, member: StaffMember) -> Done:
    # Whoever has a role again, or has come in, is no longer the person who was taken back.
    if any(act.action in {*PLACE, *SWITCHES, "staff.accepted"} for act in _later(work, entry)):
        raise UndoRefused
    return deactivate(work, member_id=member.id)


def _edit_back(work: Work, entry: AuditEntry, member: StaffMember) -> Done:
    payload = _payload(entry)
    if member.version != payload["version"]:
        raise UndoRefused
    return edit_member(work, member_id=member.id, version=member.version, **payload["before"])


def _give_back(work: Work, entry: AuditEntry, member: StaffMember) -> list[str]:
    given: list[str] = []
    for role_id in _payload(entry)["role_ids"]:
        role = work.get(Role, UUID(role_id))
        try:
            switch_role(work, member_id=member.id, role_id=role.id, on=True, confirmed=True)
        except MotlinkError:
            continue
        given.append(role.name)
    return given


def _payload(entry: AuditEntry) -> dict[str, Any]:
    if entry.payload is None:
        raise UndoRefused
    return entry.payload


def _later(work: Work, entry: AuditEntry) -> list[AuditEntry]:
    """Return what has been done about the same person since; a role turned off and on again is not the same role."""
    query = select(AuditEntry).where(
        AuditEntry.org_id == work.org_id,
        AuditEntry.subject_id == entry.subject_id,
        AuditEntry.number > entry.number,
    )
    return list(work.session.exec(query))


def _mark(work: Work, entry_id: UUID, member: StaffMember) -> None:
    # The act just recorded names the one it takes back.
    if work.entries:
        work.entries[0].undoes = entry_id
    else:
        work.record("undone", member, undoes=entry_id)


WAYS_BACK: dict[str, Callable[[Work, AuditEntry, StaffMember], Done]] = {
    "staff.role_on": _role_back,
    "staff.role_off": _role_back,
    "staff.deactivated": _deactivation_back,
    "staff.reactivated": _reactivation_back,
    "staff.edited": _edit_back,
}
