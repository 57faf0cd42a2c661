"""Importing a staff list: previewed row by row, good rows in, none of the bad, all taken back by one undo (IE-01)."""

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import col, select

from motlink import batch_runner
from motlink.audit.undo import undo
from motlink.cli_ready import actor_named
from motlink.errors import Conflict, Invalid, NotAllowed, NotFound
from motlink.mail.models import Letter
from motlink.orgs.models import Location
from motlink.roles.models import RoleGrant
from motlink.sheets import csv_text
from motlink.staff.actions import add_member, deactivate, edit_member, reactivate, switch_role
from motlink.staff.export import export_staff
from motlink.staff.import_actions import (
    RowsRefused,
    drop_import,
    forget_old_files,
    read_otherwise,
    receive_file,
    start_import,
)
from motlink.staff.import_queries import import_shown, imports, rows_to_mend
from motlink.staff.invitations import send_invitation
from motlink.staff.models import Invitation
from motlink.staff.queries import profile
from motlink.staff.roster import roster
from motlink.staff.rows import RosterView
from motlink.staff.undo import restore_roles
from motlink.tags.models import Tag, Tagging
from motlink.work import begin_work, system
from tests.acts import cleo_and_strangers_may_not, count, do, faults, log, refusal, roles_of, see, switching
from tests.people import Practice, add_person
from tests.staff.imports import DATA, MINA, bring, fates, named, people, sheet, shown, take_in

pytestmark = pytest.mark.req("IE-01")
ROLES = {
    "therapist", "supervisor", "intern", "owner", "manager", "scheduler", "biller", "reporting", "records custodian",
    "staff administrator", "auditor",
}  # fmt: skip


def bad_rows(path: Path) -> set[int]:
    """Which rows must be refused, derived here by other means than the program's."""
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    twins = Counter(row["E-mail"].strip().lower() for row in rows)
    bad = set()
    for number, row in enumerate(rows, 2):
        digits = re.sub(r"\D", "", row["Phone"])
        names = {name.strip().lower() for name in row["Roles"].split(";") if name.strip()}
        if (
            not re.fullmatch(r"\S+@\S+\.\S+", row["E-mail"].strip())
            or twins[row["E-mail"].strip().lower()] > 1
            or names - ROLES
            or 0 < len(digits) < 10
            or row["Active"] not in {"yes", "no"}
            or len(row["First Name"]) > 100
        ):
            bad.add(number)
    return bad


def test_every_good_row_of_the_sample_comes_in_and_no_bad_one(practice: Practice) -> None:
    file = DATA / "staff_export.csv"
    bad = bad_rows(file)

    batch_id, done = take_in(practice, practice.ana, file.read_bytes(), file.name)

    found = fates(practice, practice.ana, batch_id)
    assert {number for number, (outcome, _) in found.items() if outcome == "refused"} == bad
    assert {outcome for number, (outcome, _) in found.items() if number not in bad} == {"done"}
    assert len(people(practice)) == 1200 - len(bad) + 4
    assert count(Invitation) == count(Letter) == 0
    assert count(Tag, Tag.org_id == practice.org, Tag.key == "spanish") == 1
    assert done.undo and "more follow" in done.sentence
    assert not faults()


def test_a_second_time_nothing_changes(practice: Practice) -> None:
    content = (DATA / "staff_export_windows.csv").read_bytes()
    take_in(practice, practice.ana, content)

    again = bring(practice, practice.ana, content)

    assert set(shown(practice, practice.ana, again).counts) == {"unchanged"}
    refusal(practice, practice.ana, start_import, Invalid, batch_id=again)


def test_the_windows_file_comes_in_letter_by_letter(practice: Practice) -> None:
    content = (DATA / "staff_export_windows.csv").read_bytes()

    batch_id = bring(practice, practice.ana, content)

    read = shown(practice, practice.ana, batch_id)
    assert (read.encoding, read.delimiter, read.counts) == ("cp1252", ";", {"create": 62})
    assert (read.rows[0].name, read.rows[0].email) == (
        "José María Núñez-O’Connor",
        "lushia.reid@riverbend-therapy.example",
    )


