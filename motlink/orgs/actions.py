"""Founding a practice."""

from zoneinfo import ZoneInfo

from sqlmodel import col, select

from motlink.errors import Invalid, NotAllowed
from motlink.facts import OrganizationFounded
from motlink.orgs.models import Organization
from motlink.orgs.rules import address_of
from motlink.work import Work

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
