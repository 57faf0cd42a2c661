"""Reset links and new passwords: one hour, once, only the newest link. The token lives in the waiting letter alone."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Update, update
from sqlmodel import col, select

from motlink.accounts.half import end_halves
from motlink.accounts.models import Account, EmailChange, ResetLink
from motlink.accounts.queries import digest_of
from motlink.accounts.rules import RESET_LIFETIME, SHORTEST_PASSWORD
from motlink.errors import Invalid
from motlink.mail.actions import enqueue
from motlink.orgs.zones import practice_of
from motlink.settings import settings
from motlink.staff.models import StaffMember
from motlink.work import Work


def locked(work: Work, account_id: UUID) -> Account:
    """Read an account anew and keep it for as long as this work lasts.

    Two practices may act on it, each under its own lock; and nobody comes in by a password that is just replaced.
    Everyone takes it after the practice and before places, sessions and links, so that nobody waits in a circle.
    """
    return locked_all(work, [account_id])[0]


def locked_all(work: Work, account_ids: Sequence[UUID]) -> list[Account]:
    """Do the same for several, in the order of their ids."""
    query = select(Account).where(col(Account.id).in_(account_ids)).order_by(col(Account.id))
    held = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(work.session.exec(held))


def write_reset_link(work: Work, *, account: Account, asked_by: str = "") -> ResetLink:
    """End the older link, make the new one and put its letter in the outbox. Without `asked_by` it was the holder."""
    work.session.connection().execute(_open_ones(account.id).values(superseded_at=work.now))
    token = work.new_token()
    link = ResetLink(
        id=work.new_id(),
        account_id=account.id,
        digest=digest_of(token),
        sent_at=work.now,
        expires_at=work.now + RESET_LIFETIME,
    )
    work.add(link)
    zone = _zone(work)
    values = {
        "link": f"{settings().public_url}/reset?t={token}",
        "valid_until": link.expires_at.astimezone(zone).isoformat(),
        "asked_by": asked_by,
        "practice": practice_of(work).name if asked_by else "",
    }
    write_letter(work, "reset", account, values)
    return link


def use_reset_link(work: Work, *, link_id: UUID) -> bool:
    """Consume a link: one conditional UPDATE, so that of many at once exactly one wins."""
    statement = (
        update(ResetLink)
        .where(
            col(ResetLink.id) == link_id,
            col(ResetLink.used_at).is_(None),
            col(ResetLink.superseded_at).is_(None),
            col(ResetLink.revoked_at).is_(None),
            col(ResetLink.expires_at) > work.now,
        )
        .values(used_at=work.now)
        .execution_options(synchronize_session=False)
    )
    return work.claim(statement)


def revoke_reset_link(work: Work, *, account_id: UUID) -> None:
    """End an account's open link, if there is one."""
    work.session.connection().execute(_open_ones(account_id).values(revoked_at=work.now))


def put_password(work: Work, *, account: Account, password_hash: str, short: bool) -> None:
    """Give a locked account another password: no open link leads to a third one, and its holder is written to.

    Raises Invalid for a short one where the second step was turned off meanwhile.
    """
    if short and account.second_step_at is None:
        raise Invalid(f"At least {SHORTEST_PASSWORD} characters without a second step.", field="password")
    account.password_hash, account.short_password = password_hash, short
    work.add(account)
    end_halves(work, account_id=account.id)
    revoke_reset_link(work, account_id=account.id)
    # Whoever had the old password may have asked for it: with the email, the new one would be theirs as well.
    end_waiting_change(work, account_id=account.id, how="revoked_at")
    values = {"address": work.actor.address, "browser": work.actor.browser}
    write_letter(work, "password_changed", account, values)


def end_waiting_change(work: Work, *, account_id: UUID, how: str) -> bool:
    """End the change of the email that waits, if there is one: superseded, revoked or cancelled."""
    waiting = (
        update(EmailChange)
        .where(col(EmailChange.account_id) == account_id, *change_waits())
        .values({how: work.now})
        .execution_options(synchronize_session=False)
    )
    return int(work.session.connection().execute(waiting).rowcount) > 0


def change_waits() -> tuple[ColumnElement[bool], ...]:
    """The conditions for a change of an email that nothing has ended; its hour may be over."""
    ends = (
        EmailChange.confirmed_at,
        EmailChange.superseded_at,
        EmailChange.revoked_at,
        EmailChange.cancelled_at,
    )
    return tuple(col(end).is_(None) for end in ends)


def _open_ones(account_id: UUID) -> Update:
    return (
        update(ResetLink)
        .where(
            col(ResetLink.account_id) == account_id,
            col(ResetLink.used_at).is_(None),
            col(ResetLink.superseded_at).is_(None),
            col(ResetLink.revoked_at).is_(None),
        )
        .execution_options(synchronize_session=False)
    )


def write_letter(work: Work, kind: str, account: Account, values: dict[str, str], *, to: str = "") -> None:
    """Write to an account's holder about the account, at `to` where that is not its email."""
    zone = _zone(work)
    common = {
        "person": _first_name(work, account),
        "username": account.username or "",
        "sent_at": work.now.astimezone(zone).isoformat(),
        "zone": zone.key,
        "address": work.actor.address,
    }
    enqueue(work, kind=kind, to=to or account.email, values=common | values)


def _zone(work: Work) -> ZoneInfo:
    return ZoneInfo(practice_of(work).time_zone if work.has_org else "UTC")


def _first_name(work: Work, account: Account) -> str:
    query = select(StaffMember.first_name).where(StaffMember.account_id == account.id)
    if work.has_org:
        query = query.where(StaffMember.org_id == work.org_id)
    return work.session.exec(query).first() or account.username or ""
