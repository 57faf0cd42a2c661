"""The Billing screen: what the next bill will say, and why."""

from typing import Any, TypedDict

import reflex as rx

from motlink.orgs import actions
from motlink.orgs.rules import SettingsChanged
from motlink.permissions import Permission
from motlink.roles import billing
from motlink.roles.bill_rows import Billing, BillLine, Changes, Month, SeatChange
from motlink.roles.prices import ITEMS, SEAT
from motlink.roles.rules import money
from motlink.web.acting import Acting
from motlink.web.guard import requires
from motlink.web.live import subscribe


class ShownChanges(TypedDict):
    """One list of people who come onto the bill or leave it."""

    rows: list[dict[str, str]]
    more: str


class BillingState(Acting, rx.State):
    """The preview, in words."""

    loaded: bool = False
    bill: dict[str, str] = {}
    lines: list[dict[str, str]] = []
    months: list[dict[str, str]] = []
    added: ShownChanges = {"rows": [], "more": ""}
    removed: ShownChanges = {"rows": [], "more": ""}
    coming: ShownChanges = {"rows": [], "more": ""}
    leaving: ShownChanges = {"rows": [], "more": ""}
    asking_day: bool = False
    cycle_day: str = ""
    version: int = 0

    @rx.event(supersedes=True)
    @requires(Permission.BILLING)
    async def load(self):
        """Read the preview."""
        self.asking_day = False
        if await self._show():
            subscribe(self, {"staff"}, BillingState.refresh, screen="billing")

    @rx.event(supersedes=True)
    @requires(Permission.BILLING)
    async def refresh(self, ids: list[str]):
        """Read it again after news of anyone: a seat is a number over all."""
        await self._show()

    @rx.event
    @requires(Permission.BILLING)
    async def change_day(self):
        """Open the form for the day of the bill."""
        self.errors, self.asking_day = {}, True

    @rx.event
    @requires(Permission.BILLING)
    async def close(self, _open: bool = False):
        """Close the form; nothing is saved."""
        self.asking_day = False

    @rx.event
    @requires(Permission.BILLING)
    async def save_day(self, form: dict[str, Any]):
        """Save the day of the bill. Where someone else did meanwhile, say so and show theirs."""
        day = str(form.get("cycle_day", ""))
        try:
            done = await self._perform(
                actions.set_cycle_day, cycle_day=day, version=self.version, lets_through=SettingsChanged
            )
        except SettingsChanged as changed:
            self.errors = {"cycle_day": str(changed)}
            await self._show()
            return
        if done:
            self.asking_day = False
            await self._show()

    async def _show(self) -> bool:
        found: Billing | None = await self._find(billing.billing)
        if found is None:
            return False
        now = _counted(found.seats_now, found.telehealth_now)
        then = _counted(*(line.count for line in found.lines))
        self.bill = {
            "total": money(found.total_cents),
            "on": found.bill_on,
            "opens": found.opens,
            "now": now,
            "then": then,
            "zone": found.zone,
            "day": f"Day {found.cycle_day} of each month",
        }
        self.cycle_day, self.version = str(found.cycle_day), found.version
        self.lines = [_line(line) for line in found.lines if line.count or line.item == SEAT]
        self.months = _months(found.months)
        self.added, self.removed = _changes(found.added), _changes(found.removed)
        self.coming, self.leaving = _changes(found.coming), _changes(found.leaving)
        self.loaded = True
        return True


def _counted(seats: int, telehealth: int) -> str:
    words = f"{seats:,} {'seat' if seats == 1 else 'seats'}"
    return f"{words}, {telehealth:,} Telehealth" if telehealth else words


def _line(line: BillLine) -> dict[str, str]:
    return {
        "item": ITEMS[line.item],
        "count": f"{line.count:,}",
        "each": money(line.each_cents),
        "cents": money(line.cents),
    }


def _changes(changes: Changes) -> ShownChanges:
    more = changes.number - len(changes.shown)
    return ShownChanges(
        rows=[_change(one) for one in changes.shown], more=f"and {more:,} more" if more > 0 else ""
    )


def _change(one: SeatChange) -> dict[str, str]:
    what = "" if one.item == SEAT else ITEMS[one.item]
    if one.between:
        what = f"{what}, not charged" if what else "not charged: came and went between two bills"
    return {
        "key": f"{one.member_id}{one.item}",
        "id": str(one.member_id),
        "name": one.name,
        "what": what,
        "at": one.day,
        "by": one.by,
    }


def _months(months: tuple[Month, ...]) -> list[dict[str, str]]:
    most = max((month.cents for month in months), default=0) or 1
    return [
        {
            "name": month.name,
            "month": month.name.split()[1],
            "year": month.name.split()[2],
            "seats": f"{month.seats:,}",
            "telehealth": f"{month.telehealth:,}",
            "cost": money(month.cents),
            # Whole dollars on the mark: there is no room for cents on a phone, and the table has them.
            "mark": f"${month.cents // 100:,}",
            "share": f"{month.cents / most:.4f}",
            "kind": "forecast" if month.forecast else "",
        }
        for month in months
    ]
