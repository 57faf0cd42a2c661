"""Reading the invitation desk: who is invited and has not come in, and how far each invitation has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_
from sqlalchemy import select as _select
from sqlalchemy.orm import aliased
from sqlmodel import col

from motlink.mail.models import Letter
from motlink.moments import clock, short_day
from motlink.orgs.zones import today_of, zone_of
from motlink.permissions import Permission
from motlink.staff.desk_rows import ASKED, DESK_SIZE, DeskPage, DeskRow, DeskView, LinkState
from motlink.staff.links import unspent
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.places import open_at
from motlink.staff.rules import minutes_left
from motlink.work import Work

Sender = aliased(StaffMember)
HAS_ASKED = col(Invitation.asked_again_at).is_not(None)
OPERATOR = "the operator"


def desk(work: Work, *, view: DeskView) -> DeskPage:
    """Return one page of the practice's invitations, those who asked for a new link first."""
    work.require(Permission.MANAGE_STAFF)
    counts, asked = _counts(work)
    total = sum(counts.values())
    shown = {"": total, ASKED: asked}.get(view.state, counts.get(view.state, 0))
    pages = max(1, -(-shown // DESK_SIZE))
    page = min(max(1, view.page), pages)
    ordered = (
        _asked_for(work, view)
        .order_by(
            case((HAS_ASKED, 0), else_=1),
            col(Invitation.asked_again_at).desc(),
            col(Invitation.sent_at).desc(),
            col(StaffMember.sort_name),
            col(Invitation.id),
        )
        .limit(DESK_SIZE)
        .offset((page - 1) * DESK_SIZE)
    )
    rows = tuple(_row(work, one) for one in work.session.execute(ordered))
    by_state = tuple((state.value, counts[state.value]) for state in LinkState if counts.get(state.value))
    return DeskPage(rows, by_state, total, asked, page, pages)


def asked_query(org_id: Any, now: Any) -> Any:
    """Return the question how many people wait for a new link that they asked for."""
    return _people(_select(func.count(col(Invitation.id))), org_id, now).where(HAS_ASKED)


def _counts(work: Work) -> tuple[dict[str, int], int]:
    state = _state(work.now).label("state")
    inner = _of_letters(
        _people(_select(state, case((HAS_ASKED, 1), else_=0).label("asked")), work.org_id, work.now)
    )
    found = inner.where(_is_here()).subquery()
    query = _select(found.c.state, func.count(), func.sum(found.c.asked)).group_by(found.c.state)
    lines = [tuple(line) for line in work.session.execute(query)]
    return {state: number for state, number, _ in lines}, sum(int(asked) for *_, asked in lines)


def _asked_for(work: Work, view: DeskView) -> Any:
    state = _state(work.now)
    columns: tuple[Any, ...] = (
        StaffMember.id, StaffMember.first_name, StaffMember.last_name, StaffMember.preferred_name,
        StaffMember.email, Invitation.sent_at, Invitation.sent_by, Invitation.expires_at,
        Invitation.first_seen_at, Invitation.asked_again_at, Letter.last_error, Letter.bounce_reason,
        state.label("state"),
        Sender.first_name.label("sender_first"),  # type: ignore[attr-defined]  # a column of an alias
        Sender.last_name.label("sender_last"),  # type: ignore[attr-defined]  # the same
        case((open_sender(work.now), 0), else_=1).label("sender_left"),
    )  # fmt: skip
    sender = and_(col(Sender.account_id) == col(Invitation.sent_by), col(Sender.org_id) == work.org_id)
    query = (
        _of_letters(_people(_select(*columns), work.org_id, work.now))
        .outerjoin(Sender, sender)
        .where(_is_here())
    )
    if view.state == ASKED:
        return query.where(HAS_ASKED)
    return query.where(state == view.state) if view.state else query


def open_sender(now: datetime) -> ColumnElement[bool]:
    """Whether whoever sent it is still here, or nobody of the practice did."""
    leaves = col(Sender.leaves_at)
    here = and_(col(Sender.deactivated_at).is_(None), or_(leaves.is_(None), leaves > now))
    return or_(col(Sender.id).is_(None), here)


def _people(query: Any, org_id: Any, now: Any) -> Any:
    """Add the invitations of active people who have not come in yet."""
    return (
        query.select_from(Invitation)
        .join(StaffMember, col(StaffMember.id) == col(Invitation.member_id))
        .where(
            col(Invitation.org_id) == org_id,
            col(StaffMember.org_id) == org_id,
            col(StaffMember.joined_at).is_(None),
            col(StaffMember.withdrawn_at).is_(None),
            open_at(now),
        )
    )


def _of_letters(query: Any) -> Any:
    return query.outerjoin(Letter, col(Letter.id) == col(Invitation.letter_id))


def _is_here() -> ColumnElement[bool]:
    # A withdrawn one is here only where its holder asks for another.
    return or_(unspent(), HAS_ASKED)


def _state(now: datetime) -> Any:
    """Return the one state as a column, the most urgent first."""
    return case(
        (col(Letter.bounced_at).is_not(None), LinkState.BOUNCED.value),
        (col(Invitation.revoked_at).is_not(None), LinkState.WITHDRAWN.value),
        (and_(col(Letter.failed_at).is_not(None), col(Letter.sent_at).is_(None)), LinkState.FAILED.value),
        (col(Invitation.expires_at) <= now, LinkState.EXPIRED.value),
        (
            or_(col(Invitation.first_seen_at).is_not(None), col(Letter.opened_at).is_not(None)),
            LinkState.OPENED.value,
        ),
        (col(Letter.delivered_at).is_not(None), LinkState.DELIVERED.value),
        # Invitations from before letters were noted with them have left long ago.
        (or_(col(Letter.id).is_(None), col(Letter.sent_at).is_not(None)), LinkState.SENT.value),
        else_=LinkState.WAITING.value,
    )


def _row(work: Work, one: Any) -> DeskRow:
    state = LinkState(one.state)
    why = {
        LinkState.BOUNCED: one.bounce_reason,
        LinkState.FAILED: one.last_error,
        LinkState.WAITING: one.last_error,
    }.get(state, "")
    sender = f"{one.sender_first or ''} {one.sender_last or ''}".strip() or OPERATOR
    return DeskRow(
        member_id=one.id,
        name=f"{one.preferred_name or one.first_name} {one.last_name}".strip(),
        email=one.email,
        state=state,
        why=why or "",
        minutes_left=minutes_left(one.expires_at, work.now) if state not in _OVER else 0,
        sent=f"{_when(work, one.sent_at)} by {sender}",
        sender_left=bool(one.sender_left),
        seen=_when(work, one.first_seen_at),
        asked=_when(work, one.asked_again_at),
    )


_OVER = {LinkState.EXPIRED, LinkState.WITHDRAWN, LinkState.FAILED}


def _when(work: Work, at: datetime | None) -> str:
    """Return "10:42 AM" of today, else "24 Nov, 10:42 AM"; "" for never."""
    if at is None:
        return ""
    zone, today = zone_of(work), today_of(work)
    on = at.astimezone(zone).date()
    return clock(at, zone) if on == today else f"{short_day(on, today)}, {clock(at, zone)}"
