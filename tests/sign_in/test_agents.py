"""External Agents at the door: the invitation, signing in between two practices, token and code on the account page."""

import re
from uuid import UUID

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from motlink.accounts.models import Account, AgentKey
from motlink.orgs.models import Organization
from motlink.staff.actions import deactivate, switch_role
from motlink.staff.agents import add_agent
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.acts import count, do, faults, newest_token, switching
from tests.agents.agents import RAE, invite, key, letters, place
from tests.people import Practice
from tests.sign_in.test_account import browser_at, is_in, signed_in
from tests.sign_in.test_everywhere import told
from tests.sign_in.test_links import GOOD, accept, open_link
from tests.sign_in.test_resets import ask

pytestmark = pytest.mark.req("TA-24", "AC-02")


@pytest.fixture
def rae(door: TestClient, practice: Practice) -> UUID:
    """An agent whom Riverbend has invited and who has just accepted, in the browser `door`; the place's id."""
    member_id = invite(practice, practice.ben)
    open_link(door, newest_token(RAE))
    assert accept(door, username="rae").status_code == 303
    return member_id


def account() -> UUID:
    with begin_work(system(), writes=False) as work:
        return work.session.exec(select(Account.id).where(Account.email == RAE)).one()


def shown_key(page: str) -> list[str]:
    return [one.replace(" ", "") for one in re.findall(r'class="key">([^<]+)<', page)]


def test_the_page_says_what_one_is_invited_as(door: TestClient, practice: Practice) -> None:
    invite(practice, practice.ben)

    page = open_link(door, newest_token(RAE))

    assert "has invited you as an External Agent: one login" in page.text


def test_without_a_role_yet_an_agent_is_in_and_sees_token_and_code(door: TestClient, rae: UUID) -> None:
    assert "No practice to enter" in door.get("/choose-practice").text
    assert "Your Token and Code" in door.get("/choose-practice").text

    page = door.get("/account")

    assert shown_key(page.text) == list(key(account()))


def test_nobody_else_has_such_a_section(door: TestClient, practice: Practice) -> None:
    page = signed_in(door).get("/account")

    assert "External Agent" not in page.text and shown_key(page.text) == []


def test_an_agent_of_no_practice_signs_in_to_their_account_alone(
    door: TestClient, practice: Practice, rae: UUID
) -> None:
    do(practice, practice.ben, deactivate, member_id=rae)
    assert not is_in(door)

    fresh = signed_in(browser_at("192.0.2.9"), login="rae", password=GOOD)

    assert is_in(fresh) and "No practice has you as its External Agent now." in fresh.get("/account").text
    assert fresh.get("/p/riverbend-therapy/settings/staff.csv").status_code == 404
    wrong = browser_at("192.0.2.10").post("/sign-in", data={"login": "rae", "password": GOOD + "!"})
    assert wrong.status_code == 401


def test_former_staff_still_do_not_come_in(door: TestClient, practice: Practice) -> None:
    do(practice, practice.ana, deactivate, member_id=practice.cleo)

    answer = door.post("/sign-in", data={"login": "cleo", "password": "four quiet words here"})

    assert answer.status_code == 401


@pytest.mark.req("TA-19")
def test_a_forgotten_password_is_no_end_between_two_practices(
    door: TestClient, practice: Practice, rae: UUID
) -> None:
    do(practice, practice.ben, deactivate, member_id=rae)

    ask(door, RAE)

    assert letters()[-1] == "reset"


def test_several_practices_are_chosen_from(door: TestClient, practice: Practice, rae: UUID) -> None:
    do(practice, practice.ben, switch_role, **switching(practice, rae, "biller", on=True))
    token, code = key(account())
    with begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        member_id = add_agent(work, token=token, code=code).member_id
        assert member_id
    with begin_work(system(), org=practice.other_org) as work:
        from motlink.roles.queries import role_by_key

        role = role_by_key(work, "biller")
        assert role
        switch_role(work, member_id=member_id, role_id=role.id, on=True)

    page = door.get("/choose-practice").text

    assert re.findall(r'href="(/p/[^"]+)"', page) == ["/p/elsewhere", "/p/riverbend-therapy"]


