"""No order of making, editing, giving, taking and undoing roles gives anybody more than the giver had (TA-25, TA-01).

The oracle asks the tables alone: what everyone may do before and after, against what the actor could do before.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import col, func, select

from motlink.audit.undo import undo
from motlink.errors import MotlinkError
from motlink.permissions import Permission as P
from motlink.permissions import Scope
from motlink.roles.custom import edit_role, end_role, make_role
from motlink.roles.models import Role, RoleGrant
from motlink.roles.queries import privileges_of_member
from motlink.roles.rules import reaches_of
from motlink.staff.actions import deactivate, switch_role
from motlink.staff.granting import grant_records
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.acts import faults
from tests.people import Practice, stranger_and_practice
from tests.staff.orders import wrong_orders

SOAK = bool(os.environ.get("MOTLINK_SOAK"))
WHO = st.sampled_from(("ana", "ben", "cleo", "sam"))
SOME = (P.MANAGE_STAFF, P.MANAGE_MANAGERS, P.MANAGE_OWNERS, P.GRANT_CUSTODIAN, P.EDIT_TAGS, P.READ_NOTES, P.SIGN_NOTES,
        P.VIEW_CLIENTS, P.BILLING, P.REPORTS)  # fmt: skip
# Mostly what a form would offer somebody, now and then what none would.
ONE = st.sampled_from([(p, scope) for p in SOME for scope in reaches_of(p)[1:] or [Scope.ALL]])
PRIVILEGES = st.lists(ONE, min_size=1, max_size=2).map(dict)
# Those who get anywhere; cleo tries now and then.
ACTORS = st.sampled_from(("ana", "ben", "ben", "sam", "sam", "cleo"))
BUILT_IN = (
    "therapist",
    "owner",
    "manager",
    "biller",
    "records_custodian",
    "staff_administrator",
    "telehealth",
)


class Powers(RuleBasedStateMachine):
    """Four people who all try everything."""

    def __init__(self, fresh: Callable[[], Practice]) -> None:
        super().__init__()
        self.people = fresh()
        self.own: list[UUID] = []
        self.undos: list[tuple[UUID, UUID]] = []

    def _all(self) -> dict[str, dict[P, Scope]]:
        with begin_work(system(), org=self.people.org, writes=False) as work:
            return {
                who: privileges_of_member(work.session, work.org_id, getattr(self.people, who), work.now)
                for who in ("ana", "ben", "cleo", "sam")
            }

    def _try(self, who: str, action: Any, **given: Any) -> Any:
        """Do it, refused or not; afterwards nobody has more than before, but what the actor had, too."""
        before = self._all()
        actor = getattr(self.people, who)
        done = None
        try:
            with begin_work(self.people.as_(actor), org=self.people.org) as work:
                done = action(work, **given)
        except MotlinkError:
            pass
        for person, now in self._all().items():
            for permission, scope in now.items():
                if scope > max(Scope.OWN, before[person].get(permission, Scope.NONE)):
                    assert scope <= before[who].get(permission, Scope.NONE), (who, action, person, permission)
                    assert P.MANAGE_STAFF in before[who], (who, action)
                    if permission == P.READ_NOTES:
                        assert before[who].get(P.GRANT_CUSTODIAN) == Scope.ALL, (who, action, person)
        if done is not None and getattr(done, "undo", None):
            self.undos.append((actor, done.undo))
        return done

    def _role(self, pick: int) -> UUID:
        roles = [*(self.people.roles[key] for key in BUILT_IN), *self.own * 3]
        return roles[pick % len(roles)]

    @initialize()
    def begin(self) -> None:
        """Roles of their own, and a therapist with an option: something to reach further from."""
        for privileges in ({P.EDIT_TAGS: Scope.ALL}, {P.REPORTS: Scope.OWN}, {P.BILLING: Scope.ALL}):
            self.make("ana", privileges)
        for whom, role_id in (
            ("cleo", self.own[0]),
            ("sam", self.own[1]),
            ("cleo", self.people.roles["telehealth"]),
            ("cleo", self.people.roles["biller"]),
        ):
            given = {"member_id": getattr(self.people, whom), "role_id": role_id}
            assert self._try("ana", switch_role, on=True, **given)

    @rule(who=ACTORS, privileges=PRIVILEGES)
    def make(self, who: str, privileges: dict[P, Scope]) -> None:
        words = {"name": f"Own {len(self.own)}", "description": "", "section": "administrative"}
        done = self._try(who, make_role, privileges=privileges, **words)
        if done:
            self.own.append(done.role_id)

    @precondition(lambda self: self.own)
    @rule(who=ACTORS, pick=st.integers(0, 9), privileges=PRIVILEGES)
    def edit(self, who: str, pick: int, privileges: dict[P, Scope]) -> None:
        number = pick % len(self.own)
        with begin_work(system(), org=self.people.org, writes=False) as work:
            version = work.get(Role, self.own[number]).version
        words = {"name": f"Own {number}", "description": "edited", "section": "administrative"}
        self._try(who, edit_role, role_id=self.own[number], version=version, privileges=privileges, **words)

    @precondition(lambda self: self.own)
    @rule(who=ACTORS, pick=st.integers(0, 9))
    def end(self, who: str, pick: int) -> None:
        self._try(who, end_role, role_id=self.own[pick % len(self.own)])

    @rule(who=ACTORS, whom=WHO, pick=st.integers(0, 40), on=st.booleans())
    def switch(self, who: str, whom: str, pick: int, on: bool) -> None:
        given = {"member_id": getattr(self.people, whom), "role_id": self._role(pick), "on": on}
        self._try(who, switch_role, confirmed=True, **given)

    @rule(who=ACTORS, whom=WHO, pick=st.integers(0, 40), everyone=st.booleans())
    def let_read(self, who: str, whom: str, pick: int, everyone: bool) -> None:
        given = {"member_id": getattr(self.people, whom), "role_id": self._role(pick)}
        self._try(who, grant_records, all_providers=everyone, provider_ids=[self.people.cleo], **given)

    @rule(who=ACTORS, whom=WHO)
    def let_go(self, who: str, whom: str) -> None:
        self._try(who, deactivate, member_id=getattr(self.people, whom))

    @precondition(lambda self: self.undos)
    @rule(back=st.integers(0, 5))
    def undo_one(self, back: int) -> None:
        actor, entry = self.undos[-1 - back % len(self.undos)]
        who = next(name for name in ("ana", "ben", "cleo", "sam") if getattr(self.people, name) == actor)
        self._try(who, undo, entry_id=entry)

    @invariant()
    def somebody_can_still_run_the_practice(self) -> None:
        owners = (
            select(func.count())
            .select_from(RoleGrant)
            .join(StaffMember, col(StaffMember.id) == col(RoleGrant.member_id))
            .where(
                RoleGrant.role_id == self.people.roles["owner"],
                col(RoleGrant.ended_at).is_(None),
                col(RoleGrant.ends_at).is_(None),
                col(StaffMember.deactivated_at).is_(None),
            )
        )
        with begin_work(system(), org=self.people.org, writes=False) as work:
            assert work.session.exec(owners).one() >= 1

    @invariant()
    def an_option_is_on_only_with_its_role(self) -> None:
        query = (
            select(RoleGrant.member_id, Role.key)
            .join(Role, col(Role.id) == col(RoleGrant.role_id))
            .where(RoleGrant.org_id == self.people.org, col(RoleGrant.ended_at).is_(None))
        )
        with begin_work(system(), org=self.people.org, writes=False) as work:
            held = set(work.session.exec(query).all())
        assert all((member, "therapist") in held for member, key in held if key == "telehealth")
        assert wrong_orders() == []

    def teardown(self) -> None:
        assert faults() == []


@pytest.mark.soak
@pytest.mark.req("TA-25", "TA-01", "TA-26", "TA-27")
@pytest.mark.timeout(3600 if SOAK else 180)
def test_no_order_of_acts_gives_more_than_its_giver_had(once: Callable[..., Practice]) -> None:
    # Each run has a database of its own: in one for all, looking at everybody's rows takes longer with every run.
    fresh = partial(once, "practice", stranger_and_practice)
    size = settings(
        max_examples=300 if SOAK else 8,
        stateful_step_count=60 if SOAK else 30,
        deadline=None,
        derandomize=not SOAK,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Powers(fresh), settings=size)
