"""Making the built-in roles of a new practice."""

from motlink.facts import OrganizationFounded
from motlink.roles.catalogue import BUILTIN, FIRST_OPTION, OPTIONS, BuiltinRole
from motlink.roles.models import Role, RolePermission
from motlink.work import Work


def make_builtin_roles(work: Work, fact: OrganizationFounded) -> None:
    """Give a new practice the catalogue's roles and their options."""
    for position, builtin in enumerate(BUILTIN):
        _make(work, builtin, position)
    for position, option in enumerate(OPTIONS, FIRST_OPTION):
        _make(work, option, position)
    # Written together: one by one they were most of the time that a new practice takes.
    work.session.flush()


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
        option_of=builtin.option_of,
        addon=builtin.addon,
        position=position,
    )
    work.session.add(role)
    for permission, scope in builtin.privileges.items():
        work.session.add(
            RolePermission(role_id=role.id, permission=permission, org_id=work.org_id, scope=scope)
        )
