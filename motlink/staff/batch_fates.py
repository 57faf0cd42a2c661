"""What would become of each person of a batch, without doing it: the rules of the single acts, asked of many at once.

Everyone is read in a few questions, and a rule is asked once for all who hold the same roles. tests/staff/
test_batch_preview.py holds this against what a batch then does, person by person.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select as _select
from sqlmodel import col, select

from motlink.errors import MotlinkError, NotFound
from motlink.orgs.zones import today_of
from motlink.permissions import Permission, Scope
from motlink.roles.agents import check_agent_role
from motlink.roles.models import Role, RoleGrant, RolePermission
from motlink.roles.queries import in_force, options_of, privileges_by_role, role_by_key
from motlink.roles.rules import Privileges, is_owner, merged
from motlink.staff.errors import AlreadySetUp, Inactive, LastOwner
from motlink.staff.granting import ParentOff, role_here
from motlink.staff.models import StaffMember
from motlink.staff.people import power
from motlink.staff.places import open_at
from motlink.staff.rules import check_switch, check_touch
from motlink.tags.actions import tag_in_use
from motlink.tags.models import Tagging
from motlink.tags.worn import is_on
from motlink.work import Work

# So many ids fit one question; SQLite takes 32,766 values.
AT_ONCE = 5_000
NO_ROLES: frozenset[UUID] = frozenset()


class Who(NamedTuple):
    """What of a person decides their fate."""

    id: UUID
    account_id: UUID
    first_name: str
    last_name: str
    joined: bool
    gone: bool
    # By an import that was taken back.
    withdrawn: bool
    agent: bool = False
    # Those in force.
    roles: frozenset[UUID] = NO_ROLES

    @property
    def name(self) -> str:
        """The whole name, as on the screen."""
        return f"{self.first_name} {self.last_name}".strip()


class Fate(NamedTuple):
    """What would become of a person: "done", "unchanged" or "refused", as in BatchItem; with `after`, their roles."""

    who: Who
    outcome: str
    reason: str = ""
    after: frozenset[UUID] = NO_ROLES
    # Their place ends.
    ends: bool = False


def fates(work: Work, *, kind: str, member_ids: Sequence[UUID], **given: Any) -> list[Fate]:
    """Return what the batch of this kind would do to each, in this order. Raises NotFound for a stranger's id."""
    crowd = _Crowd(work, member_ids)
    one = _CASES[kind](crowd, **given)
    return [_fate(who, one) for who in crowd.people]


def _fate(who: Who, one: "Case") -> Fate:
    try:
        if who.withdrawn:
            raise NotFound
        return one(who)
    except MotlinkError as refusal:
        return Fate(who, "refused", str(refusal)[:1000], who.roles)


Case = Callable[[Who], Fate]


@dataclass(frozen=True)
class _Asked:
    """A rule's answer, kept for all who hold the same roles."""

    refusal: MotlinkError | None = None


class _Crowd:
    """The people of a batch, and what the practice's roles allow."""

    def __init__(self, work: Work, ids: Sequence[UUID]) -> None:
        self.work, self.actor = work, power(work)
        self.by_role, self.roles = privileges_by_role(work), all_roles(work)
        self._merged: dict[frozenset[UUID], Privileges] = {}
        self._asked: dict[Any, _Asked] = {}
        self.people = _people(work, ids)
        # Who could run the practice; whether they are an owner for good.
        self._owners: dict[UUID, bool] | None = None

    def privileges(self, roles: frozenset[UUID]) -> Privileges:
        """Return what these roles allow together."""
        if roles not in self._merged:
            self._merged[roles] = merged(self.by_role[one] for one in roles if one in self.by_role)
        return self._merged[roles]

    def is_self(self, who: Who) -> bool:
        """Whether the actor is this very person."""
        return who.id == self.work.actor.member_id

    def ask(self, rule: Callable[..., None], who: Who, *, own: bool, **more: Any) -> None:
        """Ask a rule about someone; it is asked once for the same roles."""
        key = (rule, who.roles, own)
        if key not in self._asked:
            try:
                rule(actor=self.actor, target=self.privileges(who.roles), own=own, **more)
                self._asked[key] = _Asked()
            except MotlinkError as refusal:
                self._asked[key] = _Asked(refusal)
        if refused := self._asked[key].refusal:
            raise refused

    def keep_an_owner(self, who: Who) -> None:
        """Let an owner go, unless nobody else could run the practice then: the last of several let go is refused."""
        if self._owners is None:
            self._owners = _owners(self.work)
        others = [for_good for one, for_good in self._owners.items() if one != who.id]
        if not any(others):
            raise LastOwner(who.name, others_end=bool(others))
        self._owners.pop(who.id, None)


def _role_on(crowd: _Crowd, role_id: UUID) -> Case:
    role, wanted = role_here(crowd.work, role_id), crowd.by_role.get(role_id, {})
    on = _on_or_coming(crowd.work, role_id)
    parent = role_by_key(crowd.work, role.option_of) if role.option_of else None
    under = _on_or_coming(crowd.work, parent.id) if parent else set()

    def one(who: Who) -> Fate:
        own = crowd.is_self(who)
        crowd.ask(check_switch, who, own=own, role=wanted, role_name=role.name, on=True)
        if who.agent:
            check_agent_role(role, wanted)
        if who.gone:
            raise Inactive(who.name)
        if parent and who.id not in under:
            raise ParentOff(role.name, parent.name, who.name)
        if who.id in on:
            return Fate(who, "unchanged", after=who.roles)
        return Fate(who, "done", after=who.roles | {role_id})

    return one


