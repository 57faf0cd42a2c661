"""How an inactive place becomes active again, once that is allowed."""

from uuid import UUID

from motlink.accounts.run_out import end_run_out
from motlink.facts import StaffReactivated
from motlink.staff.agent_letters import write_added
from motlink.staff.indexing import email_of, index_person, index_roles
from motlink.staff.models import StaffMember
from motlink.work import Work


def left_by_themselves(member: StaffMember) -> bool:
    """Whether an External Agent has left the practice, instead of being let go."""
    return member.is_agent and member.deactivated_by == member.account_id


def bring_back(work: Work, member: StaffMember) -> UUID:
    """Make the place active, with no roles; an agent is written to. Returns the entry in the log."""
    end_run_out(work, account_id=member.account_id)
    member.deactivated_at = member.deactivated_by = None
    member.back_at = work.now
    index_person(member, email_of(work, member))
    index_roles(work, member)
    work.announce(StaffReactivated(member.id))
    entry = work.record("staff.reactivated", member)
    if member.is_agent and member.joined_at:
        write_added(work, member)
    work.notify("staff", member.id)
    return entry
