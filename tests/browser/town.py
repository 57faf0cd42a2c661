"""A practice of its own for each test, made by the actions, with people who can sign in."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from motlink.accounts.actions import open_session
from motlink.accounts.models import Account
from motlink.audit.models import AuditEntry
from motlink.orgs.actions import found_organization
from motlink.roles.grants import take_all
from motlink.roles.queries import role_by_key, roles_of_org
from motlink.staff.actions import add_member, deactivate, switch_role
from motlink.staff.invitations import send_invitation
from motlink.staff.models import Invitation, StaffMember
from motlink.tags.actions import make_tag, put_tag
from motlink.work import Work, begin_work, system
from tests.browser.house import House

_number = count(1)


@dataclass
class Town:
    """The practice at /p/{slug}, and the ids of its people by their first names."""

    house: House
    slug: str
    org: UUID
    password_hash: str
    people: dict[str, UUID] = field(default_factory=dict)

    def path(self, rest: str = "settings/staff") -> str:
        """Return the address of one of the practice's screens."""
        return f"/p/{self.slug}/{rest}"

    def profile(self, who: str) -> str:
        """Return the address of someone's Profile."""
        return self.path(f"settings/staff/{self.people[who]}")

    def email(self, who: str) -> str:
        """Return the email that everyone of this town has."""
        return f"{who}@{self.slug}.example"

    def username(self, who: str) -> str:
        """Return the username of someone who has accepted."""
        return f"{who}.{self.slug}"

    def add(
        self, name: str, *roles: str, joined: bool = True, tags: tuple[str, ...] = (), phone: str = ""
    ) -> UUID:
        """Add someone, as if they had accepted long ago."""
        with begin_work(system("Tests"), org=self.slug) as work:
            return self._add(work, name, *roles, joined=joined, tags=tags, phone=phone)

    def _add(
        self, work: Work, name: str, *roles: str, joined: bool, tags: tuple[str, ...] = (), phone: str = ""
    ) -> UUID:
        first, _, last = name.partition(" ")
        who = first.lower()
        member = add_member(
            work,
            first_name=first,
            last_name=last,
            email=self.email(who),
            phone=phone,
            role_ids=[role.id for role in roles_of_org(work) if role.key in roles],
            invite=False,
        )
        for tag in tags:
            put_tag(work, member_id=member.id, tag_id=make_tag(work, name=tag).id)
        if joined:
            account = work.session.get_one(Account, member.account_id)
            account.username, account.password_hash = self.username(who), self.password_hash
            account.set_up_at = member.joined_at = work.now
        self.people[who] = member.id
        return member.id

    def invite(self, who: str) -> None:
        """Send an invitation, as the operator."""
        self._do(send_invitation, member_id=self.people[who])

    def let_run_out(self, who: str) -> None:
        """Make someone's link two hours old."""
        with begin_work(system(), org=self.slug) as work:
            for link in work.session.exec(select(Invitation).where(Invitation.member_id == self.people[who])):
                link.sent_at, link.expires_at = (
                    link.sent_at - timedelta(hours=2),
                    link.expires_at - timedelta(hours=2),
                )
                work.add(link)

    def let_go(self, who: str) -> None:
        """Deactivate someone, as the operator."""
        self._do(deactivate, member_id=self.people[who])

    def switch(self, who: str, role: str, *, on: bool) -> None:
        """Turn a role, as the operator."""
        with begin_work(system(), org=self.slug) as work:
            found = role_by_key(work, role)
            assert found
            switch_role(work, member_id=self.people[who], role_id=found.id, on=on, confirmed=True)

    def join(self, other: "Town", who: str, *roles: str) -> None:
        """Give someone of another practice a place in this one, too."""
        with begin_work(system("Tests"), org=self.slug) as work:
            member = add_member(
                work, first_name=who.title(), last_name="Guest", email=other.email(who), invite=False,
                role_ids=[role.id for role in roles_of_org(work) if role.key in roles],
            )  # fmt: skip
            member.joined_at = work.now

    def take_all(self, who: str) -> None:
        """Take every role, and leave the place and the sessions as they are."""
        with begin_work(system(), org=self.slug) as work:
            take_all(work, member_id=self.people[who])

    def session(self, who: str) -> str:
        """Open a session and return the cookie's value."""
        with begin_work(system(), org=self.slug) as work:
            member = work.get(StaffMember, self.people[who])
            return open_session(
                work, account_id=member.account_id, address="127.0.0.1", browser="Chromium on Linux"
            )

    def saved(self, who: str) -> StaffMember:
        """Return someone as the database has them."""
        with begin_work(system(), org=self.slug, writes=False) as work:
            return work.get(StaffMember, self.people[who])

    def members(self) -> list[StaffMember]:
        """Return everyone of the practice."""
        with begin_work(system(), org=self.slug, writes=False) as work:
            return list(work.session.exec(select(StaffMember).where(col(StaffMember.org_id) == self.org)))

    def acts(self, action: str) -> int:
        """Return how often something stands in the audit log."""
        with begin_work(system(), org=self.slug, writes=False) as work:
            entries = select(AuditEntry).where(AuditEntry.org_id == self.org, AuditEntry.action == action)
            return len(work.session.exec(entries).all())

    def _do(self, action: Any, **given: Any) -> None:
        with begin_work(system(), org=self.slug) as work:
            action(work, **given)


def settle(house: House, password_hash: str) -> Town:
    """Found a practice with an owner, a manager, a therapist and a staff administrator."""
    with begin_work(system("Tests")) as work:
        org = found_organization(
            work, name="Riverbend Clinic", slug=f"riverbend-{next(_number)}", is_demo=True
        )
        town = Town(house, org.slug, org.id, password_hash)
        for name, role in (
            ("Ana Castellanos", "owner"),
            ("Ben Okafor", "manager"),
            ("Cleo Marchetti", "therapist"),
            ("Sam Whitfield", "staff_administrator"),
        ):
            town._add(work, name, role, joined=True)
    return town
