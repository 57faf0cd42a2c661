"""Staff lists for the tests of reading them, and the same list as a workbook."""

import csv
import io
import zipfile
from pathlib import Path

from openpyxl import Workbook

from motlink.staff.import_columns import guess_columns
from motlink.staff.import_file import Table, read_table
from motlink.staff.import_rows import Decided, decide

DATA = Path(__file__).parent.parent / "data"
ROLES = {
    name: name.replace(" ", "_")
    for name in (
        "therapist", "supervisor", "intern", "owner", "manager", "scheduler", "biller", "reporting",
        "records custodian", "staff administrator", "auditor",
    )
}  # fmt: skip
HEADER = "First Name,Last Name,E-mail,Phone,Roles,Therapist Tags,Designation,Active\n"


def table(content: bytes | str, **how: str) -> Table:
    return read_table(content.encode() if isinstance(content, str) else content, name="staff", **how)


def decided(content: bytes | str, **how: str) -> list[Decided]:
    found = table(content, **how)
    return decide(found, guess_columns(found.header), role_keys=ROLES, country="US")


def one(**cells: str) -> Decided:
    """Decide one row: Ana Li, with these cells besides; the names are those of the header."""
    row = {"First name": "Ana", "Last name": "Li", "Email": "ana@x.example"} | cells
    return decided(as_csv([list(row), list(row.values())]))[0]


def as_csv(rows: list[list[str]], delimiter: str = ",") -> str:
    paper = io.StringIO()
    csv.writer(paper, delimiter=delimiter).writerows(rows)
    return paper.getvalue()


def as_xlsx(rows: list[list[str]]) -> bytes:
    """Return rows as a workbook of texts."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Staff")
    for row in rows:
        sheet.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    paper = io.BytesIO()
    book.save(paper)
    return paper.getvalue()


def rezipped(content: bytes, part: str, changes: tuple[bytes, ...]) -> bytes:
    """Return a workbook with words of one part replaced: old, new, old, new …"""
    paper = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(paper, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name)
            for before, after in zip(changes[::2], changes[1::2], strict=True):
                text = text.replace(before, after) if name == part else text
            new.writestr(name, text)
    return paper.getvalue()
