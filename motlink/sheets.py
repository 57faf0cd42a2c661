"""Rows as a file for spreadsheets, in which no cell is a formula. The one place that writes CSV."""

import csv
import io
import re
from collections.abc import Iterable

# What spreadsheets take for the start of a formula, full-width forms included.
FORMULA = "=+-@\t\r\n＝＋－＠"
SIGNS = FORMULA.replace("\t\r\n", "")
# Where half of Europe's spreadsheets end a cell, whatever we mean: they would run what comes next. A quote inside a
# cell means nothing to them, and a new line begins a new row.
# An apostrophe that stands there already gets one more, so that the way back finds each cell as it was.
BEGINS = rf"((?:^|;)[ \"]*(?='*[{re.escape(FORMULA)}])|[\r\n][ \"]*(?='*[{re.escape(SIGNS)}]))"
MADE_TEXT = BEGINS.replace("(?='", "(?=''") + "'"


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV; each cell that would run as a formula gets an apostrophe in front (ASVS 1.2.10)."""
    paper = io.StringIO()
    csv.writer(paper).writerows([harmless(str(cell)) for cell in row] for row in rows)
    return paper.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return re.sub(BEGINS, r"\1'", cell)


def as_typed(cell: str) -> str:
    """Return a cell without the apostrophes of `harmless`, so that a file of ours can come back."""
    return re.sub(MADE_TEXT, r"\1", cell)
