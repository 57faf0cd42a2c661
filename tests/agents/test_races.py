"""Two at once with External Agents, on both databases: one place, one code, no way between (ASVS 15.4.2, 2.3.4)."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from motlink.accounts.agent_keys import WrongAgentKey, renew_code
from motlink.accounts.models import Account, AgentKey
from motlink.orgs.actions import found_organization
from motlink.sign_in.actions import Proof, accept_invitation
from motlink.staff.actions import add_member, deactivate
from motlink.staff.agents import AgentAdded, add_agent, invite_agent, leave_practice
from motlink.staff.errors import AlreadyHere
from motlink.staff.models import StaffMember
from motlink.work import Actor, begin_work, nobody, system
from tests.acts import count, do, faults, newest_token
from tests.agents.agents import add, agent_elsewhere, invite, key, place
from tests.people import Practice, add_person
from tests.test_races import ROUNDS, at_once

pytestmark = [pytest.mark.soak, pytest.mark.req("TA-24"), pytest.mark.asvs("15.4.2", "2.3.4")]


def new_agent(practice: Practice, number: int) -> UUID:
    return agent_elsewhere(practice, email=f"rae{number}@clearclaims.example")


def as_holder(account_id: UUID) -> Any:
    return lambda *_: Actor("person", account_id=account_id)


def test_two_managers_add_the_same_agent_and_one_of_them_is_told(practice: Practice) -> None:
    for number in range(ROUNDS):
        account = new_agent(practice, number)
        token, code = key(account)
        given = {"token": token, "code": code}

        results = at_once(
            *(partial(do, practice, who, add_agent, **given) for who in (practice.ana, practice.ben))
        )

        assert sorted(type(one).__name__ for one in results) == ["AgentAdded", "AgentHere"]
        assert place(practice.org, account).joined_at
    assert faults() == []


def test_two_practices_add_the_same_agent_at_once(practice: Practice) -> None:
    with begin_work(system()) as work:
        found_organization(work, name="Third")
        third = work.org_id
    for number in range(ROUNDS):
        account = new_agent(practice, number)
        token, code = key(account)

        def in_third(token: str = token, code: str = code) -> AgentAdded:
            with begin_work(system(), org=third) as work:
                return add_agent(work, token=token, code=code)

        results = at_once(partial(do, practice, practice.ana, add_agent, token=token, code=code), in_third)

        assert all(isinstance(one, AgentAdded) for one in results)
        assert count(StaffMember, StaffMember.account_id == account) == 3
    assert faults() == []


def test_a_renewed_code_and_one_being_used_have_an_order(practice: Practice) -> None:
    """Whoever adds has done it before the code was another one, or is refused: never with a code that is over."""
    for number in range(ROUNDS):
        account = new_agent(practice, number)
        token, code = key(account)

        def renew(account: UUID = account) -> None:
            with begin_work(as_holder(account)) as work:
                renew_code(work, account_id=account)

        added, _ = at_once(partial(do, practice, practice.ana, add_agent, token=token, code=code), renew)

        assert isinstance(added, AgentAdded | WrongAgentKey)
        here = count(StaffMember, StaffMember.account_id == account, StaffMember.org_id == practice.org)
        assert here == isinstance(added, AgentAdded)
        with pytest.raises(WrongAgentKey):
            do(practice, practice.ben, add_agent, token=token, code=code)


def test_the_link_and_the_code_used_at_once_make_one_place(practice: Practice) -> None:
    for number in range(ROUNDS):
        email = f"rae{number}@clearclaims.example"
        account = new_agent(practice, number)
        member_id = invite(practice, practice.ben, email=email)
        token, code = key(account)

        adds = partial(do, practice, practice.ana, add_agent, token=token, code=code)
        at_once(adds, partial(_use_link, practice.org, newest_token(email)))

        mine = place(practice.org, account)
        assert mine.id == member_id and mine.joined_at
        assert count(AgentKey, AgentKey.account_id == account) == 1
    assert faults() == []


def test_leaving_and_being_let_go_at_once_end_one_place_once(practice: Practice) -> None:
    for number in range(ROUNDS):
        account = new_agent(practice, number)
        member_id = add(practice, practice.ana, account)

        def leave(account: UUID = account) -> None:
            with begin_work(as_holder(account), org=practice.org) as work:
                leave_practice(work)

        at_once(leave, partial(do, practice, practice.ben, deactivate, member_id=member_id))

        assert place(practice.org, account).deactivated_at
        assert place(practice.other_org, account).deactivated_at is None
    assert faults() == []


def test_one_email_invited_as_staff_and_as_an_agent_is_one_of_them(practice: Practice) -> None:
    for number in range(ROUNDS):
        given = {"first_name": "Jo", "last_name": "Li", "email": f"jo{number}@x.example"}

        results = at_once(
            partial(do, practice, practice.ana, invite_agent, **given),
            partial(do, practice, practice.ben, add_member, **given),
        )

        assert sum(isinstance(one, AlreadyHere) for one in results) == 1
        assert count(StaffMember, col(StaffMember.email) == given["email"]) == 1


def test_two_agent_links_of_one_person_used_at_once_give_one_token(practice: Practice) -> None:
    """Somebody with an account already, invited by two practices."""
    for number in range(ROUNDS):
        email = f"zoe{number}@clearclaims.example"
        with begin_work(system(), org=practice.org) as work:
            add_person(work, "Zoe", "Staff", email=email)
            account = work.session.exec(select(Account).where(Account.email == email)).one()
            account.username, account.password_hash = f"zoe{number}", "x"
            third = found_organization(work, name=f"Third {number}")
        links = []
        for org in (practice.other_org, third.id):
            with begin_work(system(), org=org) as work:
                invite_agent(work, first_name="Zoe", last_name="Agent", email=email)
            links.append((org, newest_token(email)))

        results = at_once(*(partial(_use_link, org, link) for org, link in links))

        assert all(not isinstance(one, Exception) for one in results)
        assert count(AgentKey, AgentKey.account_id == account.id) == 1
    assert faults() == []


def _use_link(org_id: UUID, link: str) -> Any:
    with begin_work(nobody(), org=org_id) as work:
        return accept_invitation(work, token=link, proof=Proof(True, "x"))
