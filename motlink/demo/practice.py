"""The demo: two practices with made-up people, and passwords that are printed once and kept nowhere in clear."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col, func, select

from motlink.accounts.actions import set_up
from motlink.accounts.agent_keys import make_key
from motlink.accounts.models import Account
from motlink.accounts.passwords import hash_password
from motlink.accounts.queries import account_by_login
from motlink.demo.people import (
    HARBOR,
    RIVERBEND,
    STAFF,
    STRANGERS,
    TAG_GROUPS,
    DemoPerson,
    generated,
)
from motlink.orgs.actions import found_organization
from motlink.orgs.models import Organization
from motlink.orgs.zones import practice_of
from motlink.roles.grants import FOREVER, give
from motlink.roles.queries import roles_of_org
from motlink.staff.actions import add_member, deactivate
from motlink.staff.indexing import index_roles
from motlink.staff.invitations import send_invitation
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.new_places import new_member
from motlink.staff.rules import clean_details
from motlink.tags.actions import make_tag, put_tag
from motlink.tags.models import Tag
from motlink.work import Work, begin_work, system

SYSTEM = system("Demo")

ROWS_A_TRANSACTION = 25

# name, domain of the emails, people, zone
PRACTICES = (
    (RIVERBEND, "riverbend.example", STAFF, "America/New_York"),
    (HARBOR, "harborspeech.example", STRANGERS, "America/Chicago"),
)

# Easy to read aloud and to type: no letter that looks like another. Four words of five: 88 bits.
LETTERS = "abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True)
class SignIn:
    """What is printed once."""

    practice: str
    name: str
    role: str
    username: str
    password: str


def is_empty() -> bool:
    """Whether there is no practice at all yet."""
    with begin_work(SYSTEM, writes=False) as work:
        return work.session.exec(select(Organization.id)).first() is None


def make_practices(tell: Callable[[SignIn], None] = lambda _: None) -> list[SignIn]:
    """Make the demo practices that are not there yet, and `tell` each sign-in as soon as its practice is committed.

    Returns those sign-ins. Whatever fails later, no practice is there whose passwords nobody has seen.
    """
    made: list[SignIn] = []
    for name, domain, people, zone in PRACTICES:
        if _demo_slug(name):
            continue
        # Hashing takes 0.1 s each, so it happens before the transaction.
        passwords = {person.username: _password() for person in people if person.username}
        hashes = {username: hash_password(password) for username, password in passwords.items()}
        new: list[SignIn] = []
        with begin_work(SYSTEM) as work:
            found_organization(work, name=name, time_zone=zone, is_demo=True)
            for person in people:
                email = person.agent_email or f"{person.first}.{person.last}@{domain}"
                username = _add(work, email, person, hashes.get(person.username, ""))
                if username and person.username:
                    new.append(_sign_in(name, person, username, passwords[person.username]))
        for one in new:
            tell(one)
        made += new
    return made


def fill_up(size: int, progress: Callable[[int], None] = lambda _: None) -> int:
    """Fill the demo practice up to `size` people, 25 in a transaction. Returns how many were added."""
    slug = _demo_slug(RIVERBEND)
    with begin_work(SYSTEM, org=slug, writes=False) as work:
        count = select(func.count()).select_from(StaffMember).where(StaffMember.org_id == work.org_id)
        here = work.session.exec(count).one()
    for start in range(here, size, ROWS_A_TRANSACTION):
        end = min(start + ROWS_A_TRANSACTION, size)
        with begin_work(SYSTEM, org=slug) as work:
            for email, person in generated(start, end):
                _add(work, email, person)
        progress(end - start)
    return max(0, size - here)


def _demo_slug(name: str) -> str | None:
    with begin_work(SYSTEM, writes=False) as work:
        query = select(Organization.slug).where(
            Organization.name == name, col(Organization.is_demo).is_(True)
        )
        return work.session.exec(query).first()


def _add(work: Work, email: str, person: DemoPerson, password_hash: str = "") -> str:
    """Add someone; returns the username they were given, which is another one where somebody has it already."""
    username = ""
    details = {"first_name": person.first, "last_name": person.last, "email": _ascii(email)}
    details |= {"phone": person.phone, "designation": person.designation}
    roles = [role for role in roles_of_org(work) if role.key in person.roles]
    if person.agent_email:
        member = new_member(work, clean_details(country=practice_of(work).country, **details), is_agent=True)
        for role in roles:
            give(work, member_id=member.id, role=role, terms=FOREVER)
        index_roles(work, member)
        work.record("agent.invited", member, name=member.name)
    else:
        member = add_member(work, **details, role_ids=[role.id for role in roles], invite=False)
    for tag in _tags(work, person):
        put_tag(work, member_id=member.id, tag_id=tag.id)
    if person.state in {"joined", "inactive"}:
        username = _join(work, member, person, password_hash)
    if person.state in {"invited", "expired"}:
        send_invitation(work, member_id=member.id)
    if person.state == "expired":
        _let_run_out(work, member)
    if person.state == "inactive":
        deactivate(work, member_id=member.id)
    return username


def _free(work: Work, username: str) -> str:
    """Return a username that nobody has yet: the installation may have people of its own."""
    taken = account_by_login(work.session, username) is not None
    return f"{username}-{str(work.new_id())[-8:]}" if taken else username


def _join(work: Work, member: StaffMember, person: DemoPerson, password_hash: str) -> str:
    # As accepting an invitation does, but without mail; those without a password can never sign in.
    account = work.session.get_one(Account, member.account_id)
    username = ""
    if account.set_up_at is None:
        username = _free(work, person.username or account.email.split("@")[0][:30])
        set_up(work, account=account, username=username, password_hash=password_hash)
    if member.is_agent:
        make_key(work, account_id=account.id, first_name=person.first, last_name=person.last)
    member.joined_at = work.now
    work.add(member)
    work.record("staff.accepted", member)
    return username


def _let_run_out(work: Work, member: StaffMember) -> None:
    query = select(Invitation).where(Invitation.member_id == member.id, Invitation.org_id == work.org_id)
    invitation = work.session.exec(query).one()
    invitation.sent_at -= timedelta(days=2)
    invitation.expires_at -= timedelta(days=2)
    work.add(invitation)


def _tags(work: Work, person: DemoPerson) -> Iterator[Tag]:
    group_of = {tag: group for group, tags in TAG_GROUPS.items() for tag in tags}
    for name in person.tags:
        yield make_tag(work, name=name, group=group_of.get(name, ""))


def _ascii(email: str) -> str:
    plain = {"李": "li", "小龙": "xiaolong", "’": "", "á": "a", "ñ": "n", "ú": "u"}
    for letter, instead in plain.items():
        email = email.replace(letter, instead)
    return email.lower()


def _sign_in(practice: str, person: DemoPerson, username: str, password: str) -> SignIn:
    role = ", ".join(key.replace("_", " ").title() for key in person.roles) or "no role yet"
    role += " (External Agent)" if person.agent_email else ""
    return SignIn(practice, f"{person.first} {person.last}", role, username, password)


def _password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))
