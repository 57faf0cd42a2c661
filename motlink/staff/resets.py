"""Sending somebody a link to a new password: a manager never sees or chooses it (TA-19)."""

from uuid import UUID

from motlink.accounts.resets import locked, write_reset_link
from motlink.permissions import Permission
from motlink.staff.errors import Inactive, NotSetUp, OwnPassword
from motlink.staff.people import is_self, person, power
from motlink.staff.places import is_open
from motlink.staff.rules import check_touch
from motlink.work import Done, Work


def send_reset(work: Work, *, member_id: UUID) -> Done:
    """Send a reset link that ends any older one. Raises Inactive, NotSetUp and OwnPassword."""
    work.require(Permission.MANAGE_STAFF)
    known = person(work, member_id)
    if is_self(work, known.member):
        raise OwnPassword
    check_touch(actor=power(work), target=known.privileges, own=False)
    if not is_open(known.member, work.now):
        raise Inactive(known.member.name)
    if known.member.joined_at is None:
        raise NotSetUp(known.member.name)
    account = locked(work, known.member.account_id)
    link = write_reset_link(work, account=account, asked_by=work.actor.name)
    work.record("password.reset_sent", known.member, until=link.expires_at.isoformat())
    work.notify("staff", known.member.id)
    return Done(f"A link to a new password is on its way to {known.member.name}.")
