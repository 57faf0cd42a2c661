"""Any order of acts in two practices against a plain model in memory (R16): active x roles x invited x joined x undo.

Small here, large with MOTLINK_SOAK=1.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import col, select

from motlink.audit.undo import undo
from motlink.errors import MotlinkError, NotFound
from motlink.roles.models import Role
from motlink.roles.queries import role_by_key, roles_in_force
from motlink.staff.actions import add_member, deactivate, reactivate, switch_role
from motlink.staff.invitations import send_invitation
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.undo import restore_roles
from motlink.work import begin_work, system
from tests.acts import faults
from tests.people import Practice, stranger_and_practice
from tests.staff.orders import wrong_orders

SOAK = bool(os.environ.get("MOTLINK_SOAK"))
ROLES = ("therapist", "biller", "manager", "owner")
SIDES = st.integers(0, 1)
EMAILS = st.integers(0, 2)


@dataclass
class Place:
    """What one person's place in a practice should be."""

    roles: set[str] = field(default_factory=set)
    active: bool = True
    joined: bool = False
    link: bool = False
    previous: set[str] | None = None
    # What was done, oldest first: ("role", key, on), ("off",), ("on",).
    acts: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass
class Act:
    """An act that could be undone: what it was, and where in the person's history it stands."""

    side: int
    key: int
    entry: UUID
    what: tuple[Any, ...]
    place: int
    taken: frozenset[str] = frozenset()
    undone: bool = False


