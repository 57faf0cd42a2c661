"""How what was done about a person is taken back: through the same checks, refused once they have changed (UX-02)."""

from uuid import UUID

from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, WayBack, acts_since, payload_of
from motlink.errors import MotlinkError, NotFound
from motlink.permissions import Permission
from motlink.roles.models import Role
from motlink.roles.queries import open_grant
from motlink.staff.actions import deactivate, edit_member, put_off, reactivate, switch_role
from motlink.staff.errors import Inactive
from motlink.staff.models import StaffMember
from motlink.staff.people import when_let_go
from motlink.work import Done, Work

SWITCHES = {"staff.role_on", "staff.role_off"}
PLACE = {"staff.deactivated", "staff.reactivated"}


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


def _role_back(work: Work, entry: AuditEntry) -> Done:
    member = _about(work, entry)
    switched, was_on = payload_of(entry)["role_id"], entry.action == "staff.role_on"
    later = acts_since(work, entry)
    if any(
        act.action in PLACE or (act.action in SWITCHES and payload_of(act)["role_id"] == switched)
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


def _deactivation_back(work: Work, entry: AuditEntry) -> Done:
    member = _about(work, entry)
    if member.deactivated_at != entry.at:
        raise UndoRefused
    reactivate(work, member_id=member.id)
    given = _give_back(work, entry, member)
    roles = f" with {', '.join(given)}" if given else ", with no roles"
    return Done(f"{member.name} is active again{roles}. Ended sessions stay ended.")


def _reactivation_back(work: Work, entry: AuditEntry) -> Done:
    member = _about(work, entry)
    # Whoever has a role again, or has come in, is no longer the person who was taken back.
    if any(act.action in {*PLACE, *SWITCHES, "staff.accepted"} for act in acts_since(work, entry)):
        raise UndoRefused
    return deactivate(work, member_id=member.id)


def _edit_back(work: Work, entry: AuditEntry) -> Done:
    member = _about(work, entry)
    payload = payload_of(entry)
    if member.version != payload["version"]:
        raise UndoRefused
    return edit_member(work, member_id=member.id, version=member.version, **payload["before"])


def _give_back(work: Work, entry: AuditEntry, member: StaffMember) -> list[str]:
    given: list[str] = []
    for role_id in payload_of(entry)["role_ids"]:
        role = work.get(Role, UUID(role_id))
        try:
            switch_role(work, member_id=member.id, role_id=role.id, on=True, confirmed=True)
        except MotlinkError:
            continue
        given.append(role.name)
    return given


def _about(work: Work, entry: AuditEntry) -> StaffMember:
    return work.get(StaffMember, entry.subject_id)


WAYS_BACK: dict[str, WayBack] = {
    "staff.role_on": _role_back,
    "staff.role_off": _role_back,
    "staff.deactivated": _deactivation_back,
    "staff.reactivated": _reactivation_back,
    "staff.edited": _edit_back,
}
