"""News on live screens: one read for all who heard it, never one person's refusal for another, never old rows."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from motlink.accounts.actions import end_session, open_session
from motlink.accounts.queries import digest_of, find_session
from motlink.errors import MotlinkError
from motlink.sign_in.queries import signed_in
from motlink.staff.models import StaffMember
from motlink.staff.roster import roster_rows
from motlink.staff.rows import RosterRow
from motlink.web.live import hub, shared
from motlink.web.threads import reading
from motlink.work import begin_work, system
from tests.loops import run
from tests.people import Practice
from tests.web.conftest import Town
from tests.web.site import Tab

ROSTER = "reflex___state____state.motlink___staff___roster_state____roster_state"

pytestmark = pytest.mark.req("LV-01")


@pytest.fixture(autouse=True)
def nothing_read() -> Iterator[None]:
    """What a test has read belongs to its own loop."""
    yield
    hub.reads.clear()


class Manager:
    """Someone with a session of their own, whose tab reads Cleo's row again on the news about her."""

    def __init__(self, practice: Practice, member_id: UUID) -> None:
        self.practice, self.reads = practice, 0
        with begin_work(system(), org=practice.org) as work:
            account_id = work.get(StaffMember, member_id).account_id
            self.digest = digest_of(open_session(work, account_id=account_id))

    def leave(self) -> None:
        """End the session, as another tab's sign-out does."""
        with begin_work(system(), org=self.practice.org) as work:
            session = find_session(work.session, self.digest, work.now)
            assert session
            end_session(work, session_id=session.id)

    async def hear(self, news: str = "cleo") -> Any:
        """Return the rows, or the refusal."""
        try:
            return await shared(("roster rows", self.practice.org, news), self._read)
        except MotlinkError as refusal:
            return refusal

    async def _read(self) -> Any:
        self.reads += 1
        return await reading(self._in_work)

    def _in_work(self) -> tuple[RosterRow, ...]:
        with begin_work(signed_in(self.digest), org=self.practice.org, writes=False) as work:
            return roster_rows(work, member_ids=[self.practice.cleo])


@pytest.fixture
def managers(practice: Practice) -> tuple[Manager, Manager]:
    """Ana, who hears first, and Ben."""
    return Manager(practice, practice.ana), Manager(practice, practice.ben)


def together(*doing: Callable[[], Any]) -> list[Any]:
    """Do all in one loop, begun in this order."""

    async def both() -> list[Any]:
        return await asyncio.gather(*(one() for one in doing))

    return run(both())


def test_tabs_that_hear_the_same_news_read_it_once(managers: tuple[Manager, Manager]) -> None:
    ana, ben = managers

    hers, his = together(ana.hear, ben.hear)

    assert [row.name for row in hers] == ["Cleo Marchetti"] and his == hers
    assert (ana.reads, ben.reads) == (1, 0)


def test_other_news_is_another_read(managers: tuple[Manager, Manager]) -> None:
    ana, ben = managers

    together(ana.hear, lambda: ben.hear("sam"))

    assert (ana.reads, ben.reads) == (1, 1)


@pytest.mark.asvs("7.4.1", "8.3.2")
def test_whoever_reads_first_with_a_session_that_has_ended_is_refused_alone(
    managers: tuple[Manager, Manager],
) -> None:
    ana, ben = managers
    ana.leave()

    hers, his = together(ana.hear, ben.hear)

    assert isinstance(hers, MotlinkError)
    assert [row.name for row in his] == ["Cleo Marchetti"]
    assert (ana.reads, ben.reads) == (1, 1)


def test_someone_refused_later_gets_the_refusal_of_their_own(managers: tuple[Manager, Manager]) -> None:
    ana, ben = managers
    ana.leave(), ben.leave()

    hers, his = together(ana.hear, ben.hear)

    assert isinstance(hers, MotlinkError) and isinstance(his, MotlinkError) and hers is not his
    assert (ana.reads, ben.reads) == (1, 1)


def test_a_tab_that_goes_away_while_it_reads_for_all_takes_nothing_from_the_others(
    managers: tuple[Manager, Manager],
) -> None:
    ana, ben = managers

    async def ana_goes() -> Any:
        hers, his = asyncio.ensure_future(ana.hear()), asyncio.ensure_future(ben.hear())
        # One turn of the loop: both have heard, nobody has read to the end.
        await asyncio.sleep(0)
        hers.cancel()
        return await his

    (his,) = together(ana_goes)

    assert [row.name for row in his] == ["Cleo Marchetti"]
    assert (ana.reads, ben.reads) == (1, 0)


def test_what_was_read_before_the_news_is_never_shown_after_it(town: Town) -> None:
    async def watch() -> None:
        ana, *watchers = (Tab(town.site, town.cookie(who)) for who in ("ana", "ben", "sam"))
        async with ana, watchers[0], watchers[1]:
            for tab in watchers:
                await tab.send(f"{ROSTER}.load")
                assert await tab.value(ROSTER, "rows")
            # Well within the second for which tabs may share what one of them has read.
            for number in range(6):
                marks = [len(tab.updates) for tab in watchers]
                await ana.send("rename", member_id=str(town.practice.cleo), name=f"Cleo {number}")
                for tab, mark in zip(watchers, marks, strict=True):
                    assert f"Cleo {number} Marchetti" in str(await tab.value(ROSTER, "rows", after=mark))

    run(watch())
