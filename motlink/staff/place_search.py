"""The roster by location and by supervisor (TA-33)."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from motlink.orgs.models import Location
from motlink.orgs.rules import location_key
from motlink.staff.models import StaffMember
from motlink.staff.rows import RosterView
from motlink.work import Work


def in_place(work: Work, view: RosterView) -> list[Any]:
    """Return the conditions on StaffMember that a view's locations and supervisors make; each has an index."""
    where: list[Any] = []
    if view.locations:
        # PostgreSQL takes no NUL, and no name has one.
        keys = [location_key(key.replace("\0", "")) for key in view.locations]
        query = select(Location.id).where(Location.org_id == work.org_id, col(Location.key).in_(keys))
        where.append(col(StaffMember.location_id).in_(list(work.session.exec(query))))
    if view.supervisors:
        where.append(col(StaffMember.supervisor_id).in_(_ids(view.supervisors)))
    return where


def _ids(texts: tuple[str, ...]) -> list[UUID]:
    ids: list[UUID] = []
    for text in texts:
        with suppress(ValueError):
            ids.append(UUID(text))
    return ids
