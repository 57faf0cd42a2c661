"""What the Billing screen shows, as small frozen records."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class BillLine:
    """One item of a bill."""

    item: str
    count: int
    each_cents: int

    @property
    def cents(self) -> int:
        """What the line comes to."""
        return self.count * self.each_cents


@dataclass(frozen=True)
class SeatChange:
    """Somebody comes onto the bill or leaves it."""

    member_id: UUID
    name: str
    item: str
    at: datetime
    # The same in words: "3 November".
    day: str
    # Who did it, or why it happens: "Ben Okafor", "Last working day".
    by: str
    # Came and went between two bills: it costs nothing.
    between: bool = False


@dataclass(frozen=True)
class Changes:
    """The newest few changes of one kind, and how many there are."""

    shown: tuple[SeatChange, ...]
    number: int


@dataclass(frozen=True)
class Month:
    """A bill of the past, or the one to come."""

    name: str
    seats: int
    telehealth: int
    cents: int
    forecast: bool = False


@dataclass(frozen=True)
class Billing:
    """The whole preview."""

    seats_now: int
    telehealth_now: int
    lines: tuple[BillLine, ...]
    total_cents: int
    bill_on: str
    opens: str
    added: Changes
    removed: Changes
    coming: Changes
    leaving: Changes
    months: tuple[Month, ...]
    cycle_day: int
    zone: str
    version: int
