"""What is done to a tag itself, for everybody who wears it: rename, colour, group, keep apart, delete."""

from typing import Any
from uuid import UUID

from motlink.permissions import Permission
from motlink.tags.actions import tag_in_use
from motlink.tags.errors import NameTaken, Renamed
from motlink.tags.many import change, open_of, tell_all, wore_it
from motlink.tags.models import Tag
from motlink.tags.rules import LONGEST_NAME, clean_color, clean_group, clean_name, tag_key
from motlink.tags.worn import tag_by_key
from motlink.work import Done, Work


def rename_tag(work: Work, *, tag_id: UUID, version: int, name: str) -> Done:
    """Give a tag another name. Raises NameTaken for another tag's, Renamed where someone did so since `version`."""
    work.require(Permission.EDIT_TAGS)
    tag, shown = tag_in_use(work, tag_id), clean_name(name)
    if tag.name == shown:
        return Done("Nothing has changed.")
    if tag.version != version:
        raise Renamed(tag.name, tag.version)
    key = tag_key(shown)[:LONGEST_NAME]
    other = tag_by_key(work, key)
    if other and other.id != tag.id:
        raise NameTaken(other.name, other.id)
    before, tag.name, tag.key = tag.name, shown, key
    tag.version += 1
    entry = _change(work, "tag.renamed", tag, {"name": before}, {"name": shown}, version=tag.version)
    return Done(f"{before} is called {shown} now.", undo=entry)


def set_color(work: Work, *, tag_id: UUID, color: str) -> Done:
    """Give a tag one of the colours."""
    work.require(Permission.EDIT_TAGS)
    tag, wanted = tag_in_use(work, tag_id), clean_color(color)
    if tag.color == wanted:
        return Done("Nothing has changed.")
    before, tag.color = tag.color, wanted
    entry = _change(work, "tag.colored", tag, {"color": before}, {"color": wanted})
    return Done(f"{tag.name} is {wanted} now.", undo=entry)


def set_group(work: Work, *, tag_id: UUID, group: str) -> Done:
    """Put a tag into a group, "" for none."""
    work.require(Permission.EDIT_TAGS)
    tag, wanted = tag_in_use(work, tag_id), clean_group(group)
    if tag.group == wanted:
        return Done("Nothing has changed.")
    before, tag.group = tag.group, wanted
    entry = _change(work, "tag.grouped", tag, {"group": before}, {"group": wanted})
    where = f"in the group {wanted}" if wanted else "in no group"
    return Done(f"{tag.name} is {where} now.", undo=entry)


def keep_apart(work: Work, *, tag_id: UUID, other_id: UUID) -> Done:
    """Remember that two tags that look alike are meant to be two."""
    work.require(Permission.EDIT_TAGS)
    tag, other = sorted((tag_in_use(work, tag_id), tag_in_use(work, other_id)), key=lambda one: one.id)
    kept = tag.kept_apart or []
    if str(other.id) in kept:
        return Done(f"{tag.name} and {other.name} stay two tags.")
    tag.kept_apart = [*kept, str(other.id)]
    work.add(tag)
    entry = work.record("tag.kept_apart", tag, name=tag.name, other=other.name, other_id=str(other.id))
    work.notify("tags", tag.id)
    return Done(f"{tag.name} and {other.name} stay two tags.", undo=entry)


def delete_tag(work: Work, *, tag_id: UUID) -> Done:
    """Take a tag off everyone and out of the practice's list; its word is free for a new one."""
    work.require(Permission.EDIT_TAGS)
    tag = tag_in_use(work, tag_id)
    entry = work.record("tag.deleted", tag, name=tag.name)
    tag.ended_at = tag.changed_at = work.now
    work.add(tag)
    people = change(work, open_of(work, tag.id).values(ended_at=work.now, ended_by=entry))
    work.entries[-1].payload["people"] = people
    tell_all(work, tag)
    return Done(f"{tag.name} is deleted; {wore_it(people)}.", undo=entry)


def _change(
    work: Work, act: str, tag: Tag, before: dict[str, str], after: dict[str, str], **more: Any
) -> UUID:
    tag.changed_at = work.now
    work.add(tag)
    entry = work.record(act, tag, name=tag.name, before=before, after=after, **more)
    tell_all(work, tag)
    return entry