def test_before_the_decision_nothing_has_happened(practice: Practice) -> None:
    before = len(people(practice))

    batch_id = bring(practice, practice.ben, sheet(MINA, MINA | {"Email": "nobody"}))

    assert len(people(practice)) == before
    assert shown(practice, practice.ben, batch_id).counts == {"create": 1, "refused": 1}
    assert shown(practice, practice.ben, batch_id).seats == 1
    do(practice, practice.ben, drop_import, batch_id=batch_id)
    assert shown(practice, practice.ben, batch_id).state == "stopped"
    refusal(practice, practice.ben, start_import, Conflict, batch_id=batch_id)


def test_all_or_nothing_takes_nothing_where_a_row_is_bad(practice: Practice) -> None:
    batch_id = bring(practice, practice.ben, sheet(MINA, MINA | {"Email": "nobody"}))

    refused = refusal(
        practice, practice.ben, start_import, RowsRefused, batch_id=batch_id, all_or_nothing=True
    )

    assert refused.sentence == "1 row is refused, so nothing was imported."
    assert len(people(practice)) == 4


def test_an_inactive_person_comes_in_let_go_with_the_roles_as_previous_ones(practice: Practice) -> None:
    take_in(practice, practice.ana, sheet(MINA | {"Active": "no", "Therapist Tags": "Spanish"}))
    mina = named(practice, "Haddad")

    assert mina.deactivated_at is not None
    assert roles_of(practice, mina.id) == set()
    with begin_work(system(), org=practice.org, writes=False) as work:
        assert all(
            grant.ended_at
            for grant in work.session.exec(select(RoleGrant).where(RoleGrant.member_id == mina.id))
        )
    do(practice, practice.ana, reactivate, member_id=mina.id)
    do(practice, practice.ana, restore_roles, member_id=mina.id)
    assert roles_of(practice, mina.id) == {"therapist"}


@pytest.mark.req("TA-18")
def test_somebody_who_is_here_is_changed_only_as_the_preview_says(practice: Practice) -> None:
    take_in(practice, practice.ana, sheet(MINA | {"Phone": "617 555 0142"}))
    other = MINA | {"Last Name": "Habib", "Phone": "", "Roles": "Biller", "Therapist Tags": "Spanish; ASL"}

    batch_id = bring(practice, practice.ana, sheet(other))
    said = shown(practice, practice.ana, batch_id).rows[0]
    do(practice, practice.ana, start_import, batch_id=batch_id)

    mina = named(practice, "Habib")
    assert said.fate == "update"
    assert said.words == "Last name: Haddad → Habib; Gets Biller; Gets the tags Spanish, ASL"
    assert mina.phone == "+1 (617) 555-0142", "an empty cell changes nothing"
    assert roles_of(practice, mina.id) == {"therapist", "biller"}, "a file takes no role away"


def test_a_file_lets_go_but_never_lets_in_again(practice: Practice) -> None:
    take_in(practice, practice.ana, sheet(MINA))

    gone = bring(practice, practice.ana, sheet(MINA | {"Active": "no"}))
    assert shown(practice, practice.ana, gone).rows[0].words == "Will be deactivated"
    do(practice, practice.ana, start_import, batch_id=gone)
    again = bring(practice, practice.ana, sheet(MINA))

    assert named(practice, "Haddad").deactivated_at is not None
    assert shown(practice, practice.ana, again).rows[0].fate == "refused"
    assert "inactive here" in shown(practice, practice.ana, again).rows[0].words


@pytest.mark.asvs("15.4.2")
def test_a_file_that_changes_people_and_lets_them_go_holds_their_accounts_first(practice: Practice) -> None:
    omar = MINA | {"First Name": "Omar", "Last Name": "Haddad", "Email": "omar@x.example"}
    take_in(practice, practice.ana, sheet(MINA, omar))

    leaves = {"Phone": "617 555 0142", "Active": "no"}
    take_in(practice, practice.ana, sheet(omar | leaves, MINA | leaves))

    # That nothing was locked against the order is seen by the watch over every test.
    gone = [one for one in people(practice) if one.email.endswith("@x.example")]
    assert [(one.phone, one.deactivated_at is None) for one in gone] == [("+1 (617) 555-0142", False)] * 2


