"""A person's access over time: each role from when to when, and when the place was shut (UX-05)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from motlink.audit.models import AuditEntry
from motlink.moments import day_year
from motlink.orgs.zones import zone_of
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import grants_of
from motlink.staff.models import StaffMember
from motlink.staff.people import of_this_place
from motlink.staff.time_rows import LATER, OPEN, Bar, Timeline, TimelineRow
from motlink.work import Work

# A role that was switched to and fro has its newest stretches here; the audit log has all of them.
MOST_STRETCHES = 12
INSTANT = timedelta(microseconds=1)
Span = tuple[datetime, datetime | None]


def timeline(work: Work, member: StaffMember) -> Timeline:
    """Return a member's access over time; the caller has asked who may see it."""
    spans = _role_spans(work, member)
    shut = _shut(work, member.id)
    everything = [span for each in spans.values() for span in each]
    if not everything:
        return Timeline()
    edges = edges_of(everything, work.now)
    zone = zone_of(work)
    names = _names(work, spans.keys())
    rows = [_row(names[role_id], spans[role_id], "on", edges, work.now, zone) for role_id in names]
    if shut:
        rows.append(_row("Deactivated", shut, "shut", edges, work.now, zone))
    today = work.now.astimezone(zone).date()
    return Timeline(
        begins=day_year(edges[0].astimezone(zone).date()),
        ends=day_year(max(today, (edges[1] - INSTANT).astimezone(zone).date())),
        now=place_of(work.now, edges),
        rows=tuple(rows),
    )


def edges_of(spans: Iterable[Span], now: datetime) -> tuple[datetime, datetime]:
    """Return the first and the last moment of the picture, which holds the past, today and what is planned."""
    known = list(spans)
    first = min([now, *(start for start, _ in known)])
    last = max([now, *(start for start, _ in known), *(end for _, end in known if end)])
    if any(end is None for _, end in known):
        # Something of the future is seen of what has no end.
        last += (last - first) / 20
    # What has just begun has a width, too.
    last = max(last, first + timedelta(days=1))
    return first, last


def place_of(moment: datetime, edges: tuple[datetime, datetime]) -> float:
    """Return where a moment lies, in hundredths of the width."""
    first, last = edges
    share = (min(max(moment, first), last) - first) / (last - first)
    return round(share * 100, 2)


def bars_of(spans: Sequence[Span], kind: str, edges: tuple[datetime, datetime], now: datetime) -> list[Bar]:
    """Return bars: what has been and what is planned apart; what has no end goes on to the edge."""
    bars: list[Bar] = []
    for start, end in spans:
        until = end or edges[1]
        pieces = ((start, min(until, now), kind), (max(start, now), until, "planned"))
        for begins, ends, what in pieces:
            left, right = place_of(begins, edges), place_of(ends, edges)
            if ends > begins:
                bars.append(Bar(left, round(max(right - left, 0.3), 2), what))
    return bars


def _row(
    name: str,
    spans: list[Span],
    kind: str,
    edges: tuple[datetime, datetime],
    now: datetime,
    zone: ZoneInfo,
) -> TimelineRow:
    newest = sorted(spans, key=lambda span: span[0])[-MOST_STRETCHES:]
    words = [
        (_day(start, zone), _day(end - INSTANT, zone) if end else OPEN if start <= now else LATER)
        for start, end in reversed(newest)
    ]
    return TimelineRow(name, tuple(bars_of(newest, kind, edges, now)), tuple(words))


def _role_spans(work: Work, member: StaffMember) -> dict[UUID, list[Span]]:
    found: dict[UUID, list[Span]] = defaultdict(list)
    for grant in grants_of(work, member.id):
        end = _end(grant, member.leaves_at)
        if end is None or end > grant.starts_at:
            found[grant.role_id].append((grant.starts_at, end))
    return found


def _end(grant: RoleGrant, leaves_at: datetime | None) -> datetime | None:
    leaves = leaves_at if grant.ended_at is None else None
    return min((end for end in (grant.ended_at, grant.ends_at, leaves) if end), default=None)


def _shut(work: Work, member_id: UUID) -> list[Span]:
    query = select(AuditEntry.action, AuditEntry.at).where(
        *of_this_place(work, member_id),
        col(AuditEntry.action).in_(("staff.deactivated", "staff.reactivated")),
    )
    spans: list[Span] = []
    for action, at in work.session.exec(query.order_by(col(AuditEntry.number))):
        is_open = bool(spans) and spans[-1][1] is None
        if action == "staff.deactivated" and not is_open:
            spans.append((at, None))
        elif action == "staff.reactivated" and is_open:
            spans[-1] = (spans[-1][0], at)
    return spans


def _names(work: Work, role_ids: Iterable[UUID]) -> dict[UUID, str]:
    query = select(Role.id, Role.name).where(Role.org_id == work.org_id, col(Role.id).in_(list(role_ids)))
    return dict(work.session.exec(query.order_by(col(Role.position))).all())


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return day_year(moment.astimezone(zone).date())
