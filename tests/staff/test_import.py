"""Importing a staff list: what is taken, what is refused and why, and that nobody who is here is changed."""

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from motlink.cli_import import import_rows
from motlink.cli_ready import actor_named
from motlink.errors import NotAllowed, NotFound
from motlink.mail.models import Letter
from motlink.roles.models import Role, RoleGrant
from motlink.staff.import_actions import import_row, role_names_for_import
from motlink.staff.import_columns import guess_columns
from motlink.staff.import_file import read_table
from motlink.staff.import_rows import Row, decide
from motlink.staff.models import Invitation, StaffMember
from motlink.tags.models import Tag, Tagging
from motlink.work import FindActor, begin_work, system
from tests.people import Practice, add_person

DATA = Path(__file__).parent.parent / "data"
ROLES = {
    "therapist", "supervisor", "intern", "owner", "manager", "scheduler", "biller", "reporting", "records custodian",
    "staff administrator", "auditor",
}  # fmt: skip
HEADER = "First Name,Last Name,E-mail,Phone,Roles,Therapist Tags,Designation,Active\n"


def files() -> list[Path]:
    return [DATA / "staff_excerpt.csv", DATA / "staff_export.csv"]


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


def take(path: Path, actor: FindActor, org: object) -> tuple[list[Row], list[int]]:
    with begin_work(actor, org=org, writes=False) as work:
        table = read_table(path.read_bytes(), name=path.name)
        decided = decide(
            table, guess_columns(table.header), role_keys=role_names_for_import(work), country="US"
        )
    return [one.row for one in decided if one.row], [one.number for one in decided if one.reasons]


def row(**changed: object) -> Row:
    values = {
        "number": 2, "first_name": "Mina", "last_name": "Haddad", "email": "mina@x.example", "phone": "",
        "designation": "", "roles": ("therapist",), "tags": (), "active": True,
        "given": frozenset({"first_name", "last_name", "email", "roles"}),
    }  # fmt: skip
    return Row(**(values | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_exactly_the_bad_rows_are_refused(practice: Practice, path: Path) -> None:
    rows, refused = take(path, system(), practice.org)

    assert set(refused) == bad_rows(path)
    assert len(rows) + len(refused) == len(list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))) - 1


def test_the_excerpt_goes_in_and_a_second_time_changes_nothing(practice: Practice) -> None:
    rows, _ = take(DATA / "staff_excerpt.csv", system(), practice.org)

    first = import_rows(system(), practice.org, rows)
    second = import_rows(system(), practice.org, rows)

    assert {one.outcome for one in first} == {"added"}
    assert {one.outcome for one in second} == {"unchanged"}
    with begin_work(system(), org=practice.org, writes=False) as work:
        count = select(func.count())
        members = work.session.exec(
            count.select_from(StaffMember).where(StaffMember.org_id == practice.org)
        ).one()
        assert members == len(rows) + 4
        assert work.session.exec(count.select_from(Invitation)).one() == 0
        assert work.session.exec(count.select_from(Letter)).one() == 0
        assert work.session.exec(count.select_from(Tag).where(Tag.key == "spanish")).one() == 1
        worn = count.select_from(Tagging).join(StaffMember, col(StaffMember.id) == col(Tagging.member_id))
        assert (
            work.session.exec(
                worn.where(StaffMember.last_name == "Bishop", StaffMember.first_name == "Jordyn")
            ).one()
            == 80
        )


def test_an_inactive_person_keeps_the_roles_as_previous_ones(practice: Practice) -> None:
    import_rows(system(), practice.org, [row(active=False)])

    with begin_work(system(), org=practice.org, writes=False) as work:
        member = work.session.exec(select(StaffMember).where(StaffMember.last_name == "Haddad")).one()
        grants = work.session.exec(select(RoleGrant).where(RoleGrant.member_id == member.id)).all()
        roles = {work.session.get_one(Role, grant.role_id).key for grant in grants}
    assert member.deactivated_at is not None
    assert roles == {"therapist"}
    assert all(grant.ended_at for grant in grants)


@pytest.mark.req("TA-18")
def test_somebody_who_is_here_is_never_changed(practice: Practice) -> None:
    import_rows(system(), practice.org, [row()])

    (other_name,) = import_rows(system(), practice.org, [row(last_name="Habib")])
    (other_role,) = import_rows(system(), practice.org, [row(roles=("owner",))])

    assert (other_name.outcome, other_role.outcome) == ("refused", "refused")
    assert "last name" in other_name.reason
    assert "roles" in other_role.reason
    with begin_work(system(), org=practice.org, writes=False) as work:
        assert work.session.exec(
            select(StaffMember.last_name).where(StaffMember.first_name == "Mina")
        ).all() == ["Haddad"]


@pytest.mark.req("TA-01")
def test_an_import_gives_no_role_above_the_one_who_imports(practice: Practice) -> None:
    rows = [row(), row(number=3, email="b@x.example", roles=("manager",)), row(number=4, email="c@x.example")]

    outcomes = import_rows(practice.as_(practice.sam), practice.org, rows)

    assert [one.outcome for one in outcomes] == ["added", "refused", "added"]
    assert "staff administrator" in outcomes[1].reason


@pytest.mark.req("TA-01")
def test_cleo_imports_nobody_and_dov_neither(practice: Practice) -> None:
    for stranger in (practice.cleo, practice.dov):
        with pytest.raises(NotAllowed), begin_work(practice.as_(stranger), org=practice.org) as work:
            import_row(work, row=row())


def test_a_row_that_fails_half_way_leaves_its_neighbours_in(practice: Practice) -> None:
    broken = row(number=3, email="b@x.example", roles=("owner",), active=False)
    with begin_work(system(), org=practice.org) as work:
        add_person(work, "Late", "Comer")

    outcomes = import_rows(
        system(), practice.org, [row(), broken, row(number=4, email="c@x.example", first_name="\u202e")]
    )

    assert outcomes[0].outcome == "added"
    assert outcomes[2].outcome == "refused"


def test_the_report_keeps_the_order_of_the_file_whatever_order_the_people_are_added_in(
    practice: Practice,
) -> None:
    emails = ["c@x.example", "a@x.example", "ben.okafor@riverbend.example", "b@x.example"]
    rows = [row(number=number, email=email) for number, email in enumerate(emails, 2)]

    outcomes = import_rows(system(), practice.org, rows)

    expected = [(2, "added"), (3, "added"), (4, "refused"), (5, "added")]
    assert [(one.number, one.outcome) for one in outcomes] == expected
    assert "Ben Okafor" in outcomes[2].reason


def test_acting_as_someone_who_is_not_there_is_refused(practice: Practice) -> None:
    with pytest.raises(NotFound), begin_work(actor_named("nobody@x.example"), org=practice.org, writes=False):
        pass
