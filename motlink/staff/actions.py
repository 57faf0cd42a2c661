"""What a manager does to staff: add, edit, switch roles, let go, take back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import select

from motlink.audit.models import AuditEntry
from motlink.orgs.zones import practice_of
from motlink.permissions import Permission
from motlink.roles.agents import check_agent_role
from motlink.roles.grants import FOREVER, Terms, give, take
from motlink.roles.models import Role
from motlink.roles.queries import all_in_force, privileges_of_role
from motlink.roles.rules import is_owner
from motlink.staff.coming_back import bring_back, left_by_themselves
from motlink.staff.ending import end_access, finish_leaving
from motlink.staff.errors import AgentLeft, AskFirst, Changed, Inactive
from motlink.staff.granting import options_on, parents_first, role_here, terms_under
from motlink.staff.indexing import email_of, index_person, index_roles
from motlink.staff.invitations import write_invitation
from motlink.staff.models import StaffMember
from motlink.staff.new_places import new_member
from motlink.staff.people import (
    Person,
    is_self,
    keep_an_owner,
    person,
    power,
    role_names,
)
from motlink.staff.place_edit import FACTS, checked_facts, facts_now, put_facts
from motlink.staff.places import is_open
from motlink.staff.rules import check_switch, check_touch, clean_details
from motlink.work import Done, Work

DETAILS = ("first_name", "last_name", "phone", "designation")


def add_member(
    work: Work,
    *,
    first_name: str,
    last_name: str,
    email: str,
    phone: str = "",
    designation: str = "",
    role_ids: Sequence[UUID] = (),
    invite: bool = True,
) -> StaffMember:
    """Add a person with any number of roles and send the invitation.

    Raises Invalid (with the field), AlreadyHere for an email of this practice, and the refusals of check_switch.
    """
    work.require(Permission.MANAGE_STAFF)
    details = clean_details(
        country=practice_of(work).country,
        first_name=first_name,
        last_name=last_name,
        email=email,
        phone=phone,
        designation=designation,
    )
    member = new_member(work, details)
    given = [_give_first(work, member, role) for role in parents_first(work, role_ids)]
    index_roles(work, member)
    work.record("staff.added", member, name=member.name, roles=role_names(given))
    if invite:
        write_invitation(work, member)
    work.notify("staff", member.id)
    return member


def switch_role(work: Work, *, member_id: UUID, role_id: UUID, on: bool, confirmed: bool = False) -> Done:
    """Put one role on or off, at once. The wished state is given, so that a repeated click does no harm.

    Giving Owner, and taking the last role (which deactivates), raise AskFirst unless confirmed.
    """
    target, role = _switched_by_actor(work, member_id, role_id, on=on)
    if on:
        asks = not confirmed and is_owner(privileges_of_role(work, role.id))
        return _switch_on(work, target, role, asks=asks)
    return _switch_off(work, target, role, confirmed=confirmed)


def put_on(work: Work, *, member_id: UUID, role_id: UUID, terms: Terms) -> Done:
    """Give one role as far as these terms say: for an undo, which gives back no more than was taken."""
    target, role = _switched_by_actor(work, member_id, role_id, on=True)
    return _switch_on(work, target, role, asks=False, terms=terms)


def put_off(work: Work, *, member_id: UUID, role_id: UUID) -> Done:
    """Take one role and nothing else, were it the last: for an undo, which gives back the state before."""
    target, role = _switched_by_actor(work, member_id, role_id, on=False)
    return _take_one(work, target, role)


def _switched_by_actor(work: Work, member_id: UUID, role_id: UUID, *, on: bool) -> tuple[Person, Role]:
    """Return whom and what, once it is sure that the actor may."""
    work.require(Permission.MANAGE_STAFF)
    target, role = person(work, member_id), role_here(work, role_id)
    wanted = privileges_of_role(work, role.id)
    own = is_self(work, target.member)
    check_switch(
        actor=power(work), target=target.privileges, role=wanted, role_name=role.name, on=on, own=own
    )
    if on and target.member.is_agent:
        check_agent_role(role, wanted)
    return target, role


def deactivate(work: Work, *, member_id: UUID, revoke_invitations: bool = True) -> Done:
    """End a member's access at once: roles, sessions, links. Raises LastOwner for the only owner."""
    work.require(Permission.MANAGE_STAFF)
    leaver = person(work, member_id)
    check_touch(actor=power(work), target=leaver.privileges, own=is_self(work, leaver.member))
    return end_access(work, leaver, revoke_invitations=revoke_invitations)


def reactivate(work: Work, *, member_id: UUID) -> Done:
    """Make a member active again, with no roles. Raises AgentLeft for an External Agent who went by themselves."""
    work.require(Permission.MANAGE_STAFF)
    back = person(work, member_id)
    check_touch(actor=power(work), target=back.privileges, own=is_self(work, back.member))
    finish_leaving(work, back.member)
    if back.member.deactivated_at is None:
        return Done(f"{back.member.name} is active already.")
    if left_by_themselves(back.member):
        raise AgentLeft(back.member.name)
    entry = bring_back(work, back.member)
    return Done(f"{back.member.name} is active again, with no roles yet.", undo=entry)


