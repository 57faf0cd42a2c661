"""The roster's filter by state, against a plain oracle; and everybody whom a view shows, over all its pages."""

import os
from datetime import UTC, datetime, timedelta
from itertools import chain, combinations
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
from sqlmodel import select

from motlink.errors import Invalid, NotAllowed
from motlink.roles.models import RoleGrant
from motlink.staff.actions import add_member, deactivate
from motlink.staff.address import query_of, view_of
from motlink.staff.models import Invitation
from motlink.staff.roster import roster
from motlink.staff.roster_search import everyone_in
from motlink.staff.rows import STATES, RosterView
from motlink.work import Work, begin_work, system
from tests.acts import do, refusal, see
from tests.people import Practice

pytestmark = pytest.mark.req("TA-31", "TA-03")
# A state that is asked wrongly shows alone; one that spoils its neighbour, in a pair.
TOGETHER = (1, 2, 3, 4) if os.environ.get("MOTLINK_SOAK") else (1, 2)

# name: what is true of them
PEOPLE: dict[str, set[str]] = {
    "joined": set(),
    "fresh": {"not_invited"},
    "bare": {"not_invited", "no_role"},
    "asked": {"invited"},
    "late": {"expired"},
    "withdrawn": {"not_invited"},
    "idle": {"no_role"},
    "over": {"no_role"},
    "soon": {"no_role", "not_invited"},
    "gone": set(),
}


@pytest.fixture
def people(practice: Practice) -> dict[str, UUID]:
    with begin_work(system(), org=practice.org) as work:
        found = {name: _add(work, practice, name) for name in PEOPLE}
        deactivate(work, member_id=found["gone"])
    return found


def _add(work: Work, practice: Practice, name: str) -> UUID:
    roles = [] if name in ("bare", "idle") else [practice.roles["biller"]]
    member = add_member(
        work,
        first_name=name.title(),
        last_name="State",
        email=f"{name}@riverbend.example",
        role_ids=roles,
        invite=name in ("asked", "late", "withdrawn"),
    )
    if name in ("joined", "idle", "over"):
        member.joined_at = work.now
    a_day, link = timedelta(days=1), select(Invitation).where(Invitation.member_id == member.id)
    grant = select(RoleGrant).where(RoleGrant.member_id == member.id)
    if name == "late":
        work.session.exec(link).one().expires_at = work.now - a_day
    if name == "withdrawn":
        work.session.exec(link).one().revoked_at = work.now
    if name == "over":
        work.session.exec(grant).one().ends_at = work.now - a_day
    if name == "soon":
        work.session.exec(grant).one().starts_at = work.now + a_day
    return member.id


def shown(practice: Practice, **wanted: Any) -> set[str]:
    page = see(practice, practice.ana, roster, view=RosterView(**wanted))
    return {row.name.split()[0].lower() for row in page.rows if row.name.endswith(" State")}


@pytest.mark.soak
@pytest.mark.parametrize("inactive", [False, True])
def test_each_state_and_any_of_several_shows_whom_it_is_true_of(
    practice: Practice, people: dict[str, UUID], inactive: bool
) -> None:
    for states in chain.from_iterable(combinations(STATES, number) for number in TOGETHER):
        expected = {name for name, true in PEOPLE.items() if true & set(states)}

        assert shown(practice, states=states, inactive=inactive) == expected, states
        assert shown(practice, states=states, q="state", sort="email") == expected


def test_the_address_holds_the_states_and_nothing_that_is_none() -> None:
    view = RosterView(q="li", states=("not_invited", "expired"))

    assert query_of(view) == "?q=li&state=not_invited~expired"
    assert view_of({"q": "li", "state": "not_invited~expired"}) == view
    assert view_of({"state": "asleep~~'--"}).states == ()
    odd = RosterView(tags=("a~b", "50%25", "100%"), locations=("up~down",))
    assert view_of(dict(parse_qsl(query_of(odd).removeprefix("?")))) == odd


def test_everyone_of_a_view_is_those_of_all_pages_and_of_no_other_practice(
    practice: Practice, people: dict[str, UUID]
) -> None:
    everyone = see(
        practice, practice.ana, everyone_in, view=RosterView(page=7, sort="email", down=True), most=100
    )
    billers = see(
        practice, practice.ana, everyone_in, view=RosterView(roles=("biller",), q="state"), most=100
    )
    waiting = see(practice, practice.ben, everyone_in, view=RosterView(states=("not_invited",)), most=100)

    here = {practice.ana, practice.ben, practice.cleo, practice.sam}
    assert set(everyone) == here | set(people.values()) - {people["gone"]}
    assert set(billers) == {people[name] for name in ("joined", "fresh", "asked", "late", "withdrawn")}
    assert set(waiting) == {people[name] for name in ("fresh", "bare", "withdrawn", "soon")}


def test_more_than_can_be_done_at_once_is_refused(practice: Practice, people: dict[str, UUID]) -> None:
    refused = refusal(practice, practice.ana, everyone_in, Invalid, view=RosterView(), most=12)

    assert refused.sentence == "At most 12 people at once. Narrow the list first."
    assert len(see(practice, practice.ana, everyone_in, view=RosterView(), most=13)) == 13


def test_who_may_not_see_the_list_gets_no_ids(practice: Practice) -> None:
    refusal(practice, practice.cleo, everyone_in, NotAllowed, view=RosterView(), most=10)
    with pytest.raises(NotAllowed), begin_work(practice.as_(practice.dov), org=practice.org) as work:
        everyone_in(work, view=RosterView(), most=10)
    assert practice.dov not in see(
        practice, practice.ana, everyone_in, view=RosterView(inactive=True), most=10
    )


def test_a_link_runs_out_while_one_looks(practice: Practice) -> None:
    do(practice, practice.ana, add_member, first_name="Ida", last_name="I", email="ida@riverbend.example")
    late = datetime.now(UTC) + timedelta(hours=2)

    now, then = (
        see(practice, practice.ana, roster, view=RosterView(states=("expired",)), at=at)
        for at in (None, late)
    )

    assert [row.name for row in now.rows] == []
    assert [row.name for row in then.rows] == ["Ida I"]
