"""The business associate agreement (BAA) with an External Agent: its day, whether it is current, who is reminded.

HIPAA sets no term. Three years is ours: as long as most such contracts run, and long enough that a letter about it is
read (decision 15).
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select

from motlink.accounts.models import Account
from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, WayBack, payload_of
from motlink.errors import Conflict, Invalid, NotAllowed, NotFound
from motlink.mail.actions import enqueue
from motlink.orgs.zones import practice_of, today_of
from motlink.permissions import Permission, Scope
from motlink.roles.models import RoleGrant, RolePermission
from motlink.roles.queries import in_force
from motlink.settings import settings
from motlink.staff.locks import cutoff_of, not_locked, spared_owner
from motlink.staff.models import StaffMember
from motlink.staff.people import is_self, person, power
from motlink.staff.places import open_at
from motlink.staff.rules import check_touch, clean_line
from motlink.work import Done, Work

CURRENT_YEARS = 3
# The first year in which there could be one.
FIRST_YEAR = 1996
LONGEST_NOTE = 200
# One transaction takes so many at most, and a letter names no more.
AT_ONCE = 25
# Managers are not written to about somebody who was added an hour ago.
GRACE = timedelta(days=7)


class AgreementChanged(Conflict):
    """Somebody else entered it while the dialog was open."""

    sentence = "Someone else changed this agreement meanwhile."
    next_step = "Close, look at it, then change it again."


def is_current(signed_on: date | None, today: date) -> bool:
    """Whether an agreement of this day need not be looked at yet."""
    return signed_on is not None and signed_on > oldest_current(today)


def oldest_current(today: date) -> date:
    """Return the last day whose agreements are no longer current."""
    back = today.year - CURRENT_YEARS
    # The 29th of February has a 28th in other years.
    return (
        today.replace(year=back, day=28) if (today.month, today.day) == (2, 29) else today.replace(year=back)
    )


def not_current(today: date) -> ColumnElement[bool]:
    """The condition on StaffMember that an External Agent has no agreement, or an old one."""
    signed = col(StaffMember.baa_signed_on)
    return and_(col(StaffMember.is_agent), or_(signed.is_(None), signed <= oldest_current(today)))


def set_agreement(
    work: Work, *, member_id: UUID, signed_on: str, note: str, seen_on: str, seen_note: str
) -> Done:
    """Enter the day an agent's agreement was signed and where it is kept; "" for none.

    `seen_…` is what the dialog showed. Raises AgreementChanged, Invalid with the field, NotFound for whoever is staff.
    """
    work.require(Permission.MANAGE_STAFF)
    found = person(work, member_id)
    member = found.member
    if not member.is_agent:
        raise NotFound
    if is_self(work, member):
        raise NotAllowed("Nobody enters their own agreement.", next_step="Ask an owner or manager.")
    check_touch(actor=power(work), target=found.privileges, own=False)
    before = agreement_now(member)
    wanted = {
        "signed_on": _checked_day(work, signed_on),
        "note": clean_line(note, "note", longest=LONGEST_NOTE),
    }
    if before == wanted:
        return Done("Nothing has changed.")
    if before != {"signed_on": seen_on, "note": seen_note}:
        raise AgreementChanged
    return _put(work, member, before, wanted)


def agreement_now(member: StaffMember) -> dict[str, str]:
    """Return the agreement as a form and the log have it."""
    signed = member.baa_signed_on
    return {"signed_on": signed.isoformat() if signed else "", "note": member.baa_note}


def _put(work: Work, member: StaffMember, before: dict[str, str], wanted: dict[str, str]) -> Done:
    member.baa_signed_on = date.fromisoformat(wanted["signed_on"]) if wanted["signed_on"] else None
    member.baa_note = wanted["note"]
    if before["signed_on"] != wanted["signed_on"]:
        member.baa_asked_at = None
    work.add(member)
    entry = work.record("agent.agreement", member, before=before, after=wanted)
    work.notify("staff", member.id)
    return Done(f"The agreement with {member.name} is saved.", undo=entry)


def _checked_day(work: Work, typed: str) -> str:
    if not (text := typed.strip()):
        return ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid("This is not a day.", field="signed_on") from None
    if day > today_of(work):
        raise Invalid("This day is yet to come.", field="signed_on")
    if day.year < FIRST_YEAR:
        raise Invalid("This day is too long ago.", field="signed_on")
    return day.isoformat()


def _agreement_back(work: Work, entry: AuditEntry) -> Done:
    member, payload = work.get(StaffMember, entry.subject_id), payload_of(entry)
    if agreement_now(member) != payload["after"]:
        raise UndoRefused
    seen, before = payload["after"], payload["before"]
    return set_agreement(
        work, member_id=member.id, seen_on=seen["signed_on"], seen_note=seen["note"], **before
    )


WAYS_BACK: dict[str, WayBack] = {"agent.agreement": _agreement_back}


def practices_with_agents(work: Work) -> list[UUID]:
    """Return the practices in which a letter may be due: asked every few seconds, so no other one is looked at."""
    # Each practice has a day of its own; somewhere tomorrow has begun.
    query = select(StaffMember.org_id).where(*_due(work, work.now.date() + timedelta(days=1)))
    return list(work.session.exec(query.distinct()))


def any_to_ask_about(work: Work) -> bool:
    """Whether a letter is due and somebody can get it: asked first, without the lock of writing."""
    return bool(_to_ask_about(work, most=1)) and work.session.exec(_managers(work)).first() is not None


def ask_about_agreements(work: Work) -> bool:
    """Write to owners and managers about agents without a current agreement, once each. Returns whether more wait."""
    work.require(Permission.MANAGE_STAFF)
    some = _to_ask_about(work, most=AT_ONCE)
    if not some or not _write(work, some):
        # Nobody could be asked, so nobody has been: once somebody can, they are.
        return False
    for member in some:
        member.baa_asked_at = work.now
        work.add(member)
        work.record("agent.agreement_asked", member)
    return len(some) == AT_ONCE


def _to_ask_about(work: Work, *, most: int) -> list[StaffMember]:
    query = select(StaffMember).where(StaffMember.org_id == work.org_id, *_due(work, today_of(work)))
    return list(work.session.exec(query.order_by(col(StaffMember.sort_name)).limit(most)))


def _due(work: Work, today: date) -> tuple[ColumnElement[bool], ...]:
    """The conditions on StaffMember that owners and managers are to be written to."""
    return (
        not_current(today),
        col(StaffMember.baa_asked_at).is_(None),
        col(StaffMember.joined_at) <= work.now - GRACE,
        open_at(work.now),
    )


def _write(work: Work, about: list[StaffMember]) -> int:
    """Write one letter to each of those who manage; returns to how many."""
    org = practice_of(work)
    readers = work.session.exec(_managers(work)).all()
    for reader, email in readers:
        values = {
            "person": reader.preferred_name or reader.first_name,
            "practice": org.name,
            "agents": ", ".join(member.name for member in about),
            "address": f"{settings().public_url}/p/{org.slug}/settings/staff?state=no_baa",
        }
        enqueue(work, kind="agent_agreements", to=email, values=values)
    return len(readers)


def _managers(work: Work) -> Any:
    """Owners and managers who are in and not locked out; an agent reads no letter about agents."""
    cutoff = cutoff_of(practice_of(work), work.now)
    managing = (
        select(RoleGrant.member_id)
        .join(RolePermission, col(RolePermission.role_id) == col(RoleGrant.role_id))
        .where(
            RoleGrant.org_id == work.org_id,
            in_force(work.now),
            RolePermission.permission == Permission.MANAGE_MANAGERS,
            RolePermission.scope > Scope.OWN,
        )
    )
    query = select(StaffMember, Account.email).join(Account, col(Account.id) == col(StaffMember.account_id))
    return query.where(
        StaffMember.org_id == work.org_id,
        col(StaffMember.id).in_(managing),
        col(StaffMember.is_agent).is_(False),
        col(StaffMember.joined_at).is_not(None),
        open_at(work.now),
        not_locked(cutoff, spared_owner(work.session, work.org_id, work.now, cutoff)),
    ).order_by(col(StaffMember.sort_name))
