"""What a cell of a staff list says. Each raises Invalid where that is not certain."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from motlink.errors import Invalid
from motlink.folding import name_key
from motlink.staff.rules import clean_name, clean_phone, is_start
from motlink.tags.rules import tag_key, tag_name

YES = frozenset({"", "yes", "y", "true", "1", "active"})
NO = frozenset({"no", "n", "false", "0", "inactive"})

# Digits, what people put between them, the marks some programs put around them, and an extension.
PHONE = re.compile(
    r"[\d\s()+\-‐‑–./·\u200e\u200f\u202a-\u202e]*((x|ext\.?|extension|#)\s*\d{1,7})?\s*", re.IGNORECASE
)
ISO_DAY = re.compile(r"(\d{4}-\d\d-\d\d)([ T]00:00(:00)?)?", re.ASCII)
LOCAL_DAY = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", re.ASCII)
UNCERTAIN_DAY = "Start date: write it as year-month-day, such as 2026-03-14."
# What follows a name after a comma and is no first name.
AFTER_A_NAME = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "psyd", "edd", "md", "med", "msed", "esq"})


def roles_of(cell: str, role_keys: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of the roles in a cell. They are known, so any usual separator may stand between them."""
    names = _names(cell, role_keys)
    unknown = [name for name in names if name_key(name) not in role_keys]
    if unknown:
        raise Invalid(f"There is no role “{'”, “'.join(name[:40] for name in unknown[:10])}”.")
    return tuple(dict.fromkeys(role_keys[name_key(name)] for name in names))


def _names(cell: str, role_keys: Mapping[str, str]) -> list[str]:
    if name_key(cell) in role_keys:
        return [cell]
    separators = next((mark for mark in (";\n", "|", ",", "/") if set(mark) & set(cell)), ";")
    return [name.strip() for name in re.split(f"[{separators}]", cell) if name.strip()]


def tags_separator(column: Iterable[str]) -> str:
    """Return what stands between the tags of a column: a semicolon or a line break wherever one is in use.

    A comma counts only in a column that has no other separator: elsewhere it belongs to the tag.
    """
    marks = set().union(*(set(";\n|") & set(cell) for cell in column))
    if marks & set(";\n") or not marks:
        return ";" if marks else ","
    return "|"


def tags_of(cell: str, separator: str) -> tuple[str, ...]:
    """Return the tags of a cell, each once, as it is written first."""
    separators = ";\n" if separator in ";," and set(";\n") & set(cell) else separator
    names = [" ".join(name.split()) for name in re.split(f"[{re.escape(separators)}]", cell)]
    by_key: dict[str, str] = {}
    for name in filter(None, names):
        if tag_name(name) != name:
            raise Invalid(f"The tag “{name[:40]}” is too long (80 characters at most) or cannot be shown.")
        if tag_key(name):
            by_key.setdefault(tag_key(name), name)
    return tuple(by_key.values())


def listed(names: Iterable[str]) -> str:
    """Return roles or tags as one cell that reads back as these, commas and all."""
    cell = "; ".join(names)
    return f"{cell};" if set(",|") & set(cell) and ";" not in cell else cell


def truth_of(cell: str, column: str = "Active", *, empty: bool = True) -> bool:
    """Return yes or no; what nothing says is `empty`."""
    if not cell.strip():
        return empty
    word = cell.strip().casefold()
    if word not in YES | NO:
        raise Invalid(f"“{cell.strip()[:40]}” is neither yes nor no (column {column}).")
    return word in YES


def names_of(cell: str) -> tuple[str, str]:
    """Return first and last name of a whole one: "Last, First", or what stands before and after the last space."""
    before, comma, after = (part.strip() for part in cell.partition(","))
    title = after.replace(".", "").casefold() in AFTER_A_NAME or (after.isupper() and not before.isupper())
    if "," in after or (comma and title):
        raise Invalid("Whole name: after the comma stands no first name. Take what follows the name out.")
    first, last = (after, before) if comma else _halves(before)
    if not first or not last:
        raise Invalid("Whole name: a first and a last name are needed.")
    return clean_name(first, "first_name"), clean_name(last, "last_name")


def _halves(name: str) -> tuple[str, str]:
    words = name.split()
    return " ".join(words[:-1]), " ".join(words[-1:])


def number_of(cell: str, country: str) -> str:
    """Return a phone in international form. Raises Invalid where the cell says more than one number."""
    phone = clean_phone(cell, country)
    if not PHONE.fullmatch(cell.strip()):
        raise Invalid("This has more than a phone number.")
    return phone


def day_comes_first(column: Iterable[str]) -> bool | None:
    """Return whether a column's dates, such as 25/12/2026, begin with the day; None where they do not agree or tell."""
    found = [match for match in (LOCAL_DAY.fullmatch(cell.strip()) for cell in column) if match]
    day_first = any(int(match[1]) > 12 for match in found)
    month_first = any(int(match[3]) > 12 for match in found)
    return day_first if day_first != month_first else None


def day_of(cell: str, *, day_first: bool | None) -> date | None:
    """Return the date of a cell, None for an empty one."""
    found = date_of(cell, day_first=day_first)
    if cell.strip() and not found:
        raise Invalid(UNCERTAIN_DAY)
    return found


def date_of(cell: str, *, day_first: bool | None) -> date | None:
    """Return the date of a cell, None where it is none or not certain."""
    text = cell.strip()
    if iso := ISO_DAY.fullmatch(text):
        return _date(iso[1])
    local = LOCAL_DAY.fullmatch(text)
    if not local or (day_first is None and local[1].zfill(2) != local[3].zfill(2)):
        return None
    day, month = (local[1], local[3]) if day_first else (local[3], local[1])
    return _date(f"{local[4]}-{int(month):02}-{int(day):02}")


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if is_start(found) else None
