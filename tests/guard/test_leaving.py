"""Someone put out while twenty tabs are open, and what they had sent is on its way (R11)."""

import asyncio
import os
import time
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from motlink.accounts.actions import open_session
from motlink.accounts.models import Account, ResetLink
from motlink.accounts.queries import digest_of
from motlink.sign_in.queries import signed_in
from motlink.staff.actions import add_member, deactivate
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.resets import send_reset
from motlink.work import begin_work, system
from tests.guard.site import Someone, Town, browser_at, row_data
from tests.guard.thieves import HYDRATE, STATES, roster_of, what_opens
from tests.loops import run
from tests.people import add_person
from tests.web.site import WHO, Tab

pytestmark = pytest.mark.xdist_group("guard")
TABS = 50 if os.environ.get("MOTLINK_SOAK") else 20
LEAVE = f"{STATES}staff___leaving_state____leaving_state.deactivate"


@pytest.mark.soak
@pytest.mark.req("R11", "TA-20")
@pytest.mark.asvs("7.4.1", "7.4.2", "8.3.2")
def test_r11_someone_deactivated_with_many_open_tabs_is_out_of_all_within_a_second(town: Town) -> None:
    leaver = town.who("staff_administrator")
    invited = links_of(town, leaver)

    async def attack() -> tuple[list[Tab], float, str]:
        assert leaver.account
        with begin_work(system()) as work:
            cookies = [leaver.cookie, open_session(work, account_id=leaver.account)]
        tabs = [Tab(town.site, cookies[number % 2]) for number in range(TABS)]
        for tab in tabs:
            await tab.__aenter__()
        assert all(await asyncio.gather(*(roster_of(town, tab) for tab in tabs)))
        async with Tab(town.site, town.who("manager").cookie) as manager:
            assert await roster_of(town, manager)
            marks = [len(tab.updates) for tab in tabs]
            start = time.monotonic()
            await manager.send(LEAVE, member_id=member_of(town, leaver.account), revoke=True)
            while time.monotonic() - start < 5 and not all(tab.gone for tab in tabs):
                await asyncio.sleep(0.005)
        took = time.monotonic() - start
        for tab, mark in zip(tabs, marks, strict=True):
            # On a machine too busy to say so before the line is cut, it is said when the tab comes back.
            said = await tab.value(WHO, "leave_to", after=mark, seconds=0.01) or await sent_away(tab)
            assert str(said).startswith("/sign-in?"), said
        return (
            tabs,
            took,
            str([await what_opens(Tab(town.site, tab.cookie, token=tab.token)) for tab in tabs[:2]]),
        )

    tabs, took, late = run(attack())
    assert all(tab.gone for tab in tabs)
    assert took < 1, f"{took:.2f} s"
    with begin_work(system(), org=town.org, writes=False) as work:
        links = work.session.exec(select(Invitation).where(Invitation.member_id == invited)).all()
        resets = work.session.exec(select(ResetLink).where(ResetLink.account_id == leaver.account)).all()
    assert [bool(link.revoked_at) for link in (*links, *resets)] == [True, True]
    assert [word for word in row_data(town) if word in late] == []
    with browser_at(town, "10.5.0.1", leaver.cookie) as browser:
        assert browser.get("/choose-practice").headers["location"].startswith("/sign-in")


def links_of(town: Town, leaver: Someone) -> UUID:
    """Let the leaver have invited somebody and be sent a reset link; returns whom."""
    with begin_work(signed_in(digest_of(leaver.cookie)), org=town.org) as work:
        given = {"first_name": "Ines", "last_name": "Waiting", "email": "ines@late.example"}
        member = work.do(add_member, **given)
    assert leaver.account
    own_id = UUID(member_of(town, leaver.account))
    with begin_work(system(), org=town.org) as work:
        work.do(send_reset, member_id=own_id)
    return member.id


@pytest.mark.asvs("8.3.2")
def test_a_tab_that_was_away_when_its_place_ended_comes_back_empty(town: Town) -> None:
    """Also where the session goes on, for another practice."""
    account = town.who("dov").account
    assert account
    with begin_work(system(), org=town.org) as work:
        email = work.session.get_one(Account, account).email
        here = add_person(work, "Dov", "Twoplaces", "owner", email=email)

    async def attack() -> tuple[str, str]:
        async with Tab(town.site, town.who("dov").cookie) as tab:
            assert await roster_of(town, tab)
        back = Tab(town.site, tab.cookie, token=tab.token)
        async with back:
            await back.send(HYDRATE)
            await back.settled()
        with begin_work(system(), org=town.org) as work:
            deactivate(work, member_id=here)
        late = Tab(town.site, tab.cookie, token=tab.token, path="/p/elsewhere/settings/staff")
        async with late:
            await late.send(HYDRATE)
            await late.settled()
        return str(back.updates), str(late.updates)

    before, after = run(attack())
    assert "Marchetti" in before
    assert [word for word in row_data(town) if word in after] == []
    with browser_at(town, "10.5.0.2", town.who("dov").cookie) as browser:
        assert browser.get("/choose-practice").headers["location"] == "/p/elsewhere"


async def sent_away(tab: Tab) -> Any:
    """Return where a tab is sent that comes back."""
    async with Tab(tab.site, tab.cookie, token=tab.token) as again:
        await again.send(f"{STATES}web___who____who_state.load")
        return await again.value(WHO, "leave_to")


def member_of(town: Town, account_id: Any) -> str:
    """Return an account’s place at Riverbend."""
    with begin_work(system(), org=town.org, writes=False) as work:
        query = select(StaffMember.id).where(
            StaffMember.org_id == town.org, StaffMember.account_id == account_id
        )
        return str(work.session.exec(query).one())
