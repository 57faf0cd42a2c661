"""What roles cost: items with the day from which a price holds, in integer cents a month (TA-28)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from motlink.clock import today
from motlink.roles.rules import money

SEAT, TELEHEALTH = "seat", "telehealth"


@dataclass(frozen=True)
class Price:
    """What an item costs a month on bills from this day on."""

    item: str
    cents: int
    valid_from: date


# A new price is a new line; the older ones stay, since the bills of their time are computed with them.
PRICES = (Price(SEAT, 1000, date(2020, 1, 1)), Price(TELEHEALTH, 1500, date(2020, 1, 1)))
# How an item is called on the bill.
ITEMS = {SEAT: "Seats", TELEHEALTH: "Telehealth"}


class Priced(Protocol):
    """What of a role decides its price: a Role, a switch of the Profile, a Line of the add form."""

    @property
    def key(self) -> str: ...
    @property
    def paid(self) -> bool: ...
    @property
    def addon(self) -> str: ...
    @property
    def option_of(self) -> str: ...


@dataclass(frozen=True)
class Line:
    """The same, where a role is known by these words alone."""

    key: str
    paid: bool = False
    addon: str = ""
    option_of: str = ""


def price_on(item: str, day: date) -> int:
    """Return what an item costs a month on a bill of this day, in cents; nothing before its first price."""
    held = [price for price in PRICES if price.item == item and price.valid_from <= day]
    return max(held, key=lambda price: price.valid_from).cents if held else 0


def listed(item: str) -> int:
    """Return the price of this machine's day, for sentences of no practice; a bill asks the database's clock."""
    return price_on(item, today())


def monthly_cents(roles: Iterable[Priced], day: date) -> int:
    """Return what one person's roles cost a month: one seat for any paid role, and each option that is in force.

    An option counts only with the role that it stands under.
    """
    held = list(roles)
    return sum(price_on(item, day) for item in items_of(held))


def items_of(roles: Collection[Priced]) -> list[str]:
    """Return what one person's roles put on the bill."""
    keys = {role.key for role in roles}
    seat = [SEAT] if any(role.paid for role in roles) else []
    addons = {role.addon for role in roles if role.addon and (not role.option_of or role.option_of in keys)}
    return [*seat, *sorted(addons)]


def price_words(roles: Iterable[Priced], on: Collection[str], day: date) -> dict[str, str]:
    """Return what stands beside each role of one person, by key, before anything is switched.

    "seat $10.00" at the first paid role that is on, "same seat" at the others; "+$10.00 a month" at all of them where
    there is no seat yet. An option says what it adds; free roles say nothing.
    """
    listing = list(roles)
    carrier = next((role.key for role in listing if role.paid and role.key in on), "")
    seat = money(price_on(SEAT, day))
    words: dict[str, str] = {}
    for role in listing:
        if role.addon and price_on(role.addon, day):
            words[role.key] = f"+{money(price_on(role.addon, day))}"
        elif role.paid and carrier:
            words[role.key] = f"seat {seat}" if role.key == carrier else "same seat"
        elif role.paid:
            words[role.key] = f"+{seat} a month"
    return words


def short_money(cents: int) -> str:
    """Return whole dollars without cents: 1000 -> "$10", 1250 -> "$12.50"."""
    return money(cents).removesuffix(".00")
