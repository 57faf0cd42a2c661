"""Founding a practice, and its settings."""

from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from motlink.errors import Invalid, NotAllowed
from motlink.facts import OrganizationFounded
from motlink.orgs.models import Location, Organization
from motlink.orgs.rules import SettingsChanged, address_of, checked_cycle_day, location_key
from motlink.orgs.zones import practice_of
from motlink.permissions import Permission
from motlink.work import Done, Work

LONGEST_NAME = 200


def found_organization(
    work: Work, *, name: str, slug: str = "", time_zone: str = "America/New_York", is_demo: bool = False
) -> Organization:
    """Make a practice with its built-in roles; the operator's act. The work goes on inside it.

    Raises NotAllowed for anyone but the system and Invalid for a name that leaves no address.
    """
    if work.actor.kind != "system":
        raise NotAllowed
    name = " ".join(name.split())
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise Invalid(
            f"The name of a practice is one line of at most {LONGEST_NAME} characters.", field="name"
        )
    wanted = address_of(slug or name)
    if not wanted:
        raise Invalid("A practice needs a name, or an address, with letters from a to z in it.", field="name")
    _check_zone(time_zone)
    org = Organization(
        id=work.new_id(),
        slug=_free_slug(work, wanted),
        name=name,
        time_zone=time_zone,
        is_demo=is_demo,
        created_at=work.now,
    )
    work.add(org)
    work.move_to(org.id)
    work.announce(OrganizationFounded(org.id))
    work.record("organization.founded", org, name=org.name, slug=org.slug)
    return org


def set_cycle_day(work: Work, *, cycle_day: str, version: int) -> Done:
    """Move the day on which bills are made; the bills of months that are over are counted anew with it.

    Raises SettingsChanged where someone else saved since `version`, Invalid for no day of a month.
    """
    work.require(Permission.BILLING)
    org, wanted = practice_of(work), checked_cycle_day(cycle_day)
    if org.cycle_day == wanted:
        return Done("Nothing has changed.")
    if org.version != version:
        raise SettingsChanged
    before, org.cycle_day = org.cycle_day, wanted
    org.version += 1
    work.add(org)
    entry = work.record("organization.cycle_day", org, before={"day": before}, after={"day": wanted})
    work.notify("staff")
    return Done(f"Bills are made on day {wanted} of each month.", undo=entry)


def set_lock_after(work: Work, *, days: int | None, version: int) -> UUID | None:
    """Lock places after so many days without sign-in, None for never; return the entry, None where it is so already.

    Raises SettingsChanged where someone else saved since `version`. Who is locked by it is computed (staff/locks.py).
    """
    work.require(Permission.SECURITY)
    org = practice_of(work)
    if org.lock_after_days == days:
        return None
    if org.version != version:
        raise SettingsChanged
    before, org.lock_after_days = org.lock_after_days, days
    org.version += 1
    work.add(org)
    return work.record("organization.lock_after", org, before={"days": before}, after={"days": days})


def set_second_step_of(work: Work, *, of: str, was: str) -> UUID | None:
    """Keep of whom a second step is demanded; return the entry, None where it is so already.

    Raises SettingsChanged where it is not as it `was` seen.
    """
    work.require(Permission.SECURITY)
    org = practice_of(work)
    if org.second_step_of == of:
        return None
    if org.second_step_of != was:
        raise SettingsChanged
    before, org.second_step_of = org.second_step_of, of
    work.add(org)
    return work.record(
        "organization.second_step", org, before={"demanded_of": before}, after={"demanded_of": of}
    )


def set_session_limits(work: Work, *, version: int, **wanted: int | None) -> UUID | None:
    """Set how long a session lasts and how many may be open; return the entry, None where it is so already.

    Raises SettingsChanged where someone else saved since `version`.
    """
    work.require(Permission.SECURITY)
    org = practice_of(work)
    before = {field: getattr(org, field) for field in wanted}
    if before == wanted:
        return None
    if org.version != version:
        raise SettingsChanged
    for field, value in wanted.items():
        setattr(org, field, value)
    org.version += 1
    work.add(org)
    return work.record("organization.session_limits", org, before=before, after=wanted)


def find_or_make_location(work: Work, *, name: str) -> Location:
    """Return the practice's location of this name, made where it is new; case and spacing do not matter."""
    work.require(Permission.MANAGE_STAFF)
    key = location_key(name)
    known = select(Location).where(Location.org_id == work.org_id, Location.key == key)
    if found := work.session.exec(known).first():
        return found
    place = Location(id=work.new_id(), org_id=work.org_id, key=key, name=name, created_at=work.now)
    work.add(place)
    work.record("location.made", place, name=place.name)
    return place


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Invalid(f"There is no time zone called {name}.", field="time_zone") from None


def _free_slug(work: Work, wanted: str) -> str:
    taken = set(work.session.exec(select(Organization.slug).where(col(Organization.slug).startswith(wanted))))
    if wanted not in taken:
        return wanted
    return next(f"{wanted}-{n}" for n in range(2, len(taken) + 3) if f"{wanted}-{n}" not in taken)
