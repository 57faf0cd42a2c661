"""Pieces the staff actions share: loading a member with what they may do, and asking who may."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case
from sqlmodel import col, func, select

from motlink.audit.models import AuditEntry
from motlink.errors import NotFound
from motlink.permissions import Permission, Scope
from motlink.roles.models import Role, RoleGrant, RolePermission
from motlink.roles.queries import in_force, privileges_of_member
from motlink.roles.rules import Privileges, is_owner
from motlink.staff.errors import LastOwner
from motlink.staff.links import unspent
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.places import open_at
from motlink.tags.actions import take_all_tags
from motlink.work import Work


@dataclass(frozen=True)
class Person:
    """A member and what their roles allow now."""

    member: StaffMember
    privileges: Privileges

    @property
    def is_owner(self) -> bool:
        """Whether Owner is on."""
        return is_owner(self.privileges)


def person(work: Work, member_id: UUID) -> Person:
    """Load a member of the actor's organization. Raises NotFound."""
    member = work.get(StaffMember, member_id)
    if member.withdrawn_at:
        raise NotFound
    return Person(member, privileges_of_member(work.session, work.org_id, member.id, work.now))


def power(work: Work) -> Privileges:
    """Return what the actor may do; the system may do all."""
    return dict.fromkeys(Permission, Scope.ALL) if work.actor.kind == "system" else work.actor.privileges


def is_self(work: Work, member: StaffMember) -> bool:
    """Whether the actor is this very member."""
    return work.actor.member_id == member.id


def keep_an_owner(work: Work, owner: StaffMember) -> None:
    """Raise LastOwner where nobody else could run the practice for good: active, set up, Owner on, and staying.

    Whoever has a last working day, or an end date as owner, does not count: so owners who leave one after the other
    never leave a practice without one, whatever the clock does (decision 6).
    """
    stays = case(
        (and_(col(StaffMember.leaves_at).is_(None), col(RoleGrant.ends_at).is_(None)), 1),
        else_=None,
    )
    others = (
        select(func.count(), func.count(stays))
        .select_from(StaffMember)
        .join(RoleGrant, col(RoleGrant.member_id) == col(StaffMember.id))
        .join(RolePermission, col(RolePermission.role_id) == col(RoleGrant.role_id))
        .where(
            StaffMember.org_id == work.org_id,
            StaffMember.id != owner.id,
            open_at(work.now),
            col(StaffMember.joined_at).is_not(None),
            RolePermission.permission == Permission.MANAGE_OWNERS,
            # As is_owner says it: power over one's own work only is nobody's power.
            RolePermission.scope > Scope.OWN,
            in_force(work.now),
        )
    )
    any_other, staying = work.session.exec(others).one()
    if staying == 0:
        raise LastOwner(owner.name, others_end=any_other > 0)


def open_invitation(work: Work, member_id: UUID) -> Invitation | None:
    """Return the newest link that could still be used or has merely run out of time."""
    query = select(Invitation).where(
        Invitation.member_id == member_id,
        unspent(),
    )
    return work.session.exec(query).first()


def role_names(roles: list[Role]) -> list[str]:
    """Return names for a sentence or a record."""
    return [role.name for role in roles]


def when_let_go(work: Work, member_id: UUID) -> AuditEntry | None:
    """Return the newest deactivation that took roles: those are a person's previous ones."""
    query = select(AuditEntry).where(
        *of_this_place(work, member_id), AuditEntry.action == "staff.deactivated"
    )
    entries = work.session.exec(query.order_by(col(AuditEntry.number).desc()))
    return next((entry for entry in entries if entry.payload and entry.payload["role_ids"]), None)


def of_this_place(work: Work, member_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """The condition on AuditEntry: about a member, and not about the place before an undone import took it away."""
    mine = (col(AuditEntry.org_id) == work.org_id, col(AuditEntry.subject_id) == member_id)
    last = select(func.max(AuditEntry.number)).where(*mine, AuditEntry.action == "staff.withdrawn")
    return *mine, col(AuditEntry.number) > (work.session.exec(last).one() or 0)


def place_for(
    work: Work, account_id: UUID, withdrawn: StaffMember | None, *, is_agent: bool = False
) -> StaffMember:
    """Return an empty place for an account: a new one, or the one that an undone import has left, as if it were new."""
    fresh = StaffMember(
        id=work.new_id(),
        org_id=work.org_id,
        account_id=account_id,
        first_name="",
        last_name="",
        created_at=work.now,
        created_by=work.actor.account_id,
        is_agent=is_agent,
    )
    if withdrawn is None:
        return fresh
    # A tag that was deleted and made again in between may have put itself on once more.
    take_all_tags(work, member_id=withdrawn.id)
    for name in StaffMember.model_fields.keys() - {"id", "org_id", "account_id", "version"}:
        setattr(withdrawn, name, getattr(fresh, name))
    withdrawn.version += 1
    return withdrawn
