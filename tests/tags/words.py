"""Small words for the tests of tags: who wears what until when, in plain sets."""

from datetime import date
from uuid import UUID

from sqlmodel import col, select

from motlink.staff.models import StaffMember
from motlink.tags.actions import make_tag, put_tag
from motlink.tags.models import Tag, Tagging
from motlink.work import begin_work, system
from tests.people import Practice, add_person

Worn = set[tuple[str, str, date | None]]


def tag(practice: Practice, name: str, *members: UUID, until: str = "", group: str = "") -> UUID:
    """Put a tag on these people, as the system, and return its id."""
    with begin_work(system(), org=practice.org) as work:
        made = make_tag(work, name=name, group=group)
        for member_id in members:
            put_tag(work, member_id=member_id, tag_id=made.id, until=until)
        return made.id


def crowd(practice: Practice, size: int) -> list[UUID]:
    """Add so many people."""
    with begin_work(system(), org=practice.org) as work:
        return [add_person(work, f"P{number}", "Crowd", "therapist") for number in range(size)]


def worn(practice: Practice) -> Worn:
    """Return every tagging that nobody has ended: (first name, tag, last day)."""
    with begin_work(system(), org=practice.org, writes=False) as work:
        query = (
            select(StaffMember.first_name, Tag.name, Tagging.ends_on)
            .join(Tagging, col(Tagging.member_id) == col(StaffMember.id))
            .join(Tag, col(Tag.id) == col(Tagging.tag_id))
            .where(col(Tagging.ended_at).is_(None), StaffMember.org_id == practice.org)
        )
        return {tuple(row) for row in work.session.exec(query)}  # type: ignore[misc]


def rows(practice: Practice) -> set[tuple[UUID, UUID, UUID, date | None, bool]]:
    """Return every tagging there is: its id, whose, which tag, last day, whether it is over."""
    with begin_work(system(), org=practice.org, writes=False) as work:
        return {
            (one.id, one.member_id, one.tag_id, one.ends_on, one.ended_at is not None)
            for one in work.session.exec(select(Tagging).where(Tagging.org_id == practice.org))
        }


def tags(practice: Practice) -> dict[str, Tag]:
    """Return the practice's tags by name, the deleted ones left out."""
    with begin_work(system(), org=practice.org, writes=False) as work:
        query = select(Tag).where(Tag.org_id == practice.org, col(Tag.ended_at).is_(None))
        return {one.name: one for one in work.session.exec(query)}