def test_what_has_changed_since_the_preview_is_left_and_told(practice: Practice) -> None:
    batch_id = bring(practice, practice.ana, sheet(MINA, MINA | {"Email": "kim@x.example"}))
    do(
        practice,
        practice.ben,
        add_member,
        first_name="Mina",
        last_name="H",
        email="mina@x.example",
        invite=False,
    )

    do(practice, practice.ana, start_import, batch_id=batch_id)

    found = fates(practice, practice.ana, batch_id)
    assert [found[number][0] for number in (2, 3)] == ["refused", "done"]
    assert "changed since the preview" in found[2][1]


@pytest.mark.req("TA-01")
def test_an_import_gives_no_role_above_the_one_who_imports(practice: Practice) -> None:
    rows = sheet(MINA, MINA | {"Email": "b@x.example", "Roles": "Manager"}, MINA | {"Email": "c@x.example"})

    batch_id, _ = take_in(practice, practice.sam, rows)

    found = fates(practice, practice.sam, batch_id)
    assert [found[number][0] for number in (2, 3, 4)] == ["done", "refused", "done"]
    assert "staff administrator" in found[3][1]


@pytest.mark.req("TA-01")
def test_a_staff_administrator_changes_no_manager_by_a_file(practice: Practice) -> None:
    ben = {"First Name": "Benjamin", "Last Name": "Okafor", "Email": "ben.okafor@riverbend.example"}

    batch_id = bring(
        practice,
        practice.sam,
        sheet(ben, ben | {"Email": "sam.whitfield@riverbend.example", "Roles": "Biller"}),
    )

    assert set(shown(practice, practice.sam, batch_id).counts) == {"refused"}


@pytest.mark.req("TA-01")
def test_who_may_not_brings_nothing_in_and_sees_nothing(practice: Practice) -> None:
    cleo_and_strangers_may_not(practice, receive_file, of_member=False, name="x.csv", content=b"x")
    batch_id = bring(practice, practice.ana, sheet(MINA))

    for act in (start_import, drop_import, read_otherwise):
        cleo_and_strangers_may_not(practice, act, of_member=False, batch_id=batch_id)
        with pytest.raises(NotFound), begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
            act(work, batch_id=batch_id)  # type: ignore[operator]
    for query in (import_shown, rows_to_mend):
        with pytest.raises(NotAllowed):
            see(practice, practice.cleo, query, batch_id=batch_id)
        with pytest.raises(NotFound), begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
            query(work, batch_id=batch_id)  # type: ignore[operator]
    with pytest.raises(NotAllowed):
        see(practice, practice.cleo, imports)
    with begin_work(practice.as_(practice.dov), org=practice.other_org, writes=False) as work:
        assert imports(work) == ()


def test_columns_put_right_by_hand_are_remembered_for_the_next_file(practice: Practice) -> None:
    content = b"Given,Family,Login,Work\nMina,Haddad,mina@x.example,Biller\n"
    batch_id = bring(practice, practice.ana, content)
    assert "There is no column for" in shown(practice, practice.ana, batch_id).problem

    columns = {"first_name": 0, "last_name": 1, "email": 2, "roles": 3}
    do(practice, practice.ana, read_otherwise, batch_id=batch_id, columns=columns)
    batch_runner.run_batch(str(batch_id))
    do(practice, practice.ana, start_import, batch_id=batch_id)
    again = bring(practice, practice.ana, content.replace(b"mina", b"kim"))

    assert named(practice, "Haddad").first_name == "Mina"
    assert shown(practice, practice.ana, again).columns == columns
    assert shown(practice, practice.ana, again).counts == {"create": 1}


