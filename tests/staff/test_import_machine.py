"""Any order of files, switches, last days, leavers and undos, as time passes, against a plain model in memory.

Roles x grants with dates x deactivate x reactivate x import x undo (R16), on both databases. Small here, large with
MOTLINK_SOAK=1.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
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

from motlink import batch_runner
from motlink.audit.undo import undo
from motlink.errors import Invalid, MotlinkError
from motlink.roles.queries import roles_in_force
from motlink.staff.actions import deactivate, reactivate, switch_role
from motlink.staff.granting import set_role_end
from motlink.staff.import_actions import start_import
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.acts import faults
from tests.people import Practice, stranger_and_practice
from tests.staff.imports import MINA, bring, fates, named, people, sheet

SOAK = bool(os.environ.get("MOTLINK_SOAK"))
ZONE = ZoneInfo("America/New_York")
ROLES = {"therapist": "Therapist", "biller": "Biller", "scheduler": "Scheduler"}
KEYS = st.sampled_from(sorted(ROLES))
PEOPLE = st.integers(0, 2)
START = datetime(2026, 3, 6, 15, tzinfo=UTC)


@dataclass
class Place:
    """What one person's place should be: roles with the moment they end by themselves, and what was done."""

    roles: dict[str, datetime | None] = field(default_factory=dict)
    active: bool = True
    # ("role", key), ("off",), ("on",), ("terms", key), oldest first
    acts: list[tuple[str, ...]] = field(default_factory=list)
    # The places in `acts` of what was undone, and of its undoing.
    settled: set[int] = field(default_factory=set)

    def on(self, now: datetime) -> set[str]:
        """Return the roles in force."""
        return {key for key, ends in self.roles.items() if ends is None or ends > now}


@dataclass
class Row:
    """What a file did to one person, and where that stands in their history."""

    who: int
    what: str
    roles: tuple[str, ...]
    after: int
    # What a deactivation took, with its ends.
    taken: dict[str, datetime | None] = field(default_factory=dict)


@dataclass
class File:
    """A file that came in."""

    entry: UUID
    rows: list[Row]
    undone: bool = False


