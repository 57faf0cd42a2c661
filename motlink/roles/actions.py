"""Making the built-in roles of a new practice."""

from motlink.facts import OrganizationFounded
from motlink.roles.catalogue import BUILTIN, BuiltinRole
from motlink.roles.models import Role, RolePermission
from motlink.work import Work


def make_builtin_roles(work: Work, fact: OrganizationFounded) -> None:
    """Give a new practice the catalogue's roles."""
    for position, builtin in enumerate(BUILTIN):
        _make(work, builtin, position)


def _make(work: Work, builtin: BuiltinRole, position: int) -> None:
    role = Role(
        id=work.new_id(),
        org_id=work.org_id,
        key=builtin.key,
        name=builtin.name,
        description=builtin.description,
        module="pm",
        section=builtin.section,
        paid=builtin.paid,
        position=position,
    )
    work.add(role)
    for permission, scope in builtin.privileges.items():
        work.session.add(
            RolePermission(role_id=role.id, permission=permission, org_id=work.org_id, scope=scope)
        )
