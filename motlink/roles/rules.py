"""Who may give or take which role, and what a set of roles costs."""

from collections.abc import Iterable, Mapping

from motlink.permissions import Permission, Scope, holds

Privileges = Mapping[Permission, Scope]

# Integer cents a month: one seat per person with any Provider / Therapy role, however many (TA-28).
SEAT_CENTS = 1000


def lacks(actor: Privileges, role: Privileges) -> list[Permission]:
    """Return the privileges of a role that the actor lacks (TA-01: nobody grants what they lack).

    A privilege over one's own work only is no power over others, so it needs no counterpart.
    """
    return [p for p, scope in role.items() if scope > Scope.OWN and actor.get(p, Scope.NONE) < scope]


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


def monthly_cents(paid_flags: Iterable[bool]) -> int:
    """Return what one person's roles cost a month, in cents."""
    return SEAT_CENTS if any(paid_flags) else 0


def money(cents: int) -> str:
    """Return cents as dollars: 1000 -> "$10.00"."""
    return f"${cents // 100:,}.{cents % 100:02d}"
