"""When and from where somebody signed in, as far as it reached this practice, since when they are locked (TA-23)."""

from datetime import timedelta

from sqlmodel import col, select

from motlink.audit.models import AuditEntry
from motlink.moments import day, moment
from motlink.orgs.zones import practice_of, zone_of
from motlink.staff.locks import clock_start, locked_among
from motlink.staff.models import StaffMember
from motlink.staff.rows import SignIn
from motlink.work import Work

MOST_SIGN_INS = 20


def last_sign_in(work: Work, member: StaffMember) -> str:
    """Return when the place was last entered, in words, "" for never."""
    return moment(member.signed_in_at, zone_of(work)) if member.signed_in_at else ""


def sign_ins_of(work: Work, member: StaffMember) -> tuple[SignIn, ...]:
    """Return the newest sign-ins. Only those in this practice's log are its business."""
    query = (
        select(AuditEntry)
        .where(
            AuditEntry.org_id == work.org_id,
            AuditEntry.subject_id == member.account_id,
            AuditEntry.action == "signed_in",
        )
        .order_by(col(AuditEntry.number).desc())
        .limit(MOST_SIGN_INS)
    )
    zone = zone_of(work)
    return tuple(
        SignIn(moment(entry.at, zone), entry.address, entry.browser) for entry in work.session.exec(query)
    )


def lock_words(work: Work, member: StaffMember) -> str:
    """Return after how long and since when a place is locked, "" where it is not."""
    org, zone = practice_of(work), zone_of(work)
    start, days = clock_start(member, zone), org.lock_after_days
    if start is None or days is None or not locked_among(work.session, org, [member], work.now):
        return ""
    since = day(start + timedelta(days=days), zone, work.now)
    return f"No sign-in for {'a day' if days == 1 else f'{days} days'}: locked out since {since}"
