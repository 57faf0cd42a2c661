"""A link under attack: opened by scanners, used by many at once, sent to someone of another practice."""

import asyncio
import os

import httpx
import pytest
from sqlmodel import select

from motlink.accounts.models import Account, AccountSession
from motlink.audit.models import AuditEntry
from motlink.staff.actions import add_member
from motlink.work import begin_work, system
from tests.acts import newest_token
from tests.guard.site import ELSEWHERE, Town, browser_at, forwarded, tables
from tests.loops import run
from tests.people import PASSWORD

pytestmark = pytest.mark.xdist_group("guard")
# Each form costs a password's hash, so the small run has fewer; tests/test_races.py has fifty at once.
FORMS = 50 if os.environ.get("MOTLINK_SOAK") else 8


@pytest.mark.req("TA-10")
@pytest.mark.asvs("2.3.4", "3.5.3", "6.4.1")
def test_a_link_opened_a_hundred_times_lets_one_of_many_in_and_then_nobody(town: Town) -> None:
    jo = {"first_name": "Jo", "last_name": "Li", "email": "jo@new.example"}
    with begin_work(system(), org=town.org) as work:
        add_member(work, **jo, role_ids=[town.roles["ours:therapist"]])
    token = newest_token("jo@new.example")
    with browser_at(town, "10.6.0.3") as browser:
        # That somebody has looked is noted once; nothing else ever changes by looking.
        browser.get("/invitation", params={"t": token})
        browser.get("/invitation")
    before = tables()
    with browser_at(town, "10.6.0.1") as browser:
        for _ in range(50):
            assert browser.head("/invitation", params={"t": token}).status_code == 303
            assert browser.get("/invitation", params={"t": token}).status_code == 303
        assert browser.get("/invitation").status_code == browser.head("/invitation").status_code == 200
    assert tables() == before

    answers = run(all_at_once(town, token))
    assert [answer.status_code for answer in answers].count(303) == 1
    # The others came too late, or their username was the winner’s.
    assert {answer.status_code for answer in answers} <= {303, 410, 422}
    with browser_at(town, "10.6.0.2") as browser:
        browser.get("/invitation", params={"t": token})
        late = browser.post(
            "/invitation", data={"username": "jo.late", "password": "green bicycles in the rain"}
        )
    assert late.status_code == 410 and "This invitation has been used" in late.text
    with begin_work(system(), writes=False) as work:
        account = work.session.exec(select(Account).where(Account.email == "jo@new.example")).one()
        sessions = work.session.exec(
            select(AccountSession).where(AccountSession.account_id == account.id)
        ).all()
    assert len(sessions) == 1


async def all_at_once(town: Town, token: str) -> list[httpx.Response]:
    """Send the form many times at once, each from an address of its own."""
    data = {"username": "jo.li", "password": "green bicycles in the rain"}
    limits = httpx.Limits(max_connections=50)
    async with httpx.AsyncClient(base_url=town.site.url, limits=limits, timeout=60) as browser:
        posts = (
            browser.post(
                "/invitation",
                data=data,
                headers={"cookie": f"motlink-invitation={token}", **forwarded(f"10.6.1.{number}")},
            )
            for number in range(FORMS)
        )
        return list(await asyncio.gather(*posts))


@pytest.mark.asvs("8.4.1")
def test_an_invitation_of_another_practice_pulls_nobody_in_and_tells_it_nothing(town: Town) -> None:
    """Ines of Elsewhere is invited to Riverbend and has not accepted."""
    with browser_at(town, "10.5.1.1") as browser:
        answer = browser.post("/sign-in", data={"login": "ines.waiting", "password": PASSWORD})
        assert answer.headers["location"] == f"/p/{ELSEWHERE}"
        assert browser.get("/choose-practice").headers["location"] == f"/p/{ELSEWHERE}"
    with begin_work(system(), writes=False) as work:
        query = select(AuditEntry).where(AuditEntry.address == "10.5.1.1", AuditEntry.action == "signed_in")
        assert [entry.org_id for entry in work.session.exec(query)] == [town.other_org]
