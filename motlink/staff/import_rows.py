"""Deciding each row of a staff list, without touching the database.

A row is taken whole or refused with its number and every reason; nothing is guessed and nothing dropped silently.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Self

from motlink.errors import Invalid
from motlink.orgs.rules import LONGEST_LOCATION
from motlink.sheets import csv_text
from motlink.staff.import_cells import (
    date_of,
    day_comes_first,
    day_of,
    names_of,
    number_of,
    roles_of,
    tags_of,
    tags_separator,
    truth_of,
)
from motlink.staff.import_columns import FIELDS, IN_FRONT, folded, missing
from motlink.staff.import_file import Table
from motlink.staff.rules import LONGEST_NAME, clean_email, clean_line, clean_name

# What spreadsheets show, and write into a CSV, where a formula failed.
ERRORS = frozenset(
    {"#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
# A mark of byte order is nothing that somebody typed.
MARK = "\ufeff"


@dataclass(frozen=True)
class Row:
    """A row that can be taken: cleaned values, roles by their keys; `given` names the fields the file has."""

    number: int
    first_name: str
    last_name: str
    email: str
    phone: str
    designation: str
    roles: tuple[str, ...]
    tags: tuple[str, ...]
    active: bool
    given: frozenset[str] = frozenset()
    preferred_name: str = ""
    starts_on: date | None = None
    location: str = ""
    # The row says that this is an External Agent.
    agent: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        starts_on = self.starts_on.isoformat() if self.starts_on else ""
        lists = {"roles": list(self.roles), "tags": list(self.tags), "given": sorted(self.given)}
        return {**asdict(self), **lists, "starts_on": starts_on}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Self:
        """Return the row that `to_json` gave."""
        starts_on = date.fromisoformat(held["starts_on"]) if held["starts_on"] else None
        lists = {
            "roles": tuple(held["roles"]),
            "tags": tuple(held["tags"]),
            "given": frozenset(held["given"]),
        }
        return cls(**{**held, **lists, "starts_on": starts_on})


@dataclass(frozen=True)
class Decided:
    """A row of the file and what it says, or why it is refused, in sentences.

    `cells` stand as in the file, but for two that only their column makes clear: a date, which is in ISO form, and one
    tag with a comma in it, which ends with a semicolon. So the row reads alike when it comes back alone.
    """

    number: int
    row: Row | None
    reasons: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True)
class _Ways:
    """What only the file as a whole tells about a cell."""

    columns: Mapping[str, int]
    width: int
    role_keys: Mapping[str, str]
    country: str
    separator: str
    day_first: bool | None
    emails: Mapping[str, str | Invalid]
    seen: Counter[str]


def decide(
    table: Table, columns: Mapping[str, int], *, role_keys: Mapping[str, str], country: str
) -> list[Decided]:
    """Return what each row says or why it is refused. `role_keys` maps a role's folded name to its key.

    One email on several rows: all of them are refused, because nobody can say which one is right.
    Raises Invalid where a needed field has no column, or a column is none of the file's.
    """
    check_columns(table.header, columns)
    ways = _ways(table, columns, role_keys, country)
    words = [folded(name) for name in table.header]
    return [
        _decided(number, cells, ways)
        if not _repeats(cells, words)
        else Decided(number, None, ("This row is the header again.",), cells)
        for number, cells in table.rows
    ]


def check_columns(header: Sequence[str], columns: Mapping[str, int]) -> None:
    """Raise Invalid where these columns cannot be taken for these fields."""
    if lacking := missing(columns):
        raise Invalid(f"There is no column for: {', '.join(lacking)}.", field="columns")
    unknown = set(columns) - set(FIELDS)
    places = Counter(columns.values())
    if unknown or any(not 0 <= place < len(header) for place in places):
        raise Invalid("There is no such column in this file.", field="columns")
    if twice := [header[place] for place, times in places.items() if times > 1]:
        raise Invalid(f"One column is taken for two things: {', '.join(twice)}.", field="columns")
    if "full_name" in columns and {"first_name", "last_name"} & set(columns):
        raise Invalid("Take either the whole name or first and last name.", field="columns")


def refused_file(header: Sequence[str], refused: Iterable[tuple[int, str, Sequence[str]]]) -> str:
    """Return refused rows (number, reason, cells) as a CSV that can be mended and imported again."""
    rows = sorted(refused, key=lambda one: one[0])
    return csv_text([(*IN_FRONT, *header), *((number, reason, *cells) for number, reason, cells in rows)])


def _ways(table: Table, columns: Mapping[str, int], role_keys: Mapping[str, str], country: str) -> _Ways:
    def column(field: str) -> list[str]:
        place = columns.get(field, len(table.header))
        return [cells[place] for _, cells in table.rows if place < len(cells)]

    emails = {cell: _tried(clean_email, cell) for cell in dict.fromkeys(column("email"))}
    addresses = (emails[cell] for cell in column("email"))
    return _Ways(
        columns=columns,
        width=len(table.header),
        # A role is found by its key as well as by its name; a name wins.
        role_keys={key: key for key in role_keys.values()} | dict(role_keys),
        country=country,
        separator=tags_separator(column("tags")),
        day_first=day_comes_first(column("starts_on")),
        emails=emails,
        seen=Counter(address for address in addresses if isinstance(address, str)),
    )


def _repeats(cells: Sequence[str], words: Sequence[str]) -> bool:
    return len(cells) == len(words) and [folded(cell) for cell in cells] == words


def _decided(number: int, cells: tuple[str, ...], ways: _Ways) -> Decided:
    reasons = ["More cells than the header has columns."] if len(cells) > ways.width else []
    values: dict[str, Any] = {}
    for field, place in ways.columns.items():
        cell = cells[place] if place < len(cells) else ""
        try:
            values[field] = _value(field, cell, ways)
        except Invalid as refusal:
            reasons.append(_located(refusal, field))
    email = values.get("email", "")
    if ways.seen[email] > 1:
        reasons.append(
            f"{email} is on {ways.seen[email]} rows of this file; two people cannot share an email."
        )
    row = None if reasons else _row(number, values)
    return Decided(number, row, tuple(reasons), _clear(cells, ways))


def _value(field: str, cell: str, ways: _Ways) -> Any:
    """Return what a cell says. Raises Invalid."""
    if cell.strip() in ERRORS:
        raise Invalid(f"{FIELDS[field]}: the cell shows an error ({cell.strip()}).")
    if MARK in cell:
        raise Invalid("This has characters that cannot be shown.")
    if field == "email":
        found = ways.emails.get(cell) or _tried(clean_email, cell)
        if isinstance(found, Invalid):
            raise Invalid(found.sentence)
        return found
    if field in {"first_name", "last_name"}:
        return clean_name(cell, field)
    reading: dict[str, Callable[[], Any]] = {
        "full_name": lambda: names_of(cell),
        "phone": lambda: number_of(cell, ways.country),
        "roles": lambda: roles_of(cell, ways.role_keys),
        "tags": lambda: tags_of(cell, ways.separator),
        "active": lambda: truth_of(cell),
        "agent": lambda: truth_of(cell, FIELDS["agent"], empty=False),
        "starts_on": lambda: day_of(cell, day_first=ways.day_first),
    }
    if field in reading:
        return reading[field]()
    return clean_line(cell, field, longest=LONGEST_LOCATION if field == "location" else LONGEST_NAME)


def _row(number: int, values: dict[str, Any]) -> Row:
    if "full_name" in values:
        values["first_name"], values["last_name"] = values.pop("full_name")
    empty = Row(number, "", "", "", "", "", (), (), True, frozenset(values))
    return replace(empty, **values)


def _clear(cells: tuple[str, ...], ways: _Ways) -> tuple[str, ...]:
    """Return the cells with what only their column makes clear written out."""
    clear = list(cells)
    tags, day = (ways.columns.get(field, len(cells)) for field in ("tags", "starts_on"))
    if tags < len(cells) and ways.separator != "," and not set(f";\n{ways.separator}") & set(cells[tags]):
        clear[tags] += ways.separator if set(",|") & set(cells[tags]) else ""
    if day < len(cells) and (found := date_of(cells[day], day_first=ways.day_first)):
        clear[day] = found.isoformat()
    return tuple(clear)


def _located(refusal: Invalid, field: str) -> str:
    # "This is too long" stands beside its field on the screen; in a list it has to say which one it means.
    sentence = refusal.sentence
    return f"{FIELDS[field]}: {sentence}" if sentence.startswith("This ") else sentence


def _tried(clean: Callable[[str], str], typed: str) -> str | Invalid:
    try:
        return clean(typed)
    except Invalid as refusal:
        return refusal
