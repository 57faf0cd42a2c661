"""How what was done about tags is taken back: through the same checks, refused once it has changed (UX-02)."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select

from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, WayBack, acts_since, payload_of
from motlink.errors import NotFound
from motlink.facts import TagPut
from motlink.orgs.zones import today_of
from motlink.permissions import Permission
from motlink.staff.models import StaffMember
from motlink.tags.actions import set_last_day, tag_in_use, take_tag
from motlink.tags.errors import NameTaken
from motlink.tags.many import tell_all, wore_it
from motlink.tags.merging import reopen, unmerge
from motlink.tags.models import Tag, Tagging
from motlink.tags.rules import is_worn
from motlink.tags.vocabulary import delete_tag, rename_tag, set_color, set_group
from motlink.tags.worn import open_tagging, tag_by_key
from motlink.work import Done, Work

ON_PEOPLE = {"tag.put", "tag.taken", "tag.until", "tag.ran_out"}


def _put_back(work: Work, entry: AuditEntry) -> Done:
    tagging = _as_left(work, entry)
    if tagging.ended_at:
        raise UndoRefused
    return take_tag(work, member_id=tagging.member_id, tag_id=tagging.tag_id)


def _taken_back(work: Work, entry: AuditEntry) -> Done:
    """Open the very tagging again, with its last day."""
    work.require(Permission.EDIT_TAGS)
    tagging = _as_left(work, entry)
    member, tag = work.get(StaffMember, tagging.member_id), tag_in_use(work, tagging.tag_id)
    is_off = tagging.ended_at is not None and tagging.ended_by is None
    if not is_off or open_tagging(work, member.id, tag.id) or not is_worn(tagging.ends_on, today_of(work)):
        raise UndoRefused
    tagging.ended_at = None
    tag.changed_at = work.now
    work.add(tagging)
    work.add(tag)
    ids: dict[str, Any] = {"tag_id": str(tag.id), "tagging_id": str(tagging.id)}
    work.record("tag.put", member, tag=tag.name, until=str(tagging.ends_on or ""), **ids)
    work.announce(TagPut(member.id, tag.id))
    work.notify("staff", member.id)
    work.notify("tags", tag.id)
    return Done(f"{tag.name} is on {member.name} again.")


def _until_back(work: Work, entry: AuditEntry) -> Done:
    tagging, was = _as_left(work, entry), payload_of(entry)["was"]
    is_over = bool(was) and date.fromisoformat(was) < today_of(work)
    if tagging.ended_at or str(tagging.ends_on or "") != payload_of(entry)["until"] or is_over:
        raise UndoRefused
    return set_last_day(work, member_id=tagging.member_id, tag_id=tagging.tag_id, until=was)


def _as_left(work: Work, entry: AuditEntry) -> Tagging:
    """Return the tagging of an act on a person. Raises UndoRefused where it was touched since, or its tag is gone."""
    payload = payload_of(entry)
    if any(
        act.action in ON_PEOPLE and payload_of(act)["tag_id"] == payload["tag_id"]
        for act in acts_since(work, entry)
    ):
        raise UndoRefused
    tagging = work.get(Tagging, UUID(payload["tagging_id"]))
    if str(tagging.tag_id) != payload["tag_id"] or work.get(Tag, tagging.tag_id).ended_at:
        raise UndoRefused
    return tagging


def _made_back(work: Work, entry: AuditEntry) -> Done:
    tag = _in_use(work, entry)
    worn = select(func.count()).where(Tagging.tag_id == tag.id, col(Tagging.ended_at).is_(None))
    if tag.version > 1 or work.session.exec(worn).one():
        raise UndoRefused
    return delete_tag(work, tag_id=tag.id)


def _rename_back(work: Work, entry: AuditEntry) -> Done:
    tag, payload = _in_use(work, entry), payload_of(entry)
    if tag.version != payload["version"]:
        raise UndoRefused
    try:
        return rename_tag(work, tag_id=tag.id, version=tag.version, name=payload["before"]["name"])
    except NameTaken:
        raise UndoRefused from None


def _color_back(work: Work, entry: AuditEntry) -> Done:
    tag, payload = _in_use(work, entry), payload_of(entry)
    if tag.color != payload["after"]["color"]:
        raise UndoRefused
    return set_color(work, tag_id=tag.id, color=payload["before"]["color"])


def _group_back(work: Work, entry: AuditEntry) -> Done:
    tag, payload = _in_use(work, entry), payload_of(entry)
    if tag.group != payload["after"]["group"]:
        raise UndoRefused
    return set_group(work, tag_id=tag.id, group=payload["before"]["group"])


def _apart_back(work: Work, entry: AuditEntry) -> Done:
    work.require(Permission.EDIT_TAGS)
    tag, other_id = _in_use(work, entry), payload_of(entry)["other_id"]
    if other_id not in (tag.kept_apart or []):
        raise UndoRefused
    tag.kept_apart = [one for one in tag.kept_apart or [] if one != other_id]
    work.add(tag)
    work.notify("tags", tag.id)
    return Done(f"{tag.name} may look like another tag again.")


def _deletion_back(work: Work, entry: AuditEntry) -> Done:
    work.require(Permission.EDIT_TAGS)
    tag = work.get(Tag, entry.subject_id)
    if tag.ended_at is None or tag.merged_into or tag_by_key(work, tag.key):
        raise UndoRefused
    if any(act.action == "tag.restored" for act in acts_since(work, entry)):
        raise UndoRefused
    tag.ended_at, tag.changed_at = None, work.now
    work.add(tag)
    people = reopen(work, entry.id, tag.id)
    work.record("tag.restored", tag, name=tag.name, people=people)
    tell_all(work, tag)
    return Done(f"{tag.name} is a tag again; {wore_it(people)}.")


def _in_use(work: Work, entry: AuditEntry) -> Tag:
    try:
        return tag_in_use(work, work.get(Tag, entry.subject_id).id)
    except NotFound:
        raise UndoRefused from None


WAYS_BACK: dict[str, WayBack] = {
    "tag.put": _put_back,
    "tag.taken": _taken_back,
    "tag.until": _until_back,
    "tag.made": _made_back,
    "tag.renamed": _rename_back,
    "tag.colored": _color_back,
    "tag.grouped": _group_back,
    "tag.kept_apart": _apart_back,
    "tag.deleted": _deletion_back,
    "tag.merged": unmerge,
}
