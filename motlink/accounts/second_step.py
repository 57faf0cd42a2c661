"""The second step of an account, written: its app, its recovery codes. Whose account it is has been decided above.

Every function here is called with the account locked (resets.py), so that of two codes at once one is looked at first.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import Session, col, func, select

from motlink.accounts.codes import (
    APP_BYTES,
    RECOVERY_BYTES,
    RECOVERY_CODES,
    clean_code,
    is_app_code,
    matching_count,
    new_app_secret,
    new_recovery_code,
    recovery_digest,
    wait_after,
)
from motlink.accounts.models import Account, AuthenticatorApp, RecoveryCode
from motlink.accounts.passkeys import passkeys_of
from motlink.accounts.sealing import seal, unseal
from motlink.errors import Conflict, NotFound
from motlink.work import Work

# How the second step was taken, as the audit log says it.
BY_APP, BY_RECOVERY_CODE = "authenticator app", "recovery code"
# Somebody who has begun and goes to fetch the phone.
BEGUN_FOR = timedelta(minutes=15)


class AppIsOn(Conflict):
    """An account has one app."""

    sentence = "An authenticator app is on already."
    next_step = "Turn it off first, then set up the new one."


class NotBegun(NotFound):
    """No code is waited for."""

    sentence = "This was not begun, or too long ago."
    next_step = "Begin again."


class Waits(Conflict):
    """Too many wrong codes: the next one is looked at later."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(
            "Too many wrong codes for this account.",
            next_step="Wait a while, or use a recovery code.",
        )


def refuse_second_app(work: Work, *, account: Account) -> None:
    """Raise AppIsOn where an account has its app."""
    known = app_of(work.session, account.id)
    if known is not None and known.confirmed_at:
        raise AppIsOn


def begin_app(work: Work, *, account: Account) -> str:
    """Make what an app and we will share, and return it, for the one time it is shown. It counts once confirmed."""
    refuse_second_app(work, account=account)
    known = app_of(work.session, account.id)
    shared = new_app_secret(work.new_bytes(APP_BYTES))
    app = known or AuthenticatorApp(id=work.new_id(), account_id=account.id, sealed="", begun_at=work.now)
    app.sealed, app.begun_at = seal(shared, about=str(account.id)), work.now
    app.session_id = work.actor.session_id
    app.last_count, app.wrong, app.waits_until = None, 0, None
    work.add(app)
    return shared


def begun_app(work: Work, *, account: Account) -> str:
    """Return what is shared with an app that is still to be confirmed. Raises NotBegun, also for another sign-in."""
    app = app_of(work.session, account.id)
    if app is None or app.confirmed_at or app.begun_at <= work.now - BEGUN_FOR:
        raise NotBegun
    if app.session_id != work.actor.session_id:
        raise NotBegun
    return unseal(app.sealed, about=str(account.id))


def confirm_app(work: Work, *, account: Account, code: str) -> bool:
    """Turn the app on by the first code it shows; that code is used up. Returns False for a wrong one."""
    shared = begun_app(work, account=account)
    count = matching_count(shared, clean_code(code), now=work.now, after=None)
    app = app_of(work.session, account.id)
    if count is None or app is None:
        return False
    app.confirmed_at, app.last_count = work.now, count
    work.add(app)
    account.second_step_at = account.second_step_at or work.now
    work.add(account)
    return True


def check_code(work: Work, *, account: Account, code: str) -> str:
    """Use a code up, the app's or a recovery code; return which it was, "" for a wrong one. Raises Waits."""
    clean = clean_code(code)
    if is_app_code(clean):
        return BY_APP if _use_app_code(work, account, clean) else ""
    return BY_RECOVERY_CODE if _use_recovery_code(work, account, clean) else ""


def _use_app_code(work: Work, account: Account, code: str) -> bool:
    app = app_of(work.session, account.id)
    if app is None or app.confirmed_at is None:
        return False
    if app.waits_until and app.waits_until > work.now:
        raise Waits(app.waits_until)
    shared = unseal(app.sealed, about=str(account.id))
    count = matching_count(shared, code, now=work.now, after=app.last_count)
    if count is not None:
        last = col(AuthenticatorApp.last_count)
        return work.claim(
            update(AuthenticatorApp)
            .where(col(AuthenticatorApp.id) == app.id, or_(last.is_(None), last < count))
            .values(last_count=count, wrong=0, waits_until=None)
            .execution_options(synchronize_session=False)
        )
    app.wrong += 1
    pause = wait_after(app.wrong)
    app.waits_until = work.now + pause if pause else None
    work.add(app)
    return False


def _use_recovery_code(work: Work, account: Account, code: str) -> bool:
    return work.claim(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.digest) == recovery_digest(code),
            col(RecoveryCode.account_id) == account.id,
            col(RecoveryCode.used_at).is_(None),
            col(RecoveryCode.ended_at).is_(None),
        )
        .values(used_at=work.now)
        .execution_options(synchronize_session=False)
    )


def new_recovery_codes(work: Work, *, account: Account) -> tuple[str, ...]:
    """End the codes there are and return ten new ones, for the one time they are shown."""
    _end_codes(work, account)
    made = tuple(new_recovery_code(work.new_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES))
    for code in made:
        digest = recovery_digest(code)
        row = RecoveryCode(id=work.new_id(), account_id=account.id, digest=digest, made_at=work.now)
        work.session.add(row)
    work.session.flush()
    return made


def drop_step(work: Work, *, account: Account) -> None:
    """Take all of it away: the app with what it shared, passkeys, and every code."""
    app = app_of(work.session, account.id)
    for one in (app, *passkeys_of(work.session, account.id)):
        if one:
            work.session.delete(one)
    _end_codes(work, account)
    account.second_step_at = None
    work.add(account)


def _end_codes(work: Work, account: Account) -> None:
    work.session.connection().execute(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.account_id) == account.id,
            col(RecoveryCode.used_at).is_(None),
            col(RecoveryCode.ended_at).is_(None),
        )
        .values(ended_at=work.now)
        .execution_options(synchronize_session=False)
    )


def app_of(session: Session, account_id: UUID) -> AuthenticatorApp | None:
    """Return an account's app, confirmed or begun, as it is now."""
    query = select(AuthenticatorApp).where(AuthenticatorApp.account_id == account_id)
    return session.exec(query.execution_options(populate_existing=True)).first()


def codes_left(session: Session, account_id: UUID) -> int:
    """Return how many recovery codes are not used."""
    query = (
        select(func.count())
        .select_from(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            col(RecoveryCode.used_at).is_(None),
            col(RecoveryCode.ended_at).is_(None),
        )
    )
    return int(session.exec(query).one())
