"""Making one tag of two, and two again: exactly those who wore which, until when."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, payload_of
from motlink.permissions import Permission
from motlink.tags.actions import tag_in_use
from motlink.tags.errors import OneTag
from motlink.tags.many import change, open_of, tell_all, wore_it
from motlink.tags.models import Tag, Tagging
from motlink.tags.worn import tag_by_key
from motlink.work import Done, Work


def merge_tags(work: Work, *, tag_id: UUID, into_id: UUID) -> Done:
    """Make one tag of two: whoever wears the first wears the second afterwards.

    Who wears both keeps the one with the later last day, or with none. Raises OneTag for the same tag twice.
    """
    work.require(Permission.EDIT_TAGS)
    tag, into = tag_in_use(work, tag_id), tag_in_use(work, into_id)
    if tag.id == into.id:
        raise OneTag
    entry = work.record("tag.merged", tag, name=tag.name, into=into.name, into_id=str(into.id))
    tag.ended_at = tag.changed_at = into.changed_at = work.now
    tag.merged_into = into.id
    work.add(tag)
    work.add(into)
    people = _unite(work, tag.id, into.id, entry)
    work.entries[-1].payload["people"] = people
    tell_all(work, into)
    return Done(f"{tag.name} is merged into {into.name}; {wore_it(people)}.", undo=entry)


def unmerge(work: Work, entry: AuditEntry) -> Done:
    """Make two tags of one again. Raises UndoRefused where one of the people wears it differently by now."""
    work.require(Permission.EDIT_TAGS)
    payload = payload_of(entry)
    tag, into = work.get(Tag, entry.subject_id), work.get(Tag, UUID(payload["into_id"]))
    is_as_left = tag.ended_at and tag.merged_into == into.id and into.ended_at is None
    if not is_as_left or tag_by_key(work, tag.key) or _left(work, into.id, entry.id) != payload["people"]:
        raise UndoRefused
    tag.ended_at = tag.merged_into = None
    tag.changed_at = into.changed_at = work.now
    work.add(tag)
    work.add(into)
    _part(work, tag.id, into.id, entry.id)
    work.record("tag.unmerged", tag, name=tag.name, other=into.name)
    tell_all(work, tag)
    tell_all(work, into)
    return Done(f"{tag.name} and {into.name} are two tags again.")


def _unite(work: Work, tag_id: UUID, into_id: UUID, entry: UUID) -> int:
    """Return on how many people the first was, once it is gone."""
    twin, who, ended = aliased(Tagging), col(Tagging.member_id), {"ended_at": work.now, "ended_by": entry}
    outlasted = select(twin.id).where(
        twin.member_id == who,
        twin.tag_id == tag_id,
        col(twin.ended_at).is_(None),
        _outlasts(col(twin.ends_on), col(Tagging.ends_on)),
    )
    change(work, open_of(work, into_id).where(outlasted.exists()).values(**ended))
    # Of each pair that is left the other tag's lasts as long or longer. By lists of people: asked for each person
    # anew, ten thousand of them took minutes.
    stays = _people(work, into_id, col(Tagging.ended_at).is_(None))
    paired = change(work, open_of(work, tag_id).where(who.in_(stays)).values(**ended))
    mine = _people(work, tag_id, col(Tagging.ended_by) == entry)
    change(work, open_of(work, into_id).where(who.in_(mine)).values(merged_by=entry))
    return paired + change(work, open_of(work, tag_id).values(tag_id=into_id, merged_by=entry))


def _part(work: Work, tag_id: UUID, into_id: UUID, entry: UUID) -> None:
    """Give back what _unite has moved, and open what it has ended."""
    paired = _people(work, tag_id, col(Tagging.ended_by) == entry)
    merged = open_of(work, into_id).where(col(Tagging.merged_by) == entry)
    change(work, merged.where(col(Tagging.member_id).in_(paired)).values(merged_by=None))
    change(work, merged.values(tag_id=tag_id, merged_by=None))
    reopen(work, entry, tag_id, into_id)


def _people(work: Work, tag_id: UUID, condition: ColumnElement[bool]) -> Any:
    return select(Tagging.member_id).where(Tagging.org_id == work.org_id, Tagging.tag_id == tag_id, condition)


def reopen(work: Work, entry: UUID, *tag_ids: UUID) -> int:
    """Open the taggings of these tags that an act ended together with their tag."""
    ended = update(Tagging).where(
        col(Tagging.org_id) == work.org_id, col(Tagging.tag_id).in_(tag_ids), col(Tagging.ended_by) == entry
    )
    return change(work, ended.values(ended_at=None, ended_by=None))


def _left(work: Work, into_id: UUID, entry: UUID) -> int:
    """Return how many taggings are still as the merge has left them."""
    still = select(func.count()).where(
        Tagging.org_id == work.org_id,
        Tagging.tag_id == into_id,
        Tagging.merged_by == entry,
        col(Tagging.ended_at).is_(None),
    )
    return int(work.session.exec(still).one())


def _outlasts(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(other.is_not(None), or_(one.is_(None), one > other))
