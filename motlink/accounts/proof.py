"""Proving once more who one is before grave acts (ASVS 7.5.1): somebody else may sit at an open browser."""

from datetime import timedelta

from motlink.accounts.models import AccountSession
from motlink.accounts.resets import locked
from motlink.errors import Conflict
from motlink.work import Work

# Long enough to look at a few settings after another, too short for the coffee kitchen.
FRESH_FOR = timedelta(minutes=10)


class PasswordNeeded(Conflict):
    """The password was typed too long ago."""

    sentence = "This asks for your password again."
    next_step = "Open the Security page, and type it there."


def is_fresh(work: Work) -> bool:
    """Whether the actor has just proved who they are; the system, and the operator's command line, need not."""
    if work.actor.session_id is None:
        return True
    session = work.session.get(AccountSession, work.actor.session_id)
    return bool(session and session.proved_at and session.proved_at > work.now - FRESH_FOR)


def require_fresh(work: Work) -> None:
    """Raise PasswordNeeded unless the actor has just proved who they are."""
    if not is_fresh(work):
        raise PasswordNeeded


def note_proof(work: Work, *, seen_hash: str | None) -> bool:
    """Note that the actor has typed the password; False where it is another one by now."""
    assert work.actor.account_id and work.actor.session_id
    if seen_hash is None or locked(work, work.actor.account_id).password_hash != seen_hash:
        return False
    session = work.session.get_one(AccountSession, work.actor.session_id)
    session.proved_at = work.now
    work.add(session)
    return True
