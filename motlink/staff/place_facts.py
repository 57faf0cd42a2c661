"""What the Profile says of a person's place besides roles: the days and the facts (TA-30, TA-32, TA-33)."""

from datetime import date

from motlink.moments import day_words
from motlink.orgs.models import Location
from motlink.orgs.zones import today_of, zone_of
from motlink.staff.agreements import is_current
from motlink.staff.days import day_of_state, is_on_leave, leaving_words
from motlink.staff.models import StaffMember
from motlink.staff.places import has_left
from motlink.staff.rows import PlaceFacts
from motlink.staff.rules import MemberState
from motlink.work import Work


def place_facts(work: Work, member: StaffMember, state: MemberState) -> PlaceFacts:
    """Return a member's days and facts, in words and as fields of a form take them."""
    zone, now = zone_of(work), work.now
    leaving = member.leaves_at is not None and not has_left(member, now)
    location = work.session.get(Location, member.location_id) if member.location_id else None
    supervisor = work.session.get(StaffMember, member.supervisor_id) if member.supervisor_id else None
    back_on = member.on_leave_until if is_on_leave(member, today_of(work)) else None
    return PlaceFacts(
        on_day=day_of_state(state, member.leaves_at, member.on_leave_until, zone, now),
        leaves=leaving_words(member.leaves_at, zone, now) if leaving and member.leaves_at else "",
        away_until=day_words(back_on, today_of(work)) if back_on else "",
        preferred_name=member.preferred_name,
        location=location.name if location else "",
        supervisor=supervisor.name if supervisor else "",
        supervisor_id=str(member.supervisor_id or ""),
        starts_on=member.starts_on.isoformat() if member.starts_on else "",
        starts=day_words(member.starts_on, today_of(work)) if member.starts_on else "",
        today=today_of(work).isoformat(),
        **(_agreement(member, today_of(work)) if member.is_agent else {}),
    )


def _agreement(member: StaffMember, today: date) -> dict[str, str]:
    signed = member.baa_signed_on
    fault = "" if is_current(signed, today) else "old" if signed else "none"
    return {
        "agent": "1",
        "baa_on": signed.isoformat() if signed else "",
        # Of a contract the year is said, too.
        "baa": f"{signed.day} {signed:%B} {signed.year}" if signed else "",
        "baa_note": member.baa_note,
        "baa_fault": fault,
    }
