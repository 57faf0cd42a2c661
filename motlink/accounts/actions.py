"""Accounts and their sessions: what is written, inside whoever's Work it is."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from motlink.accounts.half import end_halves
from motlink.accounts.limits import farthest_end, limits_of_account, most_sessions, sessions_open
from motlink.accounts.models import Account, AccountSession, SetUpLink
from motlink.accounts.queries import PUT_OUT, active_elsewhere, digest_of, kept_emails, open_sessions
from motlink.accounts.rules import TAKE_BACK_FOR, canonical_email
from motlink.database import is_sqlite
from motlink.errors import Invalid
from motlink.staff.models import StaffMember
from motlink.work import Work

TOUCH_EVERY = timedelta(minutes=1)
PLACE_EVERY = timedelta(hours=12)
# What a session has begun in the background is over by then.
STILL_AT_WORK = timedelta(days=30)
# One hour, as for invitations: the command prints it.
SET_UP_LIFETIME = timedelta(hours=1)


def find_or_make(work: Work, email: str) -> Account:
    """Return the account of an email, made where there is none; two practices at once get the same one.

    Raises Invalid for an email that somebody has just given up and may take back.
    """
    email = canonical_email(email)
    if known := kept(work, Account.email == email):
        return known[0]
    insert = sqlite.insert(Account) if is_sqlite() else postgresql.insert(Account)
    values = {"id": work.new_id(), "email": email, "created_at": work.now}
    work.session.execute(insert.values(values).on_conflict_do_nothing())
    check_not_kept(work, [email])
    return work.session.exec(select(Account).where(Account.email == email)).one()


def kept(work: Work, whose: ColumnElement[bool] | bool) -> list[Account]:
    """Read accounts anew, in the order of their ids, whose emails are about to be written into places.

    None of them gets another email before this work ends (decision 16). Called before a place is written: the account
    comes first everywhere.
    """
    query = select(Account).where(whose).order_by(col(Account.id)).with_for_update(read=True, key_share=True)
    with work.session.no_autoflush:
        return list(work.session.exec(query.execution_options(populate_existing=True)))


def check_not_kept(work: Work, emails: Sequence[str]) -> None:
    """Raise Invalid where one of these emails was changed in the last days: its holder may take that back (PC-01)."""
    if kept_emails(work.session, emails, work.now):
        days = TAKE_BACK_FOR.days
        raise Invalid(
            f"This email is kept for {days} days for somebody who has just changed it. Use their new one.",
            field="email",
        )


def open_session(work: Work, *, account_id: UUID, address: str = "", browser: str = "") -> str:
    """Start a session and return the cookie's value; only its digest is kept.

    Where a practice lets only so many be open, the oldest end.
    """
    _make_room(work, account_id)
    token = work.new_token()
    session = AccountSession(
        id=work.new_id(),
        account_id=account_id,
        digest=digest_of(token),
        created_at=work.now,
        last_seen_at=work.now,
        expires_at=farthest_end(work.now),
        proved_at=work.now,
        address=(address or work.actor.address)[:64],
        browser=(browser or work.actor.browser)[:120],
    )
    work.add(session)
    return token


def _make_room(work: Work, account_id: UUID) -> None:
    most = most_sessions(work.session, account_id, work.now)
    if most is None:
        return
    since = limits_of_account(work.session, account_id, work.now).since(work.now)
    query = select(AccountSession).where(
        AccountSession.account_id == account_id, sessions_open(work.now, *since)
    )
    by_age = work.session.exec(query.order_by(col(AccountSession.created_at), col(AccountSession.id))).all()
    for session in by_age[: max(0, len(by_age) - most + 1)]:
        end_session(work, session_id=session.id, why="newer")


def touch_session(work: Work, *, session_id: UUID) -> None:
    """Note that a session is in use; a row is written at most once a minute."""
    session = work.session.get(AccountSession, session_id)
    if session and session.ended_at is None and session.last_seen_at <= work.now - TOUCH_EVERY:
        pause = ceil((work.now - session.last_seen_at).total_seconds())
        session.longest_pause = max(session.longest_pause, pause)
        session.last_seen_at = work.now
        work.add(session)


def touch_place(work: Work, *, member_id: UUID, session_id: UUID) -> None:
    """Note that a place is in use: its clock starts anew (TA-22). Once a session, and twice a day while it lasts.

    Half a day, so that whoever works without a break is never locked, were the policy one day.
    """
    session = work.session.get(AccountSession, session_id)
    seen = col(StaffMember.signed_in_at)
    if session is None or session.ended_at is not None:
        return
    fresh = or_(seen.is_(None), seen < session.created_at, seen <= work.now - PLACE_EVERY)
    work.claim(
        update(StaffMember)
        .where(col(StaffMember.id) == member_id, fresh, or_(seen.is_(None), seen < work.now))
        .values(signed_in_at=work.now)
        .execution_options(synchronize_session=False)
    )


def enter_place(work: Work, *, account_id: UUID, org_id: UUID) -> None:
    """Note that an account has signed in into a practice; a clock that was put back takes nothing away."""
    seen = col(StaffMember.signed_in_at)
    work.claim(
        update(StaffMember)
        .where(
            col(StaffMember.account_id) == account_id,
            col(StaffMember.org_id) == org_id,
            or_(seen.is_(None), seen < work.now),
        )
        .values(signed_in_at=work.now)
        .execution_options(synchronize_session=False)
    )


def end_session(work: Work, *, session_id: UUID, why: str = "") -> None:
    """End one browser's sign-in. With PUT_OUT what it has begun in the background ends, too."""
    session = work.session.get(AccountSession, session_id)
    if session and session.ended_at is None:
        session.ended_at, session.ended_why = work.now, why
        work.add(session)
        work.notify("session_ended", session.id)


