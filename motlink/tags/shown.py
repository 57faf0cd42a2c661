"""Rows of tags as the browser gets them: plain text and flags."""

from typing import TypedDict
from uuid import UUID

from motlink.tags.rows import Found, FoundTags, TagRow, Wearer, WornTag


class ShownFound(TypedDict):
    """A choice of a type-ahead."""

    id: str
    name: str
    detail: str
    color: str
    initials: str


class ShownWorn(TypedDict):
    """A tag on a person, in the editor."""

    id: str
    name: str
    color: str
    until: str
    ends_on: str
    people: str


class ShownTagRow(TypedDict):
    """A line of the list: a group's name, or a tag."""

    id: str
    heading: str
    count: str
    name: str
    color: str
    people: str
    share: str
    expiring: str
    changed: str
    href: str
    chosen: bool


class ShownWearer(TypedDict):
    """Someone who wears the chosen tag."""

    id: str
    name: str
    initials: str
    until: str
    ends_on: str


_NO_TAG = TagRow(UUID(int=0), "", "gray", "")


def shown_found(one: Found) -> ShownFound:
    """Return a choice for the browser."""
    return ShownFound(
        id=str(one.id), name=one.name, detail=one.detail, color=one.color, initials=one.initials
    )


def more_words(found: FoundTags) -> str:
    """Return how many choices are not shown."""
    return f"{found.more:,} more: type to find them" if found.more else ""


def shown_worn(tag: WornTag, people: str) -> ShownWorn:
    """Return a worn tag; `people` is the address of everyone who wears it."""
    return ShownWorn(
        id=str(tag.id), name=tag.name, color=tag.color, until=tag.until, ends_on=tag.ends_on, people=people
    )


def shown_wearer(one: Wearer) -> ShownWearer:
    """Return a wearer."""
    return ShownWearer(
        id=str(one.id), name=one.name, initials=one.initials, until=one.until, ends_on=one.ends_on
    )


def shown_heading(name: str, count: int) -> ShownTagRow:
    """Return the line above a group."""
    row = shown_tag(_NO_TAG, 0, "", chosen=False)
    return {**row, "id": f"group {name}", "heading": name or "No group", "count": f"{count:,}"}


def shown_tag(row: TagRow, most: int, href: str, *, chosen: bool) -> ShownTagRow:
    """Return a tag's line; its bar is as long as its share of the most worn one's."""
    share = round(100 * row.people / most) if most else 0
    return ShownTagRow(
        id=str(row.id),
        heading="",
        count="",
        name=row.name,
        color=row.color,
        people=f"{row.people:,}",
        share=f"{max(share, 3) if row.people else 0}%",
        expiring=row.expiring,
        changed=row.changed,
        href=href,
        chosen=chosen,
    )
