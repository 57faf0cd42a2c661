"""A manager corrects an email that was typed wrong, as long as nobody has come in by it (PC-01).

No account's email is changed here: the place goes over to the account of the right email. So it makes no difference,
and shows none, whether somebody else, or another practice, knows either address.
"""

from uuid import UUID

from sqlmodel import select

from motlink.accounts.actions import find_or_make
from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, WayBack, payload_of
from motlink.errors import Conflict
from motlink.permissions import Permission
from motlink.staff.errors import AlreadyHere, Inactive
from motlink.staff.indexing import index_person
from motlink.staff.invitations import write_invitation
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.new_places import place_of
from motlink.staff.people import is_self, person, power
from motlink.staff.places import is_open
from motlink.staff.rules import check_touch, clean_email
from motlink.work import Done, Work

CORRECTED = "staff.email_corrected"


class EmailIsTheirs(Conflict):
    """Whoever has come in changes the email alone."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has come in with this email, so nobody else changes it.",
            next_step="They can, on their account page.",
        )


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

    `was` is the email that the actor saw. Raises EmailIsTheirs once they have come in, EmailMoved, AlreadyHere and
    FromUndoneImport for an email of this practice, Inactive, and Invalid for no email.
    """
    work.require(Permission.MANAGE_STAFF)
    corrected = person(work, member_id)
    member = corrected.member
    check_touch(actor=power(work), target=corrected.privileges, own=is_self(work, member))
    wrong = _wrong_email(work, member, was)
    right = clean_email(email)
    if right == wrong:
        return Done("Nothing has changed.")
    _move(work, member, right)
    entry = work.record(CORRECTED, member, before={"email": wrong}, after={"email": right})
    work.notify("staff", member.id)
    if not _was_invited(work, member):
        return Done(f"The email of {member.name} is corrected.", undo=entry)
    write_invitation(work, member)
    return Done(f"The email of {member.name} is corrected. A new invitation goes to {right}.", undo=entry)


def invites_again(work: Work, *, member_id: UUID) -> bool:
    """Whether a correction sends a new invitation: where one was sent before."""
    work.require(Permission.MANAGE_STAFF)
    return _was_invited(work, work.get(StaffMember, member_id))


def _wrong_email(work: Work, member: StaffMember, was: str) -> str:
    if member.joined_at:
        raise EmailIsTheirs(member.name)
    if not is_open(member, work.now):
        raise Inactive(member.name)
    # Not the account’s: whoever has not come in here may have changed that elsewhere, which is not told.
    if member.email != was:
        raise EmailMoved(member.email)
    return member.email


def _move(work: Work, member: StaffMember, email: str) -> None:
    account = find_or_make(work, email)
    here = place_of(work, account.id)
    if here and here.id != member.id:
        raise FromUndoneImport if here.withdrawn_at else AlreadyHere(here.name, here.id)
    member.account_id = account.id
    index_person(member, email)
    work.add(member)


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
