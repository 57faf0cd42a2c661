"""Who may give or take which role: every combination of the catalogue against TA-01 said again in plain words."""

from itertools import product

import pytest

from motlink.errors import NotAllowed
from motlink.permissions import Permission, Scope
from motlink.roles.catalogue import BUILTIN
from motlink.roles.rules import lacks, manages_staff, merged, money
from motlink.staff.rules import check_switch, check_touch

ROLES = {role.key: role.privileges for role in BUILTIN}
STAFF_MANAGERS = {"owner", "manager", "staff_administrator"}
# The roles each may give, from the requirements and not from the privileges.
GIVES = {
    "owner": set(ROLES),
    "manager": set(ROLES) - {"owner", "records_custodian"},
    "staff_administrator": {"therapist", "supervisor", "intern"},
}


def may_switch(actor: str, target: str, role: str, *, on: bool, own: bool) -> bool:
    """TA-01 in words."""
    if actor not in STAFF_MANAGERS or (own and (actor != "owner" or role == "owner")):
        return False
    if role == "owner" and actor != "owner":
        return False
    if actor == "staff_administrator" and {target, role} & STAFF_MANAGERS:
        return False
    return not on or role in GIVES[actor]


def may_end(actor: str, target: str, *, own: bool) -> bool:
    """TA-01 and TA-20 in words."""
    if own or actor not in STAFF_MANAGERS or (target == "owner" and actor != "owner"):
        return False
    return actor != "staff_administrator" or target not in STAFF_MANAGERS


def is_let(act: object, actor: str, **question: object) -> bool:
    try:
        act(actor=ROLES[actor], **question)  # type: ignore[operator]
    except NotAllowed:
        return False
    return manages_staff(ROLES[actor])


@pytest.mark.req("TA-01", "TA-27")
@pytest.mark.parametrize("actor", ROLES)
def test_every_switch_of_every_role_is_let_or_refused_as_the_requirement_says(actor: str) -> None:
    for target, role, on, own in product(ROLES, ROLES, (True, False), (True, False)):
        if own and target != actor:
            continue
        let = is_let(
            check_switch, actor, target=ROLES[target], role=ROLES[role], role_name=role, on=on, own=own
        )
        assert let == may_switch(actor, target, role, on=on, own=own), (actor, target, role, on, own)


@pytest.mark.req("TA-01", "TA-20")
def test_every_deactivation_is_let_or_refused_as_the_requirement_says() -> None:
    for actor, target, own in product(ROLES, ROLES, (True, False)):
        if own and target != actor:
            continue
        let = is_let(check_touch, actor, target=ROLES[target], own=own)
        assert let == may_end(actor, target, own=own), (actor, target, own)


@pytest.mark.req("TA-01")
def test_two_roles_together_are_as_untouchable_as_the_higher_of_them() -> None:
    for low, high in product(set(ROLES) - STAFF_MANAGERS, STAFF_MANAGERS):
        both = merged([ROLES[low], ROLES[high]])
        assert not is_let(check_touch, "staff_administrator", target=both, own=False), (low, high)


@pytest.mark.req("TA-01")
def test_whoever_manages_staff_can_grant_nothing_beyond_themselves_by_two_steps() -> None:
    for actor in STAFF_MANAGERS:
        reach = merged(
            ROLES[role] for role in ROLES if may_switch(actor, "reporting", role, on=True, own=False)
        )
        own = ROLES[actor]
        assert not lacks(own, reach), actor


@pytest.mark.req("TA-01")
def test_a_privilege_over_a_team_does_not_let_someone_grant_it_over_all() -> None:
    team, everyone = {Permission.READ_NOTES: Scope.TEAM}, {Permission.READ_NOTES: Scope.ALL}

    assert lacks(team, everyone) == [Permission.READ_NOTES]
    assert lacks(everyone, team) == []


def test_money_is_written_with_its_cents() -> None:
    assert [money(cents) for cents in (0, 1000, 123_456_789)] == ["$0.00", "$10.00", "$1,234,567.89"]


@pytest.mark.req("TA-01")
def test_exactly_owner_manager_and_staff_administrator_manage_staff() -> None:
    assert {role for role in ROLES if manages_staff(ROLES[role])} == STAFF_MANAGERS