def test_a_column_that_is_not_taken_is_named(practice: Practice) -> None:
    header = ("First Name", "Last Name", "Email", "Shoe size")

    batch_id = bring(practice, practice.ana, sheet(MINA | {"Shoe size": "38"}, header=header))

    assert shown(practice, practice.ana, batch_id).not_taken == ("Shoe size",)


def test_what_cannot_be_read_says_why_and_takes_nothing(practice: Practice) -> None:
    batch_id = bring(practice, practice.ana, b"a\x00b,c\n")

    read = shown(practice, practice.ana, batch_id)

    assert read.state == "ready"
    assert "not a text file" in read.problem
    refusal(practice, practice.ana, start_import, Invalid, batch_id=batch_id)
    refusal(practice, practice.ana, receive_file, Invalid, name="x", content=b"")
    refusal(practice, practice.ana, receive_file, Invalid, name="x", content=bytes(20_000_001))


def test_the_refused_rows_come_back_mended(practice: Practice) -> None:
    batch_id, _ = take_in(practice, practice.ana, sheet(MINA, MINA | {"Email": "kim(at)x.example"}))
    from motlink.staff.import_rows import refused_file

    header, rows = see(practice, practice.ana, rows_to_mend, batch_id=batch_id)
    mended = refused_file(header, rows).replace("kim(at)x.example", "kim@x.example")
    take_in(practice, practice.ana, mended.encode())

    assert [row[0] for row in rows] == [3]
    assert {one.email for one in people(practice)} >= {"kim@x.example", "mina@x.example"}


@pytest.mark.req("IE-01", "UX-02")
def test_one_undo_takes_a_whole_import_back_as_if_it_had_not_been(practice: Practice) -> None:
    take_in(practice, practice.ana, sheet(MINA | {"Therapist Tags": "ASL"}))
    before = roster_of(practice)
    change = MINA | {"Last Name": "Habib", "Roles": "Biller", "Therapist Tags": "Spanish"}
    new = [MINA | {"Email": f"n{n}@x.example", "Therapist Tags": "Spanish"} for n in range(30)]

    _, done = take_in(
        practice, practice.ana, sheet(change, *new, MINA | {"Email": "gone@x.example", "Active": "no"})
    )
    do(practice, practice.ana, undo, entry_id=done.undo)
    batch_runner.sweep_batches()

    assert roster_of(practice) == before
    assert named(practice, "Haddad").email == "mina@x.example"
    assert not faults()


def test_after_an_undo_the_same_file_comes_in_as_if_new(practice: Practice) -> None:
    rows = sheet(MINA | {"Therapist Tags": "ASL"})
    _, done = take_in(practice, practice.ana, rows)
    do(practice, practice.ana, undo, entry_id=done.undo)

    _, again = take_in(practice, practice.ana, rows)
    by_hand = do(
        practice,
        practice.ana,
        add_member,
        first_name="Kim",
        last_name="Li",
        email="kim@x.example",
        invite=False,
    )

    mina = named(practice, "Haddad")
    assert again.sentence == "1 person imported from staff.csv."
    assert roles_of(practice, mina.id) == {"therapist"}
    assert [tag.name for tag in see(practice, practice.ana, profile, member_id=mina.id).tags] == ["ASL"]
    assert by_hand.name == "Kim Li"


@pytest.mark.req("UX-05")
def test_nothing_of_a_place_that_was_taken_back_is_told_of_the_new_one(practice: Practice) -> None:
    _, done = take_in(practice, practice.ana, sheet(MINA | {"Active": "no"}))
    do(practice, practice.ana, undo, entry_id=done.undo)

    take_in(practice, practice.ana, sheet(MINA | {"Roles": ""}))

    mina = {"member_id": named(practice, "Haddad").id}
    assert not see(practice, practice.ana, profile, **mina).can_restore
    refusal(practice, practice.ana, restore_roles, NotFound, **mina)
    given = switching(practice, mina["member_id"], "biller", on=True)
    do(practice, practice.ana, switch_role, **given)
    rows = see(practice, practice.ana, profile, **mina).timeline.rows
    assert "Deactivated" not in {row.name for row in rows}
    do(practice, practice.ana, deactivate, **mina)
    do(practice, practice.ana, reactivate, **mina)
    do(practice, practice.ana, restore_roles, **mina)
    assert roles_of(practice, mina["member_id"]) == {"biller"}


