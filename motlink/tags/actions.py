"""Making tags and putting them on people."""

from uuid import UUID

from sqlmodel import col, select

from motlink.errors import Invalid
from motlink.facts import TagPut
from motlink.permissions import Permission
from motlink.staff.models import StaffMember
from motlink.tags.models import Tag, Tagging
from motlink.tags.rules import tag_key, tag_name
from motlink.work import Done, Work

# Colours in turn, so that a new tag has one nobody had to choose; any hue is safe, the word carries the meaning.
COLORS = ("blue", "green", "plum", "yellow", "teal", "red", "gold", "cyan")


def make_tag(work: Work, *, name: str, group: str = "", color: str = "") -> Tag:
    """Return the practice's tag of this name, made where it is new. Raises Invalid for an empty name."""
    work.require(Permission.EDIT_TAGS)
    shown = tag_name(name)
    if not shown:
        raise Invalid("A tag needs a name.", field="tag")
    same = select(Tag).where(Tag.org_id == work.org_id, Tag.key == tag_key(shown)[:80])
    found = work.session.exec(same).first()
    if found:
        return found
    tag = Tag(
        id=work.new_id(),
        org_id=work.org_id,
        key=tag_key(shown)[:80],
        name=shown,
        group=group,
        color=color or COLORS[sum(map(ord, shown)) % len(COLORS)],
    )
    work.add(tag)
    work.record("tag.made", tag, name=tag.name)
    return tag


def put_tag(work: Work, *, member_id: UUID, tag_id: UUID) -> Done:
    """Put a tag on a member. Raises NotFound for another practice's."""
    work.require(Permission.EDIT_TAGS)
    member, tag = work.get(StaffMember, member_id), work.get(Tag, tag_id)
    worn = select(Tagging).where(
        Tagging.member_id == member_id, Tagging.tag_id == tag.id, col(Tagging.ended_at).is_(None)
    )
    if work.session.exec(worn).first():
        return Done(f"{member.name} has {tag.name} already.")
    work.add(
        Tagging(id=work.new_id(), org_id=work.org_id, member_id=member_id, tag_id=tag.id, created_at=work.now)
    )
    work.announce(TagPut(member.id, tag.id))
    entry = work.record("tag.put", member, tag=tag.name, tag_id=str(tag.id))
    work.notify("staff", member.id)
    return Done(f"{tag.name} put on {member.name}.", undo=entry)


def take_all_tags(work: Work, *, member_id: UUID) -> None:
    """Take every tag off a member whose place ends as if it had never been; the act itself records it."""
    worn = select(Tagging).where(Tagging.org_id == work.org_id, Tagging.member_id == member_id)
    for tagging in work.session.exec(worn.where(col(Tagging.ended_at).is_(None))):
        tagging.ended_at = work.now
        work.add(tagging)
