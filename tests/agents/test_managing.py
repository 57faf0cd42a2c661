"""An External Agent who manages the staff of one practice opens no hole: not for agents, not elsewhere (TA-24)."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from motlink.errors import MotlinkError, NotAllowed, NotFound
from motlink.roles.agents import NotForAgents
from motlink.roles.catalogue import BUILTIN
from motlink.roles.models import Role
from motlink.staff.actions import deactivate, edit_member, reactivate, switch_role
from motlink.staff.agents import add_agent, invite_agent
from motlink.staff.batches import start_batch
from motlink.staff.errors import OwnersOnly, OwnRoles
from motlink.staff.invitations import send_invitation
from motlink.staff.models import StaffMember
from motlink.staff.resets import send_reset
from motlink.work import begin_work, system
from tests.acts import add_someone, do, faults, refusal, roles_of, switching
from tests.agents.agents import add, agent_elsewhere, key, place
from tests.people import Practice

pytestmark = [pytest.mark.req("TA-24", "TA-01"), pytest.mark.asvs("8.2.2", "8.4.1")]
NOT_FOR_AGENTS = ["owner", *(role.key for role in BUILTIN if role.section == "provider")]


@pytest.fixture
def account(practice: Practice) -> UUID:
    """Rae, an agent of Elsewhere without any role there."""
    return agent_elsewhere(practice)


@pytest.fixture
def rae(practice: Practice, account: UUID) -> UUID:
    """Her place at Riverbend, whose staff she manages."""
    member_id = add(practice, practice.ana, account)
    do(practice, practice.ana, switch_role, **switching(practice, member_id, "manager", on=True))
    return member_id


@pytest.fixture
def max_(practice: Practice) -> UUID:
    """Another agent of Riverbend."""
    return add(
        practice, practice.ana, agent_elsewhere(practice, email="max@clearclaims.example", first="Max")
    )


def test_a_managing_agent_manages_staff(practice: Practice, rae: UUID) -> None:
    do(practice, rae, switch_role, **switching(practice, practice.cleo, "biller", on=True))

    assert roles_of(practice, practice.cleo) == {"therapist", "biller"} and faults() == []


@pytest.mark.parametrize("key", NOT_FOR_AGENTS)
@pytest.mark.parametrize("whose", ["own", "another's"])
def test_they_give_no_agent_a_role_that_agents_must_not_have(
    practice: Practice, rae: UUID, max_: UUID, key: str, whose: str
) -> None:
    target = rae if whose == "own" else max_
    wish = switching(practice, target, key, on=True, confirmed=True)

    refusal(practice, rae, switch_role, MotlinkError, **wish)
    do(practice, rae, start_batch, kind="role_on", member_ids=[target], role_id=practice.roles[key])

    assert roles_of(practice, target) == ({"manager"} if whose == "own" else set())


def test_nor_does_an_agent_become_staff_by_being_let_go_and_taken_back(
    practice: Practice, rae: UUID, max_: UUID
) -> None:
    do(practice, rae, deactivate, member_id=max_)
    do(practice, rae, reactivate, member_id=max_)

    refusal(practice, rae, switch_role, NotForAgents, **switching(practice, max_, "therapist", on=True))


def test_they_raise_nobody_above_themselves(practice: Practice, rae: UUID) -> None:
    refusal(practice, rae, switch_role, OwnRoles, **switching(practice, rae, "auditor", on=True))
    for role in ("owner", "records_custodian"):
        wish = switching(practice, practice.sam, role, on=True, confirmed=True)
        refusal(practice, rae, switch_role, NotAllowed, **wish)
    for act in (deactivate, send_reset):
        refusal(practice, rae, act, OwnersOnly, member_id=practice.ana)
    refusal(practice, rae, deactivate, OwnRoles, member_id=rae)


def test_in_another_practice_they_do_nothing_with_it(practice: Practice, rae: UUID, account: UUID) -> None:
    """Their place there has no role; and the people there are not in the practice that they manage."""
    there, names = place(practice.other_org, account), {"first_name": "Jo", "last_name": "Li"}
    token, code = key(account)
    edit = {**names, "member_id": practice.dov, "version": 1, "phone": "", "designation": ""}
    acts: list[tuple[Any, dict[str, Any]]] = [
        (deactivate, {"member_id": practice.dov}),
        (send_reset, {"member_id": practice.dov}),
        (send_invitation, {"member_id": practice.dov}),
        (edit_member, edit),
        (switch_role, {"member_id": practice.dov, "role_id": role_there(practice, "biller"), "on": True}),
    ]
    for act, given in acts:
        refusal(practice, rae, act, NotFound, **given)
        for who in (rae, there.id):
            with pytest.raises(MotlinkError), begin_work(practice.as_(who), org=practice.other_org) as work:
                act(work, **given)
    for act, given in (
        (invite_agent, names | {"email": "jo@x.example"}),
        (add_agent, {"token": token, "code": code}),
        (switch_role, {"member_id": there.id, "role_id": role_there(practice, "owner"), "on": True}),
    ):
        with pytest.raises(MotlinkError), begin_work(practice.as_(there.id), org=practice.other_org) as work:
            act(work, **given)

    # A role of the other practice is none here.
    foreign = {"member_id": practice.cleo, "role_id": role_there(practice, "biller"), "on": True}
    refusal(practice, rae, switch_role, NotFound, **foreign)
    assert dov(practice).deactivated_at is None and faults() == []


def role_there(practice: Practice, key: str) -> UUID:
    with begin_work(system(), writes=False) as work:
        query = select(Role.id).where(Role.org_id == practice.other_org, Role.key == key)
        return work.session.exec(query).one()


def dov(practice: Practice) -> StaffMember:
    with begin_work(system(), writes=False) as work:
        return work.session.get_one(StaffMember, practice.dov)


def test_what_they_manage_ends_with_the_place(practice: Practice, rae: UUID) -> None:
    jo = add_someone(practice, rae, "Jo", "therapist")
    do(practice, practice.ana, deactivate, member_id=rae)

    for act in (deactivate, send_invitation):
        with pytest.raises(MotlinkError):
            do(practice, rae, act, member_id=jo.id)
    with pytest.raises(MotlinkError):
        do(practice, rae, switch_role, **switching(practice, jo.id, "biller", on=True))
