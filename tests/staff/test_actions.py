"""Adding and switching: on both databases."""

import pytest

from motlink.accounts.models import Account
from motlink.audit.undo import undo
from motlink.errors import Invalid, NotFound
from motlink.mail.models import Letter
from motlink.roles.queries import role_by_key
from motlink.staff.actions import add_member, switch_role
from motlink.staff.errors import (
    AlreadyHere,
    AskFirst,
    BeyondOwnPrivileges,
    ManagersOnly,
    OwnersOnly,
    OwnRoles,
)
from motlink.staff.models import StaffMember
from motlink.staff.queries import email_notice, profile
from motlink.staff.roster import roster
from motlink.staff.rows import RosterView
from motlink.work import begin_work, system
from tests.acts import (
    add_someone,
    cleo_and_strangers_may_not,
    count,
    do,
    log,
    refusal,
    roles_of,
    see,
    switching,
)
from tests.people import Practice

JO = {"first_name": "Jo", "last_name": "Li", "email": "jo@riverbend.example"}


@pytest.mark.req("TA-09")
def test_a_manager_adds_someone_who_is_then_invited(practice: Practice) -> None:
    add_someone(practice, practice.ben, "Jo", "scheduler", email="Jo.Li@Riverbend.example")

    row = see(practice, practice.ben, roster, view=RosterView(q="jo li")).rows[0]

    expected = ("Jo Li", "jo.li@riverbend.example", "invited", 60)
    assert (row.name, row.email, row.state, row.minutes_left) == expected
    assert [chip.name for chip in row.roles] == ["Scheduler"]


@pytest.mark.req("TA-12")
def test_a_switch_acts_and_can_be_undone(practice: Practice) -> None:
    done = do(
        practice, practice.ben, switch_role, **switching(practice, practice.cleo, "supervisor", on=True)
    )
    do(practice, practice.ben, undo, entry_id=done.undo)

    switches = {s.key: s for s in see(practice, practice.ben, profile, member_id=practice.cleo).switches}
    assert not switches["supervisor"].on and switches["supervisor"].note.startswith("off since")
    assert switches["therapist"].on


@pytest.mark.req("TA-01", "TA-09", "AU-02")
def test_a_therapist_adds_nobody_and_a_stranger_nobody_here(practice: Practice) -> None:
    before = count(Account)

    cleo_and_strangers_may_not(practice, add_member, of_member=False, **JO)

    assert count(StaffMember, StaffMember.org_id == practice.org) == 4
    assert count(Account) == before


@pytest.mark.req("TA-18")
@pytest.mark.parametrize("email", ["cleo.marchetti@riverbend.example", " CLEO.Marchetti@Riverbend.example "])
def test_an_email_that_is_here_already_is_refused_with_the_person(practice: Practice, email: str) -> None:
    no = refusal(practice, practice.ben, add_member, AlreadyHere, first_name="C", last_name="M", email=email)

    assert no.member_id == practice.cleo and "cannot share an email" in str(no)


@pytest.mark.req("TA-18", "TA-10")
def test_an_email_of_another_practice_looks_new_and_shares_the_account(practice: Practice) -> None:
    email = "dov.stranger@riverbend.example"
    accounts = count(Account)

    assert see(practice, practice.ben, email_notice, email=email) is None
    member = add_someone(practice, practice.ben, "Dov", email=email)

    assert count(Account) == accounts
    assert see(practice, practice.ben, profile, member_id=member.id).username == ""


@pytest.mark.req("TA-08")
@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("first_name", ""),
        ("last_name", "x" * 400),
        ("email", "no"),
        ("phone", "12"),
        ("first_name", "a\x00b"),
        ("designation", "\u202e"),
    ],
)
def test_bad_input_names_its_field_and_leaves_nothing_behind(
    practice: Practice, field: str, typed: str
) -> None:
    letters = count(Letter)

    no = refusal(
        practice,
        practice.ben,
        add_member,
        Invalid,
        **(JO | {"phone": "", "designation": ""} | {field: typed}),
    )

    assert no.field == field
    assert (count(Letter), count(Account, Account.email == "jo@riverbend.example")) == (letters, 0)


