"""Rows as the browser gets them: plain text and flags, made from the small records of rows.py."""

from functools import lru_cache
from typing import TypedDict

from motlink.roles.prices import Line
from motlink.staff.rows import Checklist, RoleChip, RoleSwitch, RosterRow, TagChip

# Two chips when the names together pass 30 letters, else three (look.md, "Role chip").
MOST_LETTERS = 30


class ShownRole(TypedDict):
    """A role chip."""

    name: str
    paid: bool
    on: bool


class ShownTag(TypedDict):
    """A tag chip."""

    name: str
    color: str
    until: str


class ShownRow(TypedDict):
    """A person in the roster."""

    id: str
    name: str
    whole: str
    initials: str
    phone: str
    email: str
    under: str
    state: str
    left: str
    roles: list[ShownRole]
    more_roles: list[ShownRole]
    tags: list[ShownTag]
    more_tags: list[ShownTag]
    you: bool
    gone: bool
    agent: bool


class ShownSwitch(TypedDict):
    """What of a role switch does not change while one looks; `on`, notes and prices are kept apart, to send little."""

    id: str
    key: str
    name: str
    description: str
    section: str
    paid: bool
    addon: str
    option_of: str
    # The id of the role it is an option of, "" for a role.
    parent: str
    records: bool


class ShownCheck(TypedDict):
    """A line of the off-boarding checklist."""

    icon: str
    fact: str
    detail: str
    choice: str


def shown_row(row: RosterRow) -> ShownRow:
    """Return a roster row for the browser."""
    roles, more_roles = first_roles(row.roles)
    return ShownRow(
        id=str(row.id),
        name=row.name,
        whole=row.whole_name,
        initials=row.initials,
        phone=row.phone,
        email=row.email,
        under=" · ".join(part for part in (row.email, row.phone) if part),
        state=_state(row),
        left=f"{row.minutes_left} min left" if row.state == "invited" else row.on_day,
        roles=roles,
        more_roles=more_roles,
        tags=shown_tags(row.tags[:2]),
        more_tags=shown_tags(row.tags[2:]),
        # Which row is "you" differs from tab to tab, and rows are read for many.
        you=False,
        gone=row.state == "inactive",
        agent=row.agent,
    )


def _state(row: RosterRow) -> str:
    """Where nothing is more urgent, a row says of an agent that they are one, or that their agreement is missing."""
    if row.state != "active":
        return str(row.state)
    return ("no_baa" if row.no_baa else "agent") if row.agent else ""


def first_roles(roles: tuple[RoleChip, ...]) -> tuple[list[ShownRole], list[ShownRole]]:
    """Return the chips that fit a row, and the rest."""
    fit = 3 if sum(len(role.name) for role in roles[:3]) <= MOST_LETTERS else 2
    shown = [_role(role) for role in roles]
    return shown[:fit], shown[fit:]


def shown_tags(tags: tuple[TagChip, ...]) -> list[ShownTag]:
    """Return tag chips."""
    return [_tag(tag) for tag in tags]


# The same few chips stand in every row of every tab: one of each is kept (a quarter of a roster's memory).


@lru_cache(maxsize=4096)
def _role(role: RoleChip) -> ShownRole:
    return ShownRole(name=role.name, paid=role.paid, on=role.on)


@lru_cache(maxsize=4096)
def _tag(tag: TagChip) -> ShownTag:
    return ShownTag(name=tag.name, color=tag.color, until=tag.until)


def shown_switches(switches: tuple[RoleSwitch, ...]) -> list[ShownSwitch]:
    """Return the fixed part of role switches."""
    ids = {switch.key: str(switch.id) for switch in switches}
    return [
        ShownSwitch(
            id=str(switch.id),
            key=switch.key,
            name=switch.name,
            description=switch.description,
            section=switch.section,
            paid=switch.paid,
            addon=switch.addon,
            option_of=switch.option_of,
            parent=ids.get(switch.option_of, ""),
            records=switch.records,
        )
        for switch in switches
    ]


def priced(switch: ShownSwitch) -> Line:
    """Return what of a switch decides its price."""
    return Line(switch["key"], switch["paid"], switch["addon"], switch["option_of"])


def shown_checks(checklist: Checklist) -> list[ShownCheck]:
    """Return the checklist's lines."""
    return [
        ShownCheck(icon=check.icon, fact=check.fact, detail=check.detail, choice=check.choice)
        for check in checklist.checks
    ]
