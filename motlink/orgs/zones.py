"""The practice one works in, its zone, and the day it is there."""

from datetime import date
from zoneinfo import ZoneInfo

from motlink.orgs.models import Organization
from motlink.work import Work


def practice_of(work: Work) -> Organization:
    """Return the practice, read once: it is held here, because a session forgets what nobody holds."""
    held: Organization | None = work.session.info.get("practice")
    if held is None or held.id != work.org_id:
        held = work.session.info["practice"] = work.session.get_one(Organization, work.org_id)
    return held


def zone_of(work: Work) -> ZoneInfo:
    """Return the practice's zone."""
    return ZoneInfo(practice_of(work).time_zone)


def today_of(work: Work) -> date:
    """Return the day it is in the practice."""
    return work.now.astimezone(zone_of(work)).date()
