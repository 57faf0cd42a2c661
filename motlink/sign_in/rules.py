"""Who comes in, and which links still open the door. Pure functions."""

import re
from datetime import datetime

from motlink.errors import Conflict, NotAllowed
from motlink.staff.models import Invitation


class SignedOut(NotAllowed):
    """No session, or one that has ended."""

    sentence = "You are signed out."
    next_step = "Sign in again."


class NoRole(NotAllowed):
    """A place in the practice, but no role is on."""

    sentence = "You have no role in this practice now."
    next_step = "Ask an owner or manager of the practice."


class StepNeeded(NotAllowed):
    """A place and a role in the practice, which wants a second step first, and there is none."""

    sentence = "This practice asks for a second step at sign-in, and you have none yet."
    next_step = "Set it up on your account page."


class WrongSignIn(NotAllowed):
    """Unknown, wrong, locked, deactivated, without a role: all read alike (ASVS 6.3.8)."""

    sentence = "The username or password is not right, or this account has no access now."
    next_step = ""


class HalfGone(Conflict):
    """The password was too long ago, or too many codes were wrong since: it is asked for again."""

    sentence = "Sign in again: that took more than five minutes, or too many codes were wrong."


class TooMany(NotAllowed):
    """Guessing is slowed down; the same for known and unknown accounts."""

    sentence = "Too many attempts from here."
    next_step = "Wait a few minutes, then try again."


class DeadLink(Conflict):
    """A link that opens nothing: why, and since when."""

    def __init__(self, why: str, moment: datetime | None = None, zone: str = "UTC") -> None:
        self.why, self.moment, self.zone = why, moment, zone
        super().__init__("This link does not open anything any more.")


def why_dead(invitation: Invitation | None, *, now: datetime, member_is_active: bool = True) -> str:
    """Return "" for an open invitation, else unknown, used, superseded, revoked or expired."""
    if invitation is None:
        return "unknown"
    if invitation.accepted_at:
        return "used"
    if invitation.superseded_at:
        return "superseded"
    if invitation.revoked_at or not member_is_active:
        return "revoked"
    return "" if invitation.expires_at > now else "expired"


OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def own_path(wanted: str) -> str:
    """Return `wanted` if it is a path of ours, else nothing: no other host, no backslash, no control character."""
    return wanted if len(wanted) <= 500 and OWN_PATH.fullmatch(wanted) else ""
