"""Inviting a member: one hour, once, only the newest link. The token itself lives in the waiting letter alone."""

from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import Session, col, select

from motlink.accounts.models import Account
from motlink.accounts.queries import digest_of
from motlink.mail.actions import call_off, enqueue
from motlink.orgs.zones import practice_of
from motlink.permissions import Permission
from motlink.settings import settings
from motlink.staff.errors import AlreadySetUp, Inactive, NothingToWithdraw
from motlink.staff.links import still_open
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.people import open_invitation, person, power
from motlink.staff.places import is_open
from motlink.staff.rules import INVITATION_LIFETIME, check_touch
from motlink.work import Done, Work


def send_invitation(work: Work, *, member_id: UUID) -> Done:
    """Send a link that ends any older one. Raises Inactive and AlreadySetUp."""
    work.require(Permission.MANAGE_STAFF)
    invited = person(work, member_id)
    check_touch(actor=power(work), target=invited.privileges, own=False)
    if not is_open(invited.member, work.now):
        raise Inactive(invited.member.name)
    if invited.member.joined_at:
        raise AlreadySetUp(invited.member.name)
    write_invitation(work, invited.member)
    return Done(f"Invitation sent to {invited.member.name}. The older link no longer works.")


def revoke_invitation(work: Work, *, member_id: UUID) -> Done:
    """Withdraw a link; it never comes back. Raises NothingToWithdraw where there is none."""
    work.require(Permission.MANAGE_STAFF)
    invited = person(work, member_id)
    check_touch(actor=power(work), target=invited.privileges, own=False)
    if open_invitation(work, member_id) is None:
        raise NothingToWithdraw(invited.member.name)
    end_invitation(work, invited.member)
    _answer_asking(work, invited.member)
    work.notify("staff", member_id)
    return Done(f"The invitation of {invited.member.name} is withdrawn. The link no longer works.")


def write_invitation(work: Work, member: StaffMember) -> None:
    """End the older link, make the new one and put its letter in the outbox."""
    end_invitation(work, member, superseded=True)
    _answer_asking(work, member)
    token = work.new_token()
    invitation = Invitation(
        id=work.new_id(),
        org_id=work.org_id,
        member_id=member.id,
        digest=digest_of(token),
        sent_at=work.now,
        expires_at=work.now + INVITATION_LIFETIME,
        sent_by=work.actor.account_id,
    )
    work.add(invitation)
    invitation.letter_id = _write_letter(work, member, invitation, token)
    work.record("staff.invited", member, until=invitation.expires_at.isoformat())
    work.notify("staff", member.id)


def end_invitation(work: Work, member: StaffMember, *, superseded: bool = False) -> None:
    """Close a member's open link, if there is one; where it is withdrawn and still worked, their history says so."""
    older = open_invitation(work, member.id)
    if older is None:
        return
    if superseded:
        older.superseded_at = work.now
    else:
        older.revoked_at = work.now
        if older.expires_at > work.now:
            work.record("staff.invitation_revoked", member)
    if older.letter_id:
        call_off(work, letter_id=older.letter_id)
    work.add(older)


def _answer_asking(work: Work, member: StaffMember) -> None:
    """Forget that a new link is wanted: that is decided now."""
    wanted = (
        update(Invitation)
        .where(col(Invitation.member_id) == member.id, col(Invitation.asked_again_at).is_not(None))
        .values(asked_again_at=None)
    )
    # Two links of theirs may have been asked from: whether it was at least one.
    if work.session.connection().execute(wanted).rowcount:
        # About the list as a whole: the count above it changes, too.
        work.notify("staff")


def sent_by(work: Work, account_id: UUID) -> list[StaffMember]:
    """Return the members whose open, unexpired invitation this account sent."""
    query = (
        select(StaffMember)
        .join(Invitation, col(Invitation.member_id) == col(StaffMember.id))
        .where(
            Invitation.org_id == work.org_id,
            Invitation.sent_by == account_id,
            still_open(work.now),
        )
    )
    return list(work.session.exec(query.order_by(col(StaffMember.sort_name))))


def find_by_token(session: Session, token: str) -> Invitation | None:
    """Return the invitation a token belongs to, in whatever state."""
    return session.exec(select(Invitation).where(Invitation.digest == digest_of(token))).first()


def _write_letter(work: Work, member: StaffMember, invitation: Invitation, token: str) -> UUID:
    org = practice_of(work)
    account = work.session.get_one(Account, member.account_id)
    zone = ZoneInfo(org.time_zone)
    letter = enqueue(
        work,
        kind="agent_invitation" if member.is_agent else "invitation",
        to=account.email,
        values={
            "person": member.first_name,
            "practice": org.name,
            "link": f"{settings().public_url}/invitation?t={token}",
            "sent_at": invitation.sent_at.astimezone(zone).isoformat(),
            "valid_until": invitation.expires_at.astimezone(zone).isoformat(),
            "zone": org.time_zone,
            "sender": work.actor.name,
        },
    )
    return letter.id
