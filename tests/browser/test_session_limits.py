"""How long a sign-in lasts, on the screen: chosen with the password typed again, warned of, and said at the door."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlmodel import select

from motlink.accounts.models import AccountSession
from motlink.orgs.models import Organization
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.browser.hands import Screen, go, notice, ready, width_beyond
from tests.browser.test_axe import Eye
from tests.browser.test_door import sign_in
from tests.browser.test_guide import guide_shot
from tests.browser.town import Town
from tests.people import PASSWORD

AsPerson = Callable[..., Page]
OpenBrowser = Callable[..., BrowserContext]
pytestmark = pytest.mark.req("AC-01", "UX-01")


def move(town: Town, who: str, **ago: timedelta) -> None:
    """Let moments of someone's sessions be so long ago."""
    with begin_work(system(), org=town.slug) as work:
        account_id = work.get(StaffMember, town.people[who]).account_id
        for session in work.session.exec(
            select(AccountSession).where(AccountSession.account_id == account_id)
        ):
            for name, time in ago.items():
                setattr(session, name, datetime.now(UTC) - time)
            work.add(session)


def saved(town: Town) -> tuple[int | None, ...]:
    with begin_work(system(), org=town.slug, writes=False) as work:
        org = work.session.get_one(Organization, town.org)
        return org.idle_minutes, org.session_hours, org.most_sessions


def pick(page: Page, which: str, word: str) -> None:
    page.get_by_role("combobox", name=which).click()
    page.get_by_role("option", name=word, exact=True).click()


@pytest.mark.asvs("7.5.1", "7.1.1")
def test_an_owner_chooses_and_types_the_password_again(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    eye, page = Eye(), go(as_person(town, "ana", screen), town.path("settings/security"))
    move(town, "ana", proved_at=timedelta(minutes=11))
    pick(page, "Ends without use after", "15 minutes")
    expect(page.get_by_role("status").get_by_text("Saving this signs nobody out now.")).to_be_visible()
    town.session("ben")
    move(town, "ben", last_seen_at=timedelta(minutes=20))
    pick(page, "Ends without use after", "30 minutes")
    pick(page, "Ends without use after", "15 minutes")
    expect(page.get_by_role("status").get_by_text("Saving this signs 1 person out at once.")).to_be_visible()
    pick(page, "Sign-ins one person may have at once", "3")
    page.get_by_role("button", name="Save: how long a sign-in lasts").click()
    expect(page.get_by_role("alert")).to_contain_text("asks for your password again")
    assert width_beyond(page) == 0
    eye.look(page, "the password is asked for again")
    page.get_by_role("link", name="Type your password").click()
    expect(page.get_by_role("heading", name="Your password again")).to_be_visible()
    page.get_by_role("textbox", name="Your password").fill("not this one")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_have_text("This is not your password.")
    eye.look(page, "again, wrong")
    page.get_by_role("textbox", name="Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()

    ready(page)
    expect(page.get_by_role("combobox", name="Ends without use after")).to_have_text("15 minutes")
    expect(page.get_by_role("combobox", name="Sign-ins one person may have at once")).to_have_text("3")
    assert saved(town) == (None, None, None)
    page.get_by_role("button", name="Save: how long a sign-in lasts").click()
    expect(notice(page, "Saved. It counts for everyone from now on.")).to_be_visible()
    assert saved(town) == (15, None, 3)
    page.emulate_media(color_scheme="light")
    if not screen.is_phone:
        page.locator("#limits").scroll_into_view_if_needed()
        guide_shot(page, "session-limits")
    eye.look(page, "limits")
    page.get_by_role("button", name="Undo").click()
    expect(notice(page, "Saved.")).to_be_visible()
    eye.tell()


@pytest.mark.asvs("7.5.1")
def test_the_lock_out_asks_too_and_keeps_what_was_chosen(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ana"), town.path("settings/security"))
    move(town, "ana", proved_at=timedelta(minutes=11))
    page.get_by_role("radio", name="Another number").click()
    page.get_by_label("Days", exact=True).fill("45")
    expect(page.get_by_text("would be locked out now.")).to_be_visible()
    page.get_by_role("button", name="Save: lock-out").click()
    page.get_by_role("link", name="Type your password").click()
    page.get_by_role("textbox", name="Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    ready(page)
    expect(page.get_by_label("Days", exact=True)).to_have_value("45")
    page.get_by_role("button", name="Save: lock-out").click()
    expect(notice(page, "Lock-out after 45 days")).to_be_visible()


@pytest.mark.asvs("7.1.1")
def test_a_wait_longer_than_the_whole_is_refused_in_words(town: Town, as_person: AsPerson) -> None:
    page = go(as_person(town, "ana"), town.path("settings/security"))
    pick(page, "Ends without use after", "7 days")
    page.get_by_role("button", name="Save: how long a sign-in lasts").click()
    expect(page.get_by_role("alert")).to_contain_text("would end before the time without use is over")
    assert saved(town) == (None, None, None)


@pytest.mark.asvs("7.3.1")
def test_an_open_page_warns_calmly_and_a_press_goes_on(
    town: Town, as_person: AsPerson, screen: Screen
) -> None:
    eye, page = Eye(), go(as_person(town, "ben", screen), town.path())
    move(town, "ben", last_seen_at=timedelta(minutes=58, seconds=20))
    warning = notice(page, "Nobody has used motlink here for a while.")
    expect(warning).to_be_visible()
    eye.look(page, "a session that ends soon")
    assert width_beyond(page) == 0
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()

    move(town, "ben", created_at=timedelta(hours=11, minutes=58, seconds=20))
    expect(notice(page, "A sign-in lasts 12 hours here.")).to_be_visible()
    eye.look(page, "a sign-in that ends soon")
    eye.tell()


@pytest.mark.asvs("7.3.1", "7.3.2")
@pytest.mark.parametrize(
    ("ago", "words"),
    [
        ({"last_seen_at": timedelta(minutes=61)}, "was not used here for 1 hour"),
        ({"created_at": timedelta(hours=12, minutes=1)}, "a sign-in lasts 12 hours here"),
    ],
)
def test_after_the_limit_the_door_says_which_and_leads_back(
    town: Town, as_person: AsPerson, screen: Screen, ago: dict[str, timedelta], words: str
) -> None:
    page = go(as_person(town, "ben", screen), town.profile("cleo"))
    move(town, "ben", **ago)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text(words)

    sign_in(page, town.username("ben"))

    ready(page)
    expect(page.get_by_role("heading", name="Cleo Marchetti")).to_be_visible()


def test_the_oldest_sign_in_ends_and_its_page_says_why(
    town: Town, as_person: AsPerson, open_browser: OpenBrowser, screen: Screen
) -> None:
    with begin_work(system(), org=town.slug) as work:
        work.session.get_one(Organization, town.org).most_sessions = 1
    page = go(as_person(town, "ben", screen), town.path())
    other = open_browser().new_page()
    other.goto("/sign-in")
    sign_in(other, town.username("ben"))
    expect(other.get_by_role("heading", name="Staff", level=1)).to_be_visible()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("this was the oldest")
