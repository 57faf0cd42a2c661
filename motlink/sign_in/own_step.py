"""The second step of one's own account: turned on, turned off, new recovery codes (AC-02). Nobody else's.

Each act ends every other session, tells the holder by letter and stands in every practice's log.
"""

from dataclasses import dataclass
from typing import Any

from motlink.accounts.models import Account
from motlink.accounts.passkeys import passkeys_of, to_use, use_passkey
from motlink.accounts.resets import locked, write_letter
from motlink.accounts.second_step import (
    app_of,
    begin_app,
    begun_app,
    check_code,
    codes_left,
    confirm_app,
    drop_step,
    new_recovery_codes,
    refuse_second_app,
)
from motlink.accounts.tickets import challenge_of, ticket_for, ticket_is_good
from motlink.errors import Conflict
from motlink.moments import day
from motlink.sign_in.actions import Proof
from motlink.sign_in.own_account import end_others, holders_zone, own_id
from motlink.sign_in.queries import practices_of
from motlink.sign_in.rules import SignedOut
from motlink.staff.demands import shut_without_step
from motlink.work import Work

ON, OFF, NEW_CODES = "second_step.on", "second_step.off", "second_step.codes"
APP_ADDED = "second_step.app_added"
NOT_CHANGED = "second_step.not_changed"
# What a ticket is for.
CHANGE = "second_step.change"


class NoStep(Conflict):
    """There is no second step to change."""

    sentence = "Your account has no second step now."
    next_step = "Open the page again."


class PasswordTooShort(Conflict):
    """A short password is only good with a second step."""

    sentence = "Your password has fewer than 15 characters, which is only enough with a second step."
    next_step = "Choose a longer one first, on your account page."


@dataclass(frozen=True)
class OwnStep:
    """What the account page says of it: since when, and how many recovery codes are left."""

    on_since: str
    has_app: bool
    passkeys: int
    codes_left: int
    short_password: bool
    # The practices that stay shut until there is one.
    asked_by: tuple[str, ...]


@dataclass(frozen=True)
class Brought:
    """What was brought beside the password: a code, or what a passkey has signed for a ticket of this session."""

    code: str = ""
    passkey: str = ""
    ticket: str = ""


NOTHING = Brought()


@dataclass(frozen=True)
class ToConfirm:
    """What an app is given, once: the secret in letters, and whose account it is for."""

    shared: str
    email: str


def own_step(work: Work) -> OwnStep:
    """Read the second step of whoever is signed in."""
    account = work.session.get_one(Account, own_id(work))
    since, app = account.second_step_at, app_of(work.session, account.id)
    return OwnStep(
        on_since=day(since, holders_zone(work, account.id), work.now) if since else "",
        has_app=app is not None and app.confirmed_at is not None,
        passkeys=len(passkeys_of(work.session, account.id)),
        codes_left=codes_left(work.session, account.id),
        short_password=account.short_password,
        asked_by=practices_that_ask(work),
    )


def practices_that_ask(work: Work) -> tuple[str, ...]:
    """Return the names of the practices that stay shut to whoever is signed in until there is a second step."""
    account = work.session.get_one(Account, own_id(work))
    orgs = practices_of(work.session, account.id, work.now)
    return tuple(shut_without_step(work.session, account, orgs, work.now))


def begin_own_app(work: Work, *, proof: Proof, brought: Brought = NOTHING) -> ToConfirm | bool | None:
    """Begin to set an app up; None where the password has changed since it was compared, False for a wrong code.

    Raises AppIsOn.
    """
    account = proven(work, proof)
    if account is None:
        return None
    refuse_second_app(work, account=account)
    if not may_add_step(work, account, brought):
        return False
    return ToConfirm(begin_app(work, account=account), account.email)


def own_begun_app(work: Work) -> ToConfirm:
    """Return what was begun, to be shown again after a wrong code. Raises NotBegun."""
    account = work.session.get_one(Account, own_id(work))
    return ToConfirm(begun_app(work, account=account), account.email)


