"""Both sample files: imported, corrected, tagged, priced, exported, taken back; and the guide's pictures."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect
from sqlmodel import func, select

from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import in_force
from motlink.work import begin_work, system
from tests.browser.hands import WIDE, go, person, ready, search
from tests.browser.test_bulk import pick, press, question
from tests.browser.test_guide import guide_shot
from tests.browser.test_import import bring
from tests.browser.town import Town
from tests.staff.imports import DATA

AsPerson = Callable[..., Page]
# A loaded machine takes its time for 1,200 people.
LONG = 60_000


def rows_of(download: Download) -> list[list[str]]:
    return list(csv.reader(io.StringIO(Path(download.path()).read_text("utf-8-sig"))))


def import_all(page: Page, rows: str) -> None:
    """Press the button and wait for the end."""
    page.get_by_role("button", name=re.compile(f"Import .*{rows} ")).click(timeout=LONG)
    expect(page.get_by_text("Nobody has been invited.")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("button", name=re.compile(f"^{rows} imported"))).to_be_visible()


def mended(rows: list[list[str]]) -> bytes:
    """Put right what each refused row's reason says."""
    for number, row in enumerate(rows[1:]):
        row[4] = f"mended{number}@riverbend-therapy.example"
        row[2] = row[2][:20]
        row[5] = ""
        row[6] = row[6].replace("Wizard", "Therapist")
        row[9] = "yes"
    paper = io.StringIO()
    csv.writer(paper).writerows(rows)
    return paper.getvalue().encode()


def seats(town: Town) -> int:
    """Count the people with a paid role by other means than the bill does."""
    with begin_work(system(), org=town.slug, writes=False) as work:
        query = select(func.count(func.distinct(RoleGrant.member_id))).join(
            Role, Role.id == RoleGrant.role_id
        )  # type: ignore[arg-type]
        return int(
            work.session.exec(
                query.where(RoleGrant.org_id == work.org_id, Role.paid, in_force(work.now))
            ).one()
        )


@pytest.mark.timeout(420)
@pytest.mark.req("IE-01", "UX-04", "TA-28", "TA-31")
def test_both_sample_files_from_start_to_finish(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ana", WIDE), town.path("settings/staff/import"))
    guide_shot(page, "import-choose")

    # The same people stand in the other file, with less about them.
    bring(page, town, "staff_export_windows.csv", (DATA / "staff_export_windows.csv").read_bytes())
    import_all(page, "62")
    windows = page.url
    bring(page, town, "staff_export.csv", (DATA / "staff_export.csv").read_bytes())
    page.get_by_role("button", name="10 refused").click(timeout=LONG)
    expect(page.get_by_role("table").get_by_text("There is no role “Wizard”.")).to_be_visible()
    guide_shot(page, "import-preview")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Refused rows, to mend").click()
    refused = rows_of(taken.value)
    import_all(page, r"1,\d+")
    guide_shot(page, "import-done")
    first = page.url

    bring(page, town, "mended.csv", mended(refused))
    import_all(page, "10")
    second = page.url

    go(page, town.path())
    search(page).fill("núñez")
    expect(person(page, "José María Núñez-O’Connor").get_by_text("Not invited")).to_be_visible()
    pick(page, WIDE, "José María Núñez-O’Connor")
    press(page, "Add tag")
    question(page).get_by_label("Tag", exact=True).fill("Portuguese")
    question(page).get_by_role("radio", name=re.compile("Portuguese")).click()
    question(page).get_by_role("button", name="Tag 1 person").click()
    expect(person(page, "José María").get_by_text("Portuguese")).to_be_visible()

    go(page, town.path("settings/billing"))
    number = seats(town)
    assert number > 800
    expect(page.locator("#next-bill")).to_contain_text(f"${number * 10:,}.00")

    go(page, town.path())
    with page.expect_download() as taken:
        page.get_by_role("button", name="Export").click()
    out = rows_of(taken.value)
    assert len(out) > 1100
    assert not [cell for row in out for cell in row if cell[:1] in ("=", "+", "-", "@")][:1]

    # Who was tagged in between stays, and the notice says so.
    out = "Whoever this file brought in is out again."
    for address, words, said in (
        (second, r"^Undone for 10 people\.", out),
        (first, r"^Undone for 1,\d+ people\.", out),
        (windows, r"^Undone for 61 people\. 1 refused\.", "Taken back, but 1 person stays as they are"),
    ):
        page.goto(address)
        ready(page)
        page.get_by_role("button", name="Take this import back").click()
        expect(page.get_by_text(re.compile(words))).to_be_visible(timeout=LONG)
        expect(page.get_by_text(said)).to_be_visible()
    go(page, town.path())
    search(page).fill("zoë smith")
    expect(page.get_by_role("heading", name="Nobody matches")).to_be_visible(timeout=LONG)
    search(page).fill("núñez")
    expect(person(page, "José María Núñez-O’Connor")).to_be_visible()
