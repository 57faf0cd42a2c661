"""Who counts as another owner: whoever is_owner says, and nobody else."""

import pytest

from motlink.permissions import Permission, Scope
from motlink.roles.models import Role, RolePermission
from motlink.staff.actions import deactivate
from motlink.staff.errors import LastOwner
from motlink.work import begin_work, system
from tests.people import Practice, add_person


@pytest.mark.parametrize(("scope", "is_another"), [(Scope.OWN, False), (Scope.TEAM, True), (Scope.ALL, True)])
def test_power_over_owners_in_ones_own_work_only_makes_no_other_owner(
    practice: Practice, scope: Scope, is_another: bool
) -> None:
    with begin_work(system(), org=practice.org) as work:
        role = Role(
            id=work.new_id(),
            org_id=work.org_id,
            key="odd",
            name="Odd",
            module="core",
            section="x",
            builtin=False,
        )
        work.add(role)
        work.add(
            RolePermission(
                role_id=role.id, org_id=work.org_id, permission=Permission.MANAGE_OWNERS, scope=scope
            )
        )
        add_person(work, "Odd", "One", "odd")

    try:
        with begin_work(system(), org=practice.org) as work:
            deactivate(work, member_id=practice.ana)
        went = True
    except LastOwner:
        went = False

    assert went == is_another
