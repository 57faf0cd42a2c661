"""Deciding the rows of a staff list: taken whole or refused with every reason, nothing changed in silence."""

import json
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motlink.errors import Invalid
from motlink.sheets import csv_text
from motlink.staff.import_cells import listed, names_of, tags_of, tags_separator
from motlink.staff.import_columns import guess_columns, header_digest, missing, not_taken
from motlink.staff.import_file import Table, table_of
from motlink.staff.import_reader import read
from motlink.staff.import_rows import Decided, Row, decide, refused_file
from tests.staff.import_lists import ROLES, as_csv, decided, one, table

pytestmark = pytest.mark.req("IE-01")


def taken(**cells: str) -> Row:
    found = one(**cells)
    assert found.row is not None, found.reasons
    return found.row


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("First Name,Last Name,E-mail,Therapist Tags", {"first_name": 0, "last_name": 1, "email": 2, "tags": 3}),
        ("Name,Surname,Mail address", {"first_name": 0, "last_name": 1, "email": 2}),
        ("Name,Email", {"full_name": 0, "email": 1}),
        ("FULL NAME,email", {"full_name": 0, "email": 1}),
        ("Full name,First name,Last name,Email", {"first_name": 1, "last_name": 2, "email": 3}),
        ("First name,Last name,Email,E-mail", {"first_name": 0, "last_name": 1}),
        ("Vorname,Nachname,E-Mail-Address", {"first_name": 0, "last_name": 1, "email": 2}),
        ("Known as,Hire date,Office,Title", {"preferred_name": 0, "starts_on": 1, "location": 2, "designation": 3}),
        ("x,,y", {}),
    ],
)  # fmt: skip
def test_columns_are_guessed_where_their_words_leave_no_doubt(header: str, columns: dict[str, int]) -> None:
    assert guess_columns(header.split(",")) == columns


def test_columns_that_are_not_taken_are_named() -> None:
    header = ["First name", "", "Salary ", "Email"]

    assert not_taken(header, {"first_name": 0, "email": 3}) == ("Column B", "Salary")
    assert missing({"first_name": 0, "email": 3}) == ["Last name"]
    assert missing({"full_name": 0}) == ["Email"]


def test_files_with_the_same_columns_share_a_digest_whatever_their_case() -> None:
    assert header_digest(["First Name", "E-mail"]) == header_digest([" first  name", "E-MAIL"])
    assert header_digest(["Phone 1", "Phone 2"]) != header_digest(["Phone 2", "Phone 1"])
    assert header_digest(["a", "b"]) != header_digest(["ab"])


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"first_name": 0, "last_name": 1}, "no column for: Email"),
        ({"first_name": 0, "last_name": 1, "email": 9}, "no such column"),
        ({"first_name": 0, "last_name": 1, "email": -1}, "no such column"),
        ({"first_name": 0, "last_name": 1, "email": 2, "shoe_size": 0}, "no such column"),
        ({"first_name": 0, "last_name": 1, "email": 1}, "taken for two things: Last name"),
        ({"full_name": 0, "last_name": 1, "email": 2}, "either the whole name"),
    ],
)
def test_columns_that_cannot_be_are_refused(columns: dict[str, int], reason: str) -> None:
    found = table("First name,Last name,Email\nAna,Li,a@x.example\n")

    with pytest.raises(Invalid, match=reason):
        decide(found, columns, role_keys={}, country="US")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"First name": " "}, "First name is needed."),
        ({"Last name": "a" * 101}, "Last name: This is too long"),
        ({"First name": "#REF!"}, r"First name: the cell shows an error \(#REF!\)"),
        ({"First name": "A\ufeffna"}, "First name: This has characters that cannot be shown"),
        ({"Last name": "\u202eLi"}, "Last name: This has characters"),
        ({"Email": ""}, "Email is needed"),
        ({"Email": "Ana <ana@x.example>"}, "Email: This is not an email address"),
        ({"Phone": "12"}, "Phone: This phone number has too few"),
        ({"Phone": "n/a"}, "Phone: This is not a phone number"),
        ({"Phone": "617-555-0142 (mobile)"}, "Phone: This"),
        ({"Phone": "tel: 617-555-0142"}, "Phone: This has more than a phone number"),
        ({"Phone": "617-555-0142 / 617-555-0143"}, "Phone: This"),
        ({"Phone": "617-555-0142, 617-555-0143"}, "Phone: This"),
        ({"Phone": "6.17555E+09"}, "Phone: This"),
        ({"Roles": "Therapist; Wizard, Witch"}, "There is no role “Wizard, Witch”"),
        ({"Active": "maybe"}, "“maybe” is neither yes nor no"),
        ({"Tags": "a" * 81}, "The tag “a{40}” is too long"),
        ({"Tags": "a\u0007b"}, "cannot be shown"),
        ({"Start date": "03/04/2026"}, "Start date: write it as year-month-day"),
        ({"Start date": "31/31/2026"}, "Start date: write it"),
        ({"Start date": "25/12/26"}, "Start date: write it"),
        ({"Start date": "0001-01-01"}, "Start date: write it"),
        ({"Start date": "2026-03-14 09:30:00"}, "Start date: write it"),
        ({"Location": "x" * 101}, "Location: This is too long"),
    ],
)
def test_a_bad_cell_refuses_the_row_with_its_reason(cells: dict[str, str], reason: str) -> None:
    found = one(**cells)

    assert found.row is None
    (said,) = found.reasons
    assert re.search(reason, said)


