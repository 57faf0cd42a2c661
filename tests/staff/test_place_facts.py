"""Location, supervisor, start date and preferred name: kept, checked, found and filtered by (TA-33)."""

from datetime import date
from typing import Any

import pytest

from motlink.audit.undo import undo
from motlink.errors import Invalid
from motlink.orgs.models import Location
from motlink.staff.actions import deactivate, edit_member
from motlink.staff.errors import Changed
from motlink.staff.leaving import leaving_checklist
from motlink.staff.models import StaffMember
from motlink.staff.place_edit import locations, people_named
from motlink.staff.queries import profile
from motlink.staff.roster import roster
from motlink.staff.rows import RosterView
from motlink.work import begin_work, system
from tests.acts import add_someone, cleo_and_strangers_may_not, count, do, refusal, see
from tests.people import Practice

pytestmark = pytest.mark.req("TA-33")
CLEO = {"first_name": "Cleo", "last_name": "Marchetti", "phone": "", "designation": ""}


def saving(practice: Practice, version: int = 1, **facts: str) -> dict[str, Any]:
    return {"member_id": practice.cleo, "version": version, "facts": facts, **CLEO}


def test_facts_are_kept_and_taken_back(practice: Practice) -> None:
    facts = {
        "preferred_name": "Kit", "starts_on": "2023-03-01", "location": "Main Street", "supervisor": "ben okafor",
    }  # fmt: skip
    done = do(practice, practice.ana, edit_member, **saving(practice, **facts))

    place = see(practice, practice.ana, profile, member_id=practice.cleo).place
    assert (place.preferred_name, place.location, place.supervisor) == ("Kit", "Main Street", "Ben Okafor")
    assert (place.starts_on, place.starts) == ("2023-03-01", "1 March 2023")
    do(practice, practice.ana, undo, entry_id=done.undo)
    before = see(practice, practice.ana, profile, member_id=practice.cleo).place
    assert (before.preferred_name, before.location, before.supervisor, before.starts) == ("", "", "", "")


def test_one_place_has_one_name_however_it_is_typed(practice: Practice) -> None:
    do(practice, practice.ana, edit_member, **saving(practice, location="Main Street"))
    do(practice, practice.ana, edit_member, **saving(practice, 2, location="  main   STREET "))

    assert count(Location) == 1
    assert see(practice, practice.ana, locations) == ("Main Street",)


def test_the_list_says_the_preferred_name_and_finds_both(practice: Practice) -> None:
    do(practice, practice.ana, edit_member, **saving(practice, preferred_name="Kit"))

    for words in ("kit", "cleo", "kit marchetti"):
        row = see(practice, practice.ana, roster, view=RosterView(q=words)).rows[0]
        assert (row.name, row.whole_name) == ("Kit Marchetti", "Cleo Marchetti, called Kit")


def test_nobody_supervises_themselves_round_any_corner(practice: Practice) -> None:
    def above(who: str, whom: str) -> dict[str, Any]:
        shown = see(practice, practice.ana, profile, member_id=getattr(practice, who))
        details = {name: getattr(shown, name) for name in CLEO}
        return {"member_id": shown.id, "version": shown.version, "facts": {"supervisor": whom}, **details}

    do(practice, practice.ana, edit_member, **above("ben", "Sam Whitfield"))
    do(practice, practice.ana, edit_member, **above("cleo", "Ben Okafor"))

    for who, whom in (("cleo", "Cleo Marchetti"), ("sam", "Cleo Marchetti"), ("ben", "Cleo Marchetti")):
        wrong = refusal(practice, practice.ana, edit_member, Invalid, **above(who, whom))
        assert wrong.field == "supervisor"
    refusal(practice, practice.ana, edit_member, Invalid, **above("sam", "Nobody Here"))
    refusal(practice, practice.ana, edit_member, Invalid, **above("sam", "Dov Stranger"))


def test_two_of_one_name_are_told_apart_by_their_email(practice: Practice) -> None:
    for number in (1, 2):
        add_someone(practice, practice.ana, "Jo", email=f"jo{number}@riverbend.example")
    offered = see(practice, practice.ana, people_named, text="jo l")
    assert offered == ("Jo Li (jo1@riverbend.example)", "Jo Li (jo2@riverbend.example)")

    refusal(practice, practice.ana, edit_member, Invalid, **saving(practice, supervisor="Jo Li"))
    do(practice, practice.ana, edit_member, **saving(practice, supervisor=offered[1]))

    rows = see(practice, practice.ana, roster, view=RosterView(q="jo2")).rows
    assert see(practice, practice.ana, profile, member_id=practice.cleo).place.supervisor_id == str(
        rows[0].id
    )