@pytest.mark.req("TA-01", "TA-08")
def test_a_role_above_the_adder_or_of_another_practice_adds_nobody(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org, writes=False) as work:
        foreign = role_by_key(work, "therapist")
    assert foreign is not None

    refusal(practice, practice.ben, add_member, OwnersOnly, **JO, role_ids=[practice.roles["owner"]])
    refusal(practice, practice.sam, add_member, ManagersOnly, **JO, role_ids=[practice.roles["manager"]])
    refusal(
        practice,
        practice.ben,
        add_member,
        BeyondOwnPrivileges,
        **JO,
        role_ids=[practice.roles["records_custodian"]],
    )
    refusal(practice, practice.ana, add_member, NotFound, **JO, role_ids=[foreign.id])
    refusal(practice, practice.ana, add_member, NotFound, **JO, role_ids=["not an id"])

    assert count(StaffMember, StaffMember.org_id == practice.org) == 4
    assert count(Account, Account.email == "jo@riverbend.example") == 0


@pytest.mark.req("TA-08")
def test_any_number_of_roles_can_be_given_none_included_and_one_twice_counts_once(practice: Practice) -> None:
    none = add_someone(practice, practice.ben, "Nora")
    two = add_someone(practice, practice.ben, "Tom", "therapist", "biller", "therapist")

    assert roles_of(practice, none.id) == set()
    assert roles_of(practice, two.id) == {"therapist", "biller"}


@pytest.mark.req("TA-12", "TA-01", "AU-02")
def test_a_therapist_switches_nothing_and_a_stranger_nobody_here(practice: Practice) -> None:
    cleo_and_strangers_may_not(practice, switch_role, **switching(practice, practice.cleo, "biller", on=True))

    assert roles_of(practice, practice.cleo) == {"therapist"}


@pytest.mark.req("TA-12")
def test_a_switch_said_twice_is_one_switch(practice: Practice) -> None:
    on, off = (switching(practice, practice.cleo, "biller", on=wished) for wished in (True, False))

    first, again, gone, still_gone = (
        do(practice, practice.ben, switch_role, **one) for one in (on, on, off, off)
    )

    assert first.undo and gone.undo and again.undo is None and still_gone.undo is None
    assert [entry.action for entry in log(practice)[-2:]] == ["staff.role_on", "staff.role_off"]


@pytest.mark.req("TA-12", "TA-20")
def test_the_last_role_and_owner_ask_first(practice: Practice) -> None:
    last = switching(practice, practice.cleo, "therapist", on=False)
    owner = switching(practice, practice.ben, "owner", on=True)
    refusal(practice, practice.ben, switch_role, AskFirst, **last)
    refusal(practice, practice.ana, switch_role, AskFirst, **owner)

    do(practice, practice.ben, switch_role, **last, confirmed=True)
    do(practice, practice.ana, switch_role, **owner, confirmed=True)

    assert see(practice, practice.ana, profile, member_id=practice.cleo).state == "inactive"
    assert roles_of(practice, practice.ben) == {"manager", "owner"}


@pytest.mark.req("TA-01")
def test_nobody_switches_their_own_roles_but_an_owner_may_except_owner(practice: Practice) -> None:
    refusal(
        practice, practice.ben, switch_role, OwnRoles, **switching(practice, practice.ben, "biller", on=True)
    )
    refusal(
        practice, practice.ana, switch_role, OwnRoles, **switching(practice, practice.ana, "owner", on=False)
    )

    do(practice, practice.ana, switch_role, **switching(practice, practice.ana, "therapist", on=True))

    assert roles_of(practice, practice.ana) == {"owner", "therapist"}


@pytest.mark.req("UX-02")
def test_what_fails_after_the_commit_does_not_make_the_act_look_failed(practice: Practice) -> None:
    heard: list[str] = []

    def fails() -> None:
        raise RuntimeError("the bell is broken")

    with begin_work(practice.as_(practice.ben), org=practice.org) as work:
        work.after_commit(fails)
        work.after_commit(lambda: heard.append("the next one"))
        switch_role(work, **switching(practice, practice.cleo, "biller", on=True))

    assert heard == ["the next one"] and "biller" in roles_of(practice, practice.cleo)