def test_a_renewed_code_is_another_and_the_log_has_it(
    door: TestClient, practice: Practice, rae: UUID
) -> None:
    before = shown_key(door.get("/account").text)

    answer = door.post("/account/code")

    after = shown_key(door.get(answer.headers["location"]).text)
    assert answer.headers["location"] == "/account?done=code"
    assert after[0] == before[0] and after[1] != before[1]
    assert told("agent.code_renewed") == [practice.org] and faults() == []


def test_nobody_else_renews_or_leaves(door: TestClient, practice: Practice, rae: UUID) -> None:
    before = key(account())
    other = signed_in(browser_at("192.0.2.12"))

    renewed, left = other.post("/account/code"), other.post("/account/leave", data={"practice": practice.org})
    out = browser_at("192.0.2.13").post("/account/leave", data={"practice": practice.org})

    assert (renewed.status_code, left.status_code) == (404, 404)
    assert out.headers["location"] == "/sign-in?next=/account"
    assert key(account()) == before and place(practice.org, account()).deactivated_at is None


@pytest.mark.asvs("3.5.1", "3.5.3")
def test_leaving_is_a_form_of_our_own_page(door: TestClient, practice: Practice, rae: UUID) -> None:
    door.get("/account/leave")
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert door.post("/account/leave", data={"practice": practice.org}, headers=foreign).status_code == 403

    assert place(practice.org, account()).deactivated_at is None


def test_who_leaves_their_last_practice_signs_in_again(
    door: TestClient, practice: Practice, rae: UUID
) -> None:
    answer = door.post("/account/leave", data={"practice": str(practice.org)})

    assert answer.headers["location"] == "/sign-in?next=/account"
    assert place(practice.org, account()).deactivated_at
    fresh = signed_in(browser_at("192.0.2.14"), login="rae", password=GOOD)
    assert shown_key(fresh.get("/account").text) == list(key(account()))


def test_who_leaves_one_of_two_stays_in_the_other(door: TestClient, practice: Practice, rae: UUID) -> None:
    token, code = key(account())
    with begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        add_agent(work, token=token, code=code)
    page = door.get("/account").text
    assert page.index("Elsewhere") < page.index("Riverbend Therapy")

    answer = door.post("/account/leave", data={"practice": str(practice.org)})

    after = door.get(answer.headers["location"]).text
    assert "You have left the practice." in after
    assert "Elsewhere" in after and "Riverbend Therapy" not in after
    assert place(practice.other_org, account()).deactivated_at is None


@pytest.mark.asvs("8.3.2")
def test_a_practice_that_demands_a_second_step_may_be_left_without_one(
    door: TestClient, practice: Practice, rae: UUID
) -> None:
    """Ending access is always allowed (docs/security.md); nothing of the practice is shown by it."""
    with begin_work(system(), org=practice.org) as work:
        work.session.get_one(Organization, practice.org).second_step_of = "everyone"

    answer = door.post("/account/leave", data={"practice": str(practice.org)})

    assert answer.status_code == 303 and place(practice.org, account()).deactivated_at


@pytest.mark.parametrize("what", ["nonsense", "", "00000000-0000-0000-0000-000000000000"])
def test_a_practice_that_is_none_is_not_here(door: TestClient, rae: UUID, what: str) -> None:
    assert door.post("/account/leave", data={"practice": what}).status_code == 404


def test_staff_of_one_practice_accept_as_agents_of_another_with_their_password(
    door: TestClient, practice: Practice
) -> None:
    cleo = "cleo.marchetti@riverbend.example"
    with begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        from motlink.staff.agents import invite_agent

        invite_agent(work, first_name="Cleo", last_name="Marchetti", email=cleo)

    page = open_link(door, newest_token(cleo))
    answer = door.post("/invitation", data={"password": "four quiet words here"})

    assert "You are invited as an External Agent." in page.text
    # At Elsewhere no role is on for her yet.
    assert answer.headers["location"] == "/p/riverbend-therapy"
    assert count(AgentKey) == 1 and count(StaffMember, StaffMember.is_agent) == 1
    assert count(Organization) == 2 and faults() == []
