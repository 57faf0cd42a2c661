"""Sessions whose time was up are ended for good: no limit that is chosen later revives them (ASVS 7.3.1)."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from motlink.accounts.limits import limits_of, longest_limits
from motlink.accounts.models import AccountSession
from motlink.staff.models import StaffMember
from motlink.work import Work

# As much as one statement takes.
CHUNK = 500
# Of a session that ended by itself; the door works out which limit it was.
OVER = "over"


def end_run_out(work: Work, *, org_id: UUID | None = None) -> int:
    """End what is over in all of an account's practices, of everyone or of a practice's people. Returns how many.

    A check needs none of this: it compares the moments. It is for the day on which a limit becomes longer.
    """
    over = run_out(work, org_id=org_id)
    for start in range(0, len(over), CHUNK):
        ended = update(AccountSession).where(col(AccountSession.id).in_(over[start : start + CHUNK]))
        work.session.connection().execute(ended.values(ended_at=work.now, ended_why=OVER))
    return len(over)


def run_out(work: Work, *, org_id: UUID | None = None) -> list[UUID]:
    """Return the sessions that are not ended and that no practice's limits keep open."""
    still = [col(AccountSession.ended_at).is_(None)]
    if org_id is not None:
        here = select(StaffMember.account_id).where(StaffMember.org_id == org_id)
        still.append(col(AccountSession.account_id).in_(here))
    whose = col(StaffMember.account_id).in_(select(AccountSession.account_id).where(*still))
    longest, none = longest_limits(work.session, work.now, [whose]), limits_of(None)
    return [
        one.id
        for one in work.session.exec(select(AccountSession).where(*still))
        if longest.get(one.account_id, none).end_of(one)[0] <= work.now
    ]
