"""Reading who is at the door, and who is already in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, not_
from sqlalchemy import select as _select
from sqlmodel import Session, col, select

from motlink.accounts.agent_keys import is_agent_account
from motlink.accounts.limits import limits_behind, limits_of, sessions_open
from motlink.accounts.models import Account, AccountSession
from motlink.accounts.queries import account_by_login, find_session
from motlink.errors import NotFound
from motlink.orgs.models import Organization
from motlink.orgs.zones import practice_of
from motlink.permissions import Permission, Scope
from motlink.roles.models import Role, RoleGrant, RolePermission
from motlink.roles.queries import in_force, roles_in_force
from motlink.roles.rules import merged
from motlink.sign_in.rules import NoRole, SignedOut, StepNeeded
from motlink.staff.demands import lacks_step
from motlink.staff.locks import NEVER, Cutoff, cutoff_of, locked, locked_among, spared
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.places import is_open, open_at
from motlink.work import Actor, FindActor, Work


@dataclass(frozen=True)
class Practice:
    """One line of "Choose a practice" and of the practices menu."""

    slug: str
    name: str


@dataclass(frozen=True)
class AtTheDoor:
    """What a sign-in needs before the password is hashed; nothing where the login is unknown."""

    account_id: UUID | None = None
    password_hash: str | None = None
    org_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Who:
    """What the shell shows of the person and the practice."""

    practice: str
    person: str
    roles: tuple[str, ...]
    may: dict[str, bool]
    practices: tuple[Practice, ...]
    is_demo: bool


def signed_in(digest: str, *, address: str = "", browser: str = "", needs_role: bool = True) -> FindActor:
    """Return the one way to become a person: by the digest of the session cookie, inside the transaction.

    Raises SignedOut for no open session, NotFound for a practice the account has no active place in (locked is as
    good as none), NoRole where no role is on and one is needed, and StepNeeded where a second step is wanted first.
    """

    def find(session: Session, org_id: UUID | None, now: datetime) -> Actor:
        # The practice is at hand: work.py has read it (and with None no place is looked for).
        org = session.info["practice"] if org_id is not None else None
        limits = limits_of(org) if org else limits_behind(session, digest, now)
        cutoff = cutoff_of(org, now) if org else NEVER
        used_since, begun_since, pause = limits.since(now)
        asked: dict[str, Any] = {"digest": digest, "org": org_id, "now": now}
        asked |= {"used": used_since, "begun": begun_since, "pause": pause}
        asked |= {"cutoff": cutoff.at, "cutoff_day": cutoff.day}
        found = session.execute(_ENTRY, asked).all() if digest else []
        if not found:
            raise SignedOut
        first = found[0]
        if org_id is not None and first.member_id is None:
            raise NotFound
        if org_id is not None and needs_role and first.grant_id is None:
            raise NoRole
        privileges = merged({Permission(row.permission): Scope(row.scope)} for row in found if row.permission)
        if org_id is not None and lacks_step(session.info["practice"], first, privileges):
            raise StepNeeded
        return Actor(
            "person",
            org_id=org_id,
            account_id=first.account_id,
            member_id=first.member_id,
            name=f"{first.first_name} {first.last_name}".strip() if first.member_id else "",
            privileges=privileges,
            session_id=first.session_id,
            address=address,
            browser=browser,
        )

    return find


def holder_of(digest: str, *, address: str = "", browser: str = "") -> FindActor:
    """Return the person behind a session, as nobody's member: for what is about the account alone.

    The work may be in a practice, for its log, that the person has no role in now. Raises SignedOut.
    """
    find_signed_in = signed_in(digest, address=address, browser=browser)

    def find(session: Session, org_id: UUID | None, now: datetime) -> Actor:
        return find_signed_in(session, None, now)

    return find


def _entry() -> Any:
    """The open session of a cookie, its active place in a practice, and all that its roles allow: one reading.

    The guard asks this before each event, in fifty tabs at once; as three readings it took most of the answer's time.
    """
    now: Any = bindparam("now")
    cutoff = Cutoff(bindparam("cutoff"), bindparam("cutoff_day"))
    place = and_(
        col(StaffMember.account_id) == col(AccountSession.account_id),
        col(StaffMember.org_id) == bindparam("org"),
        # Whoever has an account already is not in before they accept: a practice cannot pull people in.
        col(StaffMember.joined_at).is_not(None),
        open_at(now),
        not_(locked(cutoff, spared(bindparam("org"), now, cutoff))),
    )
    columns: tuple[Any, ...] = (
        col(AccountSession.id).label("session_id"),
        AccountSession.account_id,
        Account.second_step_at,
        Account.short_password,
        col(StaffMember.id).label("member_id"),
        StaffMember.first_name,
        StaffMember.last_name,
        col(RoleGrant.id).label("grant_id"),
        RolePermission.permission,
        RolePermission.scope,
    )
    return (
        _select(*columns)
        .select_from(AccountSession)
        .join(Account, col(Account.id) == col(AccountSession.account_id))
        .outerjoin(StaffMember, place)
        .outerjoin(RoleGrant, and_(col(RoleGrant.member_id) == col(StaffMember.id), in_force(now)))
        .outerjoin(RolePermission, col(RolePermission.role_id) == col(RoleGrant.role_id))
        .where(
            col(AccountSession.digest) == bindparam("digest"),
            sessions_open(now, bindparam("used"), bindparam("begun"), bindparam("pause")),
        )
    )


_ENTRY = _entry()


def practices_of(session: Session, account_id: UUID, now: datetime) -> list[Organization]:
    """Return where the account has an active, accepted place that is not locked, and a role on, by name."""
    query = (
        select(Organization, StaffMember)
        .join(StaffMember, col(StaffMember.org_id) == col(Organization.id))
        .join(RoleGrant, col(RoleGrant.member_id) == col(StaffMember.id))
        .where(
            StaffMember.account_id == account_id,
            col(StaffMember.joined_at).is_not(None),
            open_at(now),
            in_force(now),
        )
        .order_by(col(Organization.name))
    )
    # One row a role; a place's table cannot be told apart by DISTINCT: it holds JSON.
    places = {org.id: (org, member) for org, member in session.exec(query)}
    return [org for org, member in places.values() if not locked_among(session, org, [member], now)]


def homes_of(session: Session, account_id: UUID, *, accepted: bool = False) -> list[UUID]:
    """Return all practices that know the account, active or not; with `accepted` only those it has once come into."""
    query = select(StaffMember.org_id).where(StaffMember.account_id == account_id)
    if accepted:
        query = query.where(col(StaffMember.joined_at).is_not(None))
    return list(session.exec(query.order_by(col(StaffMember.created_at))))


def homes_by_access(session: Session, account_id: UUID, now: datetime) -> list[UUID]:
    """Return the practices that the account has once come into, those in which its place is open first."""
    query = select(StaffMember).where(
        StaffMember.account_id == account_id, col(StaffMember.joined_at).is_not(None)
    )
    places = session.exec(query.order_by(col(StaffMember.created_at)))
    return [place.org_id for place in sorted(places, key=lambda one: not is_open(one, now))]


def homes_to_join(session: Session, account_id: UUID) -> list[UUID]:
    """Return the practices that wait for the account and have sent no invitation, which they would want accepted."""
    invited = select(Invitation.member_id).where(Invitation.org_id == StaffMember.org_id)
    query = select(StaffMember.org_id).where(
        StaffMember.account_id == account_id,
        col(StaffMember.joined_at).is_(None),
        col(StaffMember.id).not_in(invited),
    )
    return list(session.exec(query.order_by(col(StaffMember.created_at))))


def at_the_door(work: Work, *, login: str) -> AtTheDoor:
    """Look a typed login up, before any hashing."""
    account = account_by_login(work.session, login)
    if account is None:
        return AtTheDoor()
    return AtTheDoor(account.id, account.password_hash, who_hears(work, account.id))


def behind_session(work: Work, *, digest: str) -> AtTheDoor:
    """Return whose session a browser holds, for signing out."""
    session = find_session(work.session, digest, work.now)
    if session is None:
        return AtTheDoor()
    return AtTheDoor(session.account_id, None, who_hears(work, session.account_id))


def who_hears(work: Work, account_id: UUID) -> tuple[UUID, ...]:
    """Return the practices whose logs hear of an account's ways in and out, those it may enter first.

    One that has merely sent an invitation is not told where people are.
    """
    with_access = [org.id for org in practices_of(work.session, account_id, work.now)]
    homes = homes_of(work.session, account_id, accepted=True)
    return (*with_access, *(org_id for org_id in homes if org_id not in with_access))


def zone_of_account(work: Work, account_id: UUID) -> ZoneInfo:
    """Return the zone in which moments are said to an account's holder: that of the first practice."""
    hears = who_hears(work, account_id)
    return ZoneInfo(work.session.get_one(Organization, hears[0]).time_zone if hears else "UTC")


