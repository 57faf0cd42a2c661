"""What an External Agent may hold: nothing that costs, and never Owner; they are on no bill (TA-08, TA-24, TA-28)."""

from uuid import UUID

import pytest

from motlink.cli_people import make_owner
from motlink.errors import MotlinkError
from motlink.roles.agents import NotForAgents
from motlink.roles.billing import billing
from motlink.roles.catalogue import BUILTIN
from motlink.roles.models import RoleGrant
from motlink.staff.actions import add_member, deactivate, switch_role
from motlink.staff.batch_preview import foresee
from motlink.staff.errors import LastOwner, ManagersOnly
from motlink.staff.granting import grant_records
from motlink.staff.queries import profile
from motlink.work import begin_work, system
from tests.acts import count, do, faults, refusal, roles_of, see, switching
from tests.agents.agents import RAE, add, agent_elsewhere
from tests.people import Practice

pytestmark = pytest.mark.req("TA-24", "TA-08", "TA-28")
FREE = [role.key for role in BUILTIN if role.section != "provider" and role.key != "owner"]
NOT_FOR_AGENTS = ["owner", *(role.key for role in BUILTIN if role.section == "provider")]


@pytest.fixture
def rae(practice: Practice) -> UUID:
    """An agent's place at Riverbend."""
    return add(practice, practice.ben, agent_elsewhere(practice))


@pytest.mark.parametrize("key", FREE)
def test_an_agent_has_any_free_role(practice: Practice, rae: UUID, key: str) -> None:
    do(practice, practice.ana, switch_role, **switching(practice, rae, key, on=True))

    assert roles_of(practice, rae) == {key}


@pytest.mark.parametrize("key", NOT_FOR_AGENTS)
def test_no_way_gives_an_agent_a_role_that_costs_or_owns(practice: Practice, rae: UUID, key: str) -> None:
    role_id = practice.roles[key]

    refusal(practice, practice.ana, switch_role, NotForAgents, **switching(practice, rae, key, on=True))
    confirmed = switching(practice, rae, key, on=True, confirmed=True)
    refusal(practice, practice.ana, switch_role, NotForAgents, **confirmed)
    with pytest.raises(NotForAgents), begin_work(system(), org=practice.org) as work:
        switch_role(work, **confirmed)
    many = see(practice, practice.ana, foresee, kind="role_on", member_ids=[rae], role_id=role_id)

    assert (many.refused, many.cents, many.seats) == (1, 0, 0) and "External Agent" in many.refusals[0].reason
    assert roles_of(practice, rae) == set()


def test_the_profile_says_once_what_is_not_for_agents(practice: Practice, rae: UUID) -> None:
    shown = see(practice, practice.ana, profile, member_id=rae)
    of_staff = see(practice, practice.ana, profile, member_id=practice.ben)

    assert [switch.key for switch in shown.switches if not switch.option_of] == FREE
    assert not [switch.key for switch in shown.switches if switch.reason]
    assert shown.staff_only == "Therapist, Supervisor, Intern and Owner are for staff members only."
    assert of_staff.staff_only == "" and len(of_staff.switches) > len(FREE) + len(NOT_FOR_AGENTS) - 1


def test_a_role_that_an_agent_got_by_a_fault_is_shown_so_that_it_can_be_taken(
    practice: Practice, rae: UUID
) -> None:
    with begin_work(system(), org=practice.org) as work:
        role_id = practice.roles["therapist"]
        work.add(
            RoleGrant(
                id=work.new_id(), org_id=work.org_id, member_id=rae, role_id=role_id, starts_at=work.now
            )
        )

    shown = see(practice, practice.ana, profile, member_id=rae)

    assert [switch.key for switch in shown.switches if switch.on] == ["therapist"]
    assert shown.staff_only == "Supervisor, Intern and Owner are for staff members only."


def test_an_agent_appears_on_no_bill_whatever_they_hold(practice: Practice, rae: UUID) -> None:
    before = see(practice, practice.ana, billing)
    for key in FREE:
        do(practice, practice.ana, switch_role, **switching(practice, rae, key, on=True))
    # As a fault, or a hand in the database, might: no rule lets it come to this.
    with begin_work(system(), org=practice.org) as work:
        grant = RoleGrant(
            id=work.new_id(), org_id=work.org_id, member_id=rae, role_id=practice.roles["therapist"],
            starts_at=work.now,
        )  # fmt: skip
        work.add(grant)

    after = see(practice, practice.ana, billing)

    assert (after.seats_now, after.total_cents) == (before.seats_now, before.total_cents)
    assert rae not in {one.member_id for one in (*after.added.shown, *after.coming.shown)}


def test_an_agent_never_lets_the_last_owner_go(practice: Practice, rae: UUID) -> None:
    do(practice, practice.ana, switch_role, **switching(practice, rae, "manager", on=True))

    with pytest.raises(LastOwner), begin_work(system(), org=practice.org) as work:
        deactivate(work, member_id=practice.ana)


def test_the_operator_makes_no_agent_an_owner(practice: Practice, rae: UUID) -> None:
    with pytest.raises(MotlinkError):
        make_owner(
            name="Riverbend Therapy", email=RAE, first_name="Rae", last_name="L", time_zone="America/New_York"
        )

    assert roles_of(practice, rae) == set()


def test_the_rules_of_granting_hold_for_agents_too(practice: Practice, rae: UUID) -> None:
    refusal(practice, practice.sam, switch_role, ManagersOnly, **switching(practice, rae, "manager", on=True))
    do(practice, practice.ana, switch_role, **switching(practice, rae, "manager", on=True))
    refusal(practice, practice.sam, deactivate, ManagersOnly, member_id=rae)


def test_an_agent_reads_records_where_an_owner_says_so(practice: Practice, rae: UUID) -> None:
    role_id = practice.roles["records_custodian"]

    do(practice, practice.ana, grant_records, member_id=rae, role_id=role_id, all_providers=True)

    assert roles_of(practice, rae) == {"records_custodian"}


def test_an_agent_with_the_role_adds_others(practice: Practice, rae: UUID) -> None:
    do(practice, practice.ana, switch_role, **switching(practice, rae, "staff_administrator", on=True))
    before = count(RoleGrant)

    do(practice, rae, add_member, first_name="Co", last_name="Worker", email="co@clearclaims.example")

    assert count(RoleGrant) == before and faults() == []
