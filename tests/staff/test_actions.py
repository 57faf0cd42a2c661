"""Adding, switching, letting go, taking back: on both databases."""

import pytest

from motlink.accounts.actions import open_session
from motlink.accounts.models import Account, AccountSession
from motlink.errors import Invalid, NotFound
from motlink.mail.models import Letter
from motlink.roles.queries import role_by_key
from motlink.staff.actions import add_member, deactivate, reactivate, switch_role
from motlink.staff.errors import (
    AlreadyHere,
    AskFirst,
    BeyondOwnPrivileges,
    Inactive,
    LastOwner,
    ManagersOnly,
    OwnersOnly,
    OwnRoles,
)
from motlink.staff.leaving import leaving_checklist
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.queries import email_notice, profile
from motlink.staff.roster import roster
from motlink.staff.rows import RosterView
from motlink.staff.undo import restore_roles, undo
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


@pytest.mark.req("TA-20")
def test_undoing_a_deactivation_gives_the_roles_back(practice: Practice) -> None:
    lines = see(practice, practice.ana, leaving_checklist, member_id=practice.cleo)
    done = do(practice, practice.ana, deactivate, member_id=practice.cleo)
    sentence = do(practice, practice.ana, undo, entry_id=done.undo).sentence
    assert "Therapist" in sentence and lines.refusal == ""


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

    assert no.member_id == practice.cleo and "own address" in str(no)


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


@pytest.mark.req("TA-01", "TA-20")
def test_the_only_owner_stays_one(practice: Practice) -> None:
    zed = add_someone(practice, practice.ana, "Zed", "owner")
    with begin_work(system(), org=practice.org) as work, pytest.raises(LastOwner):
        deactivate(work, member_id=practice.ana)
    with begin_work(system(), org=practice.org) as work, pytest.raises(LastOwner):
        switch_role(work, **switching(practice, practice.ana, "owner", on=False, confirmed=True))

    do(practice, practice.ana, deactivate, member_id=zed.id)

    assert roles_of(practice, practice.ana) == {"owner"}


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


@pytest.mark.req("TA-20", "AU-02")
def test_a_therapist_deactivates_nobody_and_a_stranger_nobody_here(practice: Practice) -> None:
    cleo_and_strangers_may_not(practice, deactivate, member_id=practice.sam)
    refusal(practice, practice.ben, deactivate, OwnersOnly, member_id=practice.ana)
    refusal(practice, practice.sam, deactivate, ManagersOnly, member_id=practice.ben)
    refusal(practice, practice.ben, deactivate, OwnRoles, member_id=practice.ben)

    assert count(StaffMember, StaffMember.deactivated_at.is_not(None)) == 0  # type: ignore[union-attr]


@pytest.mark.req("TA-20")
@pytest.mark.asvs("7.4.2")
def test_deactivating_ends_roles_sessions_and_links_at_once(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        account = work.session.get_one(StaffMember, practice.ben).account_id
        open_session(work, account_id=account)
    jo = add_someone(practice, practice.ben, "Jo")

    checks = see(practice, practice.ana, leaving_checklist, member_id=practice.ben).checks
    do(practice, practice.ana, deactivate, member_id=practice.ben)

    assert any("1 invitation" in check.fact for check in checks) and any(
        "open session" in check.fact for check in checks
    )
    assert roles_of(practice, practice.ben) == set()
    assert count(AccountSession, AccountSession.ended_at.is_(None)) == 0  # type: ignore[union-attr]
    assert count(Invitation, Invitation.member_id == jo.id, Invitation.revoked_at.is_(None)) == 0  # type: ignore[union-attr]
    assert log(practice)[-1].payload["invitations_revoked"] == [str(jo.id)]  # type: ignore[index]


@pytest.mark.req("TA-20")
def test_the_checklist_decides_whether_their_invitations_stay(practice: Practice) -> None:
    jo = add_someone(practice, practice.ben, "Jo")

    do(practice, practice.ana, deactivate, member_id=practice.ben, revoke_invitations=False)

    assert see(practice, practice.ana, roster, view=RosterView(q="jo l")).rows[0].state == "no_role"
    assert count(Invitation, Invitation.member_id == jo.id, Invitation.revoked_at.is_(None)) == 1  # type: ignore[union-attr]


@pytest.mark.req("TA-20")
def test_deactivating_twice_is_deactivating_once(practice: Practice) -> None:
    first, again = (do(practice, practice.ben, deactivate, member_id=practice.cleo) for _ in range(2))

    assert first.undo and again.undo is None and "already" in again.sentence


@pytest.mark.req("TA-20", "TA-24")
def test_someone_let_go_here_stays_signed_in_where_they_still_work(practice: Practice) -> None:
    here = add_someone(practice, practice.ana, "Dov", email="dov.stranger@riverbend.example")
    with begin_work(system(), org=practice.org) as work:
        open_session(work, account_id=here.account_id, browser="A secret browser")

    checks = see(practice, practice.ana, leaving_checklist, member_id=here.id).checks
    do(practice, practice.ana, deactivate, member_id=here.id)

    assert not any("session" in check.fact or "browser" in check.detail for check in checks)
    assert count(AccountSession, AccountSession.ended_at.is_(None)) == 1  # type: ignore[union-attr]


@pytest.mark.req("TA-21", "AU-02")
def test_a_therapist_takes_nobody_back_and_restores_nothing(practice: Practice) -> None:
    do(practice, practice.ben, deactivate, member_id=practice.sam)
    cleo_and_strangers_may_not(practice, reactivate, member_id=practice.sam)
    do(practice, practice.ana, reactivate, member_id=practice.sam)

    cleo_and_strangers_may_not(practice, restore_roles, member_id=practice.sam)

    assert roles_of(practice, practice.sam) == set()


@pytest.mark.req("TA-21")
def test_someone_taken_back_has_no_roles_until_they_are_restored(practice: Practice) -> None:
    do(practice, practice.ben, deactivate, member_id=practice.cleo)
    refusal(practice, practice.ben, restore_roles, Inactive, member_id=practice.cleo)
    refusal(
        practice, practice.ben, switch_role, Inactive, **switching(practice, practice.cleo, "biller", on=True)
    )

    do(practice, practice.ben, reactivate, member_id=practice.cleo)
    back = see(practice, practice.ben, profile, member_id=practice.cleo)
    sentence = do(practice, practice.ben, restore_roles, member_id=practice.cleo).sentence

    assert (back.state, back.can_restore) == ("no_role", True)
    assert "Therapist" in sentence and roles_of(practice, practice.cleo) == {"therapist"}


@pytest.mark.req("TA-21", "TA-01")
def test_restoring_gives_only_what_the_restorer_may_give(practice: Practice) -> None:
    for key in ("therapist", "auditor"):
        do(practice, practice.ana, switch_role, **switching(practice, practice.cleo, key, on=True))
    do(practice, practice.ana, deactivate, member_id=practice.cleo)
    do(practice, practice.sam, reactivate, member_id=practice.cleo)

    do(practice, practice.sam, restore_roles, member_id=practice.cleo)

    assert roles_of(practice, practice.cleo) == {"therapist"}


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