def _role_off(crowd: _Crowd, role_id: UUID) -> Case:
    role, wanted = role_here(crowd.work, role_id), crowd.by_role.get(role_id, {})
    with_it = {role_id, *(option.id for option in options_of(crowd.work, role))}

    def one(who: Who) -> Fate:
        own = crowd.is_self(who)
        crowd.ask(check_switch, who, own=own, role=wanted, role_name=role.name, on=False)
        if role_id not in who.roles:
            return Fate(who, "unchanged", after=who.roles)
        # An option stands under a role and is none by itself.
        last = [one for one in who.roles if not crowd.roles[one].option_of] == [role_id]
        if last:
            crowd.ask(check_touch, who, own=own)
        if is_owner(wanted):
            crowd.keep_an_owner(who)
        return Fate(who, "done", after=NO_ROLES if last else who.roles - with_it, ends=last)

    return one


def _deactivate(crowd: _Crowd, revoke_invitations: bool = True) -> Case:
    def one(who: Who) -> Fate:
        crowd.ask(check_touch, who, own=crowd.is_self(who))
        if who.gone:
            return Fate(who, "unchanged", after=who.roles)
        if is_owner(crowd.privileges(who.roles)):
            crowd.keep_an_owner(who)
        return Fate(who, "done", ends=True)

    return one


def _invite(crowd: _Crowd) -> Case:
    def one(who: Who) -> Fate:
        crowd.ask(check_touch, who, own=False)
        if who.gone:
            raise Inactive(who.name)
        if who.joined:
            raise AlreadySetUp(who.name)
        return Fate(who, "done", after=who.roles)

    return one


def _tag(crowd: _Crowd, tag_id: UUID | None = None, name: str = "", until: str = "") -> Case:
    """A tag that is yet to be made (`name`) is worn by nobody."""
    worn = _wearers(crowd.work, tag_in_use(crowd.work, tag_id).id) if tag_id else set()
    return lambda who: Fate(who, "unchanged" if who.id in worn else "done", after=who.roles)


_CASES: dict[str, Callable[..., Case]] = {
    "role_on": _role_on,
    "role_off": _role_off,
    "deactivate": _deactivate,
    "invite": _invite,
    "tag": _tag,
}


def _people(work: Work, ids: Sequence[UUID]) -> list[Who]:
    wanted = list(dict.fromkeys(ids))
    held: defaultdict[UUID, set[UUID]] = defaultdict(set)
    found: dict[UUID, Any] = {}
    for some in in_parts(wanted):
        grants: tuple[Any, ...] = (RoleGrant.member_id, RoleGrant.role_id)
        on = _select(*grants).where(col(RoleGrant.member_id).in_(some), in_force(work.now))
        for member_id, role_id in work.session.execute(on):
            held[member_id].add(role_id)
        columns: tuple[Any, ...] = (
            StaffMember.id,
            StaffMember.account_id,
            StaffMember.first_name,
            StaffMember.last_name,
            col(StaffMember.joined_at).is_not(None),
            col(StaffMember.deactivated_at).is_not(None),
            col(StaffMember.withdrawn_at).is_not(None),
            StaffMember.is_agent,
        )
        here = _select(*columns).where(col(StaffMember.org_id) == work.org_id, col(StaffMember.id).in_(some))
        found |= {row[0]: row for row in work.session.execute(here)}
    if len(found) != len(wanted):
        raise NotFound
    return [Who(*found[one])._replace(roles=frozenset(held[one])) for one in wanted]


def all_roles(work: Work) -> dict[UUID, Role]:
    """Return the practice's roles by their ids, also those that are no longer given."""
    return {role.id: role for role in work.session.exec(select(Role).where(Role.org_id == work.org_id))}


def in_parts(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    """Yield ids in parts that fit one question."""
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def _on_or_coming(work: Work, role_id: UUID) -> set[UUID]:
    """Return who has the role on, or will have it: giving it again changes nothing."""
    query = select(RoleGrant.member_id).where(
        RoleGrant.org_id == work.org_id,
        RoleGrant.role_id == role_id,
        col(RoleGrant.ended_at).is_(None),
        col(RoleGrant.ends_at).is_(None) | (col(RoleGrant.ends_at) > work.now),
    )
    return set(work.session.exec(query))


def _wearers(work: Work, tag_id: UUID) -> set[UUID]:
    query = select(Tagging.member_id).where(
        Tagging.org_id == work.org_id, Tagging.tag_id == tag_id, is_on(today_of(work))
    )
    return set(work.session.exec(query))


def _owners(work: Work) -> dict[UUID, bool]:
    """Return who could run the practice, as people.keep_an_owner counts them."""
    query = (
        select(StaffMember.id, RoleGrant.ends_at, StaffMember.leaves_at)
        .join(RoleGrant, col(RoleGrant.member_id) == col(StaffMember.id))
        .join(RolePermission, col(RolePermission.role_id) == col(RoleGrant.role_id))
        .where(
            StaffMember.org_id == work.org_id,
            open_at(work.now),
            col(StaffMember.joined_at).is_not(None),
            RolePermission.permission == Permission.MANAGE_OWNERS,
            RolePermission.scope > Scope.OWN,
            in_force(work.now),
        )
    )
    owners: dict[UUID, bool] = {}
    for member_id, ends_at, leaves_at in work.session.exec(query):
        owners[member_id] = owners.get(member_id, False) or (ends_at is None and leaves_at is None)
    return owners
