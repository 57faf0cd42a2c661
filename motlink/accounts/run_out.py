"""Sessions whose time was up are ended for good: no limit that is chosen later revives them (ASVS 7.3.1)."""

from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from motlink.accounts.limits import limits_of, longest_limits
from motlink.accounts.models import AccountSession
from motlink.orgs.models import Organization
from motlink.staff.models import StaffMember
from motlink.staff.places import open_at
from motlink.work import Work

# As much as one statement takes.
CHUNK = 500
# Of a session that ended by itself; the door works out which limit it was.
OVER = "over"


def end_run_out(work: Work, *, account_id: UUID | None = None) -> int:
    """End what is over in all of an account's practices, of everyone or of one account. Returns how many.

    A check needs none of this: it compares the moments. It is for the day on which a longer limit comes: called before
    an account's place opens in one more practice, and for everyone every hour.
    """
    return _end(work, run_out(work, account_id=account_id))


def end_over_here(work: Work, org: Organization) -> int:
    """End what is over by this practice's limits, of the people who work in it: it is about to lengthen them."""
    here = select(StaffMember.account_id).where(
        StaffMember.org_id == org.id, col(StaffMember.joined_at).is_not(None), open_at(work.now)
    )
    query = select(AccountSession).where(
        col(AccountSession.ended_at).is_(None), col(AccountSession.account_id).in_(here)
    )
    limits = limits_of(org)
    return _end(work, [one.id for one in work.session.exec(query) if limits.end_of(one)[0] <= work.now])


def run_out(work: Work, *, account_id: UUID | None = None) -> list[UUID]:
    """Return the sessions that are not ended and that no practice's limits keep open."""
    still: list[ColumnElement[bool]] = [col(AccountSession.ended_at).is_(None)]
    if account_id is not None:
        still.append(col(AccountSession.account_id) == account_id)
    whose = col(StaffMember.account_id).in_(select(AccountSession.account_id).where(*still))
    longest, none = longest_limits(work.session, work.now, [whose]), limits_of(None)
    return [
        one.id
        for one in work.session.exec(select(AccountSession).where(*still))
        if longest.get(one.account_id, none).end_of(one)[0] <= work.now
    ]


def _end(work: Work, over: list[UUID]) -> int:
    for start in range(0, len(over), CHUNK):
        ended = update(AccountSession).where(col(AccountSession.id).in_(over[start : start + CHUNK]))
        work.session.connection().execute(ended.values(ended_at=work.now, ended_why=OVER))
    return len(over)
