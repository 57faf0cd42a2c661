"""Making tags, putting them on people and taking them off."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from motlink.errors import NotFound
from motlink.facts import TagPut, TagTaken
from motlink.orgs.zones import today_of
from motlink.permissions import Permission
from motlink.staff.models import StaffMember
from motlink.tags.errors import NameTaken
from motlink.tags.models import Tag, Tagging
from motlink.tags.rules import (
    LONGEST_NAME,
    clean_color,
    clean_group,
    clean_name,
    color_of,
    is_worn,
    last_day,
    tag_key,
)
from motlink.tags.worn import open_tagging, open_tags, tag_by_key
from motlink.work import Done, Work

# A click waits for one such transaction at most.
ENDED_AT_ONCE = 25


def make_tag(work: Work, *, name: str, group: str = "", color: str = "") -> Tag:
    """Return the practice's tag of this name, made where it is new. Raises Invalid for an empty name."""
    work.require(Permission.EDIT_TAGS)
    shown = clean_name(name)
    key = tag_key(shown)[:LONGEST_NAME]
    found = tag_by_key(work, key)
    if found:
        return found
    tag = Tag(
        id=work.new_id(),
        org_id=work.org_id,
        key=key,
        name=shown,
        group=clean_group(group),
        color=clean_color(color or _color_for(work, clean_group(group), shown)),
        created_at=work.now,
        changed_at=work.now,
    )
    work.add(tag)
    work.record("tag.made", tag, name=tag.name)
    work.notify("tags", tag.id)
    return tag


def _color_for(work: Work, group: str, name: str) -> str:
    """A tag of a group looks like its group."""
    query = open_tags(work).where(Tag.group == group).order_by(col(Tag.key)).limit(1)
    like: Tag | None = work.session.exec(query).first() if group else None
    return like.color if like else color_of(name)


def new_tag(work: Work, *, name: str, group: str = "", color: str = "") -> Done:
    """Make a tag that nobody wears yet. Raises NameTaken for a word that is a tag already."""
    work.require(Permission.EDIT_TAGS)
    same = tag_by_key(work, tag_key(clean_name(name))[:LONGEST_NAME])
    if same:
        raise NameTaken(same.name, same.id)
    tag = make_tag(work, name=name, group=group, color=color)
    return Done(f"{tag.name} is a tag now.", undo=work.entries[-1].id)


def put_tag(work: Work, *, member_id: UUID, tag_id: UUID, until: str = "") -> Done:
    """Put a tag on a member, perhaps until a day (ISO) of the practice's zone. Where it is on, nothing changes.

    Raises NotFound for another practice's or a deleted one, Invalid for a day that is over.
    """
    work.require(Permission.EDIT_TAGS)
    member, tag = work.get(StaffMember, member_id), tag_in_use(work, tag_id)
    if member.withdrawn_at:
        raise NotFound
    today = today_of(work)
    ends_on = last_day(until, today)
    before = open_tagging(work, member_id, tag.id)
    if before and is_worn(before.ends_on, today):
        return Done(f"{member.name} wears {tag.name} already.")
    if before:
        before.ended_at = work.now
        work.add(before)
    tagging = work.add(
        Tagging(
            id=work.new_id(),
            org_id=work.org_id,
            member_id=member_id,
            tag_id=tag.id,
            ends_on=ends_on,
            created_at=work.now,
        )
    )
    work.announce(TagPut(member.id, tag.id))
    return _told(work, "tag.put", member, tag, tagging, f"{tag.name} put on {member.name}.")


def put_new_tag(work: Work, *, member_id: UUID, name: str, until: str = "") -> Done:
    """Put the tag of this name on a member, made where it is new."""
    work.require(Permission.EDIT_TAGS)
    member = work.get(StaffMember, member_id)
    return put_tag(work, member_id=member.id, tag_id=make_tag(work, name=name).id, until=until)


def take_tag(work: Work, *, member_id: UUID, tag_id: UUID) -> Done:
    """Take a tag off a member. Where it is off, nothing changes."""
    work.require(Permission.EDIT_TAGS)
    member, tag = work.get(StaffMember, member_id), tag_in_use(work, tag_id)
    tagging = open_tagging(work, member.id, tag.id)
    if tagging is None:
        return Done(f"{member.name} does not wear {tag.name}.")
    tagging.ended_at = work.now
    work.add(tagging)
    work.announce(TagTaken(member.id, tag.id))
    return _told(work, "tag.taken", member, tag, tagging, f"{tag.name} taken off {member.name}.")


def take_all_tags(work: Work, *, member_id: UUID) -> None:
    """Take every tag off a member whose place ends as if it had never been; the act itself records it."""
    worn = select(Tagging).where(Tagging.org_id == work.org_id, Tagging.member_id == member_id)
    for tagging in work.session.exec(worn.where(col(Tagging.ended_at).is_(None))):
        tagging.ended_at = work.now
        work.add(tagging)
        work.notify("tags", tagging.tag_id)


def set_last_day(work: Work, *, member_id: UUID, tag_id: UUID, until: str) -> Done:
    """Let a member wear a tag until a day (ISO), "" for no end. Raises NotFound where it is not worn."""
    work.require(Permission.EDIT_TAGS)
    member, tag = work.get(StaffMember, member_id), tag_in_use(work, tag_id)
    today = today_of(work)
    tagging, ends_on = open_tagging(work, member.id, tag.id), last_day(until, today)
    if tagging is None or not is_worn(tagging.ends_on, today):
        raise NotFound(f"{member.name} does not wear {tag.name}.")
    if tagging.ends_on == ends_on:
        return Done("Nothing has changed.")
    before, tagging.ends_on = tagging.ends_on, ends_on
    # It is no longer as a merge has left it.
    tagging.merged_by = None
    work.add(tagging)
    said = f"until {ends_on.day} {ends_on:%B %Y}" if ends_on else "without an end"
    sentence = f"{member.name} wears {tag.name} {said}."
    return _told(work, "tag.until", member, tag, tagging, sentence, was=str(before or ""))


def end_past(work: Work) -> int:
    """Tidy up taggings whose day is over, some at a time. Returns how many; they counted no more already."""
    work.require(Permission.EDIT_TAGS)
    past = select(Tagging).where(
        Tagging.org_id == work.org_id, col(Tagging.ended_at).is_(None), col(Tagging.ends_on) < today_of(work)
    )
    found = work.session.exec(past.limit(ENDED_AT_ONCE)).all()
    for tagging in found:
        member, tag = work.get(StaffMember, tagging.member_id), work.get(Tag, tagging.tag_id)
        tagging.ended_at = work.now
        work.add(tagging)
        work.announce(TagTaken(member.id, tag.id))
        _told(work, "tag.ran_out", member, tag, tagging, "")
    return len(found)


def tag_in_use(work: Work, tag_id: UUID) -> Tag:
    """Load a tag of the practice. Raises NotFound for a deleted one, too."""
    tag = work.get(Tag, tag_id)
    if tag.ended_at:
        raise NotFound(f"{tag.name} is no longer a tag here.")
    return tag


def _told(
    work: Work, act: str, member: StaffMember, tag: Tag, tagging: Tagging, sentence: str, **more: Any
) -> Done:
    tag.changed_at = work.now
    work.add(tag)
    ids: dict[str, Any] = {"tag_id": str(tag.id), "tagging_id": str(tagging.id)}
    entry = work.record(act, member, tag=tag.name, until=str(tagging.ends_on or ""), **more, **ids)
    work.notify("staff", member.id)
    work.notify("tags", tag.id)
    return Done(sentence, undo=entry)
