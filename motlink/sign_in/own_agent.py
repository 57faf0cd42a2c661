"""What External Agents see and change of themselves: their code, and the practices that have added them (AC-02)."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from motlink.accounts.agent_keys import renew_code
from motlink.accounts.models import Account
from motlink.errors import NotFound
from motlink.orgs.models import Organization
from motlink.sign_in.rules import SignedOut
from motlink.staff.models import StaffMember
from motlink.staff.places import open_at
from motlink.work import Work

CODE_RENEWED = "agent.code_renewed"


@dataclass(frozen=True)
class AgentPlace:
    """A practice that somebody works for as an External Agent."""

    org_id: UUID
    name: str


def agent_places(work: Work) -> tuple[AgentPlace, ...]:
    """Return the practices that the signed-in person may leave by themselves."""
    query = (
        select(Organization.id, Organization.name)
        .join(StaffMember, col(StaffMember.org_id) == col(Organization.id))
        .where(
            StaffMember.account_id == work.actor.account_id,
            col(StaffMember.is_agent),
            col(StaffMember.joined_at).is_not(None),
            open_at(work.now),
        )
    )
    return tuple(AgentPlace(*found) for found in work.session.exec(query.order_by(col(Organization.name))))


def renew_own_code(work: Work) -> None:
    """Put another code in the place of the own one. Raises NotFound for whoever is no agent."""
    if work.actor.account_id is None:
        raise SignedOut
    if renew_code(work, account_id=work.actor.account_id) is None:
        raise NotFound("You are no External Agent.")
    work.record(CODE_RENEWED, work.session.get_one(Account, work.actor.account_id))
