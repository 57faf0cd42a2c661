"""Who may give or take which role, and how money is written."""

from collections.abc import Iterable, Mapping

from motlink.permissions import Permission, Scope, holds

Privileges = Mapping[Permission, Scope]


def lacks(actor: Privileges, role: Privileges) -> list[Permission]:
    """Return the privileges of a role that the actor lacks (TA-01: nobody grants what they lack).

    A privilege over one's own work only is no power over others, so it needs no counterpart.
    """
    return [p for p, scope in role.items() if scope > Scope.OWN and actor.get(p, Scope.NONE) < scope]


def reaches_records(role: Privileges) -> bool:
    """Whether a role reads other people's notes, or reaches the records of chosen providers (TA-27)."""
    chosen = any(scope == Scope.TEAM for scope in role.values())
    return chosen or holds(role, Permission.READ_NOTES)


# What of a privilege over one's own work makes sense, and what over the records of chosen providers.
OWNABLE = {
    Permission.VIEW_SCHEDULE,
    Permission.CHANGE_SCHEDULE,
    Permission.BOOK,
    Permission.VIEW_CLIENTS,
    Permission.READ_NOTES,
    Permission.SIGN_NOTES,
    Permission.CLAIMS,
    Permission.REPORTS,
}
CHOOSABLE = {Permission.VIEW_CLIENTS, Permission.READ_NOTES}
# An owner's alone (TA-01, TA-27): no role of a practice's own has them.
OWNERS_ALONE = {Permission.MANAGE_OWNERS, Permission.GRANT_CUSTODIAN}


def reaches_of(permission: Permission) -> list[Scope]:
    """Return how far a privilege may reach in a practice's own role, the shortest first."""
    if permission in OWNERS_ALONE:
        return [Scope.NONE]
    own = [Scope.OWN] if permission in OWNABLE else []
    return [Scope.NONE, *own, *([Scope.TEAM] if permission in CHOOSABLE else []), Scope.ALL]


def may_design(actor: Privileges, role: Privileges) -> list[Permission]:
    """Return what in a practice's own role is more than its maker may put there: nothing where all is well.

    Never more than the maker has (TA-25), and no power over staff by somebody who has none over managers, nor a
    reach into records by somebody who could not grant it.
    """
    beyond = set(lacks(actor, role))
    if manages_staff(role) and not holds(actor, Permission.MANAGE_MANAGERS):
        beyond.add(Permission.MANAGE_STAFF)
    if reaches_records(role) and not holds(actor, Permission.GRANT_CUSTODIAN):
        beyond |= {p for p, scope in role.items() if scope == Scope.TEAM}
        beyond |= {Permission.READ_NOTES} if holds(role, Permission.READ_NOTES) else set()
    return [permission for permission in Permission if permission in beyond]


def manages_staff(privileges: Privileges) -> bool:
    """Whether someone with these privileges is an owner, a manager or a staff administrator."""
    return holds(privileges, Permission.MANAGE_STAFF)


def is_owner(privileges: Privileges) -> bool:
    """Whether these privileges are an owner's."""
    return holds(privileges, Permission.MANAGE_OWNERS)


def may_touch(actor: Privileges, target: Privileges) -> bool:
    """A staff administrator never touches owners, managers or other staff administrators (TA-01)."""
    return holds(actor, Permission.MANAGE_MANAGERS) or not manages_staff(target)


def merged(many: Iterable[Privileges]) -> dict[Permission, Scope]:
    """Return the widest reach of each privilege over several roles."""
    widest: dict[Permission, Scope] = {}
    for privileges in many:
        for permission, scope in privileges.items():
            widest[permission] = max(scope, widest.get(permission, Scope.NONE))
    return widest


def money(cents: int) -> str:
    """Return cents as dollars: 1000 -> "$10.00"."""
    return f"${cents // 100:,}.{cents % 100:02d}"