def edit_member(
    work: Work,
    *,
    member_id: UUID,
    version: int,
    first_name: str,
    last_name: str,
    phone: str,
    designation: str,
    facts: Mapping[str, str] | None = None,
) -> Done:
    """Save name, phone, designation and, of the facts of the place, those that are given (place_edit.FACTS).

    Raises Changed where someone else saved since `version` (LV-02), Invalid with what is wrong.
    """
    work.require(Permission.MANAGE_STAFF)
    edited = person(work, member_id)
    member = edited.member
    if not is_self(work, member):
        check_touch(actor=power(work), target=edited.privileges, own=False)
    wanted = clean_details(
        country=practice_of(work).country,
        first_name=first_name,
        last_name=last_name,
        phone=phone,
        designation=designation,
    )
    before = {field: getattr(member, field) for field in wanted} | facts_now(work, member)
    wanted |= checked_facts(work, member, facts or {})
    _keep_what_others_saved(work, member, version, before, wanted)
    if before == wanted:
        return Done("Nothing has changed.")
    email = email_of(work, member)
    for field in DETAILS:
        setattr(member, field, wanted[field])
    put_facts(work, member, wanted)
    member.version += 1
    index_person(member, email)
    work.add(member)
    entry = work.record("staff.edited", member, before=before, after=wanted, version=member.version)
    work.notify("staff", member.id)
    return Done(f"{member.name} is saved.", undo=entry)


def _keep_what_others_saved(
    work: Work, member: StaffMember, version: int, before: dict[str, str], wanted: dict[str, str]
) -> None:
    if member.version == version:
        return
    theirs = _saved_since(work, member, version)
    if clash := {field: old for field, old in before.items() if field in theirs and old != wanted[field]}:
        raise Changed(clash, member.version)


def _saved_since(work: Work, member: StaffMember, version: int) -> set[str]:
    """Return the fields that others changed after `version`; all where the log cannot say (erased details)."""
    query = select(AuditEntry).where(
        AuditEntry.org_id == work.org_id,
        AuditEntry.subject_id == member.id,
        AuditEntry.action == "staff.edited",
    )
    saves = [entry.payload for entry in work.session.exec(query)]
    known = [save for save in saves if save and save["version"] > version]
    if len(known) != member.version - version:
        return {*DETAILS, *FACTS} - {"supervisor_id"}
    changed = {
        field for save in known for field, old in save["before"].items() if old != save["after"][field]
    }
    return changed - {"supervisor_id"}


def _switch_on(work: Work, target: Person, role: Role, *, asks: bool, terms: Terms = FOREVER) -> Done:
    if not is_open(target.member, work.now):
        raise Inactive(target.member.name)
    if asks:
        raise AskFirst(f"Make {target.member.name} an owner?")
    terms = terms_under(work, target.member, role, terms)
    if not give(work, member_id=target.member.id, role=role, terms=terms):
        return Done(f"{role.name} is on already for {target.member.name}.")
    return _switched(work, target.member, role, on=True)


def _switch_off(work: Work, target: Person, role: Role, *, confirmed: bool) -> Done:
    on_now = all_in_force(work.session, work.org_id, target.member.id, work.now)
    if role.id not in {r.id for r in on_now}:
        return Done(f"{role.name} is off already for {target.member.name}.")
    if not role.option_of and sum(not r.option_of for r in on_now) == 1:
        if is_owner(privileges_of_role(work, role.id)):
            keep_an_owner(work, target.member)
        check_touch(actor=power(work), target=target.privileges, own=is_self(work, target.member))
        if not confirmed:
            raise AskFirst(
                f"{role.name} is the last role of {target.member.name}: without it the place ends."
            )
        return end_access(work, target, revoke_invitations=True)
    return _take_one(work, target, role)


def _take_one(work: Work, target: Person, role: Role) -> Done:
    if is_owner(privileges_of_role(work, role.id)):
        keep_an_owner(work, target.member)
    with_it = role_names(options_on(work, target.member, role))
    take(work, member_id=target.member.id, role=role)
    return _switched(work, target.member, role, on=False, **({"with_it": with_it} if with_it else {}))


def _switched(work: Work, member: StaffMember, role: Role, *, on: bool, **more: Any) -> Done:
    index_roles(work, member)
    entry = work.record(
        "staff.role_on" if on else "staff.role_off", member, role=role.name, role_id=str(role.id), **more
    )
    work.notify("staff", member.id)
    work.notify("access_changed", member.account_id)
    return Done(f"{role.name} turned {'on' if on else 'off'} for {member.name}.", undo=entry)


def _give_first(work: Work, member: StaffMember, role: Role) -> Role:
    check_switch(
        actor=power(work),
        target={},
        role=privileges_of_role(work, role.id),
        role_name=role.name,
        on=True,
        own=False,
    )
    give(work, member_id=member.id, role=role, terms=terms_under(work, member, role, FOREVER))
    return role
