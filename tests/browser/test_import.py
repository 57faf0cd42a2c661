"""People come in from a file: seen row by row before anything happens, put right, imported, taken back (IE-01)."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Screen, go, notice, person, ready, search
from tests.browser.test_axe import Eye
from tests.browser.town import Town
from tests.staff.imports import DATA, MINA, sheet

AsPerson = Callable[..., Page]
KIM = MINA | {
    "First Name": "Kim",
    "Last Name": "Novak",
    "Email": "kim@x.example",
    "Therapist Tags": "Spanish",
}
BAD = MINA | {"First Name": "Lee", "Last Name": "Doyle", "Email": "lee(at)x.example"}

pytestmark = pytest.mark.req("IE-01")


def bring(page: Page, town: Town, name: str, content: bytes) -> None:
    """Choose a file and wait until its rows stand there."""
    go(page, town.path("settings/staff/import"))
    kind = "text/csv" if name.endswith("csv") else "application/octet-stream"
    page.get_by_label("Staff list").set_input_files({"name": name, "mimeType": kind, "buffer": content})
    page.get_by_role("button", name="Read the file").click()
    ready(page)
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def line(page: Page, words: str) -> object:
    return page.get_by_role("row").or_(page.get_by_role("listitem")).filter(has_text=words)


def test_a_file_is_seen_imported_and_taken_back(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = go(as_person(town, "ana", screen), town.path())
    page.get_by_role("link", name="Import").click()
    bring(page, town, "people.csv", sheet(MINA, KIM, BAD))

    expect(page.get_by_role("button", name="2 new")).to_be_visible()
    expect(page.get_by_text("Adds 2 seats, $20.00 a month")).to_be_visible()
    expect(line(page, "Lee Doyle").get_by_text("This is not an email address.")).to_be_visible()  # type: ignore[attr-defined]
    page.get_by_role("button", name="1 refused").click()
    expect(line(page, "Mina Haddad")).to_be_hidden()  # type: ignore[arg-type]
    page.get_by_role("button", name="Import the 2 good rows").click()

    expect(notice(page, "2 people imported from people.csv. 1 refused.")).to_be_visible()
    expect(page.get_by_text("Nobody has been invited.")).to_be_visible()
    page.get_by_role("link", name="Staff", exact=True).last.click()
    expect(person(page, "Kim Novak").get_by_text("Not invited")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Take this import back").click()
    expect(notice(page, "Undone for 2 people.")).to_be_visible()
    expect(page.get_by_text("Whoever this file brought in is out again.")).to_be_visible()
    go(page, town.path())
    expect(person(page, "Cleo Marchetti")).to_be_visible()
    expect(person(page, "Kim Novak")).to_be_hidden()


def test_columns_are_put_right_and_refused_rows_come_back_mended(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    page = as_person(town, "ana", screen)
    content = sheet(MINA, BAD).replace(b"Email", b"Login")
    bring(page, town, "people.csv", content)
    expect(page.get_by_role("alert").filter(has_text="There is no column for: Email.")).to_be_visible()

    page.get_by_label("Email (needed)").select_option("Login")

    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Refused rows, to mend").click()
    rows = list(csv.reader(io.StringIO(taken.value.path().read_text("utf-8-sig"))))
    assert rows[1][:2] == ["3", "Email: This is not an email address."]
    rows[1] = [cell.replace("(at)", "@") for cell in rows[1]]
    paper = io.StringIO()
    csv.writer(paper).writerows(rows)
    page.get_by_role("button", name="Import the 1 good row").click()
    expect(notice(page, "1 person imported")).to_be_visible()
    bring(page, town, "mended.csv", paper.getvalue().encode())
    expect(page.get_by_role("button", name="1 new")).to_be_visible()


@pytest.mark.req("UX-01")
def test_axe_finds_nothing_in_an_import(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page, eye = as_person(town, "ana", screen), Eye()
    go(page, town.path("settings/staff/import"))
    eye.look(page, "choose a file")
    bring(page, town, "people.csv", sheet(MINA, KIM, BAD))
    expect(page.get_by_role("button", name="2 new")).to_be_visible()
    page.get_by_text("How the file is read").click()
    eye.look(page, "preview")
    page.get_by_role("button", name="Import the 2 good rows").click()
    expect(page.get_by_text("Nobody has been invited.")).to_be_visible()
    eye.look(page, "result")
    go(page, town.path("settings/staff/import"))
    eye.look(page, "earlier files")
    bring(page, town, "picture.csv", b"\x00")
    expect(page.get_by_role("alert").filter(has_text="This is not a text file.")).to_be_visible()
    eye.look(page, "a file that cannot be read")
    eye.tell()


def test_what_is_no_list_says_why(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = as_person(town, "ana", screen)

    bring(page, town, "picture.csv", b"\x00\x01\x02")

    expect(page.get_by_role("alert").filter(has_text="This is not a text file.")).to_be_visible()
    page.get_by_role("button", name="Put away").click()
    expect(page.get_by_role("heading", name="Bring people in")).to_be_visible()
    expect(page.get_by_text("stopped, 0 imported")).to_be_visible()


def test_the_view_is_taken_along_as_a_file(town: Town, as_person: AsPerson, screen: Screen) -> None:
    page = as_person(town, "ana", screen)
    cut: list[object] = []
    page.on("websocket", lambda line: line.on("close", lambda _: cut.append(line.url)))
    go(page, town.path())
    search(page).fill("cleo")
    expect(person(page, "Ben Okafor")).to_be_hidden()

    with page.expect_download() as taken:
        page.get_by_role("button", name="Export").click()

    rows = list(csv.reader(io.StringIO(Path(taken.value.path()).read_text("utf-8-sig"))))
    assert [row[0] for row in rows] == ["First Name", "Cleo"]
    assert taken.value.suggested_filename == f"staff-{town.slug}.csv"
    search(page).fill("")
    expect(person(page, "Ben Okafor")).to_be_visible()
    # A form that posts by itself would have hung up.
    assert cut == []


def test_the_large_sample_shows_its_progress_and_survives_a_reload(town: Town, as_person: AsPerson) -> None:
    page = as_person(town, "ana")
    bring(page, town, "staff_export.csv", (DATA / "staff_export.csv").read_bytes())
    button = page.get_by_role("button", name=re.compile(r"Import the [\d,]+ good rows"))
    expect(button).to_be_visible(timeout=20_000)

    button.click()
    page.reload()
    ready(page)

    expect(page.get_by_text("Nobody has been invited.")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name=re.compile(r"[\d,]+ imported"))).to_be_visible()
