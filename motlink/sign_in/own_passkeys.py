"""Passkeys of one's own account: added with the password, seen, removed (AC-02). Nobody else's."""

from dataclasses import dataclass
from uuid import UUID

from motlink.accounts.models import Account, Passkey
from motlink.accounts.passkeys import add_passkey, checked_name, own_passkey, passkeys_of, to_create
from motlink.accounts.resets import locked
from motlink.accounts.second_step import app_of, new_recovery_codes
from motlink.accounts.tickets import challenge_of, ticket_for, ticket_is_good
from motlink.errors import Conflict, Invalid
from motlink.moments import day
from motlink.sign_in.actions import Proof
from motlink.sign_in.own_account import holders_zone, own_id
from motlink.sign_in.own_step import NOTHING, ON, Brought, changed, may_add_step, proven
from motlink.sign_in.rules import SignedOut
from motlink.work import Work

ADDED, REMOVED = "passkey.added", "passkey.removed"


class OnlyStep(Conflict):
    """Without it there would be no second step, which is asked for with more than the password."""

    sentence = "This passkey is your only second step."
    next_step = "Turn the second step off instead, or set up another one first."


@dataclass(frozen=True)
class PasskeyRow:
    """One passkey; days in words."""

    id: UUID
    name: str
    added: str
    used: str


@dataclass(frozen=True)
class ToCreate:
    """What the browser is asked to make, and the ticket with which its answer comes back."""

    options: str
    ticket: str
    name: str


def own_passkeys(work: Work) -> tuple[PasskeyRow, ...]:
    """Return the passkeys of whoever is signed in."""
    found = passkeys_of(work.session, own_id(work))
    zone = holders_zone(work, own_id(work))
    return tuple(
        PasskeyRow(
            one.id,
            one.name,
            day(one.created_at, zone, work.now),
            day(one.last_used_at, zone, work.now) if one.last_used_at else "",
        )
        for one in found
    )


def begin_own_passkey(
    work: Work, *, proof: Proof, name: str, brought: Brought = NOTHING
) -> ToCreate | bool | None:
    """Return what the browser needs; None where the password has changed since, False for a wrong code.

    Raises Invalid for the name.
    """
    account, kept = proven(work, proof), checked_name(name)
    if account is None or not may_add_step(work, account, brought):
        return None if account is None else False
    ticket = ticket_for(ADDED, _session_id(work), work.now)
    return ToCreate(to_create(work.session, account, challenge_of(ticket)), ticket, kept)


def add_own_passkey(work: Work, *, ticket: str, name: str, answer: str) -> tuple[str, ...]:
    """Keep the passkey that the browser has made for this ticket; returns recovery codes where there were none.

    Raises Invalid where it does not fit, or the ticket is another session's or over.
    """
    account = locked(work, own_id(work))
    if not ticket_is_good(ticket, ADDED, _session_id(work), work.now):
        raise Invalid("That took more than five minutes. Begin again.", field="name")
    made = add_passkey(work, account=account, name=name, answer=answer, challenge=challenge_of(ticket))
    if made is None:
        raise Invalid("This passkey could not be added. Begin again.", field="name")
    first, account.second_step_at = account.second_step_at is None, account.second_step_at or work.now
    work.add(account)
    codes = new_recovery_codes(work, account=account) if first else ()
    if first:
        work.record(ON, account)
    what = f"The passkey “{made.name}” was added to your account. It can be used to sign in."
    changed(work, account, ADDED, "A passkey was added to your motlink account", what, name=made.name)
    return codes


def remove_own_passkey(work: Work, *, proof: Proof, passkey_id: UUID) -> bool:
    """Remove one; False where the password has changed since. Raises NotFound, and OnlyStep for the last one."""
    account = proven(work, proof)
    if account is None:
        return False
    passkey = own_passkey(work, account=account, passkey_id=passkey_id)
    if not _another(work, account, passkey):
        raise OnlyStep
    work.session.delete(passkey)
    what = f"The passkey “{passkey.name}” was removed from your account."
    headline = "A passkey was removed from your motlink account"
    changed(work, account, REMOVED, headline, what, name=passkey.name)
    return True


def _another(work: Work, account: Account, passkey: Passkey) -> bool:
    app = app_of(work.session, account.id)
    has_app = app is not None and app.confirmed_at is not None
    return has_app or any(one.id != passkey.id for one in passkeys_of(work.session, account.id))


def _session_id(work: Work) -> UUID:
    if work.actor.session_id is None:
        raise SignedOut
    return work.actor.session_id
