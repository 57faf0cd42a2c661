"""A new password without the old one: asked for at the door, chosen behind a link (TA-19)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from motlink.accounts.actions import end_sessions
from motlink.accounts.models import Account, ResetLink
from motlink.accounts.queries import find_reset_link, may_come_in, resets_since
from motlink.accounts.resets import locked, put_password, use_reset_link, write_reset_link
from motlink.accounts.rules import RESET_LIFETIME, another_reset_may_go, shortest_password, why_reset_is_dead
from motlink.orgs.models import Organization
from motlink.sign_in.actions import become
from motlink.sign_in.queries import own_words, who_hears
from motlink.sign_in.rules import DeadLink
from motlink.work import Work

ASKED, USED = "password.reset_asked", "password.reset"


@dataclass(frozen=True)
class OpenReset:
    """What an open reset link's page needs, and which practices are to hear of its use, those to enter first."""

    account_id: UUID
    username: str
    own_words: tuple[str, ...]
    shortest: int
    hears: tuple[UUID, ...]


def ask_for_reset(work: Work, *, account_id: UUID) -> bool:
    """Send a link to whoever could sign in with a new password; returns whether a letter goes.

    None for an account that is not set up, or whose places are all shut; nor too often.
    """
    account = locked(work, account_id)
    if account.set_up_at is None or not may_come_in(work.session, account_id, work.now):
        return False
    sent = resets_since(work.session, account_id, work.now - RESET_LIFETIME)
    if not another_reset_may_go(sent, now=work.now):
        return False
    write_reset_link(work, account=account)
    work.record(ASKED, account)
    return True


def open_reset(work: Work, *, token: str) -> OpenReset:
    """Return what an open link leads to. Raises DeadLink, which says why it leads nowhere."""
    account = work.session.get_one(Account, _open_link(work, token).account_id)
    words = (*own_words(work.session, account), account.username or "")
    shortest = shortest_password(with_step=account.second_step_at is not None)
    return OpenReset(account.id, account.username or "", words, shortest, who_hears(work, account.id))


def use_reset(
    work: Work, *, token: str, password_hash: str, short: bool = False
) -> Mapping[UUID, tuple[str, ...]]:
    """Use a link up: another password, and every session ends. Nobody is signed in by it (ASVS 6.4.3).

    Of many at once exactly one wins; the others get DeadLink. Returns the news for the other practices.
    """
    link = _open_link(work, token)
    account = locked(work, link.account_id)
    if not use_reset_link(work, link_id=link.id):
        raise DeadLink("used")
    become(work, account)
    put_password(work, account=account, password_hash=password_hash, short=short)
    end_sessions(work, account_id=account.id)
    work.record(USED, account)
    others = [
        org_id for org_id in who_hears(work, account.id) if not (work.has_org and org_id == work.org_id)
    ]
    return dict.fromkeys(others, (USED,))


def _open_link(work: Work, token: str) -> ResetLink:
    link = find_reset_link(work.session, token) if token else None
    if link is None:
        raise DeadLink("unknown")
    is_in = may_come_in(work.session, link.account_id, work.now)
    why = why_reset_is_dead(link, now=work.now, has_place=is_in)
    if why:
        raise DeadLink(why, _moment(link, why), _zone(work.session, who_hears(work, link.account_id)))
    return link


def _moment(link: ResetLink, why: str) -> datetime | None:
    if why == "expired":
        return link.expires_at
    return link.superseded_at if why == "superseded" else None


def _zone(session: Session, org_ids: tuple[UUID, ...]) -> str:
    return session.get_one(Organization, org_ids[0]).time_zone if org_ids else "UTC"
