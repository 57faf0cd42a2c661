"""The people of the tests: ana (owner), ben (manager), cleo (therapist), sam (staff administrator), dov (stranger)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from motlink.accounts.actions import find_or_make
from motlink.accounts.models import Account
from motlink.accounts.resets import locked
from motlink.orgs.actions import found_organization
from motlink.roles.models import Role
from motlink.roles.queries import privileges_of_member, role_by_key
from motlink.staff.actions import add_member
from motlink.staff.models import StaffMember
from motlink.work import Actor, FindActor, Work, begin_work, system

# Everyone's, where they have one.
PASSWORD = "four quiet words here"


@dataclass(frozen=True)
class Practice:
    """Ids of the practice and of its people."""

    org: UUID
    other_org: UUID
    ana: UUID
    ben: UUID
    cleo: UUID
    sam: UUID
    dov: UUID
    roles: dict[str, UUID]

    def as_(self, member_id: UUID) -> FindActor:
        """Act as this member, with what their roles allow at that moment."""

        def find(session: Session, org_id: UUID | None, now: datetime) -> Actor:
            member = session.get_one(StaffMember, member_id)
            held = (
                privileges_of_member(session, member.org_id, member.id, now)
                if member.org_id == org_id
                else {}
            )
            return Actor("person", org_id, member.account_id, member.id, member.name, held)

        return find


def stranger_and_practice() -> Practice:
    """Found both practices; everyone has accepted."""
    with begin_work(system()) as work:
        found_organization(work, name="Elsewhere")
        other_org, dov = work.org_id, add_person(work, "Dov", "Stranger", "owner")
    with begin_work(system()) as work:
        found_organization(work, name="Riverbend Therapy")
        people = {
            "ana": add_person(work, "Ana", "Castellanos", "owner"),
            "ben": add_person(work, "Ben", "Okafor", "manager"),
            "cleo": add_person(work, "Cleo", "Marchetti", "therapist"),
            "sam": add_person(work, "Sam", "Whitfield", "staff_administrator"),
        }
        roles = {
            role.key: role.id for role in work.session.exec(select(Role).where(Role.org_id == work.org_id))
        }
        return Practice(org=work.org_id, other_org=other_org, dov=dov, roles=roles, **people)


def add_person(
    work: Work, first: str, last: str, *role_keys: str, email: str = "", joined: bool = True
) -> UUID:
    """Add someone who has accepted already, without mail."""
    roles = [role_by_key(work, key) for key in role_keys]
    address = email or f"{first}.{last}@riverbend.example".lower()
    locked(work, find_or_make(work, address).id)
    member = add_member(
        work,
        first_name=first,
        last_name=last,
        email=address,
        role_ids=[role.id for role in roles if role],
        invite=False,
    )
    if joined:
        member.joined_at = work.now
        account = work.session.get_one(Account, member.account_id)
        account.set_up_at = account.set_up_at or work.now
        account.username = account.username or f"{first}.{last}".lower()
    return member.id
