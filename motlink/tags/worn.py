"""Which taggings count: not taken off, and not past their day in the practice's zone."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select

from motlink.orgs.models import Organization
from motlink.tags.models import Tag, Tagging
from motlink.work import Work


def practices_with_past(work: Work) -> list[UUID]:
    """Return the practices in which a tag is past its last day, each by its own zone."""
    query = (
        select(Organization.id, Organization.time_zone, func.min(Tagging.ends_on))
        .join(Tagging, col(Tagging.org_id) == col(Organization.id))
        .where(col(Tagging.ends_on).is_not(None), col(Tagging.ended_at).is_(None))
        .group_by(col(Organization.id), col(Organization.time_zone))
    )
    return [
        org_id
        for org_id, zone, first in work.session.exec(query)
        if first and first < work.now.astimezone(ZoneInfo(zone)).date()
    ]


def is_on(today: Any) -> ColumnElement[bool]:
    """The condition for a tagging that counts today; a sweep ends the others later."""
    return and_(
        col(Tagging.ended_at).is_(None), or_(col(Tagging.ends_on).is_(None), col(Tagging.ends_on) >= today)
    )


def open_tagging(work: Work, member_id: UUID, tag_id: UUID) -> Tagging | None:
    """Return the tagging that nobody has ended, be its day over or not."""
    query = select(Tagging).where(
        Tagging.member_id == member_id, Tagging.tag_id == tag_id, col(Tagging.ended_at).is_(None)
    )
    return work.session.exec(query).first()


def tag_by_key(work: Work, key: str) -> Tag | None:
    """Return the practice's tag of this word; a deleted one has given its word back."""
    found: Tag | None = work.session.exec(open_tags(work).where(Tag.key == key)).first()
    return found


def open_tags(work: Work) -> Any:
    """Return the query of the practice's tags."""
    return select(Tag).where(*is_open(work))


def is_open(work: Work) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions for a tag of the practice that has not been deleted or merged."""
    return col(Tag.org_id) == work.org_id, col(Tag.ended_at).is_(None)
