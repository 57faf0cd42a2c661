"""Writing the rows of a file: a handful of people in one transaction, each whole or not at all.

Who is new goes in with few statements for all of them together; who is here already, one by one through the same
actions as on the screen. Nobody is invited.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from motlink.accounts.resets import locked, locked_all
from motlink.audit.actions import record_refusal
from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, lasting_since, payload_of, take_back
from motlink.errors import Invalid, MotlinkError, NotAllowed
from motlink.orgs.actions import find_or_make_location
from motlink.orgs.rules import location_key
from motlink.permissions import Permission
from motlink.roles.grants import take_all
from motlink.roles.models import Role, RoleGrant
from motlink.staff.actions import deactivate, edit_member, switch_role
from motlink.staff.import_fate import DETAILS, FACTS, WORDS, Fate, fate_of
from motlink.staff.import_lookup import Here
from motlink.staff.import_rows import Row
from motlink.staff.indexing import index_person, index_roles
from motlink.staff.models import NO_ROLE, NO_TAG, Batch, BatchItem, StaffMember
from motlink.staff.people import is_self, person, place_for, power, role_names
from motlink.staff.rules import check_touch
from motlink.tags.actions import make_tag, put_tag, take_all_tags
from motlink.tags.models import Tagging
from motlink.tags.rules import tag_key
from motlink.work import Done, Work

# An open roster re-reads its page after so many new people, not after each handful.
TELL_EVERY = 500


def import_chunk(work: Work, batch: Batch, items: Sequence[BatchItem]) -> None:
    """Do what the preview has promised for these rows. What has changed since then is left, with the reason."""
    work.require(Permission.MANAGE_STAFF)
    file = str((batch.given or {}).get("name", ""))
    rows = {item.number: Row.from_json((item.given or {})["row"]) for item in items}
    here = Here(work, list(rows.values()))
    # In one order of accounts everywhere, and before the first place is written: a row may let somebody go.
    locked_all(work, [member.account_id for member in here.members.values()])
    new: list[tuple[BatchItem, Row]] = []
    for item in items:
        fate = fate_of(rows[item.number], here, actor=power(work), me=work.actor.member_id)
        if fate.word != item.fate or fate.changes != (item.before or {}).get("changes"):
            item.outcome, item.reason = (
                "refused",
                f"This has changed since the preview. {fate.reason}".strip(),
            )
        elif fate.word == "create":
            new.append((item, rows[item.number]))
        else:
            _update(work, item, rows[item.number], fate, here, file)
    _create_all(work, new, here, file)
    if batch.done // TELL_EVERY != (batch.done + len(items)) // TELL_EVERY:
        work.notify("staff")


def _create_all(work: Work, new: Sequence[tuple[BatchItem, Row]], here: Here, file: str) -> None:
    try:
        with work.part():
            _create(work, new, here, file)
    except (IntegrityError, Invalid):
        # Somebody else has got in between with one of these emails, or has just given it up: then each for itself.
        for item, row in new:
            _create_alone(work, item, row, file)


def _create_alone(work: Work, item: BatchItem, row: Row, file: str) -> None:
    try:
        with work.part():
            _create(work, [(item, row)], Here(work, [row]), file)
    except IntegrityError:
        item.outcome, item.reason = "refused", "Somebody has just been added with this email."
    except Invalid as kept:
        item.outcome, item.reason = "refused", kept.sentence


def _create(work: Work, new: Sequence[tuple[BatchItem, Row]], here: Here, file: str) -> None:
    here.make_accounts([row.email for _, row in new])
    for name in (name for _, row in new for name in row.tags):
        if tag_key(name)[:80] not in here.tags:
            tag = make_tag(work, name=name)
            here.tags[tag.key] = tag
    for name in {row.location for _, row in new if row.location}:
        if location_key(name) not in here.locations:
            place = find_or_make_location(work, name=name)
            here.locations[place.key] = place
    for item, row in new:
        member = _person(work, row, here)
        item.member_id, item.outcome = member.id, "done"
    work.session.flush()
    _roles_and_tags(work, new, here)
    for item, row in new:
        item.before = {"entry": str(_record(work, row, here, file))}


def _person(work: Work, row: Row, here: Here) -> StaffMember:
    account = here.accounts[row.email]
    member = place_for(work, account.id, here.members.get(account.id))
    for field in DETAILS:
        setattr(member, field, getattr(row, field))
    member.preferred_name, member.starts_on = row.preferred_name, row.starts_on
    member.location_id = here.locations[location_key(row.location)].id if row.location else None
    index_person(member, row.email)
    held = [here.roles[key].position for key in row.roles] if row.active else []
    member.role_order = min(held, default=NO_ROLE)
    member.tag_order = min((here.tags[tag_key(name)[:80]].key for name in row.tags), default=NO_TAG)
    if not row.active:
        member.deactivated_at, member.deactivated_by = work.now, work.actor.account_id
    work.session.add(member)
    here.members[account.id] = member
    return member


def _roles_and_tags(work: Work, new: Sequence[tuple[BatchItem, Row]], here: Here) -> None:
    """Write the grants and taggings of all of them: as plain rows, which takes a third of the time of objects."""
    grants = [_grant(work, item, row, role) for item, row in new for role in _roles_of(row, here)]
    taggings = [
        {
            "id": work.new_id(),
            "org_id": work.org_id,
            "member_id": item.member_id,
            "tag_id": here.tags[tag_key(name)[:80]].id,
            "created_at": work.now,
        }
        for item, row in new
        for name in row.tags
    ]
    for table, rows in ((RoleGrant, grants), (Tagging, taggings)):
        if rows:
            work.session.execute(insert(table), rows)


def _grant(work: Work, item: BatchItem, row: Row, role: Role) -> dict[str, Any]:
    return {
        "id": work.new_id(),
        "org_id": work.org_id,
        "member_id": item.member_id,
        "role_id": role.id,
        "starts_at": work.now,
        "granted_by": work.actor.account_id,
        "ended_at": None if row.active else work.now,
        "ended_by": None if row.active else work.actor.account_id,
        "all_providers": True,
    }


def _roles_of(row: Row, here: Here) -> list[Role]:
    return [here.roles[key] for key in row.roles]


def _record(work: Work, row: Row, here: Here, file: str) -> UUID:
    member = here.members[here.accounts[row.email].id]
    roles = _roles_of(row, here)
    if not row.active:
        # What "Restore previous roles" looks for.
        ids = [str(role.id) for role in roles]
        work.record("staff.deactivated", member, roles=role_names(roles), role_ids=ids)
    return work.record(
        "staff.imported",
        member,
        name=member.name,
        file=file,
        row=row.number,
        roles=role_names(roles),
        tags=list(row.tags),
        new=True,
    )


def _update(work: Work, item: BatchItem, row: Row, fate: Fate, here: Here, file: str) -> None:
    member = here.member(row.email)
    assert member
    item.member_id = member.id
    try:
        with work.part():
            acts = _change(work, member, fate.changes or {}, here)
            entry = work.record(
                "staff.imported", member, name=member.name, file=file, row=row.number, act_ids=acts, new=False
            )
    except MotlinkError as refusal:
        item.outcome, item.reason = "refused", str(refusal)[:1000]
        if isinstance(refusal, NotAllowed):
            given = {"member_id": member.id}
            record_refusal(work, reason=refusal.sentence, doing="import", given=given)
    else:
        item.outcome, item.before = "done", {"entry": str(entry)}


def _change(work: Work, member: StaffMember, changes: dict[str, Any], here: Here) -> list[str]:
    """Return the entries that an undo takes back, in the order of what was done."""
    done: list[Done] = []
    wanted = {field: changes[field][1] if field in changes else getattr(member, field) for field in DETAILS}
    if changes.keys() & WORDS.keys():
        facts = {field: changes[field][1] for field in FACTS if field in changes}
        done.append(edit_member(work, member_id=member.id, version=member.version, facts=facts, **wanted))
    for key in changes.get("roles", ()):
        role_id = here.roles[key].id
        done.append(switch_role(work, member_id=member.id, role_id=role_id, on=True, confirmed=True))
    tags = [make_tag(work, name=name) for name in changes.get("tags", ())]
    done.extend(put_tag(work, member_id=member.id, tag_id=tag.id) for tag in tags)
    if "deactivate" in changes:
        done.append(deactivate(work, member_id=member.id))
    return [str(one.undo) for one in done if one.undo]


def row_back(work: Work, entry: AuditEntry) -> Done:
    """Take back one imported row: a new person's place is withdrawn, a changed one is as before.

    Raises UndoRefused once anything has been done about a new person since, or a change has been changed again.
    """
    work.require(Permission.MANAGE_STAFF)
    member = work.get(StaffMember, entry.subject_id)
    payload = payload_of(entry)
    if payload["new"]:
        return _withdraw(work, entry, member)
    # Of the acts that follow one may write the place before another reads the account.
    locked(work, member.account_id)
    for act in reversed(payload["act_ids"]):
        done = work.session.get(AuditEntry, UUID(act))
        if done is None:
            raise UndoRefused
        take_back(work, done)
    return Done(f"{member.name} is as before the import.")


def _withdraw(work: Work, entry: AuditEntry, member: StaffMember) -> Done:
    if member.joined_at or member.withdrawn_at or lasting_since(work, entry):
        raise UndoRefused
    check_touch(actor=power(work), target=person(work, member.id).privileges, own=is_self(work, member))
    take_all(work, member_id=member.id)
    take_all_tags(work, member_id=member.id)
    member.withdrawn_at = member.deactivated_at = work.now
    member.deactivated_by = work.actor.account_id
    index_roles(work, member)
    work.record("staff.withdrawn", member, name=member.name)
    work.notify("staff", member.id)
    return Done(f"{member.name} is taken out again.")
