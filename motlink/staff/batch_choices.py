"""What can be chosen for many at once: the tags that fit what is typed, the practice's roles."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from motlink.folding import fold
from motlink.permissions import Permission
from motlink.roles.queries import roles_of_org
from motlink.tags.models import Tag
from motlink.tags.rules import tag_key, tag_name
from motlink.work import Work

MOST_TAGS = 8


@dataclass(frozen=True)
class TagChoice:
    """A tag of the practice."""

    id: UUID
    name: str
    color: str


@dataclass(frozen=True)
class TagChoices:
    """Tags that fit the words typed, the best first; `new` is the name that would be a new tag, "" for none."""

    tags: tuple[TagChoice, ...]
    new: str
    # The tag of exactly this name.
    same: UUID | None


@dataclass(frozen=True)
class RoleChoice:
    """A role of the practice."""

    id: UUID
    name: str
    paid: bool


def tag_choices(work: Work, *, words: str) -> TagChoices:
    """Return the tags to choose from; those that begin with the words come first."""
    work.require(Permission.EDIT_TAGS)
    name = tag_name(words)
    wanted, key = fold(name), tag_key(name)[:80]
    # The practice has few; a key keeps its accents, so they are folded here.
    found = work.session.exec(select(Tag).where(Tag.org_id == work.org_id, col(Tag.ended_at).is_(None))).all()
    fitting = [
        (not fold(tag.key).startswith(wanted), tag.key, tag) for tag in found if wanted in fold(tag.key)
    ]
    fitting.sort(key=lambda one: (one[2].key != key, *one[:2]))
    tags = tuple(TagChoice(tag.id, tag.name, tag.color) for _, _, tag in fitting[:MOST_TAGS])
    same = next((tag.id for tag in found if tag.key == key), None)
    return TagChoices(tags, "" if same else name, same)


def role_choices(work: Work) -> tuple[RoleChoice, ...]:
    """Return the roles to choose from, in the order of the screen."""
    work.require(Permission.MANAGE_STAFF)
    return tuple(RoleChoice(role.id, role.name, role.paid) for role in roles_of_org(work))
