"""Using the link that `motlink create-owner` printed: an owner's account is set up, or recovered."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select

from motlink.accounts.actions import end_sessions, set_up, use_set_up_link
from motlink.accounts.models import Account
from motlink.accounts.queries import find_set_up_link
from motlink.accounts.resets import locked, put_password
from motlink.accounts.rules import checked_username, set_up_link_is_open
from motlink.accounts.run_out import end_run_out
from motlink.sign_in.actions import ACCEPTED, Entry, News, become, enter_after, half_way, record_joining
from motlink.sign_in.queries import homes_of, homes_to_join
from motlink.sign_in.rules import DeadLink
from motlink.staff.indexing import email_of, index_person
from motlink.staff.models import StaffMember
from motlink.work import Work


def set_up_owner(
    work: Work, *, token: str, username: str, password_hash: str, short: bool = False, old_session: str = ""
) -> Entry:
    """Use the link that `motlink create-owner` printed. Raises DeadLink, and Invalid for the username.

    Whoever held the account before is out: the operator may use this to recover a practice. The work is in one of the
    practices that know the account; the entry's news is for the others.
    """
    link = find_set_up_link(work.session, token)
    if link is None:
        raise DeadLink("unknown")
    account = locked(work, link.account_id)
    if not use_set_up_link(work, link_id=link.id):
        work.session.refresh(link)
        raise DeadLink("used" if link.used_at else "expired")
    if account.set_up_at:
        put_password(work, account=account, password_hash=password_hash, short=short)
    end_sessions(work, account_id=account.id)
    set_up(work, account=account, username=checked_username(username), password_hash=password_hash)
    become(work, account)
    work.record("account.set_up", account)
    joined = homes_to_join(work.session, account.id)
    _mark_joined(work, account, joined)
    if work.has_org and work.org_id in joined:
        record_joining(work, account)
    entry = half_way(work, account) if account.second_step_at else enter_after(work, account, old_session)
    came_in = bool(entry.token) and not entry.is_half
    return replace(entry, news=_news_of_set_up(work, account, joined, came_in=came_in))


def _news_of_set_up(work: Work, account: Account, joined: list[UUID], *, came_in: bool) -> News:
    accepted = homes_of(work.session, account.id, accepted=True)
    return {
        org_id: (
            "account.set_up",
            *([ACCEPTED] if org_id in joined else []),
            *(["signed_in"] if came_in else []),
        )
        for org_id in accepted
        if not (work.has_org and org_id == work.org_id)
    }


def _mark_joined(work: Work, account: Account, org_ids: list[UUID]) -> None:
    end_run_out(work, account_id=account.id)
    query = select(StaffMember).where(
        StaffMember.account_id == account.id,
        col(StaffMember.org_id).in_(org_ids),
        col(StaffMember.joined_at).is_(None),
    )
    for member in work.session.exec(query.order_by(col(StaffMember.id))):
        member.joined_at = work.now
        index_person(member, email_of(work, member))
        work.session.add(member)
    work.session.flush()


def owner_of_set_up(work: Work, *, token: str) -> Account:
    """Return the account an open set-up link is for. Raises DeadLink."""
    link = find_set_up_link(work.session, token) if token else None
    if link is None:
        raise DeadLink("unknown")
    if not set_up_link_is_open(link, now=work.now):
        raise DeadLink("used" if link.used_at else "expired")
    return work.session.get_one(Account, link.account_id)
