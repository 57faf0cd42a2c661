"""Rows as a file for spreadsheets, in which no cell is a formula. The one place that writes CSV."""

import csv
import io
from collections.abc import Iterable

# What spreadsheets take for the start of a formula, full-width forms included.
FORMULA = "=+-@\t\r\n＝＋－＠"


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV; each cell that would run as a formula gets an apostrophe in front (ASVS 1.2.10)."""
    paper = io.StringIO()
    csv.writer(paper).writerows([harmless(str(cell)) for cell in row] for row in rows)
    return paper.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in FORMULA and cell else cell


def as_typed(cell: str) -> str:
    """Return a cell without the apostrophe of `harmless`, so that a file of ours can come back."""
    return cell[1:] if cell[:1] == "'" and harmless(cell[1:]) == cell else cell
