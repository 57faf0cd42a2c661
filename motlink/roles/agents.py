"""Which roles an External Agent may have (decision 15): none that costs, and never Owner. Pure."""

from typing import Protocol

from motlink.errors import Conflict
from motlink.roles.rules import Privileges, is_owner


class Kind(Protocol):
    """What of a role decides it."""

    @property
    def name(self) -> str: ...
    @property
    def section(self) -> str: ...
    @property
    def paid(self) -> bool: ...
    @property
    def addon(self) -> str: ...


class NotForAgents(Conflict):
    """An External Agent is free, and so works for the practice without treating anyone or owning it."""


def is_for_agents(role: Kind, wanted: Privileges) -> bool:
    """Whether an External Agent may have a role."""
    return not is_owner(wanted) and not _is_paid_or_treats(role)


def check_agent_role(role: Kind, wanted: Privileges) -> None:
    """Raise NotForAgents for a Provider / Therapy role, and for one that runs the practice as an owner."""
    if is_owner(wanted):
        raise NotForAgents(
            "An External Agent is never an owner.", next_step="An owner is a staff member of the practice."
        )
    if _is_paid_or_treats(role):
        raise NotForAgents(
            f"{role.name} is for staff members: an External Agent treats nobody and takes no seat."
        )


def _is_paid_or_treats(role: Kind) -> bool:
    return role.paid or bool(role.addon) or role.section == "provider"
