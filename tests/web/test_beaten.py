"""Two works that wait for each other: PostgreSQL ends one of them, and it is done again, unseen (ASVS 15.4.2)."""

import asyncio
import time
from collections.abc import Callable
from itertools import pairwise
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from motlink.database import PAUSES, again_if_beaten
from motlink.errors import Beaten, Busy
from motlink.staff.models import StaffMember
from motlink.web.threads import writing
from motlink.work import begin_work, system
from tests.loops import run as in_own_loop
from tests.people import stranger_and_practice

pytestmark = pytest.mark.asvs("15.4.2")


def crossing(rows: tuple[UUID, UUID], meet: Barrier, tries: list[int]) -> Callable[[], str]:
    """A work that keeps one row and then wants the other, which somebody keeps who wants the first."""

    def act() -> str:
        tries.append(1)
        with begin_work(system()) as work:
            for number, row in enumerate(rows):
                if number and len(tries) == 1:
                    meet.wait(20)
                query = select(StaffMember).where(StaffMember.id == row).with_for_update()
                work.session.exec(query).one().designation += "x"
                work.session.flush()
        return "done"

    return act


def both(*acts: Callable[[], str]) -> list[Any]:
    async def run() -> list[Any]:
        return await asyncio.gather(*(writing(act) for act in acts), return_exceptions=True)

    return in_own_loop(run())


def designations(*ids: UUID) -> list[str]:
    with begin_work(system(), writes=False) as work:
        return [work.session.get_one(StaffMember, one).designation for one in ids]


def test_who_is_ended_in_a_deadlock_is_done_again_and_both_succeed(postgresql: str) -> None:
    people = stranger_and_practice()
    here, there = people.cleo, people.dov
    meet = Barrier(2)
    tries: tuple[list[int], list[int]] = ([], [])

    made = both(crossing((here, there), meet, tries[0]), crossing((there, here), meet, tries[1]))

    assert made == ["done", "done"]
    # There was a deadlock, and of what was ended nothing is left.
    assert len(tries[0]) + len(tries[1]) > 2
    assert designations(here, there) == ["xx", "xx"]


def test_who_is_ended_each_time_gets_one_calm_refusal(postgresql: str) -> None:
    tries: list[float] = []

    def ended() -> None:
        tries.append(time.monotonic())
        with begin_work(system()) as work:
            work.session.connection().exec_driver_sql(
                "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'deadlock_detected'; END $$"
            )

    with pytest.raises(Beaten) as refused:
        in_own_loop(writing(ended))

    assert len(tries) == 1 + len(PAUSES) and isinstance(refused.value, Busy)
    assert str(refused.value).endswith("Please try again.")
    # Whoever won had the time to get to the rows.
    assert all(later - one >= pause for pause, (one, later) in zip(PAUSES, pairwise(tries), strict=True))


def test_nothing_else_is_done_twice(database: str) -> None:
    tries: list[int] = []

    def wrong() -> None:
        tries.append(1)
        with begin_work(system()) as work:
            work.session.connection().exec_driver_sql("SELECT nothing FROM nowhere")

    with pytest.raises(DBAPIError, match="nowhere"):
        again_if_beaten(wrong)

    assert len(tries) == 1
