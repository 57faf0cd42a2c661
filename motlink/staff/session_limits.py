"""The practice's choice of how long a session lasts and how many one person may have (ASVS 7.1.1, 7.3.1, 7.3.2)."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from motlink.accounts.limits import Limits, limits_from, limits_of, sessions_open
from motlink.accounts.models import AccountSession
from motlink.accounts.proof import require_fresh
from motlink.accounts.run_out import end_over_here
from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, WayBack, payload_of
from motlink.errors import Invalid
from motlink.orgs.actions import set_session_limits
from motlink.orgs.models import Organization
from motlink.orgs.rules import IDLE_MINUTES, MOST_SESSIONS, SESSION_HOURS, checked_choice
from motlink.orgs.zones import practice_of
from motlink.permissions import Permission
from motlink.settings import settings
from motlink.staff.models import StaffMember
from motlink.staff.places import open_at
from motlink.work import Done, Work

FIELDS = ("idle_minutes", "session_hours", "most_sessions")


@dataclass(frozen=True)
class ShownLimits:
    """What is chosen, "" for nothing; what the installation says; how many people are signed in."""

    idle: str
    whole: str
    most: str
    default_idle: int
    default_whole: int
    signed_in: int
    version: int


@dataclass(frozen=True)
class SignedOut:
    """Whom limits would sign out: how many people lose a session, and whether the actor loses the one in use."""

    people: int
    you: bool


def session_limits(work: Work) -> ShownLimits:
    """Read the practice's choice."""
    work.require(Permission.SECURITY)
    org = practice_of(work)
    return ShownLimits(
        idle=str(org.idle_minutes or ""),
        whole=str(org.session_hours or ""),
        most=str(org.most_sessions or ""),
        default_idle=settings().idle_minutes,
        default_whole=settings().session_hours,
        signed_in=_signed_in(work, limits_of(org)),
        version=org.version,
    )


def signed_out_by(work: Work, *, idle: str, whole: str) -> SignedOut:
    """Return whom of the people who are signed in now these limits would sign out here, "" as above.

    Raises Invalid for what is no choice.
    """
    work.require(Permission.SECURITY)
    wanted = limits_from(
        checked_choice(idle, IDLE_MINUTES, "idle"), checked_choice(whole, SESSION_HOURS, "whole")
    )
    had, ends = limits_of(practice_of(work)), ~sessions_open(work.now, *wanted.since(work.now))
    own = col(AccountSession.id) == work.actor.session_id
    return SignedOut(_signed_in(work, had, ends), _signed_in(work, had, ends, own) > 0)


def choose_session_limits(work: Work, *, idle: str, whole: str, most: str, version: int) -> Done:
    """Set the limits, "" for what the installation says (for `most`: any number). They count for everyone at once.

    Raises SettingsChanged where someone else saved since `version`, PasswordNeeded where the actor's proof is old,
    Invalid for what is no choice, and for a wait that is longer than the whole.
    """
    wanted = (
        checked_choice(idle, IDLE_MINUTES, "idle"),
        checked_choice(whole, SESSION_HOURS, "whole"),
        checked_choice(most, MOST_SESSIONS, "most"),
    )
    return _set(work, wanted, version)


def _set(work: Work, wanted: tuple[int | None, ...], version: int) -> Done:
    work.require(Permission.SECURITY)
    require_fresh(work)
    idle, whole = wanted[0] or settings().idle_minutes, (wanted[1] or settings().session_hours) * 60
    if idle > whole:
        raise Invalid(
            "A sign-in would end before the time without use is over. Choose a shorter one.", field="idle"
        )
    if _are_longer(practice_of(work), wanted):
        # What is over stays over.
        end_over_here(work, practice_of(work))
    entry = set_session_limits(work, version=version, **dict(zip(FIELDS, wanted, strict=True)))
    if entry is None:
        return Done("Nothing has changed.")
    work.notify("staff")
    return Done("Saved. It counts for everyone from now on.", undo=entry)


def _are_longer(org: Organization, wanted: tuple[int | None, ...]) -> bool:
    had, gets = limits_of(org), limits_from(wanted[0], wanted[1])
    return gets.idle > had.idle or gets.whole > had.whole


def _signed_in(work: Work, limits: Limits, *which: ColumnElement[bool]) -> int:
    query = (
        select(func.count(func.distinct(AccountSession.account_id)))
        .join(StaffMember, col(StaffMember.account_id) == col(AccountSession.account_id))
        .where(
            StaffMember.org_id == work.org_id,
            col(StaffMember.joined_at).is_not(None),
            open_at(work.now),
            sessions_open(work.now, *limits.since(work.now)),
            *which,
        )
    )
    return int(work.session.exec(query).one())


def _limits_back(work: Work, entry: AuditEntry) -> Done:
    org, payload = practice_of(work), payload_of(entry)
    if {field: getattr(org, field) for field in FIELDS} != payload["after"]:
        raise UndoRefused
    return _set(work, tuple(payload["before"][field] for field in FIELDS), org.version)


WAYS_BACK: dict[str, WayBack] = {"organization.session_limits": _limits_back}
