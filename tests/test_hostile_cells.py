"""A cell of our files is no formula either where a semicolon ends cells: there a quote inside one means nothing."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from motlink.sheets import as_typed, csv_text, harmless

CELLS = st.text(alphabet=list("a'\";,=+\r\n "), max_size=8)


@pytest.mark.asvs("1.2.10")
@given(CELLS)
@example("a\n=1+1")
@example("a\r=1+1")
@example("a;\n=1+1")
@example('a;"=1+1;b')
@example('a\n"=1+1;b')
def test_no_spreadsheet_finds_a_formula_whichever_of_the_two_ends_its_cells(cell: str) -> None:
    text = csv_text([["x", cell, "y"], [cell]])

    for delimiter in ",;":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            assert [one for one in row if one.startswith(("=", "+"))] == []


@pytest.mark.req("IE-01")
@given(CELLS)
def test_such_a_cell_comes_back_as_it_was(cell: str) -> None:
    assert as_typed(harmless(cell)) == cell
