"""How what was done about a person is taken back: through the same checks, refused once they have changed (UX-02)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, WayBack, acts_since, payload_of
from motlink.errors import MotlinkError, NotFound
from motlink.permissions import Permission
from motlink.roles.grants import Terms, taken_at, terms_of
from motlink.roles.models import Role
from motlink.roles.queries import grant_in_force, options_of
from motlink.staff.actions import DETAILS, deactivate, edit_member, put_off, put_on, reactivate
from motlink.staff.days_undo import WAYS_BACK as DAYS
from motlink.staff.days_undo import plan_as_before
from motlink.staff.errors import Inactive
from motlink.staff.granting import options_on, set_terms
from motlink.staff.models import StaffMember
from motlink.staff.people import when_let_go
from motlink.work import Done, Work

SWITCHES = {"staff.role_on", "staff.role_off", "staff.role_terms"}
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
    _refuse_if_switched(work, entry, switched)
    role = work.get(Role, UUID(switched))
    is_on = grant_in_force(work, member.id, role.id) is not None
    if is_on != was_on or member.deactivated_at or (was_on and options_on(work, member, role)):
        raise UndoRefused
    if was_on:
        return put_off(work, member_id=member.id, role_id=role.id)
    return _role_and_options_back(work, entry, member, role)


def _refuse_if_switched(work: Work, entry: AuditEntry, role_id: str) -> None:
    for act in acts_since(work, entry):
        if act.action in PLACE or (act.action in SWITCHES and payload_of(act)["role_id"] == role_id):
            raise UndoRefused


def _role_and_options_back(work: Work, entry: AuditEntry, member: StaffMember, role: Role) -> Done:
    terms = taken_at(work, member.id, role.id, entry.at)
    if terms is None:
        raise UndoRefused
    if _is_over(work, terms):
        raise UndoRefused("This cannot be undone any more: its last day has passed.")
    done = put_on(work, member_id=member.id, role_id=role.id, terms=terms)
    for option in options_of(work, role):
        terms = taken_at(work, member.id, option.id, entry.at)
        if terms is not None and not _is_over(work, terms):
            put_on(work, member_id=member.id, role_id=option.id, terms=terms)
    return done


def _is_over(work: Work, terms: Terms) -> bool:
    return terms.ends_at is not None and terms.ends_at <= work.now


def _terms_back(work: Work, entry: AuditEntry) -> Done:
    member, payload = _about(work, entry), payload_of(entry)
    _refuse_if_switched(work, entry, payload["role_id"])
    grant = grant_in_force(work, member.id, UUID(payload["role_id"]))
    if grant is None or terms_of(work, grant) != _terms(payload["after_ids"]):
        raise UndoRefused
    former = {UUID(option): _moment(at) for option, at in payload.get("option_ids", {}).items()}
    before = _terms(payload["before_ids"])
    return set_terms(work, member_id=member.id, role_id=grant.role_id, terms=before, former=former)


def _terms(kept: dict[str, Any]) -> Terms:
    return Terms(
        _moment(kept["ends_at"]), kept["all_providers"], tuple(UUID(one) for one in kept["provider_ids"])
    )


def _moment(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None


def _deactivation_back(work: Work, entry: AuditEntry) -> Done:
    member = _about(work, entry)
    if member.deactivated_at != entry.at:
        raise UndoRefused
    reactivate(work, member_id=member.id)
    given = _give_back(work, entry, member)
    plan_as_before(work, member, payload_of(entry))
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
    before = payload["before"]
    details = {field: before[field] for field in DETAILS}
    # By its id: a name may be another's by now.
    facts = {field: before[field] for field in before.keys() - {*DETAILS, "supervisor"}}
    return edit_member(work, member_id=member.id, version=member.version, facts=facts, **details)


def _ended_at(entry: AuditEntry) -> datetime:
    """Return when a deactivation ended the roles: a last working day that was over, before anybody tidied up."""
    planned = payload_of(entry).get("planned_for")
    return min(entry.at, datetime.fromisoformat(planned)) if planned else entry.at


def _give_back(work: Work, entry: AuditEntry, member: StaffMember) -> list[str]:
    given: list[str] = []
    for role_id in payload_of(entry)["role_ids"]:
        role = work.get(Role, UUID(role_id))
        # A role that had an end date comes back until that date, or not at all once it has passed.
        terms = taken_at(work, member.id, role.id, _ended_at(entry))
        if terms is None or _is_over(work, terms):
            continue
        try:
            put_on(work, member_id=member.id, role_id=role.id, terms=terms)
        except MotlinkError:
            continue
        given.append(role.name)
    return given


def _about(work: Work, entry: AuditEntry) -> StaffMember:
    return work.get(StaffMember, entry.subject_id)


WAYS_BACK: dict[str, WayBack] = {
    **DAYS,
    "staff.role_on": _role_back,
    "staff.role_off": _role_back,
    "staff.role_terms": _terms_back,
    "staff.deactivated": _deactivation_back,
    "staff.reactivated": _reactivation_back,
    "staff.edited": _edit_back,
}