def test_every_reason_is_given_at_once() -> None:
    found = one(**{"First name": "", "Email": "x", "Active": "maybe", "Roles": "Wizard"})

    assert len(found.reasons) == 4


def test_one_email_twice_refuses_all_who_have_it_and_a_header_in_the_middle_says_so() -> None:
    people = "Ana,Li,A@x.example\nBo,Li, a@X.example\nfirst name,LAST NAME,email\nCy,Li,c@x.example\n"

    first, second, header, cy = decided("First name,Last name,Email\n" + people)

    assert first.reasons == second.reasons
    assert "a@x.example is on 2 rows" in first.reasons[0]
    assert header.reasons == ("This row is the header again.",)
    assert cy.row


def test_more_cells_than_columns_refuse_the_row_and_fewer_are_empty() -> None:
    more, fewer = decided("First name,Last name,Email,Phone\nAna,Li,a@x.example,,more\nBo,Li,b@x.example\n")

    assert more.reasons == ("More cells than the header has columns.",)
    assert fewer.row
    assert fewer.row.phone == ""
    assert fewer.row.given == {"first_name", "last_name", "email", "phone"}


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("", ""),
        ("(617) 555-0142", "+1 (617) 555-0142"),
        ("617.555.0142 x12", "+1 (617) 555-0142 ext. 12"),
        ("+44 (0)20 7946 0958", "+44 20 7946 0958"),
        ("\u202a+1 617 555 0142\u202c", "+1 (617) 555-0142"),
    ],
)
def test_a_phone_is_taken_whole(cell: str, phone: str) -> None:
    assert taken(Phone=cell).phone == phone


@pytest.mark.parametrize(
    ("cell", "roles"),
    [
        ("", ()),
        ("therapist ;manager", ("therapist", "manager")),
        ("Therapist, Supervisor", ("therapist", "supervisor")),
        ("Therapist\nSupervisor", ("therapist", "supervisor")),
        ("Therapist/Supervisor", ("therapist", "supervisor")),
        ("Therapist|Therapist", ("therapist",)),
        ("staff_administrator", ("staff_administrator",)),
        ("Staff   ADMINISTRATOR;", ("staff_administrator",)),
    ],
)
def test_roles_are_found_by_name_or_key_whatever_stands_between(cell: str, roles: tuple[str, ...]) -> None:
    assert taken(Roles=cell).roles == roles


def test_a_role_whose_name_has_a_comma_is_one_role() -> None:
    found = decide(
        table('First name,Last name,Email,Role\nAna,Li,a@x.example,"Speech, language"\n'),
        {"first_name": 0, "last_name": 1, "email": 2, "roles": 3},
        role_keys={"speech, language": "speech"},
        country="US",
    )

    assert found[0].row
    assert found[0].row.roles == ("speech",)


@pytest.mark.parametrize(
    ("column", "tags"),
    [
        (["a, b", "c"], [("a", "b"), ("c",)]),
        (["a, b", "c; d"], [("a, b",), ("c", "d")]),
        (["a, b", "c\nd"], [("a, b",), ("c", "d")]),
        (["a|b, c", "d, e"], [("a", "b, c"), ("d, e",)]),
        (["spanish; Spanish ; SPANISH"], [("spanish",)]),
        (["non\u00a0breaking;  two   spaces"], [("non breaking", "two spaces")]),
        (["OT/PT"], [("OT/PT",)]),
    ],
)
def test_a_comma_parts_tags_only_where_the_column_has_no_other_sign(
    column: list[str], tags: list[tuple[str, ...]]
) -> None:
    separator = tags_separator(column)

    assert [tags_of(cell, separator) for cell in column] == tags


def test_a_row_that_comes_back_alone_reads_as_it_did_in_its_file() -> None:
    header = ["First name", "Last name", "Email", "Tags", "Start date"]
    first = ["Ana", "Li", "a@x.example", "Blue, green", "03/04/2026"]
    text = as_csv([header, first, ["Bo", "Li", "b@x.example", "c; d", "25/12/2026"]])

    ana = decided(text)[0]
    again = decided(refused_file(header, [(ana.number, "Some reason.", ana.cells)]))[0]

    assert ana.row
    assert (ana.row.tags, ana.row.starts_on) == (("Blue, green",), date(2026, 4, 3))
    assert again.row == ana.row
    assert again.cells == ana.cells


