"""Small words for the tests of External Agents: an agent of Elsewhere, and what their account page says."""

from uuid import UUID

from sqlmodel import col, select

from motlink.accounts.agent_keys import code_of
from motlink.accounts.models import Account, AgentKey
from motlink.mail.models import Letter
from motlink.sign_in.actions import accept_invitation
from motlink.staff.agents import AgentAdded, add_agent, invite_agent
from motlink.staff.models import StaffMember
from motlink.work import begin_work, nobody, system
from tests.acts import do, newest_token
from tests.people import Practice

RAE = "rae@clearclaims.example"


def invite(practice: Practice, who: UUID, email: str = RAE, first: str = "Rae") -> UUID:
    """Invite an agent to Riverbend as this member."""
    given = {"first_name": first, "last_name": "Lindqvist", "email": email}
    return _id(do(practice, who, invite_agent, **given))


def agent_elsewhere(practice: Practice, email: str = RAE, first: str = "Rae") -> UUID:
    """Return the account of somebody whom the other practice has invited as an agent, and who has accepted."""
    with begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        invite_agent(work, first_name=first, last_name="Lindqvist", email=email)
    return accept(practice.other_org, email)


def accept(org_id: UUID, email: str = RAE) -> UUID:
    """Use the newest invitation of an email, as somebody new; returns the account."""
    username = email.replace("@", ".")[:40]
    with begin_work(nobody(), org=org_id) as work:
        accept_invitation(work, token=newest_token(email), username=username, password_hash="x")
        return work.session.exec(select(Account.id).where(Account.email == email)).one()


def key(account_id: UUID) -> tuple[str, str]:
    """Return token and code, as the account page shows them without the spaces."""
    with begin_work(system(), writes=False) as work:
        found = work.session.get_one(AgentKey, account_id)
        return found.token, code_of(found)


def add(practice: Practice, who: UUID, account_id: UUID) -> UUID:
    """Add an agent to Riverbend by what they read out."""
    token, code = key(account_id)
    return _id(do(practice, who, add_agent, token=token, code=code))


def place(org_id: UUID, account_id: UUID) -> StaffMember:
    """Return an account's place in a practice."""
    with begin_work(system(), writes=False) as work:
        query = select(StaffMember).where(
            StaffMember.org_id == org_id, col(StaffMember.account_id) == account_id
        )
        return work.session.exec(query).one()


def letters(email: str = RAE) -> list[str]:
    """Return the kinds of the letters to somebody, the oldest first."""
    with begin_work(system(), writes=False) as work:
        return list(work.session.exec(select(Letter.kind).where(Letter.to == email).order_by(col(Letter.id))))


def _id(done: AgentAdded) -> UUID:
    assert done.member_id and done.sentence
    return done.member_id
