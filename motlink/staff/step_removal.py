"""Removing somebody's lost second step: a manager never reads it, and takes it away only (like a reset: TA-19)."""

from uuid import UUID

from motlink.accounts.actions import end_sessions
from motlink.accounts.models import Account
from motlink.accounts.resets import locked, write_letter
from motlink.accounts.second_step import drop_step
from motlink.moments import day
from motlink.orgs.zones import practice_of, zone_of
from motlink.permissions import Permission
from motlink.staff.errors import Inactive, NoSecondStep, NotSetUp, OwnSecondStep
from motlink.staff.models import StaffMember
from motlink.staff.people import is_self, person, power
from motlink.staff.places import is_open
from motlink.staff.rules import check_touch
from motlink.work import Done, Work

REMOVED = "second_step.removed"


def remove_second_step(work: Work, *, member_id: UUID) -> Done:
    """Take a person's second step away, whoever may reset their password; all their sessions end.

    Raises Inactive, NotSetUp, OwnSecondStep, and NoSecondStep where there is none.
    """
    work.require(Permission.MANAGE_STAFF)
    known = person(work, member_id)
    if is_self(work, known.member):
        raise OwnSecondStep
    check_touch(actor=power(work), target=known.privileges, own=False)
    if not is_open(known.member, work.now):
        raise Inactive(known.member.name)
    if known.member.joined_at is None:
        raise NotSetUp(known.member.name)
    account = locked(work, known.member.account_id)
    if account.second_step_at is None:
        raise NoSecondStep(known.member.name)
    take_step_away(work, account)
    work.record(REMOVED, known.member)
    work.notify("staff", known.member.id)
    return Done(f"{known.member.name} signs in without a second step, until a new one is set up.")


def take_step_away(work: Work, account: Account) -> None:
    """End a second step and every session with it, and tell the holder; who may has been asked before."""
    drop_step(work, account=account)
    end_sessions(work, account_id=account.id)
    _tell(work, account)


def second_step_words(work: Work, member: StaffMember) -> str:
    """Return since when somebody has a second step, in words, "" for none; only of those who have accepted here."""
    account = work.session.get_one(Account, member.account_id)
    if member.joined_at is None or account.second_step_at is None:
        return ""
    return day(account.second_step_at, zone_of(work), work.now)


def _tell(work: Work, account: Account) -> None:
    is_person = work.actor.kind == "person"
    by = f"{work.actor.name} of {practice_of(work).name}" if is_person else "The operator of motlink"
    values = {
        "headline": "The second step of your motlink account was removed",
        "what": f"{by} removed the second step of your account. Set it up again after you have signed in.",
        # From where they did it is the log's business.
        "address": "",
        "browser": "",
    }
    write_letter(work, "second_step", account, values)