def test_the_second_to_save_sees_what_the_first_has_changed(practice: Practice) -> None:
    do(practice, practice.ben, edit_member, **saving(practice, location="Harbor", supervisor="Ben Okafor"))

    clash = refusal(
        practice,
        practice.ana,
        edit_member,
        Changed,
        **saving(practice, location="Main Street", supervisor=""),
    )

    assert clash.theirs == {"location": "Harbor", "supervisor": "Ben Okafor"}


def test_the_list_is_filtered_by_location_and_supervisor(practice: Practice) -> None:
    do(practice, practice.ana, edit_member, **saving(practice, location="Harbor", supervisor="Ben Okafor"))
    ben = str(practice.ben)

    for view, names in (
        (RosterView(locations=("harbor",)), ["Cleo Marchetti"]),
        (RosterView(supervisors=(ben,)), ["Cleo Marchetti"]),
        (
            RosterView(locations=("harbor", "elsewhere"), supervisors=(ben, "no id"), q="cleo"),
            ["Cleo Marchetti"],
        ),
        (RosterView(locations=("elsewhere",)), []),
        (RosterView(supervisors=(str(practice.ana),)), []),
        (
            RosterView(locations=("harbor",), roles=("therapist",), sort="roles", down=True),
            ["Cleo Marchetti"],
        ),
        (RosterView(locations=("a\0b",)), []),
    ):
        found = see(practice, practice.ana, roster, view=view)
        assert [row.name for row in found.rows] == names and found.shown == len(names), view
    page = see(practice, practice.ana, roster, view=RosterView())
    assert [choice.name for choice in page.location_choices] == ["Harbor"]
    assert [(choice.key, choice.name) for choice in page.supervisor_choices] == [(ben, "Ben Okafor")]


def test_the_checklist_names_whom_a_leaver_supervises(practice: Practice) -> None:
    do(practice, practice.ana, edit_member, **saving(practice, supervisor="Ben Okafor"))

    checks = see(practice, practice.ana, leaving_checklist, member_id=practice.ben).checks

    assert ("1 person has them as supervisor", "Cleo Marchetti") in [(one.fact, one.detail) for one in checks]
    do(practice, practice.ana, deactivate, member_id=practice.ben)
    assert see(practice, practice.ana, people_named, text="ben") == ()
    # Who is there already stays, until somebody else is chosen.
    assert (
        do(practice, practice.ana, edit_member, **saving(practice, 2, supervisor="Ben Okafor")).undo is None
    )


def test_a_therapist_and_a_stranger_read_and_save_nothing(practice: Practice) -> None:
    given = saving(practice, location="Harbor")
    cleo_and_strangers_may_not(practice, edit_member, **(given | {"member_id": practice.sam}))
    cleo_and_strangers_may_not(practice, people_named, of_member=False, text="ana")
    cleo_and_strangers_may_not(practice, locations, of_member=False)

    assert count(Location) == 0


@pytest.mark.parametrize("typed", ["yesterday", "2026-02-30", "1900-01-01"])
def test_a_start_date_is_a_date(practice: Practice, typed: str) -> None:
    wrong = refusal(practice, practice.ana, edit_member, Invalid, **saving(practice, starts_on=typed))
    assert wrong.field == "starts_on"


def test_a_nul_or_a_whole_book_is_no_fact(practice: Practice) -> None:
    assert see(practice, practice.ana, people_named, text="oka\0for") == ("Ben Okafor",)
    for field in ("preferred_name", "location", "supervisor"):
        for typed in ("a\0b", "x" * 600):
            wrong = refusal(
                practice, practice.ana, edit_member, Invalid, **saving(practice, **{field: typed})
            )
            assert wrong.field == field


def test_a_supervisor_with_a_parenthesis_in_the_name_can_be_chosen(practice: Practice) -> None:
    annie = add_someone(practice, practice.ana, "Ana (Annie)", email="annie@riverbend.example")

    assert see(practice, practice.ana, people_named, text="Ana (Annie) L") == ("Ana (Annie) Li",)
    do(practice, practice.ana, edit_member, **saving(practice, supervisor="Ana (Annie) Li"))

    place = see(practice, practice.ana, profile, member_id=practice.cleo).place
    assert place.supervisor_id == str(annie.id)


def test_a_start_date_that_is_a_slip_is_refused_and_stops_no_other_edit(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        work.get(StaffMember, practice.cleo).starts_on = date(1908, 5, 1)

    do(practice, practice.ana, edit_member, **saving(practice, preferred_name="Kit"))

    assert see(practice, practice.ana, profile, member_id=practice.cleo).place.preferred_name == "Kit"
    slip = saving(practice, 2, starts_on="1909-05-01")
    assert refusal(practice, practice.ana, edit_member, Invalid, **slip).field == "starts_on"
