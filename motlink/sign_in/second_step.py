"""The second step at the door: a half-session and a code become a session. There is no other way in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from motlink.accounts.half import count_wrong, find_half, use_half
from motlink.accounts.models import Account, HalfSession
from motlink.accounts.passkeys import BY_PASSKEY, to_use, use_passkey
from motlink.accounts.resets import locked, write_letter
from motlink.accounts.second_step import BY_RECOVERY_CODE, app_of, check_code, codes_left
from motlink.accounts.tickets import challenge_of
from motlink.sign_in.actions import Entry, come_in, has_a_way_in, join
from motlink.sign_in.invited import invitation_in_hand
from motlink.sign_in.queries import practices_of, who_hears
from motlink.sign_in.rules import HalfGone
from motlink.staff.models import Invitation
from motlink.work import Work

WRONG = "second_step.wrong"
# Checks what somebody has brought, and says what it was; "" for a wrong one.
Check = Callable[[Work, Account, HalfSession], str]


@dataclass(frozen=True)
class AskedFor:
    """What the page of the second step needs, and which practices hear of it, the one to work in first."""

    account_id: UUID
    has_app: bool
    # What the browser needs to use a passkey, "" where there is none.
    passkey: str
    by_invitation: bool
    hears: tuple[UUID, ...]


def asked_for(work: Work, *, half: str) -> AskedFor:
    """Return what is asked of the holder of a half-session. Raises HalfGone."""
    found = _half(work, half)
    app = app_of(work.session, found.account_id)
    hears = who_hears(work, found.account_id)
    if found.invitation_id:
        # It is accepted in the practice that sent it; of the account's ways in the others hear.
        inviting = work.session.get_one(Invitation, found.invitation_id).org_id
        hears = (inviting, *(org_id for org_id in hears if org_id != inviting))
    has_app = app is not None and app.confirmed_at is not None
    passkey = to_use(work.session, found.account_id, challenge_of(str(found.id)))
    return AskedFor(found.account_id, has_app, passkey, found.invitation_id is not None, hears)


def by_code(code: str) -> Check:
    """A code that was typed: the app's, or a recovery code."""
    return lambda work, account, _: check_code(work, account=account, code=code)


def by_passkey(answer: str) -> Check:
    """What a passkey has signed: the challenge of this very half-session."""

    def check(work: Work, account: Account, half: HalfSession) -> str:
        challenge = challenge_of(str(half.id))
        return BY_PASSKEY if use_passkey(work, account=account, answer=answer, challenge=challenge) else ""

    return check


def take_second_step(work: Work, *, half: str, check: Check, old_session: str = "") -> Entry | None:
    """Open the session, or return None for a wrong code. Raises HalfGone, Waits, and DeadLink for an invitation.

    The account is locked first: of two requests with one code, or with one half-session, one comes in. The entry has
    no token where no practice is open to the account any more.
    """
    account = locked(work, _half(work, half).account_id)
    # Read again: another request may have used it up before the lock was ours.
    found = _half(work, half)
    how = check(work, account, found)
    if not how:
        count_wrong(work, half_id=found.id)
        work.record(WRONG, account)
        return None
    if not use_half(work, half_id=found.id):
        raise HalfGone
    if how == BY_RECOVERY_CODE:
        _tell_of_recovery_code(work, account)
    return _enter(work, account, found, old_session, how)


def _enter(work: Work, account: Account, half: HalfSession, old_session: str, how: str) -> Entry:
    if half.invitation_id:
        found = invitation_in_hand(work.session, half.invitation_id, work.now)
        return join(work, found, old_session, second_step=how)
    orgs = practices_of(work.session, account.id, work.now)
    if not has_a_way_in(work, account, orgs):
        work.record("sign_in.failed", account)
        return Entry("", ())
    entry = come_in(work, account, orgs, old_session, second_step=how)
    others = [
        org_id for org_id in who_hears(work, account.id) if not (work.has_org and org_id == work.org_id)
    ]
    return replace(entry, news=dict.fromkeys(others, ("signed_in",)))


def _tell_of_recovery_code(work: Work, account: Account) -> None:
    left = codes_left(work.session, account.id)
    values = {
        "headline": "A recovery code was used to sign in to motlink",
        "what": f"A recovery code of your account was used to sign in. {left} are left.",
        "browser": work.actor.browser,
    }
    write_letter(work, "second_step", account, values)


def _half(work: Work, digest: str) -> HalfSession:
    found = find_half(work, digest)
    if found is None:
        raise HalfGone
    return found