class Files(RuleBasedStateMachine):
    """Ana brings in files about three people, who are let go, taken back, and given roles until a day."""

    number: ClassVar[int] = 0
    clock: ClassVar[Any] = None

    def __init__(self, fresh: Callable[[], Practice]) -> None:
        super().__init__()
        self.fresh = fresh

    @initialize()
    def begin(self) -> None:
        Files.number += 1
        self.now = START
        self.clock.move_to(self.now)
        self.practice = self.fresh()
        self.ids: dict[int, UUID] = {}
        self.model: dict[int, Place] = {}
        self.files: list[File] = []

    def _tick(self) -> None:
        # Two acts never share a moment, as in life.
        self.now += timedelta(seconds=1)
        self.clock.move_to(self.now)

    def _do(self, action: Any, **given: Any) -> Any:
        self._tick()
        with begin_work(self.practice.as_(self.practice.ana), org=self.practice.org) as work:
            return work.do(action, **given)

    def _refused(self, action: Any, kind: type[MotlinkError] = MotlinkError, **given: Any) -> None:
        with pytest.raises(kind):
            self._do(action, **given)

    @rule(days=st.integers(0, 40), hours=st.integers(0, 23))
    def time_passes(self, days: int, hours: int) -> None:
        self.now += timedelta(days=days, hours=hours)
        self.clock.move_to(self.now)

    @rule(
        rows=st.dictionaries(
            PEOPLE, st.tuples(st.frozensets(KEYS, max_size=2), st.booleans()), min_size=1, max_size=3
        )
    )
    def bring_a_file(self, rows: dict[int, tuple[frozenset[str], bool]]) -> None:
        self._tick()
        lines = [
            MINA
            | {
                "Last Name": f"P{who}",
                "Email": f"p{who}-{self.number}@x.example",
                "Roles": "; ".join(ROLES[key] for key in sorted(roles)),
                "Active": "yes" if active else "no",
            }
            for who, (roles, active) in rows.items()
        ]
        batch_id = bring(self.practice, self.practice.ana, sheet(*lines))
        expected = {number: self._fate(who, *rows[who]) for number, who in enumerate(rows, 2)}
        assert {
            n: fate for n, (fate, _) in fates(self.practice, self.practice.ana, batch_id).items()
        } == expected
        if not {"create", "update"} & set(expected.values()):
            self._refused(start_import, Invalid, batch_id=batch_id)
            return
        done = self._do(start_import, batch_id=batch_id)
        file = File(done.undo, [])
        for number, (who, (roles, active)) in enumerate(rows.items(), 2):
            self._apply(file, who, sorted(roles), active, expected[number])
        self.files.append(file)

    def _fate(self, who: int, roles: frozenset[str], active: bool) -> str:
        place = self.model.get(who)
        if place is None:
            return "create"
        if not place.active:
            return "refused" if active else "unchanged"
        return "update" if not active or roles - place.on(self.now) else "unchanged"

    def _apply(self, file: File, who: int, roles: list[str], active: bool, fate: str) -> None:
        if fate == "create":
            self.model[who] = Place(dict.fromkeys(roles) if active else {}, active)
            self.ids[who] = named(self.practice, f"P{who}").id
            file.rows.append(Row(who, "new", tuple(roles), 0))
        elif fate == "update":
            place = self.model[who]
            if not active:
                taken = {key: place.roles[key] for key in place.on(self.now)}
                self._gone(place)
                file.rows.append(Row(who, "off", (), len(place.acts), taken))
                return
            added = [key for key in roles if key not in place.on(self.now)]
            for key in added:
                place.roles[key] = None
                place.acts.append(("role", key))
            file.rows.append(Row(who, "roles", tuple(added), len(place.acts)))

    def _gone(self, place: Place) -> None:
        place.roles, place.active = {}, False
        place.acts.append(("off",))

    @precondition(lambda self: self.files)
    @rule(back=st.integers(0, 2))
    def take_a_file_back(self, back: int) -> None:
        file = self.files[-1 - back % len(self.files)]
        if file.undone:
            self._refused(undo, entry_id=file.entry)
            return
        self._do(undo, entry_id=file.entry)
        batch_runner.sweep_batches()
        file.undone = True
        for row in reversed(file.rows):
            self._row_back(row)

    def _row_back(self, row: Row) -> None:
        place = self.model.get(row.who)
        if place is None:
            return
        since, number = place.acts[row.after :], len(place.acts)
        if row.what == "new":
            if set(range(len(place.acts))) == place.settled:
                del self.model[row.who], self.ids[row.who]
            return
        if row.what == "off":
            self._let_in_again(row, place, since)
        elif self._roles_can_go(row, place, since):
            for key in reversed(row.roles):
                del place.roles[key]
                place.acts.append(("role", key))
        if len(place.acts) > number:
            own = len(row.roles) or 1
            place.settled |= {*range(row.after - own, row.after), *range(number, len(place.acts))}

    def _let_in_again(self, row: Row, place: Place, since: list[tuple[str, ...]]) -> None:
        if any(one[0] in ("off", "on") for one in since):
            return
        place.active = True
        place.acts.append(("on",))
        for key, ends in row.taken.items():
            if ends is None or ends > self.now:
                place.roles[key] = ends
                place.acts.append(("role", key))

    def _roles_can_go(self, row: Row, place: Place, since: list[tuple[str, ...]]) -> bool:
        touched = any(one[0] in ("off", "on") or one[1:] in [(key,) for key in row.roles] for one in since)
        return not touched and place.active and set(row.roles) <= place.on(self.now)

    @precondition(lambda self: self.model)
    @rule(who=PEOPLE, key=KEYS, on=st.booleans())
    def switch(self, who: int, key: str, on: bool) -> None:
        place = self.model.get(who)
        if place is None:
            return
        given = {
            "member_id": self.ids[who],
            "role_id": self.practice.roles[key],
            "on": on,
            "confirmed": True,
        }
        if on and not place.active:
            self._refused(switch_role, **given)
            return
        self._do(switch_role, **given)
        held = place.on(self.now)
        if on and key not in held:
            place.roles[key] = None
            place.acts.append(("role", key))
        elif not on and held == {key}:
            self._gone(place)
        elif not on and key in held:
            del place.roles[key]
            place.acts.append(("role", key))

    @precondition(lambda self: self.model)
    @rule(who=PEOPLE, key=KEYS, days=st.integers(0, 30) | st.none())
    def set_last_day(self, who: int, key: str, days: int | None) -> None:
        place = self.model.get(who)
        if place is None:
            return
        self._tick()
        today = self.now.astimezone(ZONE).date()
        ends_on = None if days is None else today + timedelta(days=days)
        given = {
            "member_id": self.ids[who],
            "role_id": self.practice.roles[key],
            "ends_on": ends_on,
        }
        if key not in place.on(self.now):
            self._refused(set_role_end, **given)
            return
        self._do(set_role_end, **given)
        ends = _midnight_after(ends_on) if ends_on else None
        if place.roles[key] != ends:
            place.roles[key] = ends
            place.acts.append(("terms", key))

    @precondition(lambda self: self.model)
    @rule(who=PEOPLE)
    def let_go(self, who: int) -> None:
        place = self.model.get(who)
        if place is None:
            return
        self._do(deactivate, member_id=self.ids[who])
        if place.active:
            self._gone(place)

    @precondition(lambda self: self.model)
    @rule(who=PEOPLE)
    def take_back(self, who: int) -> None:
        place = self.model.get(who)
        if place is None:
            return
        self._do(reactivate, member_id=self.ids[who])
        if not place.active:
            place.active = True
            place.acts.append(("on",))

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        seen = {one.last_name: one for one in people(self.practice) if one.last_name.startswith("P")}
        assert set(seen) == {f"P{who}" for who in self.model}
        with begin_work(system(), org=self.practice.org, writes=False) as work:
            for who, place in self.model.items():
                member = work.get(StaffMember, self.ids[who])
                on = {role.key for role in roles_in_force(work.session, work.org_id, member.id, work.now)}
                assert (on, member.deactivated_at is None) == (place.on(self.now), place.active), who

    def teardown(self) -> None:
        assert faults() == []


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), ZONE).astimezone(UTC)


@pytest.mark.soak
@pytest.mark.req("IE-01", "TA-12", "TA-20", "TA-21", "TA-27", "UX-02")
@pytest.mark.timeout(3600 if SOAK else 180)
def test_any_order_of_files_and_acts_ends_where_the_model_ends(once: Callable[..., Practice]) -> None:
    # Each run has a database of its own: in one for all, looking at everybody's rows takes longer with every run.
    fresh = partial(once, "practice at the start", stranger_and_practice)
    size = settings(
        max_examples=200 if SOAK else 8,
        stateful_step_count=60 if SOAK else 30,
        deadline=None,
        derandomize=not SOAK,
        suppress_health_check=list(HealthCheck),
    )
    with time_machine.travel(START, tick=False) as clock:
        Files.clock = clock
        run_state_machine_as_test(lambda: Files(fresh), settings=size)
