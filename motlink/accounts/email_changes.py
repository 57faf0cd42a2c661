"""Changes of an account's email, as rows and letters (PC-01): one hour to confirm, seven days to take back.

Each token lives in its waiting letter alone; only digests are kept.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from motlink.accounts.models import Account, EmailChange, ResetLink, SetUpLink
from motlink.accounts.queries import account_by_email, digest_of, kept_emails
from motlink.accounts.resets import change_waits, end_waiting_change, revoke_reset_link, write_letter
from motlink.accounts.rules import (
    CHANGE_LIFETIME,
    TAKE_BACK_FOR,
    EmailTaken,
    masked,
    take_back_until,
)
from motlink.settings import settings
from motlink.work import Work


def change_waiting(work: Work, account_id: UUID) -> EmailChange | None:
    """Return the change that waits for its confirmation."""
    query = select(EmailChange).where(
        EmailChange.account_id == account_id, *change_waits(), col(EmailChange.expires_at) > work.now
    )
    return work.session.exec(query).first()


def change_to_take_back(work: Work, account_id: UUID) -> EmailChange | None:
    """Return the newest change that its old address can still take back."""
    query = select(EmailChange).where(
        EmailChange.account_id == account_id,
        col(EmailChange.confirmed_at) > work.now - TAKE_BACK_FOR,
        col(EmailChange.cancelled_at).is_(None),
    )
    return work.session.exec(query.order_by(col(EmailChange.confirmed_at).desc())).first()


def asked_since(session: Session, account_id: UUID, since: datetime) -> int:
    """Return how many changes were asked for."""
    query = select(func.count()).where(EmailChange.account_id == account_id, EmailChange.asked_at > since)
    return int(session.exec(query).one())


def was_taken_back(session: Session, account_id: UUID) -> bool:
    """Whether a change was taken back, and no new password has been chosen by a link since, the operator's included."""
    undone = select(func.max(EmailChange.cancelled_at)).where(
        EmailChange.account_id == account_id, col(EmailChange.confirmed_at).is_not(None)
    )
    if (at := session.exec(undone).one()) is None:
        return False
    used = (
        select(kind.id).where(kind.account_id == account_id, col(kind.used_at) > at)
        for kind in (ResetLink, SetUpLink)
    )
    return all(session.exec(one).first() is None for one in used)


def write_change(work: Work, *, account: Account, email: str) -> EmailChange:
    """End the older change, write to both addresses.

    An address that has an account gets a letter without a link; whoever asked, and the old address, see no difference.
    """
    end_waiting_change(work, account_id=account.id, how="superseded_at")
    token, cancel = work.new_token(), work.new_token()
    change = EmailChange(
        id=work.new_id(),
        account_id=account.id,
        old_email=account.email,
        new_email=email,
        digest=digest_of(token),
        cancel_digest=digest_of(cancel),
        asked_at=work.now,
        expires_at=work.now + CHANGE_LIFETIME,
    )
    work.add(change)
    until = {"valid_until": change.expires_at.isoformat()}
    if account_by_email(work.session, email) or kept_emails(work.session, [email], work.now, but=account.id):
        write_letter(work, "email_taken", account, {}, to=email)
    else:
        write_letter(work, "email_confirm", account, {"link": _link("email", token), **until}, to=email)
    values = {"link": _link("email-back", cancel), "new_email": masked(email), "browser": work.actor.browser}
    write_letter(work, "email_asked", account, values)
    return change


def use_change(work: Work, *, change: EmailChange, account: Account) -> bool:
    """Make a change that waits: one conditional UPDATE, so that of many at once exactly one wins.

    Raises EmailTaken where another account has the email by now.
    """
    back = work.new_token()
    claim = (
        update(EmailChange)
        .where(col(EmailChange.id) == change.id, *change_waits(), col(EmailChange.expires_at) > work.now)
        .values(confirmed_at=work.now, back_digest=digest_of(back))
        .execution_options(synchronize_session=False)
    )
    if not work.claim(claim):
        return False
    put_email(work, account=account, email=change.new_email)
    values = {
        "link": _link("email-back", back),
        "new_email": masked(change.new_email),
        "back_until": take_back_until(work.now).isoformat(),
        "browser": work.actor.browser,
    }
    write_letter(work, "email_changed", account, values, to=change.old_email)
    return True


def take_change_back(work: Work, *, change: EmailChange, account: Account) -> bool:
    """Give the old email back, whatever was changed after it. Raises EmailTaken."""
    claim = (
        update(EmailChange)
        .where(
            col(EmailChange.id) == change.id,
            col(EmailChange.cancelled_at).is_(None),
            col(EmailChange.confirmed_at) > work.now - TAKE_BACK_FOR,
        )
        .values(cancelled_at=work.now)
        .execution_options(synchronize_session=False)
    )
    if not work.claim(claim):
        return False
    _cancel_later_ones(work, change)
    put_email(work, account=account, email=change.old_email)
    write_letter(work, "email_back", account, {"new_email": masked(change.new_email)})
    return True


def call_change_off(work: Work, *, account_id: UUID) -> bool:
    """End the change that waits, by its holder or the old address; returns whether there was one."""
    return end_waiting_change(work, account_id=account_id, how="cancelled_at")


def put_email(work: Work, *, account: Account, email: str) -> None:
    """Give an account another email; links to a new password that lie in the other mailbox are ended.

    Raises EmailTaken: by another account, or kept for one.
    """
    account.email = email
    work.session.add(account)
    try:
        work.session.flush()
    except IntegrityError as taken:
        raise EmailTaken from taken
    # After the write: whoever has just given this email up is seen here.
    if kept_emails(work.session, [email], work.now, but=account.id):
        raise EmailTaken
    revoke_reset_link(work, account_id=account.id)


def change_behind(session: Session, token: str) -> EmailChange | None:
    """Return the change that a link to the new address confirms."""
    return session.exec(select(EmailChange).where(EmailChange.digest == digest_of(token))).first()


def change_to_cancel(session: Session, token: str) -> EmailChange | None:
    """Return the change that a link to the old address cancels."""
    digest = digest_of(token)
    mine = or_(col(EmailChange.cancel_digest) == digest, col(EmailChange.back_digest) == digest)
    return session.exec(select(EmailChange).where(mine)).first()


def _cancel_later_ones(work: Work, change: EmailChange) -> None:
    # Ids sort by time. Without this a thief would change the email twice and give the first one back.
    later = (
        update(EmailChange)
        .where(
            col(EmailChange.account_id) == change.account_id,
            col(EmailChange.id) > change.id,
            col(EmailChange.cancelled_at).is_(None),
        )
        .values(cancelled_at=work.now)
        .execution_options(synchronize_session=False)
    )
    work.session.connection().execute(later)


def _link(path: str, token: str) -> str:
    return f"{settings().public_url}/{path}?t={token}"
