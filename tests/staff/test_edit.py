"""Saving name, phone and designation; two who edit one person (LV-02)."""

import pytest

from motlink.errors import Invalid, NotAllowed
from motlink.staff.actions import edit_member
from motlink.staff.errors import Changed, ManagersOnly, OwnersOnly
from motlink.staff.queries import profile
from motlink.staff.roster import roster
from motlink.staff.rows import RosterView
from tests.acts import cleo_and_strangers_may_not, do, faults, log, refusal, see
from tests.people import Practice

CLEO = {"first_name": "Cleo", "last_name": "Marchetti", "phone": "", "designation": ""}

pytestmark = pytest.mark.req("LV-02")


def test_a_saved_edit_is_shown_found_and_logged_with_before_and_after(practice: Practice) -> None:
    given = {
        "member_id": practice.cleo,
        "version": 1,
        **(CLEO | {"last_name": "Ørsted", "phone": "212 555 0100"}),
    }

    do(practice, practice.ben, edit_member, **given)

    row = see(practice, practice.ben, roster, view=RosterView(q="orsted 5550100")).rows[0]
    payload = log(practice)[-1].payload
    assert (row.name, row.phone) == ("Cleo Ørsted", "+1 (212) 555-0100")
    assert payload is not None
    assert (payload["before"]["last_name"], payload["after"]["last_name"]) == ("Marchetti", "Ørsted")
    assert faults() == []


def test_a_therapist_edits_nobody_and_a_stranger_nobody_here(practice: Practice) -> None:
    cleo_and_strangers_may_not(practice, edit_member, member_id=practice.sam, version=1, **CLEO)
    refusal(practice, practice.ben, edit_member, OwnersOnly, member_id=practice.ana, version=1, **CLEO)
    refusal(practice, practice.sam, edit_member, ManagersOnly, member_id=practice.ben, version=1, **CLEO)
    refusal(practice, practice.cleo, edit_member, NotAllowed, member_id=practice.cleo, version=1, **CLEO)


def test_the_second_of_two_sees_what_the_first_changed_and_only_that(practice: Practice) -> None:
    do(
        practice,
        practice.ana,
        edit_member,
        member_id=practice.cleo,
        version=1,
        **(CLEO | {"phone": "212 555 0100"}),
    )

    no = refusal(
        practice,
        practice.ben,
        edit_member,
        Changed,
        member_id=practice.cleo,
        version=1,
        **(CLEO | {"designation": "Lead"}),
    )

    shown = see(practice, practice.ben, profile, member_id=practice.cleo)
    assert no.theirs == {"phone": "+1 (212) 555-0100"}
    assert no.version == 2, "so that a third save in between is seen as well"
    assert (shown.phone, shown.designation, shown.version) == ("+1 (212) 555-0100", "", 2)


def test_two_who_save_the_same_do_not_disagree(practice: Practice) -> None:
    wish = CLEO | {"designation": "Lead"}

    do(practice, practice.ana, edit_member, member_id=practice.cleo, version=1, **wish)
    again = do(practice, practice.ben, edit_member, member_id=practice.cleo, version=1, **wish)

    assert again.undo is None


def test_a_version_nobody_has_seen_overwrites_nothing(practice: Practice) -> None:
    for version in (0, -1, 99):
        refusal(
            practice,
            practice.ben,
            edit_member,
            Changed,
            member_id=practice.cleo,
            version=version,
            **(CLEO | {"designation": "X"}),
        )


@pytest.mark.parametrize("field", CLEO)
def test_bad_input_names_its_field_and_keeps_the_old(practice: Practice, field: str) -> None:
    for typed in ("x" * 400, "a\x00b", "a\u202eb"):
        no = refusal(
            practice,
            practice.ben,
            edit_member,
            Invalid,
            member_id=practice.cleo,
            version=1,
            **(CLEO | {field: typed}),
        )
        assert no.field == field
    assert see(practice, practice.ben, profile, member_id=practice.cleo).version == 1
