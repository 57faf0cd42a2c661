"""Reading a staff list: CSV of any dialect and .xlsx, with what was guessed to be put right."""

import csv
import io
import os
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from motlink.errors import Invalid
from motlink.staff.import_file import content_of, read_table
from motlink.staff.import_text import DELIMITERS, ENCODINGS, decoded, guess_encoding
from tests.staff.import_lists import DATA, HEADER, as_csv, as_xlsx, decided, rezipped, saved, table

pytestmark = pytest.mark.req("IE-01")
EXPORT, WINDOWS = DATA / "staff_export.csv", DATA / "staff_export_windows.csv"
SHEET = "xl/worksheets/sheet1.xml"
# Found by reading the file, not by the program: two pairs of twins, "not-an-email", none, "Wizard", the phone "12",
# "maybe" for Active, a first name of 300 letters.
BAD = {11, 12, 38, 39, 57, 58, 152, 203, 232, 262}


def by_eye(path: Path, encoding: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""), delimiter=delimiter))


def test_the_sample_comes_in_but_for_its_ten_bad_rows() -> None:
    found = decided(EXPORT.read_bytes())

    assert {one.number for one in found if one.reasons} == BAD
    assert [one.number for one in found] == list(range(2, 1202))


def test_each_row_of_the_sample_says_what_the_file_says() -> None:
    rows = by_eye(EXPORT, "utf-8-sig", ",")
    for one in decided(EXPORT.read_bytes()):
        first, last, email, phone, roles, tags, designation, active = rows[one.number - 1]
        assert one.cells == tuple(rows[one.number - 1])
        if one.row is None:
            continue
        assert (one.row.first_name, one.row.last_name, one.row.designation) == (first, last, designation)
        assert one.row.email == email.strip().lower()
        assert "".join(filter(str.isdigit, one.row.phone))[-10:] == "".join(filter(str.isdigit, phone))[-10:]
        assert [key.replace("_", " ") for key in one.row.roles] == [
            name.strip().lower() for name in roles.split(";") if name.strip()
        ]
        assert {tag.lower() for tag in one.row.tags} == {
            tag.strip().lower() for tag in tags.split(";") if tag.strip()
        }
        assert one.row.active is (active == "yes")


def test_the_windows_sample_comes_in_whole_letter_by_letter() -> None:
    rows = by_eye(WINDOWS, "cp1252", ";")
    found = table(WINDOWS.read_bytes())
    taken = [one.row for one in decided(WINDOWS.read_bytes()) if one.row]

    assert (found.encoding, found.delimiter, found.kind) == ("cp1252", ";", "csv")
    assert [(row.first_name, row.last_name) for row in taken] == [(row[0], row[1]) for row in rows[1:]]
    assert (taken[0].first_name, taken[0].last_name) == ("José María", "Núñez-O’Connor")
    assert taken[3].roles == ("therapist", "supervisor")


@pytest.mark.parametrize(
    ("path", "encoding", "delimiter"), [(EXPORT, "utf-8-sig", ","), (WINDOWS, "cp1252", ";")]
)
def test_the_same_list_as_a_workbook_says_the_same(path: Path, encoding: str, delimiter: str) -> None:
    workbook = as_xlsx(by_eye(path, encoding, delimiter))

    assert table(workbook).kind == "xlsx"
    assert decided(workbook) == decided(path.read_bytes())


def test_a_workbook_is_read_as_its_spreadsheet_shows_it() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["First name", "Last name", "Email", "Phone", "Start date", "Active", "Designation", "Note"])
    sheet.append(["Ana", "Li", "ana@x.example", 6175550142, date(2026, 3, 14), True, "#N/A", 1.5])
    sheet.append([])
    sheet.append(["Bo", "Li", "bo@x.example", 6175550142.0, datetime(2026, 3, 14), False, None, time(9, 30)])  # noqa: DTZ001
    sheet["Z9"] = " "
    sheet["A12"].number_format = "0.00"

    found = table(saved(book))

    assert found.rows == (
        (2, ("Ana", "Li", "ana@x.example", "6175550142", "2026-03-14", "TRUE", "#N/A", "1.5")),
        (4, ("Bo", "Li", "bo@x.example", "6175550142", "2026-03-14", "FALSE", "", "09:30:00")),
    )
    ana, bo = decided(saved(book))
    assert ana.reasons == ("Job title: the cell shows an error (#N/A).",)
    assert bo.row is not None
    assert (bo.row.phone, bo.row.starts_on, bo.row.active) == ("+1 (617) 555-0142", date(2026, 3, 14), False)


