"""A staff list as a workbook (.xlsx): the zip is looked through first, then openpyxl reads it row by row."""

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import compress, count, repeat, zip_longest
from operator import is_not
from typing import Any

from motlink.errors import Invalid
from motlink.staff.import_limits import BROKEN, LONG, MOST_PARTS, MOST_RATIO, MOST_UNPACKED, TOO_HEAVY

SAVE_AS = "Only .xlsx and CSV are read. Open this file in a spreadsheet and save it as one of them."
LAST_ROW = 1_048_576
CHUNK, OVERLAP = 1 << 16, 100
MERGED = re.compile(rb'mergeCell [^<>]{0,40}ref="[A-Z]{1,3}(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')


class Seen:
    """What a workbook's sheets hold that changes how they are read."""

    def __init__(self) -> None:
        self.formulas = False
        # Part -> (first row, last row) of each cell that is merged downwards.
        self.merged: dict[str, set[tuple[int, int]]] = defaultdict(set)

    def look(self, part: str, window: bytes) -> None:
        """Take in a piece of a part."""
        if "worksheets/" in part:
            self.formulas |= b"<f>" in window or b"<f " in window
            rows = ((int(first), int(last)) for first, last in MERGED.findall(window))
            self.merged[part] |= {(first, last) for first, last in rows if first < last}


class Workbook:
    """An open workbook: its sheets, and the rows of one."""

    def __init__(self, content: bytes) -> None:
        self._seen = look_through(content)
        self._values = _opened(content, data_only=True)
        # What a formula gave is taken; where it was never worked out, its text is.
        self._formulas = _opened(content, data_only=False) if self._seen.formulas else None
        self.sheets = tuple(sheet.title for sheet in self._values.worksheets)

    def guessable(self) -> tuple[str, ...]:
        """Return the sheets a person sees."""
        seen = [sheet.title for sheet in self._values.worksheets if sheet.sheet_state == "visible"]
        return tuple(seen) or self.sheets

    def merged(self, sheet: str) -> list[tuple[int, int]]:
        """Return from which row to which a cell of the sheet reaches."""
        return sorted(self._seen.merged[self._values[sheet]._worksheet_path])

    def rows(self, sheet: str) -> Iterator[tuple[int, list[str]]]:
        """Yield each row with its number. Raises Invalid for a sheet that cannot be read."""
        try:
            formulas = self._cells(self._formulas, sheet) if self._formulas else ()
            paired = zip_longest(self._cells(self._values, sheet), formulas, fillvalue=())
            for number, (cells, texts) in enumerate(paired, 1):
                if number > LAST_ROW:
                    raise Invalid(BROKEN, field="file")
                yield number, _row(cells, texts)
        except (Invalid, MemoryError):
            raise
        except Exception as error:
            raise Invalid(BROKEN, field="file") from error

    def _cells(self, book: Any, sheet: str) -> Iterable[tuple[Any, ...]]:
        found = book[sheet]
        # The size a file states for itself may be wrong, and rows beyond it would be left out.
        found.reset_dimensions()
        return found.iter_rows()  # type: ignore[no-any-return]  # openpyxl has no types


def look_through(content: bytes) -> Seen:
    """Return what the parts hold. Raises Invalid for a zip that is no workbook or unpacks to far too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            _check_directory(parts.infolist(), len(content))
            return _unpacked(parts)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ):
        raise Invalid(BROKEN, field="file") from None
    except Exception as error:
        # zlib and the other decompressors have their own.
        if type(error).__module__ in {"zlib", "_lzma", "lzma", "struct"}:
            raise Invalid(BROKEN, field="file") from None
        raise


def _check_directory(parts: list[zipfile.ZipInfo], size: int) -> None:
    names = [part.filename for part in parts]
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if (
        len(parts) > MOST_PARTS
        or unpacked > MOST_UNPACKED
        or (unpacked > LONG and unpacked > MOST_RATIO * size)
    ):
        raise Invalid(TOO_HEAVY, field="file")
    # Some programs number it: workbook2.xml.
    if not any(re.fullmatch(r"xl/workbook\d*\.xml", name.casefold()) for name in names):
        raise Invalid(SAVE_AS, field="file")
    nested = any(name.casefold().endswith((".zip", ".xlsx", ".xlsm")) for name in names)
    strange = any(name.startswith("/") or ".." in name.split("/") for name in names)
    # Entries that overlap are how a small file unpacks to a huge one.
    if nested or strange or len(set(names)) < len(names) or packed > size:
        raise Invalid(BROKEN, field="file")


def _unpacked(parts: zipfile.ZipFile) -> Seen:
    """Unpack everything once, bounded, keeping nothing: no part may be longer than it says, none declares entities."""
    seen = Seen()
    for part in parts.infolist():
        before, left = b"", part.file_size
        with parts.open(part) as paper:
            while chunk := paper.read(CHUNK):
                left -= len(chunk)
                window = before + chunk
                if left < 0 or _declares(window, part.filename, first=not before):
                    raise Invalid(BROKEN, field="file")
                seen.look(part.filename, window)
                before = chunk[-OVERLAP:]
    return seen


def _declares(window: bytes, name: str, *, first: bool) -> bool:
    if not name.endswith((".xml", ".rels", ".vml")):
        return False
    # In UTF-16 the words below would not be found; no spreadsheet writes it.
    return b"<!DOCTYPE" in window or b"<!ENTITY" in window or (first and b"\x00" in window[:4])


def _opened(content: bytes, *, data_only: bool) -> Any:
    from openpyxl import load_workbook

    try:
        return load_workbook(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False)
    except MemoryError:
        raise
    except Exception as error:
        raise Invalid(BROKEN, field="file") from error


def _row(cells: Sequence[Any], formulas: Sequence[Any]) -> list[str]:
    """Return the texts of a row. One cell formatted at its far right brings 16,000 that are not there with it."""
    from openpyxl.cell.read_only import EMPTY_CELL

    there = compress(count(), map(is_not, cells, repeat(EMPTY_CELL)))
    texts = {
        place: _text(cells[place], formulas[place] if place < len(formulas) else None) for place in there
    }
    width = max((place + 1 for place, text in texts.items() if text), default=0)
    return [texts.get(place, "") for place in range(width)]


def _text(cell: Any, formula: Any) -> str:
    value = getattr(cell, "value", None)
    # A formula that gave the empty text has that type; one without a result has none.
    if value is None and getattr(formula, "data_type", "") == "f" and cell.data_type != "str":
        value = getattr(formula.value, "text", formula.value)
    # What XML cannot hold stands in it as _x000D_.
    return _unescaped(value) if isinstance(value, str) and "_x" in value else _written(value)


def _unescaped(text: str) -> str:
    from openpyxl.utils.escape import unescape

    return str(unescape(text))


def _written(value: object) -> str:
    """Return a value as the spreadsheet's own CSV would have it, dates in ISO form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
