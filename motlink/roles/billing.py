"""The billing preview: seats now and at the close of the cycle, who changed, and the bills of the last year (TA-28)."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from motlink.moments import city, day
from motlink.orgs.zones import practice_of
from motlink.permissions import Permission
from motlink.roles.bill_rows import Billing, BillLine, Changes, Month, SeatChange
from motlink.roles.cycles import Cycle, cycle_around, cycles_before
from motlink.roles.prices import SEAT, TELEHEALTH, price_on
from motlink.roles.seats import Seats, Stretch
from motlink.staff.models import StaffMember
from motlink.work import Work

MONTHS = 12
# So many names of one kind stand on the screen.
MOST_NAMES = 25


def billing(work: Work) -> Billing:
    """Return the preview. Raises NotAllowed for those who may not see billing: it has names in it."""
    work.require(Permission.BILLING)
    org = practice_of(work)
    zone = ZoneInfo(org.time_zone)
    cycle = cycle_around(work.now, org.cycle_day, zone)
    seats, telehealth = Seats(work, SEAT), Seats(work, TELEHEALTH)
    lines = _lines(cycle.bill_on, seats.count(cycle.closes), telehealth.count(cycle.closes))
    total = sum(line.cents for line in lines)
    past = [_month(each, seats, telehealth) for each in cycles_before(cycle, MONTHS, org.cycle_day, zone)]
    coming = Month(_month_name(cycle.bill_on), lines[0].count, lines[1].count, total, forecast=True)
    return Billing(
        seats_now=seats.count(work.now),
        telehealth_now=telehealth.count(work.now),
        lines=lines,
        total_cents=total,
        bill_on=day(cycle.closes, zone, work.now),
        opens=day(cycle.opens, zone, work.now),
        months=(*past, coming),
        cycle_day=org.cycle_day,
        zone=city(zone),
        version=org.version,
        **_changes((seats, telehealth), cycle, zone),
    )


def _lines(bill_on: date, seats: int, telehealth: int) -> tuple[BillLine, ...]:
    counted = ((SEAT, seats), (TELEHEALTH, telehealth))
    return tuple(BillLine(item, count, price_on(item, bill_on)) for item, count in counted)


def _month(cycle: Cycle, seats: Seats, telehealth: Seats) -> Month:
    lines = _lines(cycle.bill_on, seats.count(cycle.closes), telehealth.count(cycle.closes))
    return Month(
        _month_name(cycle.bill_on), lines[0].count, lines[1].count, sum(line.cents for line in lines)
    )


def _month_name(bill_on: date) -> str:
    return f"{bill_on.day} {bill_on:%b %Y}"


def _changes(items: tuple[Seats, ...], cycle: Cycle, zone: ZoneInfo) -> dict[str, Changes]:
    """Return who came and went since the cycle began, and who is known to before it closes."""
    kinds: dict[str, list[Changes]] = {"added": [], "removed": [], "coming": [], "leaving": []}
    for seats in items:
        now = seats.work.now
        here, before, after = seats.members(now), seats.members(cycle.opens), seats.members(cycle.closes)
        ended = seats.touched(cycle.opens, now)
        kinds["added"].append(_those(seats, here - before, zone, _began(now)))
        kinds["removed"].append(_those(seats, ended - here, zone, _over(now, cycle.opens)))
        kinds["coming"].append(_those(seats, after - here, zone, _began(cycle.closes)))
        kinds["leaving"].append(_those(seats, here - after, zone, _ends(now)))
    return {kind: _together(found) for kind, found in kinds.items()}


def _together(found: Sequence[Changes]) -> Changes:
    shown = sorted(chain.from_iterable(one.shown for one in found), key=lambda one: one.at, reverse=True)
    return Changes(tuple(shown), sum(one.number for one in found))


def _those(seats: Seats, who: set[UUID], zone: ZoneInfo, find: "FindTurn") -> Changes:
    """Return the people of a set; of many only those that were added last, since an id tells when it was made."""
    newest = sorted(who, reverse=True)[:MOST_NAMES]
    found = seats.work.session.exec(select(StaffMember).where(col(StaffMember.id).in_(newest))).all()
    spans = seats.stretches([member.id for member in found])
    changes = [(member, turn) for member in found if (turn := find(spans.get(member.id, [])))]
    names = _names(seats.work, {turn.by for _, turn in changes if turn.by})
    shown = [
        SeatChange(
            member_id=member.id,
            name=member.name,
            item=seats.item,
            at=turn.at,
            day=day(turn.at - turn.back, zone, seats.work.now),
            by=names.get(turn.by, turn.why),
            between=turn.between,
        )
        for member, turn in changes
    ]
    return Changes(tuple(shown), len(who) - len(found) + len(changes))


class Turn(NamedTuple):
    """When somebody's stretch begins or ends, by which account, and what to say where no account did it."""

    at: datetime
    by: UUID | None
    why: str
    between: bool = False
    # Whatever ends as a day begins was last there the day before.
    back: timedelta = timedelta(0)


INSTANT = timedelta(microseconds=1)
FindTurn = Callable[[list[Stretch]], Turn | None]


def _began(moment: datetime) -> FindTurn:
    def find(spans: list[Stretch]) -> Turn | None:
        mine = [one for one in spans if one.start <= moment and (one.end is None or one.end > moment)]
        return Turn(mine[-1].start, mine[-1].given_by, "System") if mine else None

    return find


def _over(moment: datetime, opens: datetime) -> FindTurn:
    def find(spans: list[Stretch]) -> Turn | None:
        over = [Turn(one.end, one.ended_by, one.why, one.start > opens, INSTANT) for one in spans if one.end]
        return next((turn for turn in reversed(over) if opens < turn.at <= moment), None)

    return find


def _ends(moment: datetime) -> FindTurn:
    def find(spans: list[Stretch]) -> Turn | None:
        ends = [
            Turn(one.end, one.ended_by, one.why, back=INSTANT)
            for one in spans
            if one.end and one.start <= moment
        ]
        return next((turn for turn in ends if turn.at > moment), None)

    return find


def _names(work: Work, account_ids: set[UUID]) -> dict[UUID | None, str]:
    query = select(StaffMember).where(
        StaffMember.org_id == work.org_id, col(StaffMember.account_id).in_(account_ids)
    )
    return {member.account_id: member.name for member in work.session.exec(query)}
