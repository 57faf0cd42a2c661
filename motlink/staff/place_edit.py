"""The facts of a person's place: preferred name, start date, location, supervisor (TA-33). Read, checked, put in.

A location is typed and made where it is new; a supervisor is an active person of the practice, named as offered.
"""

import re
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, select

from motlink.errors import Invalid
from motlink.folding import fold
from motlink.orgs.actions import find_or_make_location
from motlink.orgs.models import Location
from motlink.orgs.rules import LONGEST_LOCATION
from motlink.permissions import Permission
from motlink.staff.days import typed_start
from motlink.staff.models import StaffMember
from motlink.staff.places import open_at
from motlink.staff.rules import clean_line
from motlink.work import Work

FACTS = ("preferred_name", "starts_on", "location", "supervisor", "supervisor_id")
MOST_OFFERED = 8
# A name of two parts and an email.
LONGEST_LABEL = 530


def facts_now(work: Work, member: StaffMember) -> dict[str, str]:
    """Return the facts as a form and the audit log have them."""
    location = work.session.get(Location, member.location_id) if member.location_id else None
    supervisor = work.session.get(StaffMember, member.supervisor_id) if member.supervisor_id else None
    return {
        "preferred_name": member.preferred_name,
        "starts_on": member.starts_on.isoformat() if member.starts_on else "",
        "location": location.name if location else "",
        "supervisor": supervisor.name if supervisor else "",
        "supervisor_id": str(member.supervisor_id or ""),
    }


def checked_facts(work: Work, member: StaffMember, typed: Mapping[str, str]) -> dict[str, str]:
    """Return the facts that were typed in their one form; those that were not stay. Raises Invalid with the field."""
    facts = facts_now(work, member)
    if "preferred_name" in typed:
        facts["preferred_name"] = clean_line(typed["preferred_name"], "preferred_name")
    if "starts_on" in typed:
        text = typed["starts_on"].strip()
        known = not text or text == facts["starts_on"]
        facts["starts_on"] = text if known else typed_start(text).isoformat()
    if "location" in typed:
        facts["location"] = clean_line(typed["location"], "location", longest=LONGEST_LOCATION)
    if "supervisor" in typed or "supervisor_id" in typed:
        above = _supervisor(work, member, typed, facts)
        facts |= {"supervisor": above.name if above else "", "supervisor_id": str(above.id) if above else ""}
    return facts


def put_facts(work: Work, member: StaffMember, facts: Mapping[str, str]) -> None:
    """Take the checked facts over."""
    member.preferred_name = facts["preferred_name"]
    starts = facts["starts_on"]
    member.starts_on = date.fromisoformat(starts) if starts else None
    name = facts["location"]
    member.location_id = find_or_make_location(work, name=name).id if name else None
    member.supervisor_id = UUID(facts["supervisor_id"]) if facts["supervisor_id"] else None


def people_named(work: Work, *, text: str) -> tuple[str, ...]:
    """Return how a few active people are named whose name has these words, for a field that offers them."""
    work.require(Permission.MANAGE_STAFF)
    # PostgreSQL takes no NUL, and no name has one.
    words = fold(text.replace("\0", "")).replace("(", " ").replace(")", " ").split()[:6]
    query = select(StaffMember).where(
        StaffMember.org_id == work.org_id,
        open_at(work.now),
        *(_in_name(word) for word in words),
    )
    found = work.session.exec(query.order_by(col(StaffMember.sort_name)).limit(MOST_OFFERED)).all()
    return tuple(_label(work, member) for member in found)


def _in_name(word: str) -> ColumnElement[bool]:
    # Not anywhere in the text that lists are searched by: it holds emails, which often name the practice.
    by_order = col(StaffMember.sort_name).contains(word, autoescape=True)
    return or_(by_order, col(StaffMember.search_text).startswith(word, autoescape=True))


def locations(work: Work) -> tuple[str, ...]:
    """Return the practice's locations by name."""
    work.require(Permission.MANAGE_STAFF)
    query = select(Location.name).where(Location.org_id == work.org_id).order_by(col(Location.key))
    return tuple(work.session.exec(query.limit(200)))


def _supervisor(
    work: Work, member: StaffMember, typed: Mapping[str, str], facts: Mapping[str, str]
) -> StaffMember | None:
    text = clean_line(typed.get("supervisor", ""), "supervisor", longest=LONGEST_LABEL)
    if "supervisor_id" in typed:
        above = work.get(StaffMember, UUID(typed["supervisor_id"])) if typed["supervisor_id"] else None
    elif not text or text == facts["supervisor"]:
        above = work.get(StaffMember, UUID(facts["supervisor_id"])) if text else None
    else:
        above = _named(work, text)
    return above if above is None else _checked(work, member, above)


def _checked(work: Work, member: StaffMember, above: StaffMember) -> StaffMember:
    """Raise Invalid where someone would supervise themselves, directly or round a few corners."""
    if above.id == member.id:
        raise Invalid("Nobody supervises themselves.", field="supervisor")
    step: StaffMember | None = above
    seen = set[UUID]()
    while step is not None and step.id not in seen:
        seen.add(step.id)
        if step.supervisor_id == member.id:
            raise Invalid(f"{above.name} is supervised by {member.name} already.", field="supervisor")
        step = work.session.get(StaffMember, step.supervisor_id) if step.supervisor_id else None
    return above


def _named(work: Work, text: str) -> StaffMember:
    # As the list offers somebody whose name is not theirs alone: "Ana Li (ana@…)". Other parentheses belong to names.
    named = re.fullmatch(r"(.+) \(([^()\s]+@[^()\s]+)\)", text)
    name, email = (named[1], named[2]) if named else (text, "")
    query = select(StaffMember).where(StaffMember.org_id == work.org_id, open_at(work.now))
    if email:
        query = query.where(StaffMember.email == email)
    words = fold(name).split()[:6]
    query = query.where(*(col(StaffMember.search_text).contains(word, autoescape=True) for word in words))
    same = [one for one in work.session.exec(query.limit(200)) if fold(one.name) == fold(name)]
    if not same:
        raise Invalid("Nobody active here has this name. Choose one of the list.", field="supervisor")
    if len(same) > 1:
        raise Invalid("Several people have this name. Choose the one with the email.", field="supervisor")
    return same[0]


def _label(work: Work, member: StaffMember) -> str:
    query = select(StaffMember.id).where(
        StaffMember.org_id == work.org_id,
        StaffMember.first_name == member.first_name,
        StaffMember.last_name == member.last_name,
        open_at(work.now),
    )
    alone = len(work.session.exec(query.limit(2)).all()) == 1
    return member.name if alone else f"{member.name} ({member.email})"
