"""Lock-out, written: the practice's choice, letting someone in again, the sweep, the reminder (TA-22, TA-23)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import col, select

from motlink.accounts.actions import end_sessions
from motlink.accounts.models import Account
from motlink.accounts.proof import require_fresh
from motlink.accounts.resets import locked_all
from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, WayBack, payload_of
from motlink.mail.actions import enqueue
from motlink.orgs.actions import set_lock_after
from motlink.orgs.models import Organization
from motlink.orgs.rules import checked_lock_after
from motlink.orgs.zones import practice_of, zone_of
from motlink.permissions import Permission
from motlink.roles.models import RoleGrant
from motlink.roles.queries import in_force
from motlink.settings import settings
from motlink.staff.lock_outlook import how_many_locked, lock_day, who_locked, who_soon
from motlink.staff.locks import cutoff_of, locked_among, not_locked, spared_owner
from motlink.staff.models import StaffMember
from motlink.staff.people import person, power
from motlink.staff.rules import check_touch
from motlink.work import Done, Work

# One transaction takes so many at most: a click waits for it.
AT_ONCE = 25
REMIND_EVERY = timedelta(days=1)


def choose_lock(work: Work, *, choice: str, days: str = "", version: int) -> Done:
    """Set after how many days without sign-in a place is locked: "off", "30", "60", "90", or "custom" and `days`.

    Raises SettingsChanged where someone else saved since `version`, PasswordNeeded where the actor's proof is old,
    Invalid for a number that is none of 1 to 365.
    """
    return _set(work, checked_lock_after(choice, days), version)


def _set(work: Work, days: int | None, version: int) -> Done:
    work.require(Permission.SECURITY)
    require_fresh(work)
    entry = set_lock_after(work, days=days, version=version)
    if entry is None:
        return Done("Nothing has changed.")
    _forget_notes(work)
    work.notify("staff")
    if days is None:
        return Done("Lock-out is off. Everyone who was locked out can sign in again.", undo=entry)
    after = f"{days} days" if days > 1 else "1 day"
    return Done(
        f"Lock-out after {after} without sign-in. Locked out now: {how_many_locked(work)}.", undo=entry
    )


def _forget_notes(work: Work) -> None:
    """Whoever is open again, and is locked later, is locked anew: the sweep then writes it down again."""
    cutoff = cutoff_of(practice_of(work), work.now)
    never = spared_owner(work.session, work.org_id, work.now, cutoff)
    work.session.connection().execute(
        update(StaffMember)
        .where(
            col(StaffMember.org_id) == work.org_id,
            col(StaffMember.lock_noted_at).is_not(None),
            not_locked(cutoff, never),
        )
        .values(lock_noted_at=None)
        .execution_options(synchronize_session=False)
    )


def unlock(work: Work, *, member_id: UUID) -> Done:
    """Let someone in again whose place is locked; the clock starts anew. Nothing else changes for them."""
    work.require(Permission.MANAGE_STAFF)
    found = person(work, member_id)
    check_touch(actor=power(work), target=found.privileges, own=False)
    member = found.member
    if not _is_locked(work, member):
        return Done(f"{member.name} is not locked out.")
    before, member.unlocked_at = member.unlocked_at, work.now
    work.add(member)
    after_days = practice_of(work).lock_after_days
    entry = work.record("staff.unlocked", member, after_days=after_days, earlier=_text(before))
    work.notify("staff", member.id)
    return Done(f"{member.name} can sign in again.", undo=entry)


def _unlock_back(work: Work, entry: AuditEntry) -> Done:
    """Lock again whom nothing but the enabling keeps open; whoever has signed in since stays."""
    work.require(Permission.MANAGE_STAFF)
    found = person(work, work.get(StaffMember, entry.subject_id).id)
    check_touch(actor=power(work), target=found.privileges, own=False)
    member, earlier = found.member, payload_of(entry)["earlier"]
    if member.unlocked_at != entry.at or (
        member.signed_in_at is not None and member.signed_in_at >= entry.at
    ):
        raise UndoRefused
    member.unlocked_at = datetime.fromisoformat(earlier) if earlier else None
    work.add(member)
    work.record("staff.unlock_undone", member)
    work.notify("staff", member.id)
    return Done(f"{member.name} is as before: enabling is undone.")


def _choice_back(work: Work, entry: AuditEntry) -> Done:
    org, payload = practice_of(work), payload_of(entry)
    if org.lock_after_days != payload["after"]["days"]:
        raise UndoRefused
    return _set(work, payload["before"]["days"], org.version)


def practices_that_lock(work: Work) -> list[UUID]:
    """Return the practices in which places are locked at all."""
    return list(
        work.session.exec(select(Organization.id).where(col(Organization.lock_after_days).is_not(None)))
    )


def note_locked(work: Work) -> bool:
    """Write newly locked places down, once each, and end what is still open of them. Returns whether there is more.

    Only tidying: from its moment on the place is locked without it.
    """
    work.require(Permission.MANAGE_STAFF)
    some = who_locked(work, not_noted(), most=AT_ONCE)
    locked_all(work, [member.account_id for member in some])
    for member in some:
        member.lock_noted_at = work.now
        work.add(member)
        work.record("staff.locked", member, after_days=practice_of(work).lock_after_days)
        end_sessions(work, account_id=member.account_id, org_id=work.org_id)
    more = len(some) == AT_ONCE
    # Thousands are noted after a policy was chosen, which told every list. Told 25 by 25, a list is read anew all the
    # time, and what a manager ticks in it is lost.
    if not more:
        work.notify("staff", *(member.id for member in some))
    return more


def any_to_note(work: Work) -> bool:
    """Whether somebody is locked whom the log does not name yet: asked first, without the lock of writing."""
    return bool(who_locked(work, not_noted(), most=1))


def not_noted() -> Any:
    """The condition that a lock has not been written down since the clock has started."""
    noted = col(StaffMember.lock_noted_at)
    starts = (
        col(StaffMember.joined_at),
        col(StaffMember.signed_in_at),
        col(StaffMember.unlocked_at),
        col(StaffMember.back_at),
    )
    return or_(noted.is_(None), *(noted <= start for start in starts))


def remind(work: Work, *, within: int) -> int:
    """Write to those of one window of the forecast, each once a day at most; returns how many.

    Nobody is asked to sign in who cannot, for want of a role.
    So many at a time: the caller asks again while it is AT_ONCE.
    """
    work.require(Permission.SECURITY)
    org, since = practice_of(work), work.now - REMIND_EVERY
    asked = col(StaffMember.reminded_at)
    some = who_soon(work, within, or_(asked.is_(None), asked <= since), _can_come_in(work), most=AT_ONCE)
    for member in some:
        _write_reminder(work, org, member)
    return len(some)


def _can_come_in(work: Work) -> Any:
    on = select(RoleGrant.id).where(RoleGrant.member_id == StaffMember.id, in_force(work.now))
    return on.exists()


def _write_reminder(work: Work, org: Organization, member: StaffMember) -> None:
    last = lock_day(member, org.lock_after_days, zone_of(work))
    member.reminded_at = work.now
    work.add(member)
    account = work.session.get_one(Account, member.account_id)
    values = {
        "person": member.preferred_name or member.first_name,
        "practice": org.name,
        "address": f"{settings().public_url}/sign-in",
        "locked_on": last.isoformat() if last else "",
        "sender": work.actor.name,
    }
    enqueue(work, kind="reminder", to=account.email, values=values)
    work.record("staff.reminded", member)
    work.notify("staff", member.id)


def _is_locked(work: Work, member: StaffMember) -> bool:
    return member.id in locked_among(work.session, practice_of(work), [member], work.now)


def _text(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


WAYS_BACK: dict[str, WayBack] = {
    "staff.unlocked": _unlock_back,
    "organization.lock_after": _choice_back,
}
