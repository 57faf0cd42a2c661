"""Reading one person: the Profile, their history, who already has an email."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from motlink.accounts.models import Account
from motlink.audit.models import AuditEntry
from motlink.errors import Invalid
from motlink.moments import day, moment
from motlink.orgs.zones import today_of, zone_of
from motlink.permissions import Permission
from motlink.roles.prices import monthly_cents, price_words
from motlink.roles.rules import money
from motlink.staff.coming_back import left_by_themselves
from motlink.staff.days import is_on_leave
from motlink.staff.email_correction import may_correct
from motlink.staff.models import StaffMember
from motlink.staff.people import is_self, open_invitation, person, when_let_go
from motlink.staff.place_facts import place_facts
from motlink.staff.roster import initials, tags_of
from motlink.staff.rows import EmailNotice, HistoryLine, Profile, RoleSwitch
from motlink.staff.rules import MemberState, clean_email, minutes_left, state_of
from motlink.staff.sign_ins import last_sign_in, lock_words, sign_ins_of
from motlink.staff.step_removal import second_step_words
from motlink.staff.switches import staff_only_words, switches_of, touch_reason
from motlink.staff.timeline import timeline
from motlink.staff.words import history_words
from motlink.work import Work

HISTORY_LINES = 6


def profile(work: Work, *, member_id: UUID) -> Profile:
    """Return a person's page. Raises NotFound for another organization's member."""
    work.require(Permission.MANAGE_STAFF)
    shown = person(work, member_id)
    member, every = shown.member, switches_of(work, shown)
    switches = tuple(switch for switch in every if not switch.staff_only)
    has_role = any(switch.on and not switch.option_of for switch in switches)
    until, locked = _link_until(work, member), lock_words(work, member)
    state = _state(work, member, has_role=has_role, until=until, locked=bool(locked))
    return Profile(
        id=member.id,
        version=member.version,
        name=member.name,
        first_name=member.first_name,
        last_name=member.last_name,
        initials=initials(member.first_name, member.last_name),
        email=member.email,
        phone=member.phone,
        designation=member.designation,
        username=_username(work, member),
        state=state,
        place=place_facts(work, member, state),
        minutes_left=minutes_left(until, work.now) if until else 0,
        joined=member.joined_at is not None,
        you=is_self(work, member),
        touch_reason=touch_reason(work, shown),
        may_correct_email=may_correct(work, shown),
        monthly=money(monthly_cents([switch for switch in switches if switch.on], today_of(work))),
        last_sign_in=last_sign_in(work, member),
        second_step=second_step_words(work, member),
        sign_ins=sign_ins_of(work, member),
        locked=locked,
        switches=switches,
        staff_only=staff_only_words(every),
        prices=_prices(work, member, switches),
        history=history(work, member_id=member.id),
        timeline=timeline(work, member),
        tags=tuple(tags_of(work, [member.id])[member.id]),
        can_restore=not has_role and _has_previous_roles(work, member),
    )


def _username(work: Work, member: StaffMember) -> str:
    """It belongs to the account: shown only once this very practice has been accepted."""
    account = work.session.get_one(Account, member.account_id)
    return (account.username or "") if member.joined_at else ""


def _link_until(work: Work, member: StaffMember) -> datetime | None:
    invitation = open_invitation(work, member.id)
    return invitation.expires_at if invitation else None


def _prices(work: Work, member: StaffMember, switches: tuple[RoleSwitch, ...]) -> dict[str, str]:
    """What stands beside each role; nothing costs anything for an External Agent."""
    if member.is_agent:
        return {}
    return price_words(switches, {switch.key for switch in switches if switch.on}, today_of(work))


def _state(
    work: Work, member: StaffMember, *, has_role: bool, until: datetime | None, locked: bool
) -> MemberState:
    return state_of(
        deactivated=member.deactivated_at is not None,
        joined=member.joined_at is not None,
        has_role=has_role,
        invited_until=until,
        now=work.now,
        leaves_at=member.leaves_at,
        on_leave=is_on_leave(member, today_of(work)),
        locked=locked,
    )


def _has_previous_roles(work: Work, member: StaffMember) -> bool:
    return member.deactivated_at is None and when_let_go(work, member.id) is not None


def history(work: Work, *, member_id: UUID, limit: int = HISTORY_LINES) -> tuple[HistoryLine, ...]:
    """Return the newest acts about a member, in words."""
    work.require(Permission.MANAGE_STAFF)
    # What was refused has not happened; strangers could fill these lines with it. The audit log has it.
    happened = AuditEntry.action != "refused"
    query = select(AuditEntry).where(
        AuditEntry.org_id == work.org_id, AuditEntry.subject_id == member_id, happened
    )
    entries = work.session.exec(query.order_by(col(AuditEntry.number).desc()).limit(limit)).all()
    names = names_of(work, {entry.actor_id for entry in entries})
    zone = zone_of(work)
    return tuple(_history_line(entry, names.get(entry.actor_id, "System"), zone) for entry in entries)


def _history_line(entry: AuditEntry, who: str, zone: ZoneInfo) -> HistoryLine:
    what, icon = history_words(entry.action, entry.payload)
    return HistoryLine(what, who, moment(entry.at, zone), icon)


def names_of(work: Work, account_ids: set[UUID | None]) -> dict[UUID | None, str]:
    """Return members' names by account."""
    query = select(StaffMember).where(
        StaffMember.org_id == work.org_id,
        col(StaffMember.account_id).in_([one for one in account_ids if one]),
    )
    return {member.account_id: member.name for member in work.session.exec(query)}


def email_notice(work: Work, *, email: str) -> EmailNotice | None:
    """Return who has this email here already, and the ways out (TA-18). Another practice's people look new."""
    work.require(Permission.MANAGE_STAFF)
    try:
        address = clean_email(email)
    except Invalid:
        return None
    query = (
        select(StaffMember)
        .join(Account, col(Account.id) == col(StaffMember.account_id))
        .where(
            StaffMember.org_id == work.org_id,
            Account.email == address,
            col(StaffMember.withdrawn_at).is_(None),
        )
    )
    member = work.session.exec(query).first()
    if member is None:
        return None
    if member.is_agent and member.joined_at:
        return _agent_notice(work, member)
    if member.deactivated_at:
        since = day(member.deactivated_at, zone_of(work), work.now)
        return EmailNotice(
            member.id, member.name, f"already has this email here. Inactive since {since}.", ("reactivate",)
        )
    if member.joined_at is None:
        return EmailNotice(
            member.id, member.name, "already has this email here, not yet set up.", ("invite",)
        )
    return EmailNotice(
        member.id, member.name, "already has this email here. Two people cannot share an email."
    )


def _agent_notice(work: Work, member: StaffMember) -> EmailNotice:
    """Say that an External Agent has this email: a place stays what it was made as."""
    if member.deactivated_at is None:
        return EmailNotice(member.id, member.name, "is an External Agent here. One email has one place.")
    since = day(member.deactivated_at, zone_of(work), work.now)
    if left_by_themselves(member):
        return EmailNotice(
            member.id,
            member.name,
            f"was an External Agent here and left on {since}. Their Token and Code add them.",
        )
    return EmailNotice(
        member.id, member.name, f"was an External Agent here. Inactive since {since}.", ("reactivate",)
    )