def end_sessions(work: Work, *, account_id: UUID, org_id: UUID | None = None) -> None:
    """Put an account out: of one organization where it is active in another, else of everything.

    Open screens are told after the commit and leave within a second (TA-20).
    """
    work.notify("access_ended", account_id)
    if org_id is not None and active_elsewhere(work.session, account_id, org_id, work.now):
        return
    end_halves(work, account_id=account_id)
    put_out(work, account_id=account_id)


def put_out(work: Work, *, account_id: UUID, but: UUID | None = None) -> int:
    """End every session of an account, but one, by force; returns how many were open.

    Those that had ended by themselves are marked as well: a thief may have signed out after setting something going.
    """
    is_open = [one for one in open_sessions(work.session, account_id) if one.id != but]
    for session in is_open:
        end_session(work, session_id=session.id, why=PUT_OUT)
    work.session.connection().execute(
        update(AccountSession)
        .where(
            col(AccountSession.account_id) == account_id,
            col(AccountSession.ended_at) > work.now - STILL_AT_WORK,
            col(AccountSession.id).is_distinct_from(but),
        )
        .values(ended_why=PUT_OUT)
        .execution_options(synchronize_session=False)
    )
    return len(is_open)


def set_up(work: Work, *, account: Account, username: str, password_hash: str) -> None:
    """Give an account its username and password. Raises Invalid for a username that is taken."""
    account.username, account.password_hash, account.set_up_at = username, password_hash, work.now
    work.session.add(account)
    try:
        work.session.flush()
    except IntegrityError as taken:
        raise Invalid("This username is taken. Choose another.", field="username") from taken


def keep_better_hash(work: Work, *, account: Account, password_hash: str | None) -> None:
    """Keep the hash that a sign-in has just made stronger."""
    if password_hash:
        account.password_hash = password_hash
        work.add(account)


def write_set_up_link(work: Work, *, account_id: UUID) -> str:
    """Make a one-hour link for an owner whom the command line created, and return its token."""
    token = work.new_token()
    link = SetUpLink(
        id=work.new_id(),
        account_id=account_id,
        digest=digest_of(token),
        created_at=work.now,
        expires_at=work.now + SET_UP_LIFETIME,
    )
    work.add(link)
    return token


def use_set_up_link(work: Work, *, link_id: UUID) -> bool:
    """Consume a link: one conditional UPDATE, so that of many at once exactly one wins."""
    statement = (
        update(SetUpLink)
        .where(
            col(SetUpLink.id) == link_id,
            col(SetUpLink.used_at).is_(None),
            col(SetUpLink.expires_at) > work.now,
        )
        .values(used_at=work.now)
        .execution_options(synchronize_session=False)
    )
    return work.claim(statement)
