"""What a handful of rows of a file need to know of the practice, read in a few questions for all of them together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from motlink.accounts.actions import check_not_kept, kept
from motlink.accounts.models import Account
from motlink.database import is_sqlite
from motlink.orgs.models import Location
from motlink.orgs.rules import location_key
from motlink.orgs.zones import today_of
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import NO_OPTION, in_force, privileges_by_role, roles_of_org
from motlink.roles.rules import Privileges, merged
from motlink.staff.import_rows import Row
from motlink.staff.models import StaffMember
from motlink.tags.models import Tag, Tagging
from motlink.tags.rules import tag_key
from motlink.tags.worn import is_on
from motlink.work import Work


class Here:
    """Who of these emails is in the practice already, with roles and tags; and the practice's roles and tags."""

    def __init__(self, work: Work, rows: Sequence[Row], *, writes: bool = True) -> None:
        self._work, self._find = work, _kept if writes else _accounts
        self.roles: dict[str, Role] = {role.key: role for role in roles_of_org(work)}
        self.privileges = privileges_by_role(work)
        self.accounts = self._find(work, [row.email for row in rows])
        self.members = _members(work, [account.id for account in self.accounts.values()])
        ids = [member.id for member in self.members.values()]
        self.held = _held(work, ids)
        self.worn = _worn(work, ids)
        self.locations = _locations(work, rows, self.members.values())
        self.tags = _tags(work, {tag_key(name)[:80] for row in rows for name in row.tags})

    def member(self, email: str) -> StaffMember | None:
        """Return the place of this email, also one that an undone import has left."""
        account = self.accounts.get(email)
        return self.members.get(account.id) if account else None

    def detail(self, member: StaffMember, field: str) -> str:
        """Return one field of someone who is here, as a form takes it."""
        if field == "location":
            return next((one.name for one in self.locations.values() if one.id == member.location_id), "")
        value = getattr(member, field)
        return value.isoformat() if isinstance(value, date) else str(value or "")

    def privileges_of(self, member: StaffMember) -> Privileges:
        """Return what someone's roles allow now."""
        by_key = {role.key: role.id for role in self.roles.values()}
        return merged(self.privileges.get(by_key[key], {}) for key in self.held[member.id] if key in by_key)

    def make_accounts(self, emails: Sequence[str]) -> None:
        """Make the accounts that are missing; two practices at once get the same one.

        In one order everywhere: two files with the same people in opposite orders would wait for each other. Raises
        Invalid for an email that its holder may take back.
        """
        work = self._work
        missing = sorted(set(emails) - self.accounts.keys())
        if not missing:
            return
        insert = sqlite.insert(Account) if is_sqlite() else postgresql.insert(Account)
        values = [{"id": work.new_id(), "email": email, "created_at": work.now} for email in missing]
        work.session.execute(insert.values(values).on_conflict_do_nothing())
        check_not_kept(work, missing)
        self.accounts |= self._find(work, missing)


def _kept(work: Work, emails: Sequence[str]) -> dict[str, Account]:
    return {account.email: account for account in kept(work, col(Account.email).in_(emails))}


def _accounts(work: Work, emails: Sequence[str]) -> dict[str, Account]:
    query = select(Account).where(col(Account.email).in_(emails))
    return {account.email: account for account in work.session.exec(query)}


def _members(work: Work, account_ids: Sequence[UUID]) -> dict[UUID, StaffMember]:
    query = select(StaffMember).where(
        StaffMember.org_id == work.org_id, col(StaffMember.account_id).in_(account_ids)
    )
    return {member.account_id: member for member in work.session.exec(query)}


def _held(work: Work, member_ids: Sequence[UUID]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    if member_ids:
        query = select(RoleGrant.member_id, Role.key).join(Role, col(Role.id) == col(RoleGrant.role_id))
        for member_id, key in work.session.exec(
            query.where(col(RoleGrant.member_id).in_(member_ids), in_force(work.now), NO_OPTION)
        ):
            found[member_id].add(key)
    return found


def _worn(work: Work, member_ids: Sequence[UUID]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    if member_ids:
        query = select(Tagging.member_id, Tag.key).join(Tag, col(Tag.id) == col(Tagging.tag_id))
        for member_id, key in work.session.exec(
            query.where(col(Tagging.member_id).in_(member_ids), is_on(today_of(work)))
        ):
            found[member_id].add(key)
    return found


def _locations(work: Work, rows: Sequence[Row], members: Iterable[StaffMember]) -> dict[str, Location]:
    """Return by their keys the locations that these rows name and these people have."""
    keys = {location_key(row.location) for row in rows if row.location}
    ids = {member.location_id for member in members if member.location_id}
    if not keys and not ids:
        return {}
    wanted = or_(col(Location.key).in_(keys), col(Location.id).in_(ids))
    query = select(Location).where(Location.org_id == work.org_id, wanted)
    return {place.key: place for place in work.session.exec(query)}


def _tags(work: Work, keys: set[str]) -> dict[str, Tag]:
    query = select(Tag).where(Tag.org_id == work.org_id, col(Tag.ended_at).is_(None), col(Tag.key).in_(keys))
    return {tag.key: tag for tag in work.session.exec(query)} if keys else {}
