"""Commands about single people: the first owner, an invitation, letting go, signing out."""

from uuid import UUID

from motlink.accounts.actions import end_sessions, write_set_up_link
from motlink.accounts.models import Account
from motlink.accounts.queries import account_by_email
from motlink.accounts.resets import locked
from motlink.cli_ready import actor_named, member_with, org_with, ready
from motlink.errors import Invalid, NotFound
from motlink.orgs.actions import found_organization
from motlink.orgs.rules import address_of
from motlink.roles.queries import role_by_key
from motlink.settings import settings
from motlink.sign_in.queries import homes_of
from motlink.staff.actions import add_member, deactivate, reactivate, switch_role
from motlink.staff.errors import NoSecondStep
from motlink.staff.invitations import send_invitation
from motlink.staff.locking import unlock
from motlink.staff.models import StaffMember
from motlink.staff.rules import clean_email
from motlink.staff.step_removal import REMOVED, take_step_away
from motlink.work import Work, begin_work, system

SYSTEM = system("Command line")


def make_owner(*, name: str, email: str, first_name: str, last_name: str, time_zone: str) -> str:
    """Make the practice where it is new, its owner, and a one-hour link. Returns what to print."""
    ready()
    _check_zone(time_zone)
    slug = _slug_of(name)
    with begin_work(SYSTEM, org=slug) as work:
        if slug is None:
            found_organization(work, name=name, time_zone=time_zone)
        member = _owner(work, email, first_name, last_name)
        is_set_up = work.session.get_one(Account, member.account_id).set_up_at is not None
        token = write_set_up_link(work, account_id=member.account_id)
        work.record("owner.link_printed", member)
    warning = (
        "The account is set up already: the link replaces its username and password.\n" if is_set_up else ""
    )
    return (
        f"{member.name} ({clean_email(email)}) is an owner of {name}.\n{warning}"
        f"Set-up link, valid for one hour, works once:\n{settings().public_url}/set-up?t={token}"
    )


def invite_member(*, org: str, email: str, as_email: str) -> str:
    """Send a new invitation. Returns the sentence to print."""
    ready()
    with begin_work(actor_named(as_email), org=org) as work:
        return work.do(send_invitation, member_id=member_with(work, email).id).sentence


def deactivate_member(*, org: str, email: str, as_email: str) -> str:
    """End a member's access. Returns the sentence to print."""
    ready()
    with begin_work(actor_named(as_email), org=org) as work:
        return work.do(deactivate, member_id=member_with(work, email).id).sentence


def end_all_sessions(*, email: str) -> str:
    """Sign a person out everywhere; what they may do stays."""
    ready()
    with begin_work(SYSTEM, writes=False) as work:
        account = account_by_email(work.session, email)
        if account is None:
            raise NotFound(f"There is no account with the email {email}.")
        homes: list[UUID | None] = [*homes_of(work.session, account.id, accepted=True)]
    # Each practice that knows the person has it in its own log (AU-02).
    for org_id in homes or [None]:
        with begin_work(SYSTEM, org=org_id) as work:
            locked(work, account.id)
            end_sessions(work, account_id=account.id)
            work.record("sessions.ended", account)
    return f"{email} is signed out everywhere."


def remove_second_step(*, email: str) -> str:
    """Take a lost second step away, where nobody of the practice can: the last owner's (45 CFR 164.312(a)(2)(ii))."""
    ready()
    with begin_work(SYSTEM, writes=False) as work:
        account = account_by_email(work.session, email)
        if account is None:
            raise NotFound(f"There is no account with the email {email}.")
        homes = homes_of(work.session, account.id, accepted=True)
    with begin_work(SYSTEM, org=homes[0] if homes else None) as work:
        held = locked(work, account.id)
        if held.second_step_at is None:
            raise NoSecondStep(email)
        take_step_away(work, held)
        work.record(REMOVED, held)
    for org_id in homes[1:]:
        with begin_work(SYSTEM, org=org_id) as work:
            work.record(REMOVED, account)
    return f"{email} signs in without a second step, until a new one is set up. Every session has ended."


def _check_zone(time_zone: str) -> None:
    from zoneinfo import available_timezones

    if time_zone not in available_timezones():
        raise Invalid(f"There is no time zone {time_zone}.", field="time_zone")


def _slug_of(name: str) -> str | None:
    if not address_of(name):
        raise Invalid("A practice needs a name with letters in it.", field="name")
    with begin_work(SYSTEM, writes=False) as work:
        org = org_with(work, name)
        return org.slug if org else None


def _owner(work: Work, email: str, first_name: str, last_name: str) -> StaffMember:
    owner = role_by_key(work, "owner")
    assert owner is not None
    address = clean_email(email)
    try:
        member = member_with(work, address)
    except NotFound:
        guessed = address.partition("@")[0].title()
        return add_member(
            work,
            first_name=first_name or guessed,
            last_name=last_name or "Owner",
            email=address,
            role_ids=[owner.id],
            invite=False,
        )
    # The way back for a practice that has lost its last owner's password (45 CFR 164.312(a)(2)(ii)); it is recorded.
    if member.deactivated_at:
        reactivate(work, member_id=member.id)
    switch_role(work, member_id=member.id, role_id=owner.id, on=True, confirmed=True)
    unlock(work, member_id=member.id)
    return member
