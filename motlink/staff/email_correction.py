"""A manager corrects an email that was typed wrong, as long as nobody has come in by it (PC-01).

No account's email is changed here: the place goes over to the account of the right email. So it makes no difference
whether another practice knows either address. One place of this practice shows: an account has one here (decision 16).
"""

from uuid import UUID

from sqlmodel import select

from motlink.accounts.actions import find_or_make
from motlink.accounts.models import Account, SetUpLink
from motlink.accounts.resets import locked
from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, WayBack, payload_of
from motlink.errors import Conflict, NotAllowed
from motlink.permissions import Permission
from motlink.roles.models import Role
from motlink.roles.queries import grants_of, privileges_of_role
from motlink.staff.errors import AlreadyHere, Inactive
from motlink.staff.indexing import index_person
from motlink.staff.invitations import end_invitation, write_invitation
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.new_places import place_of
from motlink.staff.people import Person, is_self, person, power
from motlink.staff.places import is_open
from motlink.staff.rules import check_switch, check_touch, clean_email
from motlink.work import Done, Work

CORRECTED = "staff.email_corrected"


class EmailIsTheirs(Conflict):
    """Whoever has come in changes the email alone."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has come in with this email, so nobody else changes it.",
            next_step="They can, on their account page.",
        )


class NotUsable(Conflict):
    """It is the email of somebody who has a place here under an older one."""

    sentence = "This email cannot be used here."
    next_step = "Ask the person which one they want to be invited with."


class EmailMoved(Conflict):
    """Somebody else has corrected it meanwhile."""

    def __init__(self, email: str) -> None:
        super().__init__(f"Somebody has corrected it meanwhile: it is {email} now.", next_step="Look again.")


class FromUndoneImport(Conflict):
    """An account has one place in a practice, and this one's is kept, unseen, from an import that was taken back."""

    sentence = "This email was in an import that was taken back."
    next_step = "Add the person anew with it, and deactivate this entry."


def correct_email(work: Work, *, member_id: UUID, email: str, was: str) -> Done:
    """Give somebody who has not come in the right email. A link sent to the wrong one dies, a new one goes out.

    `was` is the email that the actor saw. Raises EmailIsTheirs once they have come in, EmailMoved, AlreadyHere,
    NotUsable and FromUndoneImport for an email of this practice, Inactive, Invalid for no email, and the refusals of
    check_switch where the actor may not give one of the person's roles.
    """
    work.require(Permission.MANAGE_STAFF)
    # Held before anything is decided: the operator's link, which any practice prints, lets them in meanwhile. And
    # before the place is written, since an account that nobody awaits goes.
    locked(work, work.get(StaffMember, member_id).account_id)
    corrected = person(work, member_id)
    member = corrected.member
    work.session.refresh(member)
    _check(work, corrected)
    # Not the account’s: whoever has not come in here may have changed that elsewhere, which is not told.
    if member.email != was:
        raise EmailMoved(member.email)
    wrong, right = member.email, clean_email(email)
    if right == wrong:
        return Done("Nothing has changed.")
    _move(work, member, right)
    entry = work.record(CORRECTED, member, before={"email": wrong}, after={"email": right})
    work.notify("staff", member.id)
    if not _was_invited(work, member):
        return Done(f"The email of {member.name} is corrected.", undo=entry)
    # Withdrawn, not replaced: its page must not tell a stranger to look for a newer letter.
    end_invitation(work, member)
    write_invitation(work, member)
    return Done(f"The email of {member.name} is corrected. A new invitation goes to {right}.", undo=entry)


def may_correct(work: Work, shown: Person) -> bool:
    """Whether correct_email would let the actor in: whether the Profile has a pencil."""
    if shown.member.joined_at:
        return False
    try:
        _check(work, shown)
    except (NotAllowed, Conflict):
        return False
    return True


def _check(work: Work, shown: Person) -> None:
    member = shown.member
    check_touch(actor=power(work), target=shown.privileges, own=is_self(work, member))
    _check_may_give(work, member)
    if member.joined_at:
        raise EmailIsTheirs(member.name)
    if not is_open(member, work.now):
        raise Inactive(member.name)


def _check_may_give(work: Work, member: StaffMember) -> None:
    """Whoever says whose the place is gives its roles to them: only somebody who may give each of them does that."""
    for grant in grants_of(work, member.id):
        if grant.ended_at is None:
            role = work.get(Role, grant.role_id)
            wanted = privileges_of_role(work, role.id)
            check_switch(actor=power(work), target={}, role=wanted, role_name=role.name, on=True, own=False)


def invites_again(work: Work, *, member_id: UUID) -> bool:
    """Whether a correction sends a new invitation: where one was sent before."""
    work.require(Permission.MANAGE_STAFF)
    return _was_invited(work, work.get(StaffMember, member_id))


def _move(work: Work, member: StaffMember, email: str) -> None:
    account = find_or_make(work, email)
    here = place_of(work, account.id)
    if here and here.id != member.id:
        raise _why_not(here, email)
    wrong, member.account_id = member.account_id, account.id
    index_person(member, email)
    work.add(member)
    work.session.flush()
    _forget_if_nobodys(work, wrong)


def _why_not(here: StaffMember, email: str) -> Conflict:
    if here.withdrawn_at:
        return FromUndoneImport()
    # Under another email than the practice knows: whose it is is not told.
    return AlreadyHere(here.name, here.id) if here.email == email else NotUsable()


def _forget_if_nobodys(work: Work, account_id: UUID) -> None:
    """A slip must not take an address from whoever has it: an account that nobody set up and nobody awaits goes."""
    account = work.session.get_one(Account, account_id)
    awaits = (
        select(StaffMember.id).where(StaffMember.account_id == account_id),
        select(SetUpLink.id).where(SetUpLink.account_id == account_id),
    )
    if account.set_up_at is None and all(work.session.exec(one).first() is None for one in awaits):
        work.session.delete(account)
        work.session.flush()


def _was_invited(work: Work, member: StaffMember) -> bool:
    return (
        work.session.exec(select(Invitation.id).where(Invitation.member_id == member.id)).first() is not None
    )


def _correction_back(work: Work, entry: AuditEntry) -> Done:
    payload, member = payload_of(entry), work.get(StaffMember, entry.subject_id)
    if member.email != payload["after"]["email"]:
        raise UndoRefused
    return correct_email(work, member_id=member.id, email=payload["before"]["email"], was=member.email)


WAYS_BACK: dict[str, WayBack] = {CORRECTED: _correction_back}
