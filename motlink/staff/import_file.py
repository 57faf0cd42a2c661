"""Reading a staff list from another system and deciding each row, without touching the database.

A row is taken whole or refused with its number and every reason; nothing is guessed and nothing dropped silently.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from motlink.errors import Invalid
from motlink.sheets import as_typed, csv_text
from motlink.staff.rules import clean_email, clean_line, clean_name, clean_phone, fold
from motlink.tags.rules import tag_key, tag_name

# Our field -> the words other systems use for it, folded: no accents, no case, letters only.
SYNONYMS = {
    "first_name": ("firstname", "name", "givenname", "forename", "first", "vorname"),
    "last_name": ("lastname", "surname", "familyname", "last", "nachname"),
    "email": ("email", "mailaddress", "emailaddress", "mail"),
    "phone": ("phone", "mobile", "phonenumber", "cell", "cellphone", "telephone", "tel"),
    "roles": ("roles", "role"),
    "tags": ("therapisttags", "tags", "tag"),
    "designation": ("designation", "jobtitle", "title", "position"),
    "active": ("active", "isactive", "enabled"),
}
NEEDED = ("first_name", "last_name", "email")

YES = frozenset({"", "yes", "y", "true", "1", "active"})
NO = frozenset({"no", "n", "false", "0", "inactive"})

# Far more than any practice; a file beyond is a mistake.
MOST_BYTES = 20_000_000
MOST_ROWS = 100_000


@dataclass(frozen=True)
class Line:
    """A row as it stands in the file; `number` is the line a spreadsheet shows (the header is 1)."""

    number: int
    fields: Mapping[str, str]
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A file that could be read."""

    header: tuple[str, ...]
    lines: tuple[Line, ...]
    ignored: tuple[str, ...]
    encoding: str
    delimiter: str


@dataclass(frozen=True)
class Row:
    """A row that can be taken: cleaned values, roles by their keys; `given` names the columns the file has."""

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


@dataclass(frozen=True)
class Refused:
    """A row that is not taken, and why, in sentences."""

    number: int
    reasons: tuple[str, ...]
    cells: tuple[str, ...]


def read_sheet(content: bytes) -> Sheet:
    """Return the file's rows. Raises Invalid where it is no list of people."""
    if len(content) > MOST_BYTES:
        raise Invalid("This file is larger than 20 MB.", field="file")
    text, encoding = _decoded(content)
    delimiter = _delimiter(text)
    cells = list(_rows(text, delimiter))
    if not cells:
        raise Invalid("This file is empty.", field="file")
    header = tuple(cells[0][1])
    places = _places(header)
    lines = tuple(_line(number, row, places) for number, row in cells[1:] if any(map(str.strip, row)))
    if len(lines) > MOST_ROWS:
        raise Invalid(f"This file has more than {MOST_ROWS:,} rows.", field="file")
    ignored = tuple(name for place, name in enumerate(header) if place not in places.values())
    return Sheet(header, lines, ignored, encoding, delimiter)


def decide(sheet: Sheet, *, role_keys: Mapping[str, str], country: str) -> tuple[list[Row], list[Refused]]:
    """Return the rows to take and those to refuse. `role_keys` maps a role's folded name to its key.

    One email on several rows: all of them are refused, because nobody can say which one is right.
    """
    seen = Counter(filter(None, (_address(line) for line in sheet.lines)))
    rows: list[Row] = []
    refused: list[Refused] = []
    for line in sheet.lines:
        row, reasons = _decided(line, role_keys, country, seen, len(sheet.header))
        if row:
            rows.append(row)
        else:
            refused.append(Refused(line.number, reasons, line.cells))
    return rows, refused


def role_fold(name: str) -> str:
    """Return a role's name for comparison: no case, no accents, single spaces."""
    return " ".join(fold(name).split())


def refused_file(sheet: Sheet, refused: Iterable[Refused]) -> str:
    """Return the refused rows as a CSV that can be mended and imported again, with the reasons in front."""
    rows = sorted(refused, key=lambda one: one.number)
    return csv_text(
        [("Row", "Reason", *sheet.header), *((row.number, " ".join(row.reasons), *row.cells) for row in rows)]
    )


