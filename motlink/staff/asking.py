"""What the holder of a link leaves behind, without coming in: that it was looked at, that a new one is wanted.

At the door: whoever holds the link may. Nothing here says whether anything was found.
"""

from uuid import UUID

from sqlmodel import Session, col, select

from motlink.mail.models import Letter
from motlink.staff.invitations import find_by_token
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.places import is_open
from motlink.work import Work


def practice_of_link(session: Session, token: str) -> UUID | None:
    """Return the practice that an invitation's token belongs to, in whatever state the invitation is."""
    invitation = find_by_token(session, token) if token else None
    return invitation.org_id if invitation else None


def note_seen(work: Work, *, token: str) -> None:
    """Note when an invitation's page is first looked at."""
    invitation = find_by_token(work.session, token)
    if invitation is None or invitation.org_id != work.org_id or invitation.first_seen_at:
        return
    invitation.first_seen_at = work.now
    work.add(invitation)
    work.notify("invitations", invitation.member_id)


def ask_again(work: Work, *, token: str) -> None:
    """Let the managers see that the holder of a dead link asks for a new one; for whoever is in or out, nothing."""
    invitation = find_by_token(work.session, token)
    if invitation is None or invitation.org_id != work.org_id:
        return
    member = work.get(StaffMember, invitation.member_id)
    if member.joined_at or member.withdrawn_at or not is_open(member, work.now):
        return
    newest = _newest(work, member)
    if _went_elsewhere(work, invitation, newest):
        return
    if newest.asked_again_at is None:
        work.record("staff.asked_again", member)
    newest.asked_again_at = work.now
    work.add(newest)
    # About the list as a whole: the count above it changes, too.
    work.notify("staff")


def _went_elsewhere(work: Work, invitation: Invitation, newest: Invitation) -> bool:
    """Whether a link lies in a mailbox that is not this person's any more: its email was corrected since."""
    letters = [
        work.session.get(Letter, one.letter_id) if one.letter_id else None for one in (invitation, newest)
    ]
    old, new = (letter.to if letter else "" for letter in letters)
    return bool(old and new and old != new)


def _newest(work: Work, member: StaffMember) -> Invitation:
    query = select(Invitation).where(Invitation.member_id == member.id)
    newest = query.order_by(col(Invitation.sent_at).desc(), col(Invitation.id).desc()).limit(1)
    return work.session.exec(newest).one()
