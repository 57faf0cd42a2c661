"""External Agents are invited by email or added by their token and code; one email has one place (TA-24, TA-07)."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col

from motlink.accounts.agent_keys import LETTERS, WrongAgentKey, code_typed, renew_code, token_typed
from motlink.accounts.models import Account, AgentKey
from motlink.errors import Invalid, NotAllowed, NotFound
from motlink.sign_in.actions import Proof, accept_invitation
from motlink.sign_in.own_name import change_own_name
from motlink.staff.actions import deactivate, reactivate, switch_role
from motlink.staff.agents import add_agent, invite_agent, leave_practice
from motlink.staff.desk import desk
from motlink.staff.desk_rows import DeskView
from motlink.staff.errors import AgentHere, AgentLeft, AlreadyHere
from motlink.staff.invitations import revoke_invitation, send_invitation
from motlink.staff.models import StaffMember
from motlink.staff.queries import email_notice, profile
from motlink.work import Actor, FindActor, begin_work, nobody, system
from tests.acts import add_someone, count, do, faults, log, newest_token, refusal, roles_of, see, switching
from tests.agents.agents import RAE, accept, add, agent_elsewhere, invite, key, letters, place
from tests.people import Practice

pytestmark = pytest.mark.req("TA-24", "TA-07", "AC-02")


@pytest.fixture
def rae(practice: Practice) -> UUID:
    """The account of an agent who works for Elsewhere."""
    return agent_elsewhere(practice)


def as_holder(account_id: UUID) -> FindActor:
    """Act as somebody about their own account."""
    return lambda *_: Actor("person", account_id=account_id)


# By email ---------------------------------------------------------------------------------------------------------


def test_who_accepts_has_a_token_of_letters_and_a_code_of_digits(practice: Practice) -> None:
    member_id = invite(practice, practice.ben)

    account_id = accept(practice.org)

    token, code = key(account_id)
    assert len(token) == 8 and set(token) <= set(LETTERS)
    assert len(code) == 8 and code.isdigit()
    shown = see(practice, practice.ben, profile, member_id=member_id)
    assert shown.joined and shown.place.agent
    assert letters() == ["agent_invitation"] and faults() == []


def test_the_invitation_is_one_like_any_other(practice: Practice) -> None:
    member_id = invite(practice, practice.ben)
    do(practice, practice.sam, send_invitation, member_id=member_id)

    (row,) = see(practice, practice.ben, desk, view=DeskView()).rows
    assert (row.name, row.email) == ("Rae Lindqvist", RAE)
    do(practice, practice.ben, revoke_invitation, member_id=member_id)

    assert count(AgentKey) == 0
    shown = see(practice, practice.ben, profile, member_id=member_id)
    assert (shown.state, shown.joined) == ("no_role", False)


def test_who_is_known_already_is_invited_in_the_same_words(practice: Practice, rae: UUID) -> None:
    strange = do(practice, practice.ben, invite_agent, first_name="A", last_name="B", email="new@x.example")
    known = do(practice, practice.ben, invite_agent, first_name="A", last_name="B", email=RAE)

    assert strange.sentence == known.sentence
    # Nobody is pulled in: until they accept, the place is not theirs.
    assert place(practice.org, rae).joined_at is None


def test_only_those_who_add_staff_add_agents(practice: Practice, rae: UUID) -> None:
    token, code = key(rae)
    given = {"first_name": "Rae", "last_name": "Lindqvist", "email": RAE}

    for act, what in ((invite_agent, given), (add_agent, {"token": token, "code": code})):
        refusal(practice, practice.cleo, act, NotAllowed, **what)
        with pytest.raises(NotAllowed), begin_work(practice.as_(practice.dov), org=practice.org) as work:
            act(work, **what)

    assert count(StaffMember, StaffMember.org_id == practice.org, col(StaffMember.is_agent)) == 0
    assert add(practice, practice.sam, rae)


@pytest.mark.asvs("1.3.11")
def test_what_is_typed_is_cleaned_as_for_staff(practice: Practice) -> None:
    refused = refusal(
        practice, practice.ben, invite_agent, Invalid, first_name="", last_name="R\x07", email="rae at home"
    )

    assert set(refused.fields) == {"first_name", "last_name", "email"}


def test_an_email_of_the_practice_is_refused_and_named(practice: Practice, rae: UUID) -> None:
    add(practice, practice.ben, rae)

    for email, words in (
        ("cleo.marchetti@riverbend.example", "Two people cannot share"),
        (RAE, "is an External Agent here"),
    ):
        refusal(practice, practice.ben, invite_agent, AlreadyHere, first_name="X", last_name="Y", email=email)
        notice = see(practice, practice.ben, email_notice, email=email)
        assert words in notice.sentence and notice.ways == ()


# By token and code ----------------------------------------------------------------------------------------------------


def test_token_and_code_add_at_once_without_a_link_and_a_letter_tells(practice: Practice, rae: UUID) -> None:
    member_id = add(practice, practice.ben, rae)

    member = place(practice.org, rae)
    assert (member.id, member.name, member.is_agent) == (member_id, "Rae Lindqvist", True)
    assert member.joined_at and not roles_of(practice, member_id)
    assert letters() == ["agent_invitation", "agent_added"]
    assert [entry.action for entry in log(practice)][-1] == "agent.added"
    # Elsewhere hears nothing of it.
    assert count(StaffMember, StaffMember.account_id == rae) == 2 and faults() == []


@pytest.mark.parametrize("typed", ["  {0} {1} ", "{0}-{1}", "{0}{1}".swapcase()])
def test_however_it_is_read_out(practice: Practice, rae: UUID, typed: str) -> None:
    token, code = key(rae)

    do(
        practice,
        practice.ben,
        add_agent,
        token=typed.format(token[:4].lower(), token[4:]),
        code=typed.format(code[:4], code[4:]),
    )

    assert place(practice.org, rae).joined_at


@pytest.mark.req("AC-02")
def test_the_next_practice_names_the_agent_as_they_name_themselves(practice: Practice, rae: UUID) -> None:
    with begin_work(as_holder(rae), org=practice.other_org) as work:
        change_own_name(work, first_name="Rachel", last_name="Lind", preferred_name="Rae")

    member_id = add(practice, practice.ben, rae)

    shown = see(practice, practice.ben, profile, member_id=member_id)
    assert (shown.first_name, shown.last_name, shown.place.preferred_name) == ("Rachel", "Lind", "")


def test_nothing_but_letters_and_digits_counts() -> None:
    assert token_typed("ｂcd-f ghjk\n") == "BCDFGHJK"
    assert code_typed("４821 77-30") == "48217730"
    # One too many is not cut down to one that fits.
    assert len(token_typed("B" * 60)) == 9 and len(code_typed("1" * 60)) == 9


@pytest.mark.asvs("6.3.8", "6.3.1")
def test_an_unknown_token_and_a_wrong_code_are_answered_alike(practice: Practice, rae: UUID) -> None:
    token, code = key(rae)
    other = "B" * 8 if token != "B" * 8 else "C" * 8
    wrong = f"{(int(code) + 1) % 10**8:08d}"

    answers = {
        str(refusal(practice, practice.ben, add_agent, WrongAgentKey, token=one, code=two))
        for one, two in ((other, code), (token, wrong), (token, code[:7]), (token, code + "0"), ("", ""))
    }

    assert len(answers) == 1
    assert not any(word in repr(entry.payload) for entry in log(practice) for word in (token, code, wrong))


@pytest.mark.asvs("6.5.2")
def test_the_code_stands_in_no_table(practice: Practice, rae: UUID) -> None:
    token, code = key(rae)

    with begin_work(system(), writes=False) as work:
        row = work.session.get_one(AgentKey, rae)
        assert row.token == token and code not in repr(row.model_dump())


def test_a_renewed_code_ends_the_older_one_and_no_place(practice: Practice, rae: UUID) -> None:
    token, code = key(rae)
    with begin_work(as_holder(rae)) as work:
        renew_code(work, account_id=rae)

    refusal(practice, practice.ben, add_agent, WrongAgentKey, token=token, code=code)

    assert key(rae)[0] == token and key(rae)[1] != code
    assert place(practice.other_org, rae).deactivated_at is None
    assert add(practice, practice.ben, rae)


def test_who_is_here_already_is_named_with_a_way_on(practice: Practice, rae: UUID) -> None:
    member_id = add(practice, practice.ben, rae)
    token, code = key(rae)

    twice = refusal(practice, practice.ben, add_agent, AgentHere, token=token, code=code)

    assert "External Agent here already" in twice.sentence and twice.member_id == member_id
    assert count(StaffMember, StaffMember.account_id == rae) == 2


def test_who_is_or_was_staff_here_stays_staff(practice: Practice) -> None:
    with begin_work(system(), writes=False) as work:
        cleo = work.session.get_one(StaffMember, practice.cleo).account_id
        email = work.session.get_one(Account, cleo).email
    # Cleo, a therapist of Riverbend, works for Elsewhere as an agent.
    with begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        invite_agent(work, first_name="Cleo", last_name="Marchetti", email=email)
    accept_known(practice.other_org, cleo)
    token, code = key(cleo)

    staff = refusal(practice, practice.ben, add_agent, AgentHere, token=token, code=code)
    do(practice, practice.ben, deactivate, member_id=practice.cleo)
    gone = refusal(practice, practice.ben, add_agent, AgentHere, token=token, code=code)

    assert "a staff member here" in staff.sentence and "an inactive staff member here" in gone.sentence
    assert not place(practice.org, cleo).is_agent and place(practice.other_org, cleo).is_agent


def accept_known(org_id: UUID, account_id: UUID) -> None:
    """Accept as an account that has a password already."""
    with begin_work(system()) as work:
        account = work.session.get_one(Account, account_id)
        account.password_hash = "x"
        work.session.add(account)
    with begin_work(nobody(), org=org_id) as work:
        accept_invitation(work, token=newest_token(account.email), proof=Proof(True, "x"))


def test_who_was_invited_by_email_meanwhile_needs_the_link_no_more(practice: Practice, rae: UUID) -> None:
    member_id = invite(practice, practice.ben)

    assert add(practice, practice.ana, rae) == member_id

    assert place(practice.org, rae).joined_at
    assert see(practice, practice.ben, desk, view=DeskView()).rows == ()
    assert letters()[-1] == "agent_added" and faults() == []


# Going and coming back ------------------------------------------------------------------------------------------------


def test_who_was_let_go_is_reactivated_or_added_again_and_told(practice: Practice, rae: UUID) -> None:
    member_id = add(practice, practice.ben, rae)
    do(practice, practice.ben, deactivate, member_id=member_id)
    assert see(practice, practice.ben, email_notice, email=RAE).ways == ("reactivate",)

    do(practice, practice.ben, reactivate, member_id=member_id)
    do(practice, practice.ben, deactivate, member_id=member_id)
    assert add(practice, practice.ben, rae) == member_id

    assert place(practice.org, rae).deactivated_at is None and not roles_of(practice, member_id)
    assert letters() == ["agent_invitation", *["agent_added"] * 3] and faults() == []


def test_an_agent_leaves_one_practice_by_themselves(practice: Practice, rae: UUID) -> None:
    member_id = add(practice, practice.ben, rae)
    do(practice, practice.ben, switch_role, **switching(practice, member_id, "biller", on=True))

    with begin_work(as_holder(rae), org=practice.org) as work:
        leave_practice(work)

    assert place(practice.org, rae).deactivated_at and not roles_of(practice, member_id)
    assert place(practice.other_org, rae).deactivated_at is None
    assert [entry.action for entry in log(practice)][-2:] == ["agent.left", "staff.deactivated"]
    assert log(practice)[-1].actor_id == rae


def test_who_left_is_not_pulled_in_again_but_by_their_code(practice: Practice, rae: UUID) -> None:
    member_id = add(practice, practice.ben, rae)
    with begin_work(as_holder(rae), org=practice.org) as work:
        leave_practice(work)

    refusal(practice, practice.ana, reactivate, AgentLeft, member_id=member_id)
    notice = see(practice, practice.ben, email_notice, email=RAE)
    assert "left on" in notice.sentence and notice.ways == ()

    assert add(practice, practice.ben, rae) == member_id
    assert place(practice.org, rae).deactivated_at is None


def test_only_agents_leave_and_only_where_they_are(practice: Practice, rae: UUID) -> None:
    with begin_work(system(), writes=False) as work:
        cleo = work.session.get_one(StaffMember, practice.cleo).account_id
    invite(practice, practice.ben)

    for who in (cleo, rae):
        with pytest.raises(NotFound), begin_work(as_holder(who), org=practice.org) as work:
            leave_practice(work)

    assert place(practice.org, cleo).deactivated_at is None


def test_a_last_working_day_that_is_over_is_no_place(practice: Practice, rae: UUID) -> None:
    member_id = add(practice, practice.ben, rae)
    with begin_work(system(), org=practice.org) as work:
        member = work.get(StaffMember, member_id)
        member.leaves_at = work.now - timedelta(seconds=1)
        work.add(member)

    assert add(practice, practice.ben, rae) == member_id
    assert place(practice.org, rae).leaves_at is None


def test_an_undone_import_leaves_a_place_that_may_become_an_agents(practice: Practice, rae: UUID) -> None:
    someone = add_someone(practice, practice.ben, "Rae", email=RAE)
    with begin_work(system(), org=practice.org) as work:
        member = work.get(StaffMember, someone.id)
        member.withdrawn_at = member.deactivated_at = work.now
        work.add(member)

    assert add(practice, practice.ben, rae) == someone.id
    assert place(practice.org, rae).is_agent
