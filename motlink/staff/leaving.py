"""The off-boarding checklist: what a deactivation touches, asked of every slice by facts (TA-20)."""

from uuid import UUID

from sqlmodel import col, select

from motlink.accounts.limits import limits_of, sessions_open
from motlink.accounts.models import AccountSession
from motlink.accounts.queries import active_elsewhere
from motlink.facts import Check, StaffDeactivated, checks_before
from motlink.moments import city
from motlink.orgs.zones import practice_of, today_of, zone_of
from motlink.permissions import Permission
from motlink.roles.prices import monthly_cents
from motlink.roles.queries import all_in_force
from motlink.roles.rules import money
from motlink.staff.invitations import sent_by
from motlink.staff.models import StaffMember
from motlink.staff.people import open_invitation, person
from motlink.staff.places import open_at
from motlink.staff.rows import Checklist
from motlink.staff.switches import owner_reason, touch_reason
from motlink.work import Work


def leaving_checklist(work: Work, *, member_id: UUID) -> Checklist:
    """Return what deactivating would touch, and the refusal where it is impossible."""
    work.require(Permission.MANAGE_STAFF)
    leaver = person(work, member_id)
    refusal = touch_reason(work, leaver) or owner_reason(work, leaver)
    checks = checks_before(work, StaffDeactivated, leaver.member.id)
    return Checklist(
        leaver.member.id,
        leaver.member.name,
        leaver.member.first_name,
        tuple(checks),
        refusal,
        today=str(today_of(work)),
        zone=city(zone_of(work)),
    )


def sessions_check(work: Work, member_id: UUID) -> list[Check]:
    """Say how many sign-ins end: none where another practice still has the person (nor is that told)."""
    member = work.get(StaffMember, member_id)
    if active_elsewhere(work.session, member.account_id, work.org_id, work.now):
        return []
    query = select(AccountSession).where(
        AccountSession.account_id == member.account_id,
        sessions_open(work.now, *limits_of(practice_of(work)).since(work.now)),
    )
    sessions = work.session.exec(query).all()
    if not sessions:
        return []
    browsers = ", ".join(dict.fromkeys(one.browser for one in sessions if one.browser))
    noun = "open session ends" if len(sessions) == 1 else "open sessions end"
    return [Check("log_out", f"{len(sessions)} {noun} at once", browsers)]


def invitations_check(work: Work, member_id: UUID) -> list[Check]:
    """List the invitations the leaver sent that nobody has accepted yet."""
    invited = sent_by(work, work.get(StaffMember, member_id).account_id)
    if not invited:
        return []
    noun = "invitation they sent is open" if len(invited) == 1 else "invitations they sent are open"
    names = tuple(one.name for one in invited)
    return [Check("send", f"{len(invited)} {noun}", ", ".join(names), choice="revoke_invitations")]


def own_invitation_check(work: Work, member_id: UUID) -> list[Check]:
    """Say that the leaver's own link ends."""
    invitation = open_invitation(work, member_id)
    if invitation is None or invitation.expires_at <= work.now:
        return []
    return [Check("mail_x", "The open invitation ends", "The link in the email stops working")]


def bill_check(work: Work, member_id: UUID) -> list[Check]:
    """Say what the next bill is without them."""
    roles = all_in_force(work.session, work.org_id, member_id, work.now)
    cents = monthly_cents(roles, today_of(work))
    return [Check("receipt", f"Next bill: {money(cents)} a month less")] if cents else []


def supervisees_check(work: Work, member_id: UUID) -> list[Check]:
    """Say whom the leaver supervises: they stay, and want somebody else (TA-33)."""
    query = select(StaffMember).where(
        StaffMember.org_id == work.org_id,
        StaffMember.supervisor_id == member_id,
        open_at(work.now),
    )
    found = work.session.exec(query.order_by(col(StaffMember.sort_name))).all()
    if not found:
        return []
    noun = "person has" if len(found) == 1 else "people have"
    names = ", ".join(member.name for member in found[:8])
    more = f" and {len(found) - 8} more" if len(found) > 8 else ""
    return [Check("users", f"{len(found)} {noun} them as supervisor", f"{names}{more}")]