def _decoded(content: bytes) -> tuple[str, str]:
    # UTF-8 can't be mistaken for anything else; what is not UTF-8 is a Windows spreadsheet's export.
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding
    raise Invalid("This is not a text file. Save the list as CSV and try again.", field="file")


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    try:
        return csv.Sniffer().sniff(first, delimiters=",;\t|").delimiter
    except csv.Error:
        return max(",;\t|", key=first.count)


def _rows(text: str, delimiter: str) -> Iterable[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for row in reader:
            number += 1
            yield number, row
    except csv.Error as error:
        raise Invalid(f"Row {number + 1} cannot be read: {error}.", field="file") from None


def _places(header: tuple[str, ...]) -> dict[str, int]:
    words = ["".join(c for c in fold(name) if c.isalpha()) for name in header]
    places: dict[str, int] = {}
    for field, synonyms in SYNONYMS.items():
        found = [place for place, word in enumerate(words) if word in synonyms]
        if len(found) > 1:
            raise Invalid(
                f"Two columns could be the {field.replace('_', ' ')}: {_named(header, found)}.", field="file"
            )
        if found:
            places[field] = found[0]
    missing = [field.replace("_", " ") for field in NEEDED if field not in places]
    if missing:
        raise Invalid(f"There is no column for: {', '.join(missing)}.", field="file")
    return places


def _named(header: tuple[str, ...], places: list[int]) -> str:
    return " and ".join(f"“{header[place]}”" for place in places)


def _line(number: int, row: list[str], places: Mapping[str, int]) -> Line:
    fields = {field: as_typed(row[place]) if place < len(row) else "" for field, place in places.items()}
    return Line(number, fields, tuple(row))


def _address(line: Line) -> str:
    try:
        return clean_email(line.fields["email"])
    except Invalid:
        return ""


def _decided(
    line: Line, role_keys: Mapping[str, str], country: str, seen: Counter[str], columns: int
) -> tuple[Row | None, tuple[str, ...]]:
    field = line.fields
    reasons: list[str] = []
    if len(line.cells) > columns:
        reasons.append("More cells than the header has columns.")

    def kept(value: str | Invalid) -> str:
        if isinstance(value, Invalid):
            reasons.append(_located(value))
            return ""
        return value

    row = Row(
        number=line.number,
        first_name=kept(_tried(clean_name, field["first_name"], "first_name")),
        last_name=kept(_tried(clean_name, field["last_name"], "last_name")),
        email=kept(_tried(clean_email, field["email"])),
        phone=kept(_tried(clean_phone, field.get("phone", ""), country)),
        designation=kept(_tried(clean_line, field.get("designation", ""), "designation")),
        roles=_roles(field.get("roles", ""), role_keys, reasons),
        tags=_tags(field.get("tags", "")),
        active=_active(field.get("active", ""), reasons),
        given=frozenset(field),
    )
    if seen[row.email] > 1:
        reasons.append(
            f"{row.email} is on {seen[row.email]} rows of this file; two people cannot share an email."
        )
    return (None, tuple(reasons)) if reasons else (row, ())


def _located(invalid: Invalid) -> str:
    # "This is too long" stands beside its field on the screen; in a list it has to say which one it means.
    column = invalid.field.replace("_", " ").capitalize()
    return (
        f"{column}: {invalid.sentence}"
        if column and invalid.sentence.startswith("This ")
        else invalid.sentence
    )


def _tried(clean: Callable[..., str], *typed: str) -> str | Invalid:
    try:
        return clean(*typed)
    except Invalid as invalid:
        return invalid


def _roles(cell: str, role_keys: Mapping[str, str], reasons: list[str]) -> tuple[str, ...]:
    names = [name.strip() for name in cell.split(";") if name.strip()]
    unknown = [name for name in names if role_fold(name) not in role_keys]
    if unknown:
        reasons.append(f"There is no role “{'”, “'.join(name[:40] for name in unknown)}”.")
    return tuple(dict.fromkeys(role_keys[role_fold(name)] for name in names if name not in unknown))


def _tags(cell: str) -> tuple[str, ...]:
    by_key = {tag_key(name): tag_name(name) for name in reversed(cell.split(";")) if tag_key(name)}
    return tuple(reversed(by_key.values()))


def _active(cell: str, reasons: list[str]) -> bool:
    word = cell.strip().casefold()
    if word not in YES | NO:
        reasons.append(f"“{cell.strip()[:40]}” is neither yes nor no (column Active).")
    return word not in NO
