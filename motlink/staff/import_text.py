"""A staff list as text: its encoding, its delimiter, its rows. Raises Invalid where it cannot be read."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

from motlink.errors import Invalid
from motlink.staff.import_columns import guess_columns
from motlink.staff.import_limits import LONGEST_CELL, MOST_COLUMNS

# What a person may choose instead of the guess, with the words for the screen.
ENCODINGS = {
    "utf-8": "Unicode (UTF-8)",
    "utf-16": "Unicode (UTF-16)",
    "cp1252": "Western Europe (Windows)",
    "iso8859-15": "Western Europe (ISO)",
    "mac_roman": "Western Europe (Mac)",
    "cp850": "Western Europe (DOS)",
    "cp1250": "Central Europe (Windows)",
    "iso8859-2": "Central Europe (ISO)",
    "cp1257": "Baltic (Windows)",
    "cp1254": "Turkish (Windows)",
    "cp1253": "Greek (Windows)",
    "cp1251": "Cyrillic (Windows)",
    "cp1255": "Hebrew (Windows)",
    "cp1256": "Arabic (Windows)",
    "cp1258": "Vietnamese (Windows)",
    "gb18030": "Chinese, simplified",
    "big5": "Chinese, traditional",
    "cp932": "Japanese (Windows)",
    "cp949": "Korean (Windows)",
}
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar"}

MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# Tried where it is no Unicode. Short lists of names read alike in several, so the usual one wins unless another reads
# clearly better (decision 8).
LATIN = ("cp1252", "cp1250", "mac_roman", "cp850")
OTHER_LETTERS = ("cp1251", "cp1253")
CLEARLY = 0.25
# A sign that is no letter, quotation mark or dash; Latin letters beside Cyrillic or Greek ones.
ODD = re.compile(r"[^\w'’‘–—“”…\xa0-]|[ªº¹²³¼½¾\ufffd]|[A-Za-z][\u0370-\u04ff]|[\u0370-\u04ff][A-Za-z]")
SAMPLE_BYTES, SAMPLE_CHARACTERS, SAMPLE_ROWS = 20_000, 200_000, 20

NO_TEXT = "This is not a text file. Save the list as .xlsx or CSV and try again."
NO_LETTERS = "The letters of this file cannot be read. Save the list as .xlsx or “CSV UTF-8” and try again."


def decoded(content: bytes, encoding: str = "") -> tuple[str, str]:
    """Return the text and its encoding, a key of ENCODINGS; "" guesses."""
    chosen = encoding or guess_encoding(content)
    if chosen not in ENCODINGS:
        raise Invalid("There is no such encoding.", field="encoding")
    try:
        text = content.decode("utf-8-sig" if chosen == "utf-8" else chosen)
    except UnicodeDecodeError:
        raise Invalid(f"This file is not in the encoding {ENCODINGS[chosen]}.", field="encoding") from None
    if "\x00" in text:
        raise Invalid(NO_TEXT, field="file")
    # Old programs end a file with this character.
    return text.removesuffix("\x1a"), chosen


def guess_encoding(content: bytes) -> str:
    """Return the encoding that reads most like names. What can be UTF-8 is: nothing else passes for it."""
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return encoding
    if b"\x00" in content:
        raise Invalid(NO_TEXT, field="file")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _best(content)
    return "utf-8"


def _best(content: bytes) -> str:
    sample = _foreign_words(content)
    latin = {encoding: _oddity(sample, encoding) for encoding in LATIN if _decodes(content, encoding)}
    usual = _least(latin)
    costs = {
        encoding: _oddity(sample, encoding) + _mess(sample, encoding)
        for encoding in (usual, *OTHER_LETTERS)
        if encoding and _decodes(content, encoding)
    }
    if not costs:
        raise Invalid(NO_LETTERS, field="file")
    return _least(costs)


def _least(costs: dict[str, float]) -> str:
    """Return the first of these, unless another costs clearly less; "" for none."""
    first, best = next(iter(costs), ""), min(costs, key=lambda encoding: costs[encoding], default="")
    return first if first and costs[first] < costs[best] + CLEARLY else best


def _foreign_words(content: bytes) -> bytes:
    # The plain words of a list say nothing and drown the few that do. Looked for in a second step: to look for a
    # foreign letter within each word takes the square of its length.
    words = [
        word for word in re.findall(rb"[A-Za-z'\x80-\xff]{1,100}", content[:1_000_000]) if not word.isascii()
    ]
    words = words or re.findall(rb"[\x80-\xff]{1,100}", content)
    return b"\n".join(dict.fromkeys(words))[:SAMPLE_BYTES]


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _oddity(sample: bytes, encoding: str) -> float:
    """Return how many of a sample's words are none: signs among letters, a capital in the middle, two scripts."""
    words = sample.decode(encoding, "replace").split("\n")
    return sum(bool(ODD.search(word)) or _leaps(word) for word in words) / len(words)


def _leaps(word: str) -> bool:
    # "JosŽ" is "José" of a Mac, read as Windows'.
    return any(a.islower() and b.isupper() and not b.isascii() for a, b in pairwise(word))


def _mess(sample: bytes, encoding: str) -> float:
    """Return charset-normalizer's measure of how unlike text this is, 0 to 1."""
    from charset_normalizer import from_bytes

    found = from_bytes(sample, cp_isolation=[encoding], threshold=1.0, enable_fallback=False).best()
    return found.chaos if found else 1.0


def guess_delimiter(text: str) -> str:
    """Return the delimiter that shows most columns we know, and then most of the first rows in one width."""
    return max(DELIMITERS, key=lambda delimiter: _fit(text[:SAMPLE_CHARACTERS], delimiter))


def _fit(sample: str, delimiter: str) -> tuple[int, int, int]:
    rows: list[list[str]] = []
    # Up to where another delimiter's quotation marks make no sense.
    with suppress(csv.Error):
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            rows += [row] if any(map(str.strip, row)) else []
            if len(rows) == SAMPLE_ROWS:
                break
    known = max((len(guess_columns(row[:MOST_COLUMNS])) for row in rows), default=0)
    # A title may stand above the header, so the header is not taken to be the first.
    widest = max(map(len, rows), default=1)
    return (known, sum(len(row) == widest for row in rows), widest) if widest > 1 else (0, 0, 0)


def rows_of(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with its number as a spreadsheet shows it; a line break inside quotation marks is no new row."""
    csv.field_size_limit(LONGEST_CELL)
    number = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            number += 1
            if row:
                # A mark in the middle is where two files were joined.
                row[0] = row[0].removeprefix("\ufeff")
            yield number, row
    except csv.Error as error:
        raise Invalid(f"Row {number + 1} {_said(str(error))}", field="file") from None


def _said(error: str) -> str:
    if "limit" in error:
        return f"has a cell of more than {LONGEST_CELL:,} characters."
    if "end of data" in error:
        return "opens a quotation mark that is never closed."
    if "expected after" in error:
        return "has text after a closing quotation mark."
    return "cannot be read."