def test_someone_taken_back_can_be_added_by_hand_and_is_seen_by_nobody_until_then(practice: Practice) -> None:
    _, done = take_in(practice, practice.ana, sheet(MINA))
    mina = named(practice, "Haddad")
    do(practice, practice.ana, undo, entry_id=done.undo)

    with pytest.raises(NotFound):
        see(practice, practice.ana, profile, member_id=mina.id)
    refusal(practice, practice.ana, reactivate, NotFound, member_id=mina.id)
    refusal(practice, practice.ana, send_invitation, NotFound, member_id=mina.id)
    assert all(
        row.id != mina.id for row in see(practice, practice.ana, roster, view=RosterView(inactive=True)).rows
    )

    do(
        practice,
        practice.ana,
        add_member,
        first_name="Mina",
        last_name="Anew",
        email="mina@x.example",
        invite=False,
    )

    assert named(practice, "Anew").deactivated_at is None


def test_whoever_has_been_touched_since_stays_when_the_import_is_taken_back(practice: Practice) -> None:
    _, done = take_in(
        practice, practice.ana, sheet(MINA, MINA | {"Email": "kim@x.example", "First Name": "Kim"})
    )
    kim = next(one for one in people(practice) if one.first_name == "Kim")
    do(practice, practice.ben, send_invitation, member_id=kim.id)

    back = do(practice, practice.ana, undo, entry_id=done.undo)

    assert back.sentence == "Undone for 1 person. 1 refused."
    assert {one.first_name for one in people(practice) if one.last_name == "Haddad"} == {"Kim"}


def test_an_update_that_was_changed_again_is_not_taken_back(practice: Practice) -> None:
    take_in(practice, practice.ana, sheet(MINA))
    _, done = take_in(practice, practice.ana, sheet(MINA | {"Last Name": "Habib"}))
    mina = named(practice, "Habib")
    do(
        practice, practice.ben, edit_member, member_id=mina.id, version=mina.version,
        first_name="Mina", last_name="Hanna", phone="", designation="",
    )  # fmt: skip

    back = do(practice, practice.ana, undo, entry_id=done.undo)

    assert back.sentence == "Undone for 0 people. 1 refused."
    assert named(practice, "Hanna")


@pytest.mark.req("TA-33")
def test_location_start_date_and_preferred_name_come_along_and_go_back(practice: Practice) -> None:
    facts = {"Location": "North  Clinic", "Start Date": "2026-03-02", "Preferred Name": "Mimi"}
    take_in(practice, practice.ana, sheet(MINA, MINA | facts | {"Email": "kim@x.example"}))
    before = roster_of(practice)

    _, done = take_in(practice, practice.ana, sheet(MINA | facts | {"Location": "north clinic"}))

    mina = next(one for one in people(practice) if one.email == "mina@x.example")
    kim = next(one for one in people(practice) if one.email == "kim@x.example")
    assert (mina.preferred_name, str(mina.starts_on)) == ("Mimi", "2026-03-02")
    assert mina.location_id == kim.location_id
    assert count(Location) == 1
    do(practice, practice.ana, undo, entry_id=done.undo)
    assert roster_of(practice) == before


def test_what_is_exported_comes_back_unchanged(practice: Practice) -> None:
    formula = MINA | {
        "Location": "North",
        "Start Date": "2026-03-02",
        "Preferred Name": "Mimi",
        "First Name": "=1+1",
        "Email": "f@x.example",
        "Therapist Tags": "@home; 100% in-home",
    }
    take_in(practice, practice.ana, sheet(MINA, formula, MINA | {"Email": "gone@x.example", "Active": "no"}))
    with begin_work(practice.as_(practice.ana), org=practice.org, writes=False) as work:
        text = csv_text(export_staff(work, view=RosterView(inactive=True)))

    batch_id = bring(practice, practice.ana, text.encode())

    assert set(shown(practice, practice.ana, batch_id).counts) == {"unchanged"}
    assert "'=1+1" in text, "no cell is a formula outside"
    assert any(one.first_name == "=1+1" for one in people(practice))


