"""Giving and taking one role: pieces that the staff actions put together after they have asked who may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, delete

from motlink.roles.agents import check_agent_role
from motlink.roles.models import GrantProvider, Role, RoleGrant
from motlink.roles.queries import (
    all_in_force,
    grant_in_force,
    grants_of,
    open_grant,
    options_of,
    privileges_of_role,
    providers_of,
)
from motlink.staff.models import StaffMember
from motlink.work import Work


@dataclass(frozen=True)
class Terms:
    """How far a grant goes: until when, and whose records it reaches (TA-27)."""

    ends_at: datetime | None = None
    all_providers: bool = True
    provider_ids: tuple[UUID, ...] = ()

    @property
    def mark(self) -> str:
        """The same for the same terms: a dialog keeps it of what it showed, and gives it back with a change (LV-02)."""
        return " ".join(str(one) for one in (self.ends_at, self.all_providers, *self.provider_ids))


@dataclass(frozen=True)
class Moved:
    """An option that ends at another moment than before, because its role does."""

    option: Role
    before: datetime | None
    after: datetime | None


FOREVER = Terms()


def give(work: Work, *, member_id: UUID, role: Role, terms: Terms = FOREVER) -> bool:
    """Start a grant. Returns False where the role is on already; one past its end date is closed first.

    Raises NotForAgents: whoever asks earlier, for better words, here is where no way leads round it.
    """
    if work.session.get_one(StaffMember, member_id).is_agent:
        check_agent_role(role, privileges_of_role(work, role.id))
    grant = open_grant(work, member_id, role.id)
    if grant and (grant.ends_at is None or grant.ends_at > work.now):
        return False
    if grant:
        grant.ended_at = grant.ends_at
        work.add(grant)
    grant = RoleGrant(
        id=work.new_id(),
        org_id=work.org_id,
        member_id=member_id,
        role_id=role.id,
        starts_at=work.now,
        ends_at=terms.ends_at,
        granted_by=work.actor.account_id,
        all_providers=terms.all_providers,
    )
    work.add(grant)
    _reach(work, grant, terms.provider_ids)
    return True


def take(work: Work, *, member_id: UUID, role: Role) -> bool:
    """End a grant and those of the role's options. Returns False where the role is off already."""
    for one in (*options_of(work, role), role):
        grant = open_grant(work, member_id, one.id)
        if grant:
            grant.ended_at, grant.ended_by = work.now, work.actor.account_id
            work.add(grant)
    return grant is not None


def take_all(work: Work, *, member_id: UUID, at: datetime | None = None) -> list[Role]:
    """End every role of a member, also one yet to begin; with `at` as of that moment, which has passed.

    Returns those that were on, options last, for the record and an undo.
    """
    taken = list(all_in_force(work.session, work.org_id, member_id, at or work.now))
    for grant in grants_of(work, member_id):
        if grant.ended_at is None:
            grant.ended_at, grant.ended_by = at or work.now, work.actor.account_id
            work.add(grant)
    return taken


def terms_of(work: Work, grant: RoleGrant) -> Terms:
    """Return how far a grant goes, or went."""
    provider_ids = () if grant.all_providers else tuple(providers_of(work, grant.id))
    return Terms(grant.ends_at, grant.all_providers, provider_ids)


def taken_at(work: Work, member_id: UUID, role_id: UUID, at: datetime) -> Terms | None:
    """Return how far the grant went that was taken at this moment: an undo gives no more than that back.

    None where no grant was: then there is nothing to give back.
    """
    for grant in grants_of(work, member_id):
        if grant.role_id == role_id and grant.ended_at == at:
            return terms_of(work, grant)
    return None


def change(
    work: Work, *, member_id: UUID, role: Role, terms: Terms, former: Mapping[UUID, datetime | None]
) -> list[Moved]:
    """Change how far a role goes that is on; its options end no later than it does. Returns those that moved.

    An option that ends with its role goes on to do so, or has its end in `former` back: for an undo.
    """
    grant = grant_in_force(work, member_id, role.id)
    assert grant
    before, grant.ends_at, grant.all_providers = grant.ends_at, terms.ends_at, terms.all_providers
    work.add(grant)
    _reach(work, grant, terms.provider_ids)
    moved: list[Moved] = []
    for option in options_of(work, role):
        under = grant_in_force(work, member_id, option.id)
        if under is None:
            continue
        was = under.ends_at
        wanted = former.get(option.id, terms.ends_at) if was == before else was
        under.ends_at = terms.ends_at if _is_later(wanted, terms.ends_at) else wanted
        if under.ends_at != was:
            moved.append(Moved(option, was, under.ends_at))
            work.add(under)
    return moved


def _is_later(ends_at: datetime | None, than: datetime | None) -> bool:
    return than is not None and (ends_at is None or ends_at > than)


def _reach(work: Work, grant: RoleGrant, provider_ids: Sequence[UUID]) -> None:
    work.session.connection().execute(delete(GrantProvider).where(col(GrantProvider.grant_id) == grant.id))
    for provider_id in provider_ids:
        work.add(GrantProvider(grant_id=grant.id, member_id=provider_id, org_id=work.org_id))
