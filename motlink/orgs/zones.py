"""The practice's zone, and the day it is there."""

from datetime import date
from zoneinfo import ZoneInfo

from motlink.orgs.models import Organization
from motlink.work import Work


def zone_of(work: Work) -> ZoneInfo:
    """Return the practice's zone."""
    return ZoneInfo(work.session.get_one(Organization, work.org_id).time_zone)


def today_of(work: Work) -> date:
    """Return the day it is in the practice."""
    return work.now.astimezone(zone_of(work)).date()
