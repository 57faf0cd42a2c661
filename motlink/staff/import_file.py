"""A staff list from another system, as a table: read in a process apart, which a hostile file may break."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from motlink.errors import Invalid
from motlink.sheets import as_typed
from motlink.staff.import_limits import (
    DONE,
    EMPTY,
    LONGEST_CELL,
    MOST_BYTES,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_OUTPUT,
    MOST_ROWS,
    TOO_HEAVY,
    TOO_LARGE,
    TOO_SLOW,
)

READER = "motlink.staff.import_reader"
ROOT = Path(__file__).parents[2]
# The reader stops itself after 60 seconds of work; this is for one that waits.
WALL_SECONDS = 90


@dataclass(frozen=True)
class Table:
    """A file that could be read.

    Rows have the number that a spreadsheet shows (the header is 1, or lower down where a title stands above it) and
    their cells as text, as they were typed: dates in ISO form, no empty ones at the end. Blank rows are left out.
    """

    kind: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    encoding: str
    delimiter: str
    sheet: str
    sheets: tuple[str, ...]


def read_table(
    content: bytes, *, name: str, encoding: str = "", delimiter: str = "", sheet: str = ""
) -> Table:
    """Return the file's table. What is "" is guessed. Raises Invalid, in words, where it is no list."""
    if len(content) > MOST_BYTES:
        raise Invalid(TOO_LARGE, field="file")
    if not content:
        raise Invalid(EMPTY, field="file")
    asked = {"name": name, "encoding": encoding, "delimiter": delimiter, "sheet": sheet}
    with closing(_read_apart(content, asked)) as items:
        try:
            return table_of(items)
        except (TypeError, ValueError, RecursionError):
            # Not what our reader says, so a file has done something to it.
            raise Invalid(TOO_HEAVY, field="file") from None


def content_of(path: Path) -> bytes:
    """Return a file's bytes, 20 MB at most. Raises Invalid for what is no file, or changes while it is read."""
    try:
        # Without waiting: a pipe would let us wait for whoever writes into it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(descriptor, "rb") as paper:  # noqa: PTH123 -- a descriptor has no path
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise Invalid(f"{path} is not a file.", field="file")
            content = paper.read(MOST_BYTES + 1)
            after = os.fstat(descriptor)
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.", field="file") from None
    if len(content) > MOST_BYTES:
        raise Invalid(TOO_LARGE, field="file")
    if _state(before) != _state(after) or len(content) != after.st_size:
        raise Invalid(f"{path} changed while it was read. Try again once it is complete.", field="file")
    return content


def table_of(items: Iterable[object]) -> Table:
    """Return the table that the reader's items make; counted again, since the reader is where a file may do harm."""
    parts = iter(items)
    about = next(parts, None)
    header = next(parts, None)
    if not isinstance(about, dict) or header is None:
        raise Invalid(TOO_HEAVY, field="file")
    cells = _Cells()
    _, names = cells.row(header)
    rows = tuple(cells.row(part) for part in parts)
    if len(rows) > MOST_ROWS:
        raise Invalid(TOO_HEAVY, field="file")
    kind, encoding, delimiter, sheet = (
        str(about.get(word, "")) for word in ("kind", "encoding", "delimiter", "sheet")
    )
    return Table(kind, names, rows, encoding, delimiter, sheet, tuple(map(str, about.get("sheets", ()))))


class _Cells:
    """Rows as they come in, counted; equal texts are kept once."""

    def __init__(self) -> None:
        self._left = MOST_CELLS
        self._known: dict[str, str] = {}

    def row(self, item: object) -> tuple[int, tuple[str, ...]]:
        number, cells = cast(tuple[int, list[str]], item)
        self._left -= len(cells)
        if self._left < 0 or len(cells) > MOST_COLUMNS or any(len(cell) > LONGEST_CELL for cell in cells):
            raise Invalid(TOO_HEAVY, field="file")
        return int(number), tuple(
            self._known.setdefault(cell, cell) for cell in (as_typed(c) if "'" in c else c for c in cells)
        )


def _read_apart(content: bytes, asked: Mapping[str, str]) -> Generator[object, None, None]:
    """Yield what the reader says. It is given the file and nothing else of ours, and does not outlive the reading."""
    command = [sys.executable, "-P", "-s", "-m", READER]
    with subprocess.Popen(  # noqa: S603 -- our own module, by our own interpreter
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=surroundings(),
        start_new_session=True,
    ) as child:
        late = threading.Event()
        clock = threading.Timer(WALL_SECONDS, _end, args=(child, late))
        feeder = threading.Thread(target=_feed, args=(child.stdin, content, asked), daemon=True)
        clock.start()
        feeder.start()
        try:
            yield from _said(child, late)
        finally:
            clock.cancel()
            child.kill()
            feeder.join()


def surroundings() -> dict[str, str]:
    """Return all that the reader finds around it: where this program lies."""
    return {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


def _end(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    child.kill()


def _feed(pipe: IO[bytes], content: bytes, asked: Mapping[str, str]) -> None:
    # Where it broke, or refused before it had read everything, its answer or its end says which.
    with suppress(OSError):
        pipe.write(json.dumps(asked).encode() + b"\n")
        pipe.write(content)
    with suppress(OSError):
        pipe.close()


def _said(child: subprocess.Popen[bytes], late: threading.Event) -> Iterator[object]:
    pipe, left = cast(IO[bytes], child.stdout), MOST_OUTPUT
    while line := pipe.readline(left + 1):
        left -= len(line)
        if left < 0:
            raise Invalid(TOO_HEAVY, field="file")
        if not line.endswith(b"\n"):
            break
        item = json.loads(line)
        if item == DONE:
            return
        if isinstance(item, dict) and "refused" in item:
            raise Invalid(str(item["refused"]), field=str(item.get("field", "file")))
        yield item
    # It ended without a word: the system ended it, for memory or for time.
    slow = child.wait() == -signal.SIGXCPU or late.is_set()
    raise Invalid(TOO_SLOW if slow else TOO_HEAVY, field="file")


def _state(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ino
