"""What the screens of tags show, as small frozen records: never tables."""

from dataclasses import dataclass
from uuid import UUID

# Rows of a page of the list, people of a panel, and choices of a type-ahead at first.
PAGE_SIZE = 100
PEOPLE_AT_ONCE = 20
CHOICES = 8


@dataclass(frozen=True)
class TagsView:
    """What the address of the list of tags says; `group` is "" for all, "-" for those in none."""

    q: str = ""
    group: str = ""
    page: int = 1
    tag: str = ""


@dataclass(frozen=True)
class TagRow:
    """A tag in the list. `expiring` and `changed` are words."""

    id: UUID
    name: str
    color: str
    group: str
    people: int = 0
    expiring: str = ""
    changed: str = ""


@dataclass(frozen=True)
class GroupCount:
    """A group and how many tags are in it; the name "" stands for no group."""

    name: str
    tags: int


@dataclass(frozen=True)
class LookAlike:
    """Two tags that look alike, and how many people wear both."""

    tag: TagRow
    other: TagRow
    both: int


@dataclass(frozen=True)
class TagsPage:
    """One page of the list and what stands around it."""

    rows: tuple[TagRow, ...]
    groups: tuple[GroupCount, ...]
    tags: int
    people: int
    shown: int
    page: int
    pages: int
    alike: LookAlike | None = None


@dataclass(frozen=True)
class Wearer:
    """Someone who wears the tag of the panel; `until` in words, `ends_on` as an ISO day."""

    id: UUID
    name: str
    initials: str
    until: str
    ends_on: str


@dataclass(frozen=True)
class TagPanel:
    """The chosen tag."""

    id: UUID
    key: str
    name: str
    color: str
    group: str
    version: int
    people: int
    inactive: int
    today: str
    wearers: tuple[Wearer, ...]


@dataclass(frozen=True)
class Found:
    """A choice of a type-ahead: a tag (with its colour) or a person."""

    id: UUID
    name: str
    detail: str = ""
    color: str = ""
    initials: str = ""


@dataclass(frozen=True)
class FoundTags:
    """The first tags that fit what was typed; `fresh` is the word as a new tag, "" where there is one."""

    choices: tuple[Found, ...]
    more: int
    fresh: str


@dataclass(frozen=True)
class WornTag:
    """A tag on a person, in the editor."""

    id: UUID
    key: str
    name: str
    color: str
    until: str
    ends_on: str


@dataclass(frozen=True)
class MemberTags:
    """Whose tags the editor shows."""

    member_id: UUID
    name: str
    today: str
    tags: tuple[WornTag, ...]
