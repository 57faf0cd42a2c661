"""What the roster's two columns should say, worked out anew for everyone from plain rows."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlmodel import select

from motlink.roles.models import Role, RoleGrant
from motlink.staff.models import NO_ROLE, NO_TAG, StaffMember
from motlink.tags.models import Tag, Tagging
from motlink.work import Work, begin_work, system


def wrong_orders() -> list[str]:
    """Return who, in any practice, stands elsewhere than the roles that are on and the tags worn say."""
    with begin_work(system(), writes=False) as work:
        positions, words = positions_of(work), words_of(work)
        return [
            f"{one.name}: {(one.role_order, one.tag_order)}, not {expected}"
            for one in work.session.exec(select(StaffMember))
            if (one.role_order, one.tag_order)
            != (expected := (min(positions[one.id], default=NO_ROLE), min(words[one.id], default=NO_TAG)))
        ]


def positions_of(work: Work) -> dict[UUID, list[int]]:
    """Return the places in the catalogue of the roles each member has on."""
    catalogue = {role.id: role.position for role in work.session.exec(select(Role))}
    found: dict[UUID, list[int]] = defaultdict(list)
    for grant in work.session.exec(select(RoleGrant)):
        is_over = grant.ended_at or (grant.ends_at and grant.ends_at <= work.now)
        if not is_over and grant.starts_at <= work.now:
            found[grant.member_id].append(catalogue[grant.role_id])
    return found


def words_of(work: Work) -> dict[UUID, list[Any]]:
    """Return the folded names of the tags each member wears."""
    keys = {tag.id: tag.key for tag in work.session.exec(select(Tag))}
    found: dict[UUID, list[Any]] = defaultdict(list)
    for tagging in work.session.exec(select(Tagging)):
        if not tagging.ended_at:
            found[tagging.member_id].append(keys[tagging.tag_id])
    return found
