"""Files that are meant to do harm, or might as well be: a reason in words, in little time, and flat memory."""

import io
import os
import resource
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motlink.errors import Invalid
from motlink.staff import import_file, import_reader, import_text
from motlink.staff.import_file import Table, read_table, table_of
from motlink.staff.import_limits import MOST_BYTES, MOST_ROWS
from tests.staff.import_lists import HEADER, as_xlsx, rezipped, table

pytestmark = [pytest.mark.req("IE-01"), pytest.mark.asvs("5.2.1", "5.2.3")]
H = HEADER.encode()
ANA = b"Ana,Li,ana@x.example\n"
BOOK = as_xlsx([HEADER.strip().split(","), ["Ana", "Li", "ana@x.example"]])
SHEET = "xl/worksheets/sheet1.xml"
GROWTH_KB = 100_000


def sheet(rows: bytes) -> bytes:
    """Return a workbook whose sheet has these rows, as XML."""
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return with_part(SHEET, start + rows + b"</sheetData></worksheet>")


def with_part(name: str, text: bytes) -> bytes:
    paper = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(paper, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, text)
    return paper.getvalue()


def cell(place: bytes, text: bytes = b"x") -> bytes:
    return b'<c r="%s" t="inlineStr"><is><t>%s</t></is></c>' % (place, text)


def resident_kb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024


def lying_about_its_size() -> bytes:
    """Return a workbook with a sheet of 50 MB of which the zip's directory says that it is 100 bytes."""
    bomb = bytearray(sheet(b" " * 50_000_000))
    for size in range(50_000_000, 50_000_200):
        bomb = bomb.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    return bytes(bomb)


