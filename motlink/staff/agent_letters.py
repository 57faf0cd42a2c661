"""The letter that tells an External Agent where they have been added: nobody works for a practice unaware of it."""

from motlink.accounts.models import Account
from motlink.mail.actions import enqueue
from motlink.orgs.zones import practice_of
from motlink.settings import settings
from motlink.staff.models import StaffMember
from motlink.work import Work


def write_added(work: Work, member: StaffMember) -> None:
    """Put the letter into the outbox. It holds no key: it may be forwarded."""
    values = {
        "person": member.first_name,
        "practice": practice_of(work).name,
        "sender": work.actor.name,
        "address": f"{settings().public_url}/sign-in",
        "account": f"{settings().public_url}/account",
    }
    enqueue(
        work, kind="agent_added", to=work.session.get_one(Account, member.account_id).email, values=values
    )
