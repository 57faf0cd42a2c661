"""The role switches of a person, each with the reason where it cannot be moved."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from motlink.errors import MotlinkError
from motlink.moments import day
from motlink.orgs.models import Organization
from motlink.permissions import Permission
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import grants_of, privileges_by_role, roles_in_force, roles_of_org
from motlink.roles.rules import Privileges, is_owner
from motlink.staff.errors import LastOwner
from motlink.staff.people import Person, is_self, keep_an_owner, power
from motlink.staff.rows import RoleSwitch
from motlink.staff.rules import check_switch, check_touch
from motlink.work import Work


def switches_of(work: Work, shown: Person | None) -> tuple[RoleSwitch, ...]:
    """Return every role of the practice as a switch, with the reason where it cannot be moved."""
    on_now, latest = _held(work, shown.member.id) if shown else (set[UUID](), dict[UUID, RoleGrant]())
    allowed = privileges_by_role(work)
    zone = zone_of(work)
    return tuple(
        RoleSwitch(
            id=role.id,
            key=role.key,
            name=role.name,
            description=role.description,
            section=role.section,
            paid=role.paid,
            on=role.id in on_now,
            note=_note(latest.get(role.id), role.id in on_now, zone, work.now),
            reason=_reason(work, shown, role, allowed.get(role.id, {}), role.id in on_now),
        )
        for role in roles_of_org(work)
    )


def _held(work: Work, member_id: UUID) -> tuple[set[UUID], dict[UUID, RoleGrant]]:
    """Return the roles that are on, and each role's latest grant."""
    on_now = {role.id for role in roles_in_force(work.session, work.org_id, member_id, work.now)}
    return on_now, {grant.role_id: grant for grant in reversed(grants_of(work, member_id))}


def add_switches(work: Work) -> tuple[RoleSwitch, ...]:
    """Return the roles of the add form: what someone new could be given by the actor."""
    work.require(Permission.MANAGE_STAFF)
    return switches_of(work, None)


def _note(grant: RoleGrant | None, on: bool, zone: ZoneInfo, now: datetime) -> str:
    if grant is None:
        return ""
    if on:
        return f"until {day(grant.ends_at, zone, now)}" if grant.ends_at else ""
    ended = grant.ended_at or grant.ends_at
    return f"off since {day(ended, zone, now)}" if ended else ""


def _reason(work: Work, shown: Person | None, role: Role, wanted: Privileges, on: bool) -> str:
    own, target = (is_self(work, shown.member), shown.privileges) if shown else (False, {})
    try:
        check_switch(actor=power(work), target=target, role=wanted, role_name=role.name, on=not on, own=own)
    except MotlinkError as refusal:
        return refusal.sentence
    if shown and on and is_owner(wanted):
        return owner_reason(work, shown)
    return ""


def touch_reason(work: Work, shown: Person) -> str:
    """Return why the actor may not deactivate or reactivate this person, nothing where they may."""
    try:
        check_touch(actor=power(work), target=shown.privileges, own=is_self(work, shown.member))
    except MotlinkError as refusal:
        return refusal.sentence
    return ""


def owner_reason(work: Work, shown: Person) -> str:
    """Return that this is the only owner, nothing where it is not so."""
    if not shown.is_owner:
        return ""
    try:
        keep_an_owner(work, shown.member)
    except LastOwner as refusal:
        return str(refusal)
    return ""


def zone_of(work: Work) -> ZoneInfo:
    """Return the practice's zone."""
    return ZoneInfo(work.session.get_one(Organization, work.org_id).time_zone)
