"""A practice demands a second step: who must have one and has none is led to it, and nothing else of it answers."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from motlink.accounts.models import Account
from motlink.accounts.queries import digest_of
from motlink.audit.undo import undo
from motlink.errors import Invalid, NotAllowed
from motlink.orgs.models import Organization
from motlink.orgs.rules import SettingsChanged
from motlink.roles.catalogue import BUILTIN, OPTIONS
from motlink.sign_in.queries import signed_in
from motlink.sign_in.rules import StepNeeded
from motlink.staff.demands import OwnStepFirst, demand_outlook, demand_second_step, demands_step
from motlink.staff.models import StaffMember
from motlink.work import begin_work, nobody, system
from tests.acts import cleo_and_strangers_may_not, do, faults, log, refusal, see
from tests.people import Practice, add_person
from tests.sign_in.stepping import browser_at, is_in, password_step, turn_on

pytestmark = [pytest.mark.req("AC-01"), pytest.mark.asvs("6.3.3"), pytest.mark.usefixtures("clock")]
RIVERBEND = "/p/riverbend-therapy"


def give_step(member_id: UUID) -> None:
    """Let somebody have a second step already."""
    with begin_work(system()) as work:
        member = work.session.get_one(StaffMember, member_id)
        work.session.get_one(Account, member.account_id).second_step_at = work.now


def demand(practice: Practice, of: str, was: str = "nobody") -> Any:
    return do(practice, practice.ana, demand_second_step, of=of, was=was)


def demanded(practice: Practice, of: str) -> None:
    """Let it be demanded, whoever it was that decided so."""
    with begin_work(system(), org=practice.org) as work:
        work.session.get_one(Organization, practice.org).second_step_of = of


def enters(browser: TestClient, slug: str = "riverbend-therapy") -> bool:
    """Whether the practice is open to the session of a browser, as the guard asks before each event."""
    try:
        with begin_work(signed_in(digest_of(browser.cookies["motlink"])), org=slug, writes=False) as work:
            return work.actor.member_id is not None
    except StepNeeded:
        return False


# Whom it concerns -----------------------------------------------------------------------------------------------------


def test_the_roles_that_lead_are_owner_manager_and_the_auditing_ones() -> None:
    must = {role.key for role in (*BUILTIN, *OPTIONS) if demands_step("leading", role.privileges)}

    assert must == {"owner", "manager", "records_custodian", "staff_administrator", "auditor"}
    assert not any(demands_step("nobody", role.privileges) for role in BUILTIN)
    assert all(demands_step("everyone", role.privileges) for role in BUILTIN)


@pytest.mark.parametrize(
    ("of", "concerned", "names"),
    [
        ("nobody", 0, []),
        ("leading", 3, ["Ben Okafor", "Sam Whitfield"]),
        ("everyone", 4, ["Cleo Marchetti", "Ben Okafor", "Sam Whitfield"]),
    ],
)
def test_the_page_says_whom_it_concerns_and_who_has_none(
    practice: Practice, of: str, concerned: int, names: list[str]
) -> None:
    give_step(practice.ana)
    with begin_work(system(), org=practice.org) as work:
        add_person(work, "Iris", "Invited", "manager", joined=False)
        add_person(work, "Nora", "Roleless")

    shown = see(practice, practice.ana, demand_outlook, of=of)

    assert (shown.saved, shown.concerned, shown.without) == ("nobody", concerned, len(names))
    assert [one.name for one in shown.first] == names
    assert not shown.own_missing


# Deciding -------------------------------------------------------------------------------------------------------------


def test_an_owner_demands_it_and_undoes_it(practice: Practice) -> None:
    give_step(practice.ana)

    done = demand(practice, "everyone")

    assert done.sentence == "A second step is demanded of everyone. Without one now: 3."
    entry = log(practice)[-1]
    assert entry.action == "organization.second_step" and entry.payload
    assert entry.payload["after"] == {"demanded_of": "everyone"}
    do(practice, practice.ana, undo, entry_id=done.undo)
    assert see(practice, practice.ana, demand_outlook).saved == "nobody"
    assert faults() == []


def test_nobody_shuts_themselves_out_by_it(practice: Practice) -> None:
    refused = refusal(practice, practice.ana, demand_second_step, OwnStepFirst, of="leading", was="nobody")

    assert "Set yours up first" in str(refused)
    assert see(practice, practice.ana, demand_outlook, of="leading").own_missing
    give_step(practice.ana)
    assert demand(practice, "leading").undo


@pytest.mark.asvs("8.2.1")
def test_who_does_not_look_after_security_demands_nothing(practice: Practice) -> None:
    given = {"of": "everyone", "was": "nobody"}
    cleo_and_strangers_may_not(practice, demand_second_step, of_member=False, **given)
    refusal(practice, practice.ben, demand_second_step, NotAllowed, **given)
    refusal(practice, practice.sam, demand_outlook, NotAllowed)


def test_a_choice_that_somebody_else_changed_meanwhile_is_not_overwritten(practice: Practice) -> None:
    give_step(practice.ana)
    demand(practice, "leading")

    refusal(practice, practice.ana, demand_second_step, SettingsChanged, of="everyone", was="nobody")
    refusal(practice, practice.ana, demand_second_step, Invalid, of="some", was="leading")
    assert demand(practice, "leading").sentence == "Nothing has changed."


# Being led to it ------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("2.3.1", "8.3.2")
def test_whoever_must_is_led_to_set_it_up_and_then_gets_in(door: TestClient, practice: Practice) -> None:
    demanded(practice, "leading")

    entered = password_step(door, "ben", next=f"{RIVERBEND}/settings/staff")

    assert entered.headers["location"] == "/account/second-step"
    assert "Riverbend Therapy</span> asks for a second step" in door.get("/account/second-step").text
    assert not enters(door)
    turn_on(door)
    assert enters(door)
    assert door.get("/choose-practice").headers["location"] == RIVERBEND


def test_whom_it_does_not_concern_gets_in_as_before(door: TestClient, practice: Practice) -> None:
    demanded(practice, "leading")

    assert password_step(door, "cleo").headers["location"] == RIVERBEND
    assert enters(door)


@pytest.mark.asvs("8.3.2", "7.4.1")
def test_it_holds_for_sessions_that_were_open_before(door: TestClient, practice: Practice) -> None:
    password_step(door, "ben")
    assert enters(door)

    demanded(practice, "everyone")

    assert not enters(door)
    from motlink.audit.routes import audit_routes
    from motlink.sign_in.routes import routes

    app = routes()
    app.router.routes.extend(audit_routes())
    browser = TestClient(app, base_url="http://localhost:3000", follow_redirects=False, cookies=door.cookies)
    answer = browser.post(f"{RIVERBEND}/settings/audit.csv")
    assert answer.headers["location"] == "/account/second-step"
    assert is_in(door)


def test_a_role_given_later_brings_the_demand_with_it(door: TestClient, practice: Practice) -> None:
    from motlink.staff.actions import switch_role

    demanded(practice, "leading")
    password_step(door, "cleo")
    assert enters(door)

    role = practice.roles["auditor"]
    do(practice, practice.ana, switch_role, member_id=practice.cleo, role_id=role, on=True)

    assert not enters(door)


@pytest.mark.req("TA-24")
def test_another_practice_that_demands_nothing_stays_open(door: TestClient, practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Ben", "Okafor", "therapist")
    demanded(practice, "everyone")

    assert password_step(door, "ben").headers["location"] == "/choose-practice"
    assert enters(door, "elsewhere") and not enters(door)


def test_who_turns_it_off_again_is_shut_out_until_it_is_back(door: TestClient, practice: Practice) -> None:
    demanded(practice, "everyone")
    password_step(door, "ben")
    _, codes = turn_on(door)
    from tests.people import PASSWORD

    door.post("/account/second-step/off", data={"current": PASSWORD, "code": codes[0]})

    assert not enters(door)
    turn_on(door)
    assert enters(door)


@pytest.mark.req("TA-22")
def test_a_sign_in_that_leads_to_setting_it_up_is_no_use_of_the_place(
    door: TestClient, practice: Practice
) -> None:
    demanded(practice, "everyone")

    password_step(door, "ben")

    with begin_work(nobody(), writes=False) as work:
        query = select(StaffMember).where(StaffMember.id == practice.ben)
        assert work.session.exec(query).one().signed_in_at is None


def test_an_invitation_accepted_leads_to_it_as_well(door: TestClient, practice: Practice) -> None:
    from motlink.staff.invitations import send_invitation
    from tests.acts import newest_token

    demanded(practice, "everyone")
    with begin_work(system(), org=practice.org) as work:
        member = add_person(work, "Iris", "Invited", "therapist", joined=False)
        send_invitation(work, member_id=member)
    browser = browser_at("192.0.2.7")
    browser.get(f"/invitation?t={newest_token('iris.invited@riverbend.example')}")

    answer = browser.post("/invitation", data={"username": "iris", "password": "green bicycles in the rain"})

    assert answer.headers["location"] == "/account/second-step"
    assert not enters(browser)
