"""Reading a file that may be hostile, in a process of its own with little memory and time: `python -m` this.

On its input one line of JSON says how to read, then the file follows. On its output stand lines of JSON: what the file
is, its header, its rows, and DONE; or {"refused": sentence}. import_file.py is the other end.
"""

import json
import resource
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain, islice

from motlink.errors import Invalid
from motlink.staff.import_columns import IN_FRONT, guess_columns
from motlink.staff.import_limits import (
    BROKEN,
    DONE,
    EMPTY,
    LONGEST_CELL,
    MOST_BYTES,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    TOO_HEAVY,
    TOO_LARGE,
    TOO_MANY_CELLS,
    TOO_MANY_COLUMNS,
    TOO_MANY_ROWS,
)
from motlink.staff.import_text import DELIMITERS, NO_TEXT, decoded, guess_delimiter, rows_of

# Memory in bytes, work in seconds; no core dump of people's names, no file at all.
LIMITS = {
    resource.RLIMIT_AS: 1 << 30,
    resource.RLIMIT_CPU: 60,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 0,
}
# Within these first rows the header stands; above it a title may.
NEAR_THE_TOP = 10
ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHARE = "share a merged cell, so it is not certain what stands in each. Unmerge it and try again."
NO_LIST = "Only .xlsx and CSV are read. Open this file in a spreadsheet and save it as one of them, without a password."

Numbered = tuple[int, list[str]]
Merged = list[tuple[int, int]]
About = dict[str, str | list[str]]
Found = tuple[About, Iterator[Numbered], Merged]


def read(content: bytes, asked: Mapping[str, str]) -> Iterator[About | Numbered]:
    """Yield what the file is, its header, its rows. Raises Invalid, at any point."""
    if len(content) > MOST_BYTES:
        raise Invalid(TOO_LARGE, field="file")
    if not content.strip():
        raise Invalid(EMPTY, field="file")
    if content.startswith((OLD_OFFICE, b"%PDF")):
        raise Invalid(NO_LIST, field="file")
    if (
        b"\x00" in content
        and asked.get("name", "").casefold().endswith(".xlsx")
        and not content.startswith(ZIP)
    ):
        raise Invalid(BROKEN, field="file")
    about, rows, merged = _workbook(content, asked) if content.startswith(ZIP) else _text(content, asked)
    yield about
    yield from _tidy(_bounded(rows), merged)


def _text(content: bytes, asked: Mapping[str, str]) -> Found:
    text, encoding = decoded(content, asked.get("encoding", ""))
    if text.lstrip()[:1] == "<":
        raise Invalid(NO_LIST, field="file")
    # Some spreadsheets say in a line of its own, which they do not show, how the rest is separated.
    told = text[:7].partition("\n")[0].strip()
    said = told[4:5] if told.startswith("sep=") and told[4:5] in DELIMITERS else ""
    text = text.partition("\n")[2] if said else text
    delimiter = asked.get("delimiter", "") or said or guess_delimiter(text)
    if delimiter not in DELIMITERS:
        raise Invalid("There is no such delimiter.", field="delimiter")
    about: About = {"kind": "csv", "encoding": encoding, "delimiter": delimiter, "sheet": "", "sheets": []}
    return about, rows_of(text, delimiter), []


def _workbook(content: bytes, asked: Mapping[str, str]) -> Found:
    from motlink.staff.import_workbook import Workbook

    book = Workbook(content)
    sheet = asked.get("sheet", "")
    if sheet and sheet not in book.sheets:
        raise Invalid("There is no such sheet in this workbook.", field="sheet")
    if not sheet:
        tops = {name: _top(book.rows(name)) for name in book.guessable()}
        filled = [name for name, top in tops.items() if top]
        if not filled:
            raise Invalid(EMPTY, field="file")
        sheet = next((name for name in filled if len(guess_columns(_header(tops[name]))) > 1), filled[0])
    about: About = {
        "kind": "xlsx",
        "encoding": "",
        "delimiter": "",
        "sheet": sheet,
        "sheets": list(book.sheets),
    }
    return about, book.rows(sheet), book.merged(sheet)


def _top(rows: Iterator[Numbered]) -> list[Numbered]:
    return list(islice((row for row in _bounded(rows)), NEAR_THE_TOP))


def _header(top: list[Numbered]) -> list[str]:
    return top[_header_at(top)][1]


def _header_at(top: list[Numbered]) -> int:
    """Return which of the first rows is the header: the first with several cells, if their words are known."""
    for place, (_, row) in enumerate(top):
        if sum(bool(cell.strip()) for cell in row) > 1:
            return place if len(guess_columns(row)) > 1 else 0
    return 0


def _bounded(rows: Iterator[Numbered]) -> Iterator[Numbered]:
    """Yield the rows that hold something. Raises Invalid where they are too many, too wide or too long."""
    count = cells = 0
    for number, row in rows:
        while row and not row[-1].strip():
            row.pop()
        if row:
            count, cells = count + 1, cells + len(row)
            _check(number, row, count, cells)
            yield number, row


def _check(number: int, row: list[str], count: int, cells: int) -> None:
    if len(row) > MOST_COLUMNS:
        raise Invalid(TOO_MANY_COLUMNS, field="file")
    # The header is one row more.
    if count > MOST_ROWS + 1:
        raise Invalid(TOO_MANY_ROWS, field="file")
    if cells > MOST_CELLS:
        raise Invalid(TOO_MANY_CELLS, field="file")
    if max(map(len, row)) > LONGEST_CELL:
        raise Invalid(f"Row {number} has a cell of more than {LONGEST_CELL:,} characters.", field="file")
    if any("\x00" in cell for cell in row):
        raise Invalid(NO_TEXT, field="file")


def _tidy(rows: Iterator[Numbered], merged: Merged) -> Iterator[Numbered]:
    """Yield the header and the rows below it, without what our file of refused rows has in front."""
    top = list(islice(rows, NEAR_THE_TOP))
    if not top:
        raise Invalid(EMPTY, field="file")
    top = top[_header_at(top) :]
    at, header = top[0]
    for start, end in merged:
        if end > at:
            raise Invalid(f"Rows {start} to {end} {SHARE}", field="file")
    first = len(IN_FRONT) if tuple(header[: len(IN_FRONT)]) == IN_FRONT else 0
    for number, row in chain(top, rows):
        if any(cell.strip() for cell in row[first:]):
            yield number, row[first:]


def main() -> None:
    """Read what comes in, under limits that nothing in the file can lift."""
    for kind, most in LIMITS.items():
        # Where a system has no such limit, the parent's clock and its bound on the output are left.
        with suppress(ValueError, OSError):
            # At the first of the two comes a signal that says which limit it was.
            resource.setrlimit(kind, (most, most + (kind == resource.RLIMIT_CPU)))
    asked = json.loads(sys.stdin.buffer.readline())
    try:
        for item in read(sys.stdin.buffer.read(MOST_BYTES + 1), asked):
            say(item)
        say(DONE)
    except Invalid as refusal:
        say({"refused": refusal.sentence, "field": refusal.field})
    except MemoryError:
        say({"refused": TOO_HEAVY, "field": "file"})


def say(item: object) -> None:
    """Write one line."""
    sys.stdout.buffer.write(json.dumps(item, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


if __name__ == "__main__":
    main()