class TwoPractices(RuleBasedStateMachine):
    """Ana owns side 0, dov side 1; the same three emails may be added to both."""

    number: ClassVar[int] = 0

    def __init__(self, fresh: Callable[[], Practice]) -> None:
        super().__init__()
        TwoPractices.number += 1
        self.people = fresh()
        self.orgs = (self.people.org, self.people.other_org)
        self.actors = (self.people.ana, self.people.dov)
        self.ids: dict[tuple[int, int], UUID] = {}
        self.model: dict[tuple[int, int], Place] = {}
        self.acts: list[Act] = []
        self.roles = [self._roles(org) for org in self.orgs]

    def _roles(self, org: UUID) -> dict[str, UUID]:
        with begin_work(system(), org=org, writes=False) as work:
            return {role.key: role.id for role in work.session.exec(select(Role).where(Role.org_id == org))}

    def _do(self, side: int, action: Any, **given: Any) -> Any:
        with begin_work(self.people.as_(self.actors[side]), org=self.orgs[side]) as work:
            return action(work, **given)

    def _refused(self, side: int, action: Any, kind: type[MotlinkError] = MotlinkError, **given: Any) -> None:
        with pytest.raises(kind):
            self._do(side, action, **given)

    def _here(self, side: int, who: int) -> Place | None:
        return self.model.get((side, who))

    def _remember(
        self, side: int, who: int, done: Any, what: tuple[Any, ...], taken: set[str] = frozenset()
    ) -> None:  # type: ignore[assignment]
        place = self.model[side, who]
        place.acts.append(what)
        self.acts.append(Act(side, who, done.undo, what, len(place.acts), frozenset(taken)))

    @rule(side=SIDES, who=EMAILS, roles=st.sets(st.sampled_from(ROLES), max_size=2), invite=st.booleans())
    def add(self, side: int, who: int, roles: set[str], invite: bool) -> None:
        given = {
            "first_name": "P",
            "last_name": str(who),
            "email": f"p{who}-{self.number}@both.example",
            "invite": invite,
        }
        given["role_ids"] = [self.roles[side][key] for key in sorted(roles)]
        if self._here(side, who):
            self._refused(side, add_member, **given)
            return
        self.ids[side, who] = self._do(side, add_member, **given).id
        self.model[side, who] = Place(set(roles), link=invite)

    @rule(side=SIDES, who=EMAILS)
    def accept(self, side: int, who: int) -> None:
        place = self._here(side, who)
        if place is None or not place.link:
            return
        with begin_work(system(), org=self.orgs[side]) as work:
            member = work.get(StaffMember, self.ids[side, who])
            member.joined_at = work.now
            for one in self._links(work, member.id):
                one.accepted_at = work.now
            work.record("staff.accepted", member)
        place.joined, place.link = True, False
        place.acts.append(("accepted",))

    @rule(side=SIDES, who=EMAILS, key=st.sampled_from(ROLES), on=st.booleans())
    def switch(self, side: int, who: int, key: str, on: bool) -> None:
        place = self._here(side, who)
        if place is None:
            return
        given = {
            "member_id": self.ids[side, who],
            "role_id": self.roles[side][key],
            "on": on,
            "confirmed": True,
        }
        if on and not place.active:
            self._refused(side, switch_role, **given)
            return
        done = self._do(side, switch_role, **given)
        if on == (key in place.roles):
            assert done.undo is None
        elif on:
            place.roles.add(key)
            self._remember(side, who, done, ("role", key, True))
        elif place.roles == {key}:
            self._gone(side, who, done)
        else:
            place.roles.discard(key)
            self._remember(side, who, done, ("role", key, False))

    @rule(side=SIDES, who=EMAILS)
    def let_go(self, side: int, who: int) -> None:
        place = self._here(side, who)
        if place is None:
            return
        done = self._do(side, deactivate, member_id=self.ids[side, who])
        if place.active:
            self._gone(side, who, done)
        else:
            assert done.undo is None

    def _gone(self, side: int, who: int, done: Any) -> None:
        place = self.model[side, who]
        taken = set(place.roles)
        place.previous, place.roles, place.active, place.link = taken or place.previous, set(), False, False
        self._remember(side, who, done, ("off",), taken)

    @rule(side=SIDES, who=EMAILS)
    def take_back(self, side: int, who: int) -> None:
        place = self._here(side, who)
        if place is None:
            return
        done = self._do(side, reactivate, member_id=self.ids[side, who])
        if not place.active:
            place.active = True
            self._remember(side, who, done, ("on",))

    @rule(side=SIDES, who=EMAILS)
    def restore(self, side: int, who: int) -> None:
        place = self._here(side, who)
        if place is None:
            return
        if place.previous is None or not place.active:
            self._refused(side, restore_roles, member_id=self.ids[side, who])
            return
        self._do(side, restore_roles, member_id=self.ids[side, who])
        self._given_back(place, place.previous)

    def _given_back(self, place: Place, roles: set[str] | frozenset[str]) -> None:
        place.acts += [("role", key, True) for key in roles - place.roles]
        place.roles |= roles

    @rule(side=SIDES, who=EMAILS)
    def invite(self, side: int, who: int) -> None:
        place = self._here(side, who)
        if place is None:
            return
        if place.joined or not place.active:
            self._refused(side, send_invitation, member_id=self.ids[side, who])
            return
        self._do(side, send_invitation, member_id=self.ids[side, who])
        place.link = True

    @precondition(lambda self: self.acts)
    @rule(back=st.integers(0, 4))
    def undo_one(self, back: int) -> None:
        act = self.acts[-1 - back % len(self.acts)]
        self._refused(1 - act.side, undo, NotFound, entry_id=act.entry)
        place = self.model[act.side, act.key]
        since = place.acts[act.place :]
        if act.undone or not self._can_be_undone(act, since):
            self._refused(act.side, undo, entry_id=act.entry)
            return
        self._do(act.side, undo, entry_id=act.entry)
        act.undone = True
        self._taken_back(act, place)

    def _can_be_undone(self, act: Act, since: list[tuple[Any, ...]]) -> bool:
        moved = {one[0] for one in since}
        if act.what[0] == "role":
            return not moved & {"off", "on"} and not any(one[:2] == act.what[:2] for one in since)
        if act.what[0] == "off":
            return not moved & {"off", "on"}
        return not moved

    def _taken_back(self, act: Act, place: Place) -> None:
        if act.what[0] == "off":
            place.active = True
            place.acts.append(("on",))
            self._given_back(place, act.taken)
        elif act.what[0] == "on":
            place.previous = set(place.roles) or place.previous
            place.roles, place.active, place.link = set(), False, False
            place.acts.append(("off",))
        else:
            (place.roles.discard if act.what[2] else place.roles.add)(act.what[1])
            place.acts.append(("role", act.what[1], not act.what[2]))

    @rule(
        side=SIDES,
        who=EMAILS,
        action=st.sampled_from((deactivate, reactivate, send_invitation, restore_roles)),
    )
    def reach_across(self, side: int, who: int, action: Any) -> None:
        if self._here(side, who):
            self._refused(1 - side, action, NotFound, member_id=self.ids[side, who])

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        for side, org in enumerate(self.orgs):
            with begin_work(system(), org=org, writes=False) as work:
                here = {who: place for (where, who), place in self.model.items() if where == side}
                for who, place in here.items():
                    expected = place.roles, place.active, place.joined, place.link
                    assert self._real(work, self.ids[side, who]) == expected
                assert role_by_key(work, "owner") is not None

    def _real(self, work: Any, member_id: UUID) -> tuple[set[str], bool, bool, bool]:
        member = work.get(StaffMember, member_id)
        roles = {role.key for role in roles_in_force(work.session, work.org_id, member_id, work.now)}
        links = bool(self._links(work, member_id))
        return roles, member.deactivated_at is None, member.joined_at is not None, links

    def _links(self, work: Any, member_id: UUID) -> list[Invitation]:
        """Return the links that nobody has used and nothing has ended."""
        columns = (Invitation.accepted_at, Invitation.superseded_at, Invitation.revoked_at)
        open_ones = [col(column).is_(None) for column in columns]
        return list(
            work.session.exec(select(Invitation).where(Invitation.member_id == member_id, *open_ones))
        )

    @invariant()
    def the_roster_is_sorted_by_what_the_rows_say(self) -> None:
        assert wrong_orders() == []

    def teardown(self) -> None:
        assert faults() == []


@pytest.mark.soak
@pytest.mark.req("TA-12", "TA-20", "TA-21", "UX-02")
@pytest.mark.timeout(3600 if SOAK else 180)
def test_any_order_of_acts_ends_where_the_model_ends(once: Callable[..., Practice]) -> None:
    # Each run has a database of its own: in one for all, looking at everybody's rows takes longer with every run.
    fresh = partial(once, "practice", stranger_and_practice)
    size = settings(
        max_examples=300 if SOAK else 8,
        stateful_step_count=60 if SOAK else 25,
        deadline=None,
        derandomize=not SOAK,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: TwoPractices(fresh), settings=size)
