"""What a person sees and changes of their own account: its password and its sessions (AC-02). Nobody else's."""

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from motlink.accounts.actions import end_session, put_out
from motlink.accounts.agent_keys import ShownKey, key_of, key_shown
from motlink.accounts.limits import limits_of_account, sessions_open
from motlink.accounts.models import Account, AccountSession
from motlink.accounts.queries import PUT_OUT
from motlink.accounts.resets import locked, put_password
from motlink.accounts.rules import shortest_password
from motlink.accounts.second_step import codes_left
from motlink.errors import NotFound
from motlink.moments import city, day, moment
from motlink.orgs.models import Organization
from motlink.sign_in.actions import Proof
from motlink.sign_in.email_change import ShownChange, shown_change
from motlink.sign_in.own_agent import AgentPlace, agent_places
from motlink.sign_in.own_name import NameAt, own_names
from motlink.sign_in.queries import own_words, who_hears
from motlink.sign_in.rules import SignedOut
from motlink.work import Work

NO_SESSION = "This session is not here, or has ended already."
CHANGED, WRONG = "password.changed", "password.wrong"
ONE_ENDED, OTHERS_ENDED = "session.ended", "sessions.ended_elsewhere"


@dataclass(frozen=True)
class SessionRow:
    """One browser that is signed in; moments in words."""

    id: UUID
    address: str
    browser: str
    started: str
    last_used: str
    is_this: bool


@dataclass(frozen=True)
class OwnAccount:
    """What the account page needs. The hash never leaves the server."""

    account_id: UUID
    email: str
    username: str
    password_hash: str | None
    sessions: tuple[SessionRow, ...]
    zone: str
    own_words: tuple[str, ...]
    hears: tuple[UUID, ...]
    # In words since when there is a second step, "" where there is none; and how many recovery codes are left.
    step_since: str
    codes_left: int
    # How many characters a new password has at least.
    shortest: int
    change: ShownChange
    names: tuple[NameAt, ...]
    # What an External Agent shows practices, and those they may leave by themselves.
    agent_key: ShownKey | None = None
    agent_of: tuple[AgentPlace, ...] = ()


def own_account(work: Work) -> OwnAccount:
    """Read the account of whoever is signed in."""
    account = work.session.get_one(Account, own_id(work))
    hears = who_hears(work, account.id)
    zone = _zone(work.session, hears)
    return OwnAccount(
        account_id=account.id,
        email=account.email,
        username=account.username or "",
        password_hash=account.password_hash,
        sessions=tuple(_row(work, session, zone) for session in _usable(work, account.id)),
        zone=city(zone),
        own_words=(*own_words(work.session, account), account.username or ""),
        hears=hears,
        agent_key=key_shown(key) if (key := key_of(work.session, account.id)) else None,
        agent_of=agent_places(work),
        step_since=day(account.second_step_at, zone, work.now) if account.second_step_at else "",
        codes_left=codes_left(work.session, account.id),
        shortest=shortest_password(with_step=account.second_step_at is not None),
        change=shown_change(work, account.id),
        names=own_names(work, account.id),
    )


def change_password(work: Work, *, proof: Proof, password_hash: str, short: bool = False) -> bool:
    """Put the new password in the place of the one that `proof` knows; every other session ends.

    Returns False where the password has changed since it was compared: then nothing is done.
    """
    account = locked(work, own_id(work))
    if not proof.fits or account.password_hash != proof.seen_hash:
        return False
    put_password(work, account=account, password_hash=password_hash, short=short)
    end_others(work)
    work.record(CHANGED, account)
    return True


def refuse_change(work: Work) -> None:
    """Write down that the current password was wrong: somebody may sit at a browser that is not theirs."""
    work.record(WRONG, work.session.get_one(Account, own_id(work)))


def refuse_proof(work: Work) -> None:
    """Write down that the password that was asked for once more was wrong."""
    work.record("proof.wrong", work.session.get_one(Account, own_id(work)))


def end_own_session(work: Work, *, session_id: UUID) -> bool:
    """End one of the own sessions; returns whether it was the one that asks. Raises NotFound for anyone else's."""
    account = locked(work, own_id(work))
    session = work.session.get(AccountSession, session_id)
    if session is None or session.account_id != account.id:
        raise NotFound(NO_SESSION)
    if session.ended_at is None:
        is_this = session.id == work.actor.session_id
        end_session(work, session_id=session.id, why="" if is_this else PUT_OUT)
        work.record(ONE_ENDED, account, browser=session.browser)
    return session.id == work.actor.session_id


def end_own_others(work: Work) -> None:
    """End every session but the one that asks."""
    account = locked(work, own_id(work))
    if end_others(work):
        work.record(OTHERS_ENDED, account)


def end_others(work: Work) -> int:
    """End every session of the actor but the one that asks; returns how many."""
    return put_out(work, account_id=own_id(work), but=work.actor.session_id)


def own_id(work: Work) -> UUID:
    """Return the account of whoever is signed in. Raises SignedOut."""
    if work.actor.account_id is None:
        raise SignedOut
    return work.actor.account_id


def _usable(work: Work, account_id: UUID) -> list[AccountSession]:
    is_open = sessions_open(work.now, *limits_of_account(work.session, account_id, work.now).since(work.now))
    query = select(AccountSession).where(AccountSession.account_id == account_id, is_open)
    found = work.session.exec(query.order_by(col(AccountSession.last_seen_at).desc()))
    return sorted(found, key=lambda one: one.id != work.actor.session_id)


def _row(work: Work, session: AccountSession, zone: ZoneInfo) -> SessionRow:
    return SessionRow(
        id=session.id,
        address=session.address,
        browser=session.browser,
        started=moment(session.created_at, zone),
        last_used=moment(session.last_seen_at, zone),
        is_this=session.id == work.actor.session_id,
    )


def holders_zone(work: Work, account_id: UUID) -> ZoneInfo:
    """Return the zone of the practice that the account enters first."""
    return _zone(work.session, who_hears(work, account_id))


def _zone(session: Session, org_ids: tuple[UUID, ...]) -> ZoneInfo:
    return ZoneInfo(session.get_one(Organization, org_ids[0]).time_zone if org_ids else "UTC")
