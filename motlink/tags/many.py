"""Changing all the taggings of a tag at once: one statement, however many people wear it."""

from uuid import UUID

from sqlalchemy import Update, update
from sqlmodel import col

from motlink.facts import TagChanged
from motlink.tags.models import Tag, Tagging
from motlink.work import Work


def open_of(work: Work, tag_id: UUID) -> Update:
    """Return the change of the taggings of a tag that nobody has ended; the caller says to what."""
    return update(Tagging).where(
        col(Tagging.org_id) == work.org_id, col(Tagging.tag_id) == tag_id, col(Tagging.ended_at).is_(None)
    )


def change(work: Work, statement: Update) -> int:
    """Run it, after what waits to be written, and return how many rows it changed."""
    work.session.flush()
    return int(work.session.connection().execute(statement).rowcount)


def tell_all(work: Work, tag: Tag) -> None:
    """A tag's word, or all who wear it, have changed: the roster's order follows, and every open screen reads again."""
    work.session.flush()
    work.announce(TagChanged(tag.id))
    work.notify("staff")
    work.notify("tags")


def wore_it(people: int) -> str:
    """Return how many people it touched, for a sentence."""
    return {0: "nobody wore it", 1: "1 person wore it"}.get(people, f"{people:,} people wore it")
