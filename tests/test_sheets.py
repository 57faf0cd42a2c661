"""Every CSV that leaves motlink: no cell of it is a formula (ASVS 1.2.10)."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motlink.audit.queries import AuditView, export
from motlink.sheets import FORMULA, as_typed, csv_text, harmless
from motlink.staff.actions import add_member
from motlink.staff.import_columns import guess_columns
from motlink.staff.import_file import read_table
from motlink.staff.import_rows import decide, refused_file
from tests.acts import do, see
from tests.people import Practice

pytestmark = [pytest.mark.req("IE-01"), pytest.mark.asvs("1.2.10")]
PACKAGE = Path(__file__).parents[1] / "motlink"
DANGEROUS = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"]


def cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_no_cell_is_a_formula_and_a_file_of_ours_can_come_back(cell: str) -> None:
    assert harmless(cell).startswith("'" + cell[:1])
    assert as_typed(harmless(cell)) == cell


@pytest.mark.parametrize("before", ["curl;", "Mozilla/5.0 (X; ", "a;b;;"])
@pytest.mark.parametrize("cell", DANGEROUS)
def test_nor_is_what_follows_where_a_semicolon_ends_the_cell(before: str, cell: str) -> None:
    """Anyone writes such a text into the audit log: it may be the name of the browser at a failed sign-in."""
    pieces = csv_text([[before + cell]]).replace('"', "").replace("\r\n", "").split(";")
    assert [piece for piece in pieces if piece.lstrip(" ")[:1] in FORMULA and piece.strip(" ")] == []
    assert as_typed(harmless(before + cell)) == before + cell


def test_an_ordinary_cell_stays_as_it_is() -> None:
    ordinary = ["", "Ana", "3 - 1", "a=b", "'quoted'", "a; b", "(X11; Linux x86_64)"]

    assert cells(csv_text([ordinary])) == ordinary
    assert [as_typed(cell) for cell in ordinary] == ordinary


@given(st.text("';=+@- \t\n\rab＝", max_size=12))
def test_every_cell_comes_back_as_it_was(cell: str) -> None:
    assert as_typed(harmless(cell)) == cell
    first, *pieces = harmless(cell).split(";")
    assert [
        piece for piece in (first, *(piece.lstrip(" ") for piece in pieces)) if piece[:1] in [*FORMULA]
    ] == []


def test_no_other_file_of_ours_writes_csv() -> None:
    writers = [
        path.name for path in PACKAGE.rglob("*.py") if re.search(r"csv\.\w*[wW]riter", path.read_text())
    ]

    assert writers == ["sheets.py"]


def test_a_name_that_is_a_formula_leaves_as_text(practice: Practice) -> None:
    do(practice, practice.ben, add_member, first_name="=1+1", last_name="L", email="j@riverbend.example")

    text = see(practice, practice.ana, lambda work: csv_text(export(work, view=AuditView())))

    assert "'=1+1 L" in cells(text)


def test_a_reason_that_quotes_the_file_leaves_as_text() -> None:
    twice = "First name,Last name,Email\n" + "Jo,Li,=cmd|'/c'!a0@example.org\n" * 2
    table = read_table(twice.encode(), name="staff.csv")
    decided = decide(table, guess_columns(table.header), role_keys={}, country="US")
    refused = [(one.number, " ".join(one.reasons), one.cells) for one in decided]
    late = (4, "=Jo already has this email here.", ("＝1", "-1", "@x"))

    found = cells(refused_file(table.header, [*refused, late]))

    assert any(cell.startswith("'=cmd") and "is on 2 rows" in cell for cell in found)
    assert [cell for cell in found if cell[:1] in FORMULA and cell] == []
