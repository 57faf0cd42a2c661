"""Small words for the tests of actions: do, see, refused, and whether the log holds."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, func, select

from motlink.audit.models import AuditEntry
from motlink.audit.queries import verify
from motlink.errors import MotlinkError, NotAllowed, NotFound
from motlink.mail.models import Letter
from motlink.roles.queries import roles_in_force
from motlink.staff.actions import add_member
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.people import Practice


def do(practice: Practice, who: UUID, action: Any, *, at: datetime | None = None, **given: Any) -> Any:
    """Do something as this member, in a transaction of its own."""
    with begin_work(practice.as_(who), org=practice.org, at=at) as work:
        return work.do(action, **given)


def see(practice: Practice, who: UUID, query: Any, *, at: datetime | None = None, **given: Any) -> Any:
    """Read something as this member."""
    with begin_work(practice.as_(who), org=practice.org, writes=False, at=at) as work:
        return work.do(query, **given)


def refusal(practice: Practice, who: UUID, action: Any, kind: type[MotlinkError], /, **given: Any) -> Any:
    """Expect a refusal of this kind, and that nothing but the refusal itself was written."""
    before = log(practice)
    with pytest.raises(kind) as refused:
        do(practice, who, action, **given)
    written = log(practice)[len(before) :]
    assert [entry.action for entry in written] == (
        ["refused"] if isinstance(refused.value, NotAllowed) else []
    )
    assert refused.value.sentence
    return refused.value


def cleo_and_strangers_may_not(
    practice: Practice, action: Any, /, *, of_member: bool = True, **given: Any
) -> None:
    """A therapist is refused, and that is written down; another practice's person is not there, nor is ours to dov."""
    refusal(practice, practice.cleo, action, NotAllowed, **given)
    with pytest.raises(NotAllowed), begin_work(practice.as_(practice.dov), org=practice.org) as work:
        action(work, **given)
    if not of_member:
        return
    refusal(practice, practice.ana, action, NotFound, **(given | {"member_id": practice.dov}))
    with pytest.raises(NotFound), begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        action(work, **given)


def log(practice: Practice) -> list[AuditEntry]:
    """Return the practice's log, oldest first."""
    with begin_work(system(), org=practice.org, writes=False) as work:
        query = select(AuditEntry).where(AuditEntry.org_id == practice.org)
        return list(work.session.exec(query.order_by(col(AuditEntry.number))))


def add_someone(
    practice: Practice, who: UUID, first: str, *keys: str, email: str = "", at: datetime | None = None
) -> StaffMember:
    """Add "Jo Li" with the roles of these keys, as this member; the invitation goes to jo@riverbend.example."""
    address = email or f"{first}@riverbend.example".lower()
    given = {"first_name": first, "last_name": "Li", "email": address}
    roles = [practice.roles[key] for key in keys]
    return do(practice, who, add_member, at=at, role_ids=roles, **given)  # type: ignore[no-any-return]


def switching(
    practice: Practice, member_id: UUID, key: str, *, on: bool, confirmed: bool = False
) -> dict[str, Any]:
    """Return what switch_role is asked: whose role, which by its key, and whether it is to be on."""
    wish = {"member_id": member_id, "role_id": practice.roles[key], "on": on}
    return wish | {"confirmed": True} if confirmed else wish


def newest_token(email: str) -> str:
    """Return the token in the newest letter that waits for someone: it is kept nowhere else."""
    with begin_work(system(), writes=False) as work:
        query = select(Letter).where(Letter.to == email).order_by(col(Letter.created_at).desc())
        letter = work.session.exec(query).first()
    assert letter and letter.values, f"no letter waits for {email}"
    return re.findall(r"\?t=([\w-]+)", letter.values["link"])[0]


def roles_of(practice: Practice, member_id: UUID) -> set[str]:
    """Return the keys of the roles that are on."""
    with begin_work(system(), org=practice.org, writes=False) as work:
        return {role.key for role in roles_in_force(work.session, work.org_id, member_id, work.now)}


def count(model: Any, *where: Any) -> int:
    """Count rows of any practice."""
    with begin_work(system(), writes=False) as work:
        return int(work.session.exec(select(func.count()).select_from(model).where(*where)).one())


def faults() -> list[str]:
    """Return what is wrong with the audit log."""
    with begin_work(system(), writes=False) as work:
        return [f"{chain}: {fault}" for chain, fault in verify(work.session)]
