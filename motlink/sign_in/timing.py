"""When the session of whoever asks ends, and why a browser is signed out: for a warning before, and a word after."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col, select

from motlink.accounts.actions import touch_session
from motlink.accounts.limits import limits_of, limits_of_account
from motlink.accounts.models import AccountSession
from motlink.accounts.run_out import OVER
from motlink.moments import clock
from motlink.orgs.models import Organization
from motlink.orgs.zones import practice_of, zone_of
from motlink.staff.models import StaffMember
from motlink.staff.places import open_at
from motlink.work import Work

# So long before the end an open tab is told: time to press a button, or to save what is typed.
WARN_BEFORE = timedelta(minutes=2)


@dataclass(frozen=True)
class Ending:
    """The clock's time at which the session ends in this practice, "" while that is not soon."""

    at: str = ""
    for_want_of_use: bool = False
    lasts: str = ""


def session_ending(work: Work) -> Ending:
    """Return whether the actor's session ends soon here."""
    session = work.session.get(AccountSession, work.actor.session_id) if work.actor.session_id else None
    if session is None:
        return Ending()
    limits = limits_of(practice_of(work))
    end, idle = limits.end_of(session)
    if end - work.now > WARN_BEFORE:
        return Ending()
    return Ending(clock(end, zone_of(work)), idle, span(limits.idle if idle else limits.whole))


def stay_signed_in(work: Work) -> None:
    """Note that somebody is there: the time without use begins anew."""
    if work.actor.session_id:
        touch_session(work, session_id=work.actor.session_id)


def why_out(work: Work, *, digest: str, slug: str) -> tuple[str, str]:
    """Return why a browser's session opens nothing any more: "idle" or "long", and how long that is; "newer"; or "".

    `slug` is the practice that was wanted: it may have shorter limits than the person's others. Only the holder of
    the cookie learns it.
    """
    query = select(AccountSession).where(AccountSession.digest == digest)
    session = work.session.exec(query).first() if digest else None
    if session is None or (session.ended_at and session.ended_why != OVER):
        return ("newer" if session and session.ended_why == "newer" else "", "")
    org = select(Organization).join(StaffMember, col(StaffMember.org_id) == col(Organization.id))
    mine = org.where(
        Organization.slug == slug, StaffMember.account_id == session.account_id, open_at(work.now)
    )
    found = work.session.exec(mine).first() if slug else None
    limits = limits_of(found) if found else limits_of_account(work.session, session.account_id, work.now)
    end, idle = limits.end_of(session)
    if end > work.now:
        return "", ""
    return ("idle", span(limits.idle)) if idle else ("long", span(limits.whole))


def span(time: timedelta) -> str:
    """Return "15 minutes", "1 hour", "7 days"."""
    minutes = int(time.total_seconds()) // 60
    for size, word in ((1440, "day"), (60, "hour")):
        if minutes >= size and minutes % size == 0:
            number = minutes // size
            return f"{number} {word}{'s' if number > 1 else ''}"
    return f"{minutes} minutes"
