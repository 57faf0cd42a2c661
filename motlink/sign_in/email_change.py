"""Another email for one's own account: asked for with the password, confirmed from the new address (PC-01).

The old address calls it off, and takes it back for a week. Nobody else changes the email of an account that is set up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import col, select

from motlink.accounts.actions import end_sessions
from motlink.accounts.email_changes import (
    asked_since,
    call_change_off,
    change_behind,
    change_to_cancel,
    change_to_take_back,
    change_waiting,
    take_change_back,
    use_change,
    was_taken_back,
    write_change,
)
from motlink.accounts.models import Account, EmailChange
from motlink.accounts.queries import may_come_in
from motlink.accounts.resets import locked
from motlink.accounts.rules import (
    CHANGES_WITHIN,
    MOST_CHANGES,
    EmailTaken,
    take_back_until,
    why_change_is_dead,
    why_not_cancelled,
)
from motlink.errors import Conflict, Invalid, NotFound
from motlink.moments import clock, day
from motlink.sign_in.actions import Proof, become
from motlink.sign_in.queries import homes_by_access, homes_of, zone_of_account
from motlink.sign_in.rules import DeadLink, SignedOut
from motlink.staff.indexing import index_person
from motlink.staff.models import StaffMember
from motlink.staff.new_places import place_of
from motlink.staff.places import follows_account
from motlink.staff.rules import clean_email
from motlink.work import Work

ASKED, WRONG, GIVEN_UP, STOPPED = "email.asked", "email.wrong", "email.given_up", "email.stopped"
CHANGED, PUT_BACK = "email.changed", "email.put_back"


@dataclass(frozen=True)
class ShownChange:
    """What the account page says of a change: one that waits, one that can still be taken back."""

    waiting_for: str = ""
    waits_until: str = ""
    old_email: str = ""
    back_until: str = ""


@dataclass(frozen=True)
class Link:
    """What an open link leads to, and the practice in whose log its use is written."""

    change_id: UUID
    account_id: UUID
    email: str
    org_id: UUID | None
    is_made: bool


@dataclass(frozen=True)
class Told:
    """What was done to whose email, and the practices that are still to be told.

    The addresses are there where it is another one now: for practices in which the person works, and no others.
    """

    action: str
    account_id: UUID
    org_ids: tuple[UUID, ...]
    before: str = ""
    after: str = ""


def shown_change(work: Work, account_id: UUID) -> ShownChange:
    """Read the state of the own email."""
    zone = zone_of_account(work, account_id)
    waiting, made = change_waiting(work, account_id), change_to_take_back(work, account_id)
    return ShownChange(
        waiting_for=waiting.new_email if waiting else "",
        waits_until=clock(waiting.expires_at, zone) if waiting else "",
        old_email=made.old_email if made else "",
        back_until=day(take_back_until(made.confirmed_at), zone, work.now)
        if made and made.confirmed_at
        else "",
    )


def ask_for_change(work: Work, *, proof: Proof, email: str) -> bool:
    """Write to the new address and to the old one; returns False where the password has changed meanwhile.

    Whether the new address has an account makes no difference that can be seen from here. Raises Invalid for no
    email, Conflict too often, or after a change was taken back, until a new password is chosen by a link.
    """
    account = locked(work, _own_id(work))
    if not proof.fits or account.password_hash != proof.seen_hash:
        return False
    if not email.strip():
        raise Invalid("Type the new email.", field="email")
    wanted = clean_email(email)
    if wanted == account.email:
        raise Invalid("This is the email you have.", field="email")
    _check_may_change(work, account)
    write_change(work, account=account, email=wanted)
    work.record(ASKED, account)
    return True


def _check_may_change(work: Work, account: Account) -> None:
    if account.set_up_at is None or not may_come_in(work.session, account.id, work.now):
        raise Conflict("Without a place in a practice the email cannot be changed.")
    if was_taken_back(work.session, account.id):
        raise Conflict(
            "A change of this email was taken back, so somebody else may know the password.",
            next_step="First choose a new one with “Forgot your password?” on the sign-in page.",
        )
    if asked_since(work.session, account.id, work.now - CHANGES_WITHIN) >= MOST_CHANGES:
        raise Conflict("You have asked for many changes in the last hour.", next_step="Wait, then try again.")


def refuse_asking(work: Work) -> None:
    """Write down that the password was wrong: somebody may sit at a browser that is not theirs."""
    work.record(WRONG, work.session.get_one(Account, _own_id(work)))


def give_up_change(work: Work) -> None:
    """Call one's own change off. Raises NotFound where none waits."""
    account = locked(work, _own_id(work))
    if change_waiting(work, account.id) is None or not call_change_off(work, account_id=account.id):
        raise NotFound("No change of your email is waiting.")
    work.record(GIVEN_UP, account)


