"""How far a role goes that somebody holds: until when, whose records it reaches, which options stand under it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from motlink.errors import Conflict, Invalid, NotFound
from motlink.moments import day, end_of_day, until
from motlink.orgs.zones import zone_of
from motlink.permissions import Permission
from motlink.roles.agents import check_agent_role
from motlink.roles.grants import Moved, Terms, change, give, terms_of
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import grant_in_force, options_of, privileges_of_role, role_by_key
from motlink.roles.rules import Privileges, is_owner, reaches_records
from motlink.staff.errors import Inactive, TermsChanged
from motlink.staff.indexing import index_roles
from motlink.staff.models import StaffMember
from motlink.staff.people import Person, is_self, keep_an_owner, person, power
from motlink.staff.places import is_open
from motlink.staff.rules import check_switch
from motlink.staff.switches import reads
from motlink.work import Done, Work

# The mark of what a dialog showed of a role that was off; "" is the mark of nothing shown.
OFF = "off"
# Further away than this it was mistyped.
LONGEST_YEARS = 50


class ParentOff(Conflict):
    """An option is on only with its role (TA-26)."""

    def __init__(self, option: str, parent: str, name: str) -> None:
        super().__init__(
            f"{option} goes with {parent}, which is off for {name}.", next_step=f"Turn {parent} on first."
        )


def role_here(work: Work, role_id: UUID) -> Role:
    """Load a role of the practice that still exists. Raises NotFound."""
    role = work.get(Role, role_id)
    if role.ended_at:
        raise NotFound
    return role


def parents_first(work: Work, role_ids: Sequence[UUID]) -> list[Role]:
    """Load roles in an order in which they can be given: each option after its role."""
    roles = [role_here(work, role_id) for role_id in dict.fromkeys(role_ids)]
    return sorted(roles, key=lambda role: role.option_of != "")


def options_on(work: Work, member: StaffMember, role: Role) -> list[Role]:
    """Return the options of a role that are on."""
    return [one for one in options_of(work, role) if grant_in_force(work, member.id, one.id)]


def terms_under(work: Work, member: StaffMember, role: Role, terms: Terms) -> Terms:
    """Return what an option may be given for: no longer than its role. Raises ParentOff where that is off."""
    if not role.option_of:
        return terms
    parent = role_by_key(work, role.option_of)
    grant = grant_in_force(work, member.id, parent.id) if parent else None
    if grant is None:
        raise ParentOff(role.name, parent.name if parent else role.option_of, member.name)
    ends = [at for at in (grant.ends_at, terms.ends_at) if at]
    return replace(terms, ends_at=min(ends, default=None))


def set_role_end(
    work: Work, *, member_id: UUID, role_id: UUID, ends_on: date | None, shown: str = ""
) -> Done:
    """Let a role that is on end with a day of the practice's zone, or never (TA-27).

    Raises Invalid for a day that is over, LastOwner for Owner where nobody else has it for good, and TermsChanged where
    the terms are no longer those with the mark `shown`.
    """
    target, role, grant = _held(work, member_id, role_id)
    wanted = replace(terms_of(work, grant), ends_at=_moment(work, ends_on))
    return _set(work, target, role, grant, wanted, shown)


def grant_records(
    work: Work,
    *,
    member_id: UUID,
    role_id: UUID,
    all_providers: bool,
    provider_ids: Sequence[UUID] = (),
    ends_on: date | None = None,
    shown: str = "",
) -> Done:
    """Give a role that reads records, or change whose and until when; only an owner may (TA-27).

    Raises Invalid where nobody is chosen, or somebody who has never had a Provider / Therapy role; TermsChanged where
    the terms are no longer those with the mark `shown`.
    """
    work.require(Permission.MANAGE_STAFF)
    target, role = person(work, member_id), role_here(work, role_id)
    wanted = privileges_of_role(work, role.id)
    _check(work, target, role, wanted, on=True)
    if not reaches_records(wanted) or is_owner(wanted):
        raise Invalid(f"{role.name} reads no records of chosen providers.")
    chosen = () if all_providers else _providers(work, provider_ids)
    terms = Terms(_moment(work, ends_on), all_providers, chosen)
    grant = grant_in_force(work, target.member.id, role.id)
    if grant:
        return _set(work, target, role, grant, terms, shown)
    if not is_open(target.member, work.now):
        raise Inactive(target.member.name)
    if shown not in ("", OFF):
        raise TermsChanged(role.name, target.member.name, "it is off")
    give(work, member_id=target.member.id, role=role, terms=terms)
    index_roles(work, target.member)
    words = _words(work, terms, chosen_matters=True)
    entry = work.record("staff.role_on", target.member, role=role.name, role_id=str(role.id), terms=words)
    _tell(work, target.member)
    return Done(f"{role.name} turned on for {target.member.name}: {words}.", undo=entry)


def set_terms(
    work: Work, *, member_id: UUID, role_id: UUID, terms: Terms, former: Mapping[UUID, datetime | None]
) -> Done:
    """Change how far a role goes to what it was, and its options to their former ends: for an undo."""
    target, role, grant = _held(work, member_id, role_id)
    if terms.ends_at and terms.ends_at <= work.now:
        raise Invalid("This day is over.")
    return _set(work, target, role, grant, terms, former=former)


def _held(work: Work, member_id: UUID, role_id: UUID) -> tuple[Person, Role, RoleGrant]:
    work.require(Permission.MANAGE_STAFF)
    target, role = person(work, member_id), role_here(work, role_id)
    # Whoever may not take the role may not touch it at all; what lets it go further asks again below.
    _check(work, target, role, privileges_of_role(work, role.id), on=False)
    grant = grant_in_force(work, target.member.id, role.id)
    if grant is None:
        raise Conflict(f"{role.name} is off for {target.member.name}.", next_step="Turn it on first.")
    return target, role, grant


def _check(work: Work, target: Person, role: Role, wanted: Privileges, *, on: bool) -> None:
    own = is_self(work, target.member)
    check_switch(
        actor=power(work), target=target.privileges, role=wanted, role_name=role.name, on=on, own=own
    )
    if on and target.member.is_agent:
        check_agent_role(role, wanted)


def _set(
    work: Work,
    target: Person,
    role: Role,
    grant: RoleGrant,
    terms: Terms,
    shown: str = "",
    former: Mapping[UUID, datetime | None] = MappingProxyType({}),
) -> Done:
    before, wanted = terms_of(work, grant), privileges_of_role(work, role.id)
    if before == terms:
        return Done("Nothing has changed.")
    matters = reaches_records(wanted) and not is_owner(wanted)
    if shown not in ("", before.mark):
        raise TermsChanged(role.name, target.member.name, _words(work, before, chosen_matters=matters))
    if goes_further(before, terms):
        _check(work, target, role, wanted, on=True)
    if terms != (allowed := terms_under(work, target.member, role, terms)):
        assert allowed.ends_at
        last = until(allowed.ends_at, zone_of(work), work.now)
        raise Conflict(f"{role.name} goes no longer than the role it stands under: {last}.")
    if terms.ends_at and is_owner(wanted):
        keep_an_owner(work, target.member)
    moved = change(work, member_id=target.member.id, role=role, terms=terms, former=former)
    words = _words(work, terms, chosen_matters=matters)
    told: dict[str, Any] = {"role": role.name, "role_id": str(role.id), "terms": words, **_moved(work, moved)}
    # Told by words; ids and moments are for the way back.
    kept: dict[str, Any] = {"before_ids": _kept(before), "after_ids": _kept(terms)}
    entry = work.record("staff.role_terms", target.member, **told, **kept)
    _tell(work, target.member)
    return Done(f"{role.name} for {target.member.name}: {words}.", undo=entry)


def _moved(work: Work, moved: list[Moved]) -> dict[str, Any]:
    """Return for a record which options end at another moment now, in words and for the way back."""
    words = [f"{one.option.name}: {_end(work, one.before)} → {_end(work, one.after)}" for one in moved]
    former = {str(one.option.id): one.before.isoformat() if one.before else None for one in moved}
    return {"options": words, "option_ids": former} if moved else {}


def goes_further(before: Terms, after: Terms) -> bool:
    """Whether the second reaches anything, or any moment, that the first does not: that is giving."""
    longer = before.ends_at is not None and (after.ends_at is None or after.ends_at > before.ends_at)
    wider = not before.all_providers and (
        after.all_providers or not set(after.provider_ids) <= set(before.provider_ids)
    )
    return longer or wider


def _kept(terms: Terms) -> dict[str, object]:
    return {
        "ends_at": terms.ends_at.isoformat() if terms.ends_at else None,
        "all_providers": terms.all_providers,
        "provider_ids": [str(one) for one in terms.provider_ids],
    }


def _words(work: Work, terms: Terms, *, chosen_matters: bool) -> str:
    end = _end(work, terms.ends_at)
    return f"{reads(terms)}, {end}" if chosen_matters else end


def _end(work: Work, ends_at: datetime | None) -> str:
    return until(ends_at, zone_of(work), work.now) if ends_at else "no end date"


def _moment(work: Work, ends_on: date | None) -> datetime | None:
    if ends_on is None:
        return None
    zone = zone_of(work)
    today = work.now.astimezone(zone).date()
    if ends_on < today:
        raise Invalid(f"This day is over. Today is {day(work.now, zone, work.now)}.", field="ends_on")
    if ends_on.year > today.year + LONGEST_YEARS:
        raise Invalid("This day is too far away.", field="ends_on")
    return end_of_day(ends_on, zone)


def _providers(work: Work, provider_ids: Sequence[UUID]) -> tuple[UUID, ...]:
    wanted = sorted(set(provider_ids))
    known = (
        select(RoleGrant.member_id)
        .join(Role, col(Role.id) == col(RoleGrant.role_id))
        .join(StaffMember, col(StaffMember.id) == col(RoleGrant.member_id))
        .where(
            RoleGrant.org_id == work.org_id,
            Role.section == "provider",
            col(RoleGrant.member_id).in_(wanted),
            col(StaffMember.withdrawn_at).is_(None),
        )
    )
    if not wanted:
        raise Invalid("Choose at least one provider, or all of them.", field="providers")
    if len(set(work.session.exec(known))) != len(wanted):
        raise NotFound
    return tuple(wanted)


def _tell(work: Work, member: StaffMember) -> None:
    work.notify("staff", member.id)
    work.notify("access_changed", member.account_id)