def confirm_own_app(work: Work, *, code: str) -> tuple[str, ...] | None:
    """Turn the app on by its first code; None for a wrong one. Raises NotBegun.

    Returns recovery codes, none where there was a second step already: those that are kept stay good.
    """
    account = locked(work, own_id(work))
    first = account.second_step_at is None
    if not confirm_app(work, account=account, code=code):
        return None
    if not first:
        what = "An authenticator app was set up for your account. Its codes can be used to sign in."
        changed(work, account, APP_ADDED, "An authenticator app was added to your motlink account", what)
        return ()
    codes = new_recovery_codes(work, account=account)
    changed(
        work,
        account,
        ON,
        "The second step of your motlink account was turned on",
        "The second step of your account was turned on: after your password, a code from your app is asked for.",
    )
    return codes


def renew_own_codes(work: Work, *, proof: Proof, brought: Brought) -> tuple[str, ...] | None:
    """Make new recovery codes; the old ones end. None where the password has changed, none for a wrong code."""
    account = proven(work, proof)
    if account is None:
        return None
    if not _checked(work, account, brought):
        return ()
    codes = new_recovery_codes(work, account=account)
    changed(
        work,
        account,
        NEW_CODES,
        "New recovery codes for your motlink account",
        "New recovery codes were made for your account; the old ones no longer work.",
    )
    return codes


def turn_own_step_off(work: Work, *, proof: Proof, brought: Brought) -> bool | None:
    """Turn the second step off. None where the password has changed, False for a wrong code.

    Raises PasswordTooShort where the password is only good with it.
    """
    account = proven(work, proof)
    if account is None:
        return None
    if account.short_password:
        raise PasswordTooShort
    if not _checked(work, account, brought):
        return False
    drop_step(work, account=account)
    changed(
        work,
        account,
        OFF,
        "The second step of your motlink account was turned off",
        "The second step of your account was turned off: the password alone opens it.",
    )
    return True


def refuse_step_change(work: Work) -> None:
    """Write down that the password was wrong: somebody may sit at a browser that is not theirs."""
    work.record(NOT_CHANGED, work.session.get_one(Account, own_id(work)))


def _signed(work: Work, account: Account, brought: Brought) -> bool:
    assert work.actor.session_id
    if not ticket_is_good(brought.ticket, CHANGE, work.actor.session_id, work.now):
        return False
    return use_passkey(work, account=account, answer=brought.passkey, challenge=challenge_of(brought.ticket))


def passkey_question(work: Work) -> tuple[str, str]:
    """Return what the browser needs to use a passkey for a change, and the ticket; "" where there is none."""
    if work.actor.session_id is None:
        raise SignedOut
    ticket = ticket_for(CHANGE, work.actor.session_id, work.now)
    return to_use(work.session, own_id(work), challenge_of(ticket)), ticket


def proven(work: Work, proof: Proof) -> Account | None:
    """Return the own account, locked, where the password that was compared is still the one it has."""
    account = locked(work, own_id(work))
    return account if proof.fits and account.password_hash == proof.seen_hash else None


def may_add_step(work: Work, account: Account, brought: Brought) -> bool:
    """Whether another way to take the second step may be added: where there is one already, with that one.

    Otherwise the password would be enough to add one and then turn the old one off with it.
    """
    return account.second_step_at is None or _checked(work, account, brought)


def _checked(work: Work, account: Account, brought: Brought) -> bool:
    if account.second_step_at is None:
        raise NoStep
    by_passkey = brought.passkey and _signed(work, account, brought)
    right = by_passkey or (not brought.passkey and check_code(work, account=account, code=brought.code))
    if not right:
        work.record(NOT_CHANGED, account)
    return bool(right)


def changed(work: Work, account: Account, action: str, headline: str, what: str, **details: Any) -> None:
    """What follows each change: other sessions end, it is written down, and a letter tells the holder."""
    end_others(work)
    work.record(action, account, **details)
    values = {"headline": headline, "what": what, "browser": work.actor.browser}
    write_letter(work, "second_step", account, values)