def test_a_formula_gives_its_result_and_one_never_worked_out_its_text() -> None:
    book = Workbook()
    book.active.append(["First name", "Last name", "Email"])
    book.active.append(['=HYPERLINK("http://x.example","Bob")', "Grubb", "bob@x.example"])
    content = saved(book)
    worked_out = rezipped(
        content, SHEET, (b"<v></v>", b"<v>7</v>", b"<v />", b"<v>7</v>", b"<v/>", b"<v>7</v>")
    )

    assert decided(content)[0].cells[0] == '=HYPERLINK("http://x.example","Bob")'
    assert decided(worked_out)[0].cells[0] == "7"


def test_a_workbook_keeps_what_xml_cannot_hold_and_half_of_one_is_called_a_workbook() -> None:
    rows = [["First name", "Last name", "Email"], ["Ana_x000D_\nMaria", "_xLi_", "a@x.example"]]

    assert table(as_xlsx(rows)).rows[0][1] == ("Ana\r\nMaria", "_xLi_", "a@x.example")
    with pytest.raises(Invalid, match="This workbook cannot be read"):
        read_table(as_xlsx(rows)[100:], name="Staff.XLSX")


def test_the_sheet_with_the_list_is_guessed_and_can_be_chosen() -> None:
    book = Workbook()
    book.active.title = "Read me"
    book.active.append(["About", "this file"])
    for name, email in (("Old", "old@x.example"), ("Staff", "new@x.example")):
        sheet = book.create_sheet(name)
        sheet.append(["First name", "Last name", "Email"])
        sheet.append(["Ana", "Li", email])
    book["Old"].sheet_state = "hidden"

    guessed, chosen = table(saved(book)), table(saved(book), sheet="Old")

    assert guessed.sheets == ("Read me", "Old", "Staff")
    assert (guessed.sheet, guessed.rows[0][1][2]) == ("Staff", "new@x.example")
    assert (chosen.sheet, chosen.rows[0][1][2]) == ("Old", "old@x.example")
    with pytest.raises(Invalid, match="no such sheet"):
        table(saved(book), sheet="None")


def test_a_title_above_the_header_is_no_header() -> None:
    book = Workbook()
    book.active["A1"] = "Staff of Riverbend"
    book.active.merge_cells("A1:C2")
    for row in ([], ["First name", "Last name", "Email"], ["Ana", "Li", "ana@x.example"]):
        book.active.append(row)

    found = table(saved(book))

    assert found.header == ("First name", "Last name", "Email")
    assert found.rows == ((4, ("Ana", "Li", "ana@x.example")),)
    assert table("Staff of Riverbend\n\n" + HEADER).header[0] == "First Name"


def test_one_cell_for_several_people_is_not_taken_for_the_first_alone() -> None:
    book = Workbook()
    for row in (
        ["First name", "Last name", "Email", "Role"],
        ["Ana", "Li", "a@x.example", "Therapist"],
        ["Bo", "Li"],
    ):
        book.active.append(row)
    book.active.merge_cells("D2:D3")

    with pytest.raises(Invalid, match="Rows 2 to 3 share a merged cell"):
        table(saved(book))


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_is_found(delimiter: str, ending: str) -> None:
    text = as_csv([HEADER.strip().split(","), ["Ana", "Li, PhD; x|y", "ana@x.example"]], delimiter)

    found = table(text.replace("\r\n", ending))

    assert found.delimiter == delimiter
    assert found.rows == ((2, ("Ana", "Li, PhD; x|y", "ana@x.example")),)


