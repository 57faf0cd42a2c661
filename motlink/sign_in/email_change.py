"""Another email for one's own account: asked for with the password, confirmed from the new address (PC-01).

The old address calls it off, and takes it back for a week. Nobody else changes the email of an account that is set up.
"""

from dataclasses import dataclass
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
from motlink.orgs.models import Organization
from motlink.sign_in.actions import Proof, become
from motlink.sign_in.queries import homes_of, zone_of_account
from motlink.sign_in.rules import DeadLink, SignedOut
from motlink.staff.indexing import index_person
from motlink.staff.models import StaffMember
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
    """What an open link leads to, and the practices that are to be locked and told, in one order everywhere."""

    change_id: UUID
    account_id: UUID
    email: str
    homes: tuple[UUID, ...]
    is_made: bool = False


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


def confirm_change(work: Work, *, token: str) -> Link:
    """Make the change; every practice's list follows. Of many at once exactly one wins. Raises DeadLink.

    The work is in the first of the account's practices by id; it locks the others, so that nobody saves an old email.
    """
    found = open_change(work, token=token)
    change, account = _held(work, found)
    try:
        if not use_change(work, change=change, account=account):
            raise DeadLink("used")
    except EmailTaken:
        raise DeadLink("taken") from None
    become(work, account)
    _follow(work, account)
    note_change(work, change_id=change.id, action=CHANGED)
    return found


def open_cancel(work: Work, *, token: str) -> Link:
    """Return what a link to the old address leads to. Raises DeadLink."""
    change = change_to_cancel(work.session, token) if token else None
    if change is None:
        raise DeadLink("unknown")
    if why := why_not_cancelled(change, now=work.now):
        at = take_back_until(change.confirmed_at) if why == "expired" and change.confirmed_at else None
        raise DeadLink(why, at, zone_of_account(work, change.account_id).key)
    return _link(work, change, change.old_email)


def cancel_change(work: Work, *, token: str) -> Link:
    """Call a change off that waits, or take it back: then the old email stands again and every session ends.

    Raises DeadLink. Whoever has the old mailbox needs no password: a thief may have changed it.
    """
    found = open_cancel(work, token=token)
    change, account = _held(work, found)
    if not found.is_made:
        if not call_change_off(work, account_id=account.id):
            raise DeadLink("over")
        work.record(STOPPED, account)
        return found
    try:
        if not take_change_back(work, change=change, account=account):
            raise DeadLink("cancelled")
    except EmailTaken:
        raise DeadLink("taken") from None
    _follow(work, account)
    end_sessions(work, account_id=account.id)
    note_change(work, change_id=change.id, action=PUT_BACK)
    return found


def note_change(work: Work, *, change_id: UUID, action: str) -> None:
    """Write into this practice's log that the email of its person is another one, and let open lists read it."""
    if not work.has_org:
        return
    change = work.session.get_one(EmailChange, change_id)
    query = select(StaffMember).where(
        StaffMember.org_id == work.org_id, StaffMember.account_id == change.account_id
    )
    member = work.session.exec(query).one()
    emails = (change.old_email, change.new_email)
    before, after = emails if action == CHANGED else emails[::-1]
    work.record(action, member, before={"email": before}, after={"email": after})
    work.notify("staff", member.id)


def _held(work: Work, found: Link) -> tuple[EmailChange, Account]:
    """Lock all practices, then the account, then read anew: in this order everyone does."""
    orgs = select(Organization.id).where(col(Organization.id).in_(found.homes))
    work.session.exec(orgs.order_by(col(Organization.id)).with_for_update()).all()
    query = select(Account).where(Account.id == found.account_id).with_for_update()
    account = work.session.exec(query.execution_options(populate_existing=True)).one()
    return work.session.get_one(EmailChange, found.change_id), account


def _follow(work: Work, account: Account) -> None:
    for member in work.session.exec(select(StaffMember).where(StaffMember.account_id == account.id)):
        index_person(member, account.email)
        work.session.add(member)
    work.session.flush()


def _link(work: Work, change: EmailChange, email: str) -> Link:
    homes = tuple(sorted(homes_of(work.session, change.account_id)))
    return Link(change.id, change.account_id, email, homes, change.confirmed_at is not None)


def _own_id(work: Work) -> UUID:
    if work.actor.account_id is None:
        raise SignedOut
    return work.actor.account_id
