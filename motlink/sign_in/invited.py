"""What stands behind an invitation's link."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from motlink.accounts.models import Account
from motlink.orgs.models import Organization
from motlink.sign_in.rules import DeadLink, why_dead
from motlink.staff.invitations import find_by_token
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.places import is_open


@dataclass(frozen=True)
class OpenInvitation:
    """A link that still works, and whom it lets in."""

    invitation: Invitation
    member: StaffMember
    account: Account
    org: Organization

    @property
    def is_new(self) -> bool:
        """Whether the account is still to be set up."""
        return self.account.set_up_at is None


def open_invitation(session: Session, token: str, now: datetime) -> OpenInvitation:
    """Return what an open link leads to. Raises DeadLink, which says why it leads nowhere."""
    return _opened(session, find_by_token(session, token) if token else None, now)


def _opened(session: Session, invitation: Invitation | None, now: datetime) -> OpenInvitation:
    if invitation is None:
        raise DeadLink("unknown")
    org = session.get_one(Organization, invitation.org_id)
    member = session.get_one(StaffMember, invitation.member_id)
    why = why_dead(invitation, now=now, member_is_active=is_open(member, now))
    if why:
        raise DeadLink(why, _moment(session, invitation, why), org.time_zone)
    return OpenInvitation(invitation, member, session.get_one(Account, member.account_id), org)


def invitation_in_hand(session: Session, invitation_id: UUID, now: datetime) -> OpenInvitation:
    """Return what an invitation leads to that somebody is about to accept. Raises DeadLink."""
    return _opened(session, session.get(Invitation, invitation_id), now)


def _moment(session: Session, invitation: Invitation, why: str) -> datetime | None:
    if why == "expired":
        return invitation.expires_at
    return invitation.superseded_at if why == "superseded" else None