@pytest.mark.parametrize(
    ("column", "days"),
    [
        (["2026-03-14", "2026-03-14T00:00:00", ""], [date(2026, 3, 14), date(2026, 3, 14), None]),
        (["3/4/2026", "12/25/2026"], [date(2026, 3, 4), date(2026, 12, 25)]),
        (["3.4.2026", "25.12.2026"], [date(2026, 4, 3), date(2026, 12, 25)]),
        (["03/03/2026"], [date(2026, 3, 3)]),
        (["25/12/2026", "12/25/2026"], ["refused", "refused"]),
        (["3/4/2026", "2026-03-14"], ["refused", date(2026, 3, 14)]),
    ],
)
def test_a_date_is_taken_where_the_column_tells_day_from_month(column: list[str], days: list[object]) -> None:
    rows = [["Ana", "Li", f"{place}@x.example", cell] for place, cell in enumerate(column)]

    found = decided(as_csv([["First name", "Last name", "Email", "Start date"], *rows]))

    assert [one.row.starts_on if one.row else "refused" for one in found] == days


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Ana Li", ("Ana", "Li")),
        ("Li, Ana Maria", ("Ana Maria", "Li")),
        ("Ana Maria  Li", ("Ana Maria", "Li")),
        ("LI, ANA", ("ANA", "LI")),
    ],
)
def test_a_whole_name_has_its_last_name_last_or_before_a_comma(cell: str, names: tuple[str, str]) -> None:
    assert names_of(cell) == names


@pytest.mark.parametrize(
    "cell", ["Ana", "", "Li,", ", Ana", "Ana Li, BCBA", "Ana Li, Jr.", "Li, Ana, PhD", "Ana Li, Ph.D."]
)
def test_a_whole_name_that_is_not_certain_is_refused(cell: str) -> None:
    with pytest.raises(Invalid, match="Whole name: "):
        names_of(cell)


def test_a_row_goes_through_json_and_back() -> None:
    row = taken(
        **{"Phone": "617 555 0142", "Roles": "Therapist", "Tags": "a; b", "Start date": "2026-03-14", "Active": "no",
           "Preferred name": "Annie", "Location": "Main street", "Title": "OT"}
    )  # fmt: skip

    assert Row.from_json(json.loads(json.dumps(row.to_json()))) == row
    assert Row.from_json(json.loads(json.dumps(taken().to_json()))) == taken()


@pytest.mark.asvs("1.2.10")
def test_the_refused_file_runs_no_formula_and_comes_back_mended_or_not() -> None:
    text = 'First name,Last name,Email\n"=cmd()",Grubb,no email\n+1,-Li,@x\n'
    header, refused = ["First name", "Last name", "Email"], decided(text)

    written = refused_file(header, [(one.number, " ".join(one.reasons), one.cells) for one in refused])
    again = table(written)

    assert written.splitlines()[0] == "Row,Reason,First name,Last name,Email"
    assert "'=cmd()" in written
    assert ",'+1,'-Li,'@x" in written
    assert again.header == tuple(header)
    assert [cells for _, cells in again.rows] == [one.cells for one in refused]
    assert decided(written.replace("no email", "bo@x.example"))[0].row.first_name == "=cmd()"  # type: ignore[union-attr]


TEXT = st.text(st.sampled_from(list("abcÉß李م '=+-@,;|\"\t\n＝’")), max_size=12)
NAME = TEXT.filter(lambda text: any(c.isalpha() for c in text))


@given(NAME, NAME, TEXT, st.lists(TEXT, max_size=3), st.sampled_from(["", "617 555 0142"]))
@settings(max_examples=200, deadline=None)
def test_a_row_that_leaves_and_comes_back_is_the_same(
    first: str, last: str, designation: str, tags: list[str], phone: str
) -> None:
    cells = {"Phone": phone, "Title": designation, "Tags": ";".join(tags)}
    row = _here(
        [["First name", "Last name", "Email", *cells], [first, last, "a@x.example", *cells.values()]]
    )[0].row
    if row is None:
        return

    leaving = [row.first_name, row.last_name, row.email, row.phone, row.designation, listed(row.tags)]
    text = csv_text([["First name", "Last name", "Email", *cells], leaving])

    assert _decide(table_of(read(text.encode(), {})))[0].row == row


def _here(rows: list[list[str]]) -> list[Decided]:
    return _decide(table_of(read(as_csv(rows).encode(), {})))


def _decide(found: Table) -> list[Decided]:
    return decide(found, guess_columns(found.header), role_keys=ROLES, country="US")