def my_practices(work: Work) -> list[Practice]:
    """Return the practices the signed-in person may enter."""
    if work.actor.account_id is None:
        return []
    found = practices_of(work.session, work.actor.account_id, work.now)
    return [Practice(org.slug, org.name) for org in found]


def am_agent(work: Work) -> bool:
    """Whether the signed-in person has been an External Agent."""
    account_id = work.actor.account_id
    return account_id is not None and is_agent_account(work.session, account_id)


def who(work: Work) -> Who:
    """Read what the shell shows."""
    org = practice_of(work)
    member_id = work.actor.member_id
    roles: list[Role] = []
    if member_id:
        roles = list(roles_in_force(work.session, work.org_id, member_id, work.now))
    return Who(
        practice=org.name,
        person=work.actor.name,
        roles=tuple(role.name for role in roles),
        may={permission.value: work.may(permission) for permission in Permission},
        practices=tuple(my_practices(work)),
        is_demo=org.is_demo,
    )


def own_words(session: Session, account: Account) -> tuple[str, ...]:
    """Return what an account's password must not hold: its names and the practice's, over all its places, its email."""
    query = (
        select(StaffMember.first_name, StaffMember.last_name, Organization.name)
        .join(Organization, col(Organization.id) == col(StaffMember.org_id))
        .where(StaffMember.account_id == account.id)
    )
    names = {word for place in session.exec(query) for word in place}
    return (account.email.split("@")[0], *sorted(names))
