"""Writing one row of a staff list: like adding by hand, but nobody is invited and nobody here is changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from motlink.accounts.models import Account
from motlink.errors import NotAllowed
from motlink.permissions import Permission
from motlink.roles.models import Role
from motlink.roles.queries import privileges_of_role, roles_in_force, roles_of_org
from motlink.staff.actions import add_member, deactivate
from motlink.staff.import_file import Row, role_fold
from motlink.staff.models import StaffMember
from motlink.staff.people import power
from motlink.staff.rules import check_switch
from motlink.tags.actions import make_tag, put_tag
from motlink.tags.models import Tag, Tagging
from motlink.tags.rules import tag_key
from motlink.work import Work

# A click on the screen waits for one such transaction at most; a person with roles and tags takes 5 to 8 ms.
ROWS_A_TRANSACTION = 10


@dataclass(frozen=True)
class Imported:
    """What became of a row: "added", "unchanged" or "refused", with the reason."""

    number: int
    outcome: str
    reason: str = ""


def import_rows(work: Work, *, rows: Sequence[Row]) -> list[Imported]:
    """Do import_row for each; returns what became of them in the order of the file."""
    # A new person's account is shared by all practices and locked until the commit: two files with the same people in
    # opposite orders would wait for each other, so everyone takes them in one order.
    done = [import_row(work, row=row) for row in sorted(rows, key=lambda row: row.email)]
    return sorted(done, key=lambda one: one.number)


def import_row(work: Work, *, row: Row) -> Imported:
    """Add one person with roles and tags; an inactive one is let go at once, so that the roles stand as previous.

    Someone who is here already is never changed: a row that says the same is "unchanged", any other "refused".
    Raises the refusals of add_member, such as a role above the actor.
    """
    work.require(Permission.MANAGE_STAFF)
    here = _member_of(work, row.email)
    if here:
        return _compared(work, row, here)
    roles = [role for role in roles_of_org(work) if role.key in row.roles]
    refusal = _beyond(work, roles)
    if refusal:
        work.record("staff.import_refused", None, row=row.number, reason=refusal)
        return Imported(row.number, "refused", refusal)
    member = add_member(
        work,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        phone=row.phone,
        designation=row.designation,
        role_ids=[role.id for role in roles],
        invite=False,
    )
    for name in row.tags:
        put_tag(work, member_id=member.id, tag_id=make_tag(work, name=name).id)
    work.record("staff.imported", member, row=row.number)
    if not row.active:
        deactivate(work, member_id=member.id)
    return Imported(row.number, "added")


def role_names_for_import(work: Work) -> dict[str, str]:
    """Return folded name -> key of the practice's roles, for import_file.decide."""
    return {role_fold(role.name): role.key for role in roles_of_org(work)}


def _beyond(work: Work, roles: list[Role]) -> str:
    """Return why the actor may not give one of these, asked before anything is written."""
    if work.actor.kind == "system":
        return ""
    try:
        for role in roles:
            wanted = privileges_of_role(work, role.id)
            check_switch(actor=power(work), target={}, role=wanted, role_name=role.name, on=True, own=False)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def _member_of(work: Work, email: str) -> StaffMember | None:
    query = select(StaffMember).join(Account).where(StaffMember.org_id == work.org_id, Account.email == email)
    return work.session.exec(query).first()


def _compared(work: Work, row: Row, here: StaffMember) -> Imported:
    differ = [
        field
        for field, (theirs, ours) in _pairs(work, row, here).items()
        if field in row.given and theirs != ours
    ]
    if not differ:
        return Imported(row.number, "unchanged", f"{here.name} is here already.")
    words = ", ".join(field.replace("_", " ") for field in differ)
    return Imported(
        row.number,
        "refused",
        f"{here.name} already has this email here, and the file says otherwise about: {words}."
        " An import changes nobody.",
    )


def _pairs(work: Work, row: Row, here: StaffMember) -> dict[str, tuple[object, object]]:
    active = here.deactivated_at is None
    held = {role.key for role in roles_in_force(work.session, work.org_id, here.id, work.now)}
    return {
        "first_name": (row.first_name, here.first_name),
        "last_name": (row.last_name, here.last_name),
        "phone": (row.phone, here.phone),
        "designation": (row.designation, here.designation),
        "active": (row.active, active),
        # Someone inactive has no roles on; which ones they had is history.
        "roles": (set(row.roles), held) if active else ((), ()),
        "tags": ({tag_key(name) for name in row.tags}, _tag_keys(work, here)),
    }


def _tag_keys(work: Work, here: StaffMember) -> set[str]:
    query = select(Tag.key).join(Tagging).where(Tagging.member_id == here.id, col(Tagging.ended_at).is_(None))
    return set(work.session.exec(query))
