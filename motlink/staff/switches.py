"""The role switches of a person, each with the reason where it cannot be moved."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from motlink.errors import MotlinkError
from motlink.moments import day, until
from motlink.orgs.zones import zone_of
from motlink.permissions import Permission
from motlink.roles.agents import is_for_agents
from motlink.roles.grants import Terms, terms_of
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import all_in_force, grants_of, privileges_by_role, roles_and_options
from motlink.roles.rules import Privileges, is_owner, reaches_records
from motlink.staff.errors import LastOwner
from motlink.staff.people import Person, is_self, keep_an_owner, power
from motlink.staff.rows import RoleSwitch
from motlink.staff.rules import check_switch, check_touch
from motlink.work import Work


def switches_of(work: Work, shown: Person | None) -> tuple[RoleSwitch, ...]:
    """Return every role of the practice as a switch, each followed by its options."""
    on_now, latest = _held(work, shown.member.id) if shown else (set[UUID](), dict[UUID, RoleGrant]())
    roles, allowed = roles_and_options(work), privileges_by_role(work)
    names_on = {role.key: role.id in on_now for role in roles}
    return tuple(
        replace(switch, reason=switch.reason or _alone(switch, shown, roles, names_on))
        for switch in (
            _switch(work, shown, role, allowed.get(role.id, {}), latest.get(role.id), role.id in on_now)
            for role in with_options(roles)
        )
    )


def with_options(roles: list[Role]) -> list[Role]:
    """Return each role, followed by its options."""
    return [
        one
        for role in roles
        if not role.option_of
        for one in (role, *(option for option in roles if option.option_of == role.key))
    ]


def _switch(
    work: Work, shown: Person | None, role: Role, wanted: Privileges, grant: RoleGrant | None, on: bool
) -> RoleSwitch:
    records = reaches_records(wanted) and not is_owner(wanted)
    return RoleSwitch(
        id=role.id,
        key=role.key,
        name=role.name,
        description=role.description,
        section=role.section,
        paid=role.paid,
        on=on,
        note=_note(work, grant, on, records),
        reason=_reason(work, shown, role, wanted, on),
        option_of=role.option_of,
        addon=role.addon,
        records=records,
        staff_only=bool(shown and shown.member.is_agent and not on) and not is_for_agents(role, wanted),
    )


def _alone(switch: RoleSwitch, shown: Person | None, roles: list[Role], is_on: dict[str, bool]) -> str:
    """Say that an option waits for its role; in the add form that is ticked on the screen."""
    if not shown or not switch.option_of or is_on.get(switch.option_of):
        return ""
    return f"Only with {next(role.name for role in roles if role.key == switch.option_of)}."


def _held(work: Work, member_id: UUID) -> tuple[set[UUID], dict[UUID, RoleGrant]]:
    """Return the roles and options that are on, and the latest grant of each."""
    on_now = {role.id for role in all_in_force(work.session, work.org_id, member_id, work.now)}
    return on_now, {grant.role_id: grant for grant in reversed(grants_of(work, member_id))}


def staff_only_words(switches: Sequence[RoleSwitch]) -> str:
    """Say once what an External Agent cannot have, in the place of so many switches that never move."""
    names = [switch.name for switch in switches if switch.staff_only and not switch.option_of]
    if not names:
        return ""
    *most, last = names
    roles = f"{', '.join(most)} and {last} are" if most else f"{last} is"
    return f"{roles} for staff members only."


def add_switches(work: Work) -> tuple[RoleSwitch, ...]:
    """Return the roles of the add form: what someone new could be given by the actor."""
    work.require(Permission.MANAGE_STAFF)
    return switches_of(work, None)


def _note(work: Work, grant: RoleGrant | None, on: bool, records: bool) -> str:
    if grant is None:
        return ""
    zone = zone_of(work)
    if on:
        reach = reads(terms_of(work, grant)) if records else ""
        end = until(grant.ends_at, zone, work.now) if grant.ends_at else ""
        return ", ".join(part for part in (reach, end) if part)
    # What ended by its date did so before it was tidied away.
    ended = min((at for at in (grant.ended_at, grant.ends_at) if at), default=None)
    return f"off since {day(ended, zone, work.now)}" if ended else ""


def reads(terms: Terms) -> str:
    """Return whose records it reaches: "reads 3 providers"."""
    if terms.all_providers:
        return "reads all providers"
    count = len(terms.provider_ids)
    return f"reads {count} provider" + ("" if count == 1 else "s")


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