def test_the_export_is_the_view_on_all_its_pages_and_of_this_practice_alone(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        for n in range(60):
            add_person(work, f"N{n:02}", "Biller", "biller")

    with begin_work(practice.as_(practice.ana), org=practice.org, writes=False) as work:
        rows = list(export_staff(work, view=RosterView(roles=("biller",), page=2)))

    assert [row[0] for row in rows[1:]] == [f"N{n:02}" for n in range(60)]
    with pytest.raises(NotAllowed):
        see(practice, practice.cleo, lambda work, **_: list(export_staff(work, view=RosterView())))


def test_two_practices_with_the_same_people_get_one_account_each_their_own_place(practice: Practice) -> None:
    rows = sheet(MINA)

    take_in(practice, practice.ana, rows)
    there = Practice(**(practice.__dict__ | {"org": practice.other_org, "ana": practice.dov}))
    take_in(there, practice.dov, rows)

    assert named(practice, "Haddad").account_id == named(there, "Haddad").account_id


def test_each_row_is_one_act_in_the_log_that_names_the_file(practice: Practice) -> None:
    take_in(practice, practice.ana, sheet(MINA))

    about = [entry for entry in log(practice) if entry.subject_id == named(practice, "Haddad").id]

    assert [entry.action for entry in about] == ["staff.imported"]
    assert (about[0].payload["file"], about[0].payload["row"]) == ("staff.csv", 2)
    see_words = see(practice, practice.ana, profile, member_id=named(practice, "Haddad").id).history
    assert see_words[0].what == "Imported from staff.csv, row 2"


def test_files_are_forgotten_after_thirty_days(practice: Practice) -> None:
    from datetime import UTC, datetime, timedelta

    from motlink.staff.models import BatchItem, ImportFile

    batch_id = bring(practice, practice.ana, sheet(MINA))

    with begin_work(system(), org=practice.org, at=datetime.now(UTC) + timedelta(days=29)) as work:
        assert forget_old_files(work) == 0
    with begin_work(system(), org=practice.org, at=datetime.now(UTC) + timedelta(days=31)) as work:
        assert forget_old_files(work) == 1
    assert count(ImportFile) == 0
    assert count(BatchItem, col(BatchItem.given).is_not(None)) == 0
    left = shown(practice, practice.ana, batch_id)
    assert (left.state, left.rows[0].name, left.rows[0].fate) == ("stopped", "", "create")


def test_acting_as_someone_who_is_not_there_is_refused(practice: Practice) -> None:
    with pytest.raises(NotFound), begin_work(actor_named("nobody@x.example"), org=practice.org, writes=False):
        pass


def test_someone_who_is_let_go_by_hand_stays_so(practice: Practice) -> None:
    take_in(practice, practice.ana, sheet(MINA))
    do(practice, practice.ana, deactivate, member_id=named(practice, "Haddad").id)

    batch_id = bring(practice, practice.ana, sheet(MINA | {"Active": ""}))

    assert shown(practice, practice.ana, batch_id).rows[0].fate == "refused"


def roster_of(practice: Practice) -> object:
    """Return everything the roster shows that is on, and how many roles and tags are open."""
    page = see(practice, practice.ana, roster, view=RosterView(inactive=True))
    rows = [
        (row.name, row.phone, row.state, [r.name for r in row.roles if r.on], row.tags) for row in page.rows
    ]
    open_tags = count(Tagging, col(Tagging.ended_at).is_(None))
    return rows, page.active, page.inactive, open_tags, count(RoleGrant, col(RoleGrant.ended_at).is_(None))