REFUSED = {
    "empty": (b"", "is empty"),
    "blank": (b"\xef\xbb\xbf \r\n\t", "is empty"),
    "only_commas": (b",,,\n,,\n", "is empty"),
    "too_large": (b"a" * (MOST_BYTES + 1), "larger than 20 MB"),
    "a_million_columns": (b",".join(b"c%d" % i for i in range(1_000_000)), "more than 200 columns"),
    "a_million_quotes": (b'"' * 1_000_000, "more than 32,000 characters"),
    "an_open_quote": (H + ANA + b'"Bo,Li,b@x.example\n' * 3, "Row 5 opens a quotation mark|Row 3 has text after"),
    "a_quote_to_the_end": (H + ANA + b'"Bo,Li', "Row 3 opens a quotation mark that is never closed"),
    "a_line_of_19_mb": (b"a" * 19_000_000, "Row 1 has a cell of more than 32,000"),
    "a_quoted_cell_of_18_mb": (H + b'"' + b"a\n" * 9_000_000 + b'"', "Row 2 has a cell of more than 32,000"),
    "too_many_rows": (H + ANA * (MOST_ROWS + 1), "more than 100,000 rows"),
    "too_many_cells": (b"a,b\n" + (b"x," * 101 + b"x\n") * 9_900, "more than 1,000,000 cells"),
    "nul": (H + b"Ana\x00,Li,ana@x.example\n", "not a text file"),
    "nul_at_the_end": (H + ANA + b"\x00", "not a text file"),
    "utf_16_without_a_mark": (HEADER.encode("utf-16-le"), "not a text file"),
    "half_utf_16": (b"\xff\xfe" + b"a\x00b", "not in the encoding"),
    "lone_surrogate": (b"\xff\xfe" + b"a\x00\x00\xd8b\x00", "not in the encoding"),
    "random": (bytes(range(256)) * 1000, "not a text file"),
    "a_web_page": (b"<html><table><tr><td>First name", "Only .xlsx and CSV"),
    "old_office_or_a_password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, "Only .xlsx and CSV"),
    "pdf": (b"%PDF-1.7\n", "Only .xlsx and CSV"),
    "half_a_workbook": (BOOK[: len(BOOK) // 2], "workbook cannot be read"),
    "no_zip": (b"PK\x03\x04" + b"\x00" * 100, "workbook cannot be read"),
    "a_broken_part": (with_part(SHEET, b"<worksheet"), "workbook cannot be read"),
    "a_bomb": (sheet(b" " * 300_000_000), "needs more memory"),
    "a_bomb_that_lies": (lying_about_its_size(), "workbook cannot be read"),
    "a_zip_in_it": (with_part("xl/inner.zip", BOOK), "workbook cannot be read"),
    "a_path_out_of_it": (with_part("../../etc/x", b"x"), "workbook cannot be read"),
    "entities": (with_part(SHEET, b'<!DOCTYPE x [<!ENTITY a "ha">]><worksheet>&a;</worksheet>'), "cannot be read"),
    "entities_in_utf_16": (with_part(SHEET, '<!DOCTYPE x [<!ENTITY a "ha">]>'.encode("utf-16")), "cannot be read"),
    "a_text_of_10_mb": (sheet(b'<row r="1">' + cell(b"A1", b"ab" * 4_900_000) + b"</row>"), "more than 32,000"),
    "far_away": (sheet(b'<row r="1">' + cell(b"A1") + cell(b"XFD1") + b"</row>"), "more than 200 columns"),
    "below_the_last_row": (
        sheet(b'<row r="1">' + cell(b"A1") + b'</row><row r="9999999999">' + cell(b"A2") + b"</row>"),
        "workbook cannot be read",
    ),
    "deep": (sheet(b"<row>" * 300_000), "workbook cannot be read"),
    "a_nul_in_a_sheet": (sheet(b'<row r="1">' + cell(b"A1", b"a&#0;") + b"</row>"), "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_a_reason_in_little_memory_and_time(name: str) -> None:
    content, reason = REFUSED[name]
    before, start = resident_kb(), time.monotonic()

    with pytest.raises(Invalid, match=reason) as refusal:
        read_table(content, name="staff.csv")

    assert refusal.value.field in {"file", "encoding"}
    assert resident_kb() - before < GROWTH_KB
    # Generous: other tests run beside this one.
    assert time.monotonic() - start < 30


TAKEN = {
    "a_million_empty_columns": (H + b"," * 1_000_000 + b"\n" + ANA, [3]),
    "19_mb_of_empty_lines": (H + b"\n" * 18_999_000 + ANA, [18_999_002]),
    "a_row_with_more_cells": (H + b"a,b,c,d,e,f,g,h,i\n", [2]),
    "mixed_line_ends": (H + ANA.replace(b"\n", b"\r") + ANA.replace(b"\n", b"\r\n") + ANA, [2, 3, 4]),
    "the_end_of_a_dos_file": (H + ANA + b"\x1a", [2]),
    "two_files_in_one": (H + ANA + b"\xef\xbb\xbf" + H + ANA, [2, 3, 4]),
    "the_header_alone": (H, []),
    "bidi": (H + "\u202eAna,Li,a@x.example\n".encode(), [2]),
    "a_formatted_cell_far_away": (
        sheet(b'<row r="1">' + cell(b"A1") + cell(b"B1") + b'</row><row r="3">' + cell(b"A3") + b'<c r="XFD3"/></row>'),
        [3],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_it_is_strange_and_still_a_list(name: str) -> None:
    content, numbers = TAKEN[name]

    assert [number for number, _ in table(content).rows] == numbers


def test_as_many_rows_and_cells_as_may_be_keep_the_memory_flat() -> None:
    row = b"Ana%06d,Longlastname%06d,someone.%06d@riverbend.example,617555%04d,Therapist,tag %d; tag %d,BCBA,yes\n"
    content = H + b"".join(row % (i, i, i, i % 10_000, i, i) for i in range(MOST_ROWS))
    before = resident_kb()

    found = table(content)

    assert len(found.rows) == MOST_ROWS
    assert resident_kb() - before < GROWTH_KB


class TestTheProcessApart:
    """What no check finds, the limits do."""

    def test_it_gets_a_gigabyte_a_minute_and_writes_nothing(self) -> None:
        limits = (
            "import resource as r; from motlink.staff import import_reader as i; i.read = lambda *a: print("
        )
        limits += "[r.getrlimit(k)[0] for k in i.LIMITS]) or []; i.main()"

        done = subprocess.run(
            [sys.executable, "-c", limits], input=b"{}\n", capture_output=True, env=import_file.surroundings()
        )

        assert b"[1073741824, 60, 0, 0]" in done.stdout

    def test_its_surroundings_hold_nothing_of_ours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MOTLINK_SECRET_KEY", "x")

        assert set(import_file.surroundings()) == {"PYTHONPATH", "PYTHONUTF8"}

    def test_it_starts_in_a_moment_because_it_imports_little(self) -> None:
        loaded = "import sys, motlink.staff.import_reader; print([m for m in sys.modules if 'reflex' in m or 'sql' in m"
        loaded += " or 'phonenumbers' in m or 'openpyxl' in m])"

        done = subprocess.run(
            [sys.executable, "-c", loaded], capture_output=True, env=import_file.surroundings()
        )

        assert done.stdout.strip() == b"[]"

    @pytest.mark.parametrize(
        ("program", "reason"),
        [
            ("import resource as r; r.setrlimit(r.RLIMIT_AS, (1 << 28, 1 << 28)); bytearray(1 << 30)", "memory"),
            ("import os; os.abort()", "memory"),
            ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "too long"),
            ("import sys; [sys.stdout.write('[1, [\"' + 'x' * 30000 + '\"]]\\n') for _ in range(10**6)]", "memory"),
            ("import sys; sys.stdout.write('{}' * 10**8)", "memory"),
            ("import time; time.sleep(60)", "too long"),
            ("print('[')", "memory"),
            ("print('[' * 100000)", "memory"),
            ("print('{}\\n[1, 2]')", "memory"),
            ("print('{}\\n[1, [2]]')", "memory"),
            ("print('{}\\n[\"x\", [\"a\"]]')", "memory"),
            ("print('7\\n8\\n9')", "memory"),
        ],
    )  # fmt: skip
    def test_however_it_ends_the_file_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, reason: str
    ) -> None:
        (tmp_path / "hostile_reader.py").write_text(program)
        monkeypatch.setattr(import_file, "READER", "hostile_reader")
        monkeypatch.setattr(import_file, "ROOT", tmp_path)
        monkeypatch.setattr(import_file, "WALL_SECONDS", 3)
        before = resident_kb()

        with pytest.raises(Invalid, match=reason):
            read_table(H + b"x" * 10_000_000, name="staff.csv")

        assert resident_kb() - before < GROWTH_KB

    def test_none_is_left_behind(self) -> None:
        with pytest.raises(Invalid):
            table(H + b"\x00")

        # Our other children, if any, are none of these.
        found = subprocess.run(
            ["ps", "-o", "args=", "--ppid", str(os.getpid())], capture_output=True, text=True
        )
        assert "import_reader" not in found.stdout


def read_here(content: bytes, **asked: str) -> Table | None:
    """Read without the process apart, so that any other exception shows."""
    try:
        return table_of(import_reader.read(content, asked))
    except Invalid:
        return None


PIECES = st.lists(
    st.sampled_from([*',;\t|"\r\n\x1a\x00\xff\xfe\x80é=', "\ufeff", "First name", "Email", "Last name", "sep=;", "a"]),
    max_size=40,
).map(lambda pieces: "".join(pieces).encode("utf-8"))  # fmt: skip


@given(st.one_of(PIECES, st.binary(max_size=200), PIECES.map(lambda text: b"\xff\xfe" + text)))
@settings(max_examples=400, deadline=None)
def test_whatever_comes_in_it_is_a_table_or_refused_in_words(content: bytes) -> None:
    found = read_here(content)

    if found:
        assert found.header
        assert all(any(text.strip() for text in cells) for _, cells in found.rows)


@given(st.integers(0, len(BOOK) - 1), st.binary(min_size=1, max_size=8))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_workbook_is_a_table_or_refused_in_words(place: int, damage: bytes) -> None:
    read_here(BOOK[:place] + damage + BOOK[place + len(damage) :])


@given(
    st.text("<>/='\" abcrtvsnfAX019&;", max_size=30),
    st.sampled_from([b"<row", b"<c ", b't="inlineStr"', b"<t>", b"</row>", b"r=", b"</sheetData>"]),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_sheet_with_strange_words_is_a_table_or_refused_in_words(words: str, before: bytes) -> None:
    read_here(rezipped(BOOK, SHEET, (before, words.encode() + before)))


@given(PIECES)
@settings(max_examples=20, deadline=None)
def test_the_process_apart_says_the_same(content: bytes) -> None:
    try:
        apart: Table | None = table(content)
    except Invalid:
        apart = None

    assert apart == read_here(content)


def test_a_word_without_an_end_takes_no_longer_than_many_short_ones() -> None:
    def seconds(letters: int) -> float:
        content = b"a" * letters + b" \xff"
        starts = [
            (time.perf_counter(), import_text.guess_encoding(content), time.perf_counter()) for _ in range(3)
        ]
        return min(end - start for start, _, end in starts)

    seconds(10)

    # Eight times the letters: the square would be 64.
    assert seconds(160_000) < 24 * seconds(20_000) + 0.05