def test_the_delimiter_can_be_put_right_and_a_spreadsheet_may_say_it_itself() -> None:
    text = "a;b,c;d\n1;2,3;4\n"

    assert table(text, delimiter=",").header == ("a;b", "c;d")
    assert table(text, delimiter=";").header == ("a", "b,c", "d")
    assert table("sep=,\r\n" + text).header == ("a;b", "c;d")
    with pytest.raises(Invalid, match="no such delimiter"):
        table(text, delimiter="x")


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        ("Zoë José Núñez Siân O’Neill", "utf-8"),
        ("Zoë José Núñez Siân O’Neill", "utf-8-sig"),
        ("Zoë José Núñez Siân O’Neill", "utf-16"),
        ("Zoë", "cp1252"),
        ("Müller Jörg François Lefèvre Åse Ødegård", "cp1252"),
        ("Müller Jörg François Lefèvre Zoë", "mac_roman"),
        ("Łukasz Wiśniewski Małgorzata Dąbrowska Zdzisław Żółć", "cp1250"),
        ("Иван Петров Мария Сидорова Ольга Кузнецова", "cp1251"),
        ("Γιώργος Παπαδόπουλος Μαρία Ιωάννου", "cp1253"),
        ("李 小龙 مريم الحسن", "utf-8"),
    ],
)
def test_names_come_out_in_their_own_letters(names: str, encoding: str) -> None:
    text = HEADER + "".join(f"{name},Li,{place}@x.example\n" for place, name in enumerate(names.split()))

    rows = table(text.encode(encoding)).rows

    assert " ".join(cells[0] for _, cells in rows) == names


def test_a_wrong_guess_is_put_right_by_saying_the_encoding() -> None:
    text = HEADER + "Jiří,Dvořák,j@x.example\n"

    assert table(text.encode("cp1250"), encoding="cp1250").rows[0][1][:2] == ("Jiří", "Dvořák")
    with pytest.raises(Invalid, match="not in the encoding Unicode"):
        table(text.encode("cp1250"), encoding="utf-8")
    with pytest.raises(Invalid, match="no such encoding"):
        table(text, encoding="rot13")


PLAIN = "abcdefghijklmnopqrstuvwxyz"
WESTERN = st.builds(
    str.__add__,
    st.text(PLAIN, min_size=1),
    st.text(f"{PLAIN}äöüßéèêëáàâãåæçñíìîïóòôõøúùûýÿœžš’-", min_size=1),
)


@given(st.lists(WESTERN.map(str.capitalize), min_size=62, max_size=80))
@settings(max_examples=60, deadline=None)
def test_western_names_from_windows_come_back_or_can_be_put_right(names: list[str]) -> None:
    text = "Name;Surname\r\n" + "".join(f"{name};{name}\r\n" for name in names)
    content = text.encode("cp1252", "ignore")
    expected = content.decode("cp1252")

    assert decoded(content, "cp1252")[0] == expected
    assert guess_encoding(content) in {"cp1252", "utf-8"}


def test_each_encoding_on_offer_is_one() -> None:
    for encoding in ENCODINGS:
        assert "Ana".encode(encoding).decode(encoding) == "Ana"


def test_rows_have_the_numbers_of_the_spreadsheet() -> None:
    rows = table(HEADER + '\n"Ana\nMaria",Li,a@x.example\n,,,\nBo,Li,b@x.example\x1a').rows

    assert [(number, cells[0]) for number, cells in rows] == [(3, "Ana\nMaria"), (5, "Bo")]


def test_a_file_is_read_and_nothing_else_is(tmp_path: Path) -> None:
    file, pipe = tmp_path / "staff.csv", tmp_path / "pipe"
    file.write_text(HEADER)
    os.mkfifo(pipe)

    assert content_of(file) == HEADER.encode()
    for path in (pipe, tmp_path, Path("/dev/zero"), tmp_path / "none"):
        with pytest.raises(Invalid, match=r"not a file|cannot be read"):
            content_of(path)


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "staff.csv"
    file.write_text(HEADER)
    whole, asked = os.fstat, []

    def grows(descriptor: int) -> os.stat_result:
        asked.append(descriptor)
        if len(asked) == 2:
            file.write_text(HEADER * 2)
        return whole(descriptor)

    monkeypatch.setattr("motlink.staff.import_file.os.fstat", grows)

    with pytest.raises(Invalid, match="changed while it was read"):
        content_of(file)


def test_a_sparse_gigabyte_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    with file.open("wb") as paper:
        paper.truncate(1 << 30)

    with pytest.raises(Invalid, match="larger than 20 MB"):
        content_of(file)