def open_change(work: Work, *, token: str) -> Link:
    """Return what a link to the new address leads to. Raises DeadLink, which says why it leads nowhere."""
    change = change_behind(work.session, token) if token else None
    if change is None:
        raise DeadLink("unknown")
    is_in = may_come_in(work.session, change.account_id, work.now)
    if why := why_change_is_dead(change, now=work.now, has_place=is_in):
        at = change.expires_at if why == "expired" else None
        raise DeadLink(why, at, zone_of_account(work, change.account_id).key)
    return _link(work, change, change.new_email)


def confirm_change(work: Work, *, token: str) -> Told:
    """Make the change; the lists of the practices in which the person works follow. Raises DeadLink.

    Of many at once exactly one wins.
    """
    change, account = _held(work, open_change(work, token=token))
    before = account.email
    try:
        if not use_change(work, change=change, account=account):
            raise DeadLink("used")
    except EmailTaken:
        raise DeadLink("taken") from None
    become(work, account)
    return _moved(work, account, CHANGED, before)


def open_cancel(work: Work, *, token: str) -> Link:
    """Return what a link to the old address leads to. Raises DeadLink."""
    change = change_to_cancel(work.session, token) if token else None
    if change is None:
        raise DeadLink("unknown")
    if why := why_not_cancelled(change, now=work.now):
        at = take_back_until(change.confirmed_at) if why == "expired" and change.confirmed_at else None
        raise DeadLink(why, at, zone_of_account(work, change.account_id).key)
    return _link(work, change, change.old_email)


def cancel_change(work: Work, *, token: str) -> Told:
    """Call a change off that waits, or take it back: then the old email stands again and every session ends.

    A change that is confirmed at this very moment is taken back. Raises DeadLink. Whoever has the old mailbox needs no
    password: a thief may have changed it.
    """
    change, account = _held(work, open_cancel(work, token=token))
    if change.confirmed_at is None:
        return _stopped(work, account)
    before = account.email
    try:
        if not take_change_back(work, change=change, account=account):
            raise DeadLink("cancelled")
    except EmailTaken:
        raise DeadLink("taken") from None
    told = _moved(work, account, PUT_BACK, before)
    end_sessions(work, account_id=account.id)
    return told


def note_change(work: Work, told: Told) -> None:
    """Write it into this practice's log; where the email of its person is another one, open lists read it."""
    account = work.session.get_one(Account, told.account_id)
    member = place_of(work, account.id) if work.has_org and told.after else None
    if member is None:
        work.record(told.action, account)
        return
    work.record(told.action, member, before={"email": told.before}, after={"email": told.after})
    work.notify("staff", member.id)


def _held(work: Work, found: Link) -> tuple[EmailChange, Account]:
    """Keep the account from everyone, then read both anew: what is decided here rests on nothing read before.

    Whoever writes its email into a place waits (accounts/actions.py: kept), so no practice need be locked.
    """
    account = select(Account).where(Account.id == found.account_id).with_for_update()
    change = select(EmailChange).where(EmailChange.id == found.change_id)
    held = work.session.exec(account.execution_options(populate_existing=True)).one()
    return work.session.exec(change.execution_options(populate_existing=True)).one(), held


def _stopped(work: Work, account: Account) -> Told:
    """Nothing was changed: the practices that the person has come into hear that, and of no address."""
    if not call_change_off(work, account_id=account.id):
        raise DeadLink("over")
    work.record(STOPPED, account)
    return Told(STOPPED, account.id, _others(work, homes_of(work.session, account.id, accepted=True)))


def _moved(work: Work, account: Account, action: str, before: str) -> Told:
    here = _follow(work, account)
    told = Told(action, account.id, _others(work, here), before, account.email)
    # A practice in which the person has ceased to work meanwhile keeps what is written, but learns no address.
    knows = work.has_org and work.org_id in here
    note_change(work, told if knows else replace(told, before="", after=""))
    return told


def _follow(work: Work, account: Account) -> list[UUID]:
    """Put the email into every place that follows it; returns their practices."""
    query = select(StaffMember).where(StaffMember.account_id == account.id).order_by(col(StaffMember.id))
    found = work.session.exec(query.execution_options(populate_existing=True))
    places = [one for one in found if follows_account(one, work.now)]
    for member in places:
        index_person(member, account.email)
        work.session.add(member)
    work.session.flush()
    return [member.org_id for member in places]


def _others(work: Work, org_ids: Sequence[UUID]) -> tuple[UUID, ...]:
    return tuple(org_id for org_id in org_ids if not (work.has_org and org_id == work.org_id))


def _link(work: Work, change: EmailChange, email: str) -> Link:
    org_id = next(iter(homes_by_access(work.session, change.account_id, work.now)), None)
    return Link(change.id, change.account_id, email, org_id, change.confirmed_at is not None)


def _own_id(work: Work) -> UUID:
    if work.actor.account_id is None:
        raise SignedOut
    return work.actor.account_id
