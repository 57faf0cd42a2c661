"""External Agents: invited by email, added by their token and code, and gone when they want to (TA-24, decision 15)."""

from dataclasses import dataclass
from uuid import UUID

from motlink.accounts.agent_keys import accounts_of_token, holder_of_key
from motlink.accounts.models import Account, AgentKey
from motlink.accounts.resets import locked_all
from motlink.accounts.run_out import end_run_out
from motlink.errors import NotFound
from motlink.mail.actions import call_off
from motlink.orgs.zones import practice_of
from motlink.permissions import Permission
from motlink.staff.agent_letters import write_added
from motlink.staff.coming_back import bring_back
from motlink.staff.ending import end_access, finish_leaving
from motlink.staff.errors import AgentHere
from motlink.staff.indexing import email_of, index_person, index_roles
from motlink.staff.invitations import write_invitation
from motlink.staff.models import StaffMember
from motlink.staff.new_places import fill_place, new_member, place_of
from motlink.staff.people import open_invitation, person
from motlink.staff.places import is_open
from motlink.staff.rules import clean_details
from motlink.work import Done, Work

NO_AGENT = "You are no External Agent of this practice now."


@dataclass(frozen=True)
class AgentAdded(Done):
    """What was done, and whose Profile comes next: roles are given there."""

    member_id: UUID | None = None


def invite_agent(work: Work, *, first_name: str, last_name: str, email: str) -> AgentAdded:
    """Add an External Agent and send the invitation; roles are given on the Profile.

    Whether the email has an account already changes nothing here. Raises Invalid, and AlreadyHere for an email of this
    practice.
    """
    work.require(Permission.MANAGE_STAFF)
    details = clean_details(
        country=practice_of(work).country, first_name=first_name, last_name=last_name, email=email
    )
    member = new_member(work, details, is_agent=True)
    index_roles(work, member)
    work.record("agent.invited", member, name=member.name)
    write_invitation(work, member)
    work.notify("staff", member.id)
    return AgentAdded(f"{member.name} is invited as an External Agent.", member_id=member.id)


def add_agent(work: Work, *, token: str, code: str) -> AgentAdded:
    """Add the agent whose token and code these are, without an invitation: the code is their consent.

    One who was here before is active again, with no roles. A letter tells the agent. Raises WrongAgentKey, and
    AgentHere for whoever has an active place, or was staff.
    """
    work.require(Permission.MANAGE_STAFF)
    # The account before its sessions and places; for an unknown token as much is asked.
    locked_all(work, accounts_of_token(work, token))
    key = holder_of_key(work, token=token, code=code)
    account = work.session.get_one(Account, key.account_id)
    here = place_of(work, key.account_id)
    if here is None or here.withdrawn_at:
        return _add_new(work, key, account, here)
    finish_leaving(work, here)
    if not here.is_agent or (here.joined_at and here.deactivated_at is None):
        is_active = here.deactivated_at is None
        raise AgentHere(here.name, here.id, is_agent=here.is_agent, is_active=is_active)
    return _let_in_again(work, here)


def _add_new(work: Work, key: AgentKey, account: Account, withdrawn: StaffMember | None) -> AgentAdded:
    names = {"first_name": key.first_name, "last_name": key.last_name, "email": account.email}
    member = fill_place(work, key.account_id, withdrawn, names, is_agent=True)
    index_roles(work, member)
    _let_in(work, member)
    write_added(work, member)
    return AgentAdded(f"{member.name} is added. Turn on the roles they need here.", member_id=member.id)


def _let_in_again(work: Work, member: StaffMember) -> AgentAdded:
    was_gone, invited = member.deactivated_at is not None, member.joined_at is None
    _let_in(work, member)
    if was_gone:
        bring_back(work, member)
    elif invited:
        write_added(work, member)
    words = (
        "is active again, with no roles yet" if was_gone else "is in: the invitation is not needed any more"
    )
    return AgentAdded(f"{member.name} {words}.", member_id=member.id)


def _let_in(work: Work, member: StaffMember) -> None:
    """They have not been asked by a link: whoever gives their code away has accepted."""
    end_run_out(work, account_id=member.account_id)
    _close_link(work, member)
    member.joined_at = member.joined_at or work.now
    index_person(member, email_of(work, member))
    work.add(member)
    work.record("agent.added", member, name=member.name)
    work.notify("staff", member.id)
    # Their open tabs learn of one more practice to switch to.
    work.notify("access_changed", member.account_id)


def _close_link(work: Work, member: StaffMember) -> None:
    """The link in their mailbox says that it has been used: so it is, in another way."""
    link = open_invitation(work, member.id)
    if link is None:
        return
    link.accepted_at = work.now
    work.add(link)
    if link.letter_id:
        call_off(work, letter_id=link.letter_id)


def leave_practice(work: Work) -> None:
    """End the own place as an External Agent, in the practice of this work. Raises NotFound where there is none."""
    account_id = work.actor.account_id
    member = place_of(work, account_id) if account_id else None
    if member is None or not member.is_agent or not member.joined_at or not is_open(member, work.now):
        raise NotFound(NO_AGENT)
    work.record("agent.left", member)
    end_access(work, person(work, member.id), revoke_invitations=True)
