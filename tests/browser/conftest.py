"""Chromium before the real app: a server of its own for each worker, a practice of its own for each test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from motlink import jobs
from motlink.accounts.passwords import hash_password
from motlink.worker import answer_bells
from tests.browser.hands import PHONE, WIDE, Screen, cookie
from tests.browser.house import House, built_frontend, serve
from tests.browser.lent import Lender
from tests.browser.town import Town, settle
from tests.installation import in_environment
from tests.people import PASSWORD

# A loaded machine answers late; a claim about speed measures by itself.
expect.set_options(timeout=10_000)
# One process for the tabs of a browser, and none in reserve: two thirds of the work of opening one is starting them.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--renderer-process-limit=1",
    "--disable-features=SpareRendererForSitePerProcess",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The real app in a process of its own, on its own port, data folder and frontend."""
    home = tmp_path_factory.mktemp("house")
    with serve(home, built_frontend(home)) as house:
        yield house


@pytest.fixture(scope="session")
def password_hash() -> str:
    """One argon2id hash for everybody."""
    return hash_password(PASSWORD)


@pytest.fixture
def in_house(house: House) -> Iterator[House]:
    """Let this process read and write what the server does, and ring its bell."""
    with in_environment(house.environment):
        jobs.queue.cache_clear()
        answer_bells()
        yield house
        jobs.forget_all()
        jobs.queue.cache_clear()


@pytest.fixture
def town(in_house: House, password_hash: str) -> Town:
    """Riverbend with ana, ben, cleo and sam, who can all sign in; nobody else's test touches it."""
    return settle(in_house, password_hash)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this worker."""
    path = os.environ.get("MOTLINK_CHROMIUM") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def lender(browser: Browser, house: House) -> Lender:
    """The browsers of this worker."""
    return Lender(browser, house.url)


@pytest.fixture
def open_browser(lender: Lender, request: pytest.FixtureRequest) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser of some size in which nobody has been."""
    fresh = request.node.get_closest_marker("fresh_browser")

    def opened(screen: Screen = WIDE, **options: object) -> BrowserContext:
        return lender.make(screen, **options) if fresh or options else lender.lend(screen)

    yield opened
    lender.take_back()


@pytest.fixture
def as_person(open_browser: Callable[..., BrowserContext], in_house: House) -> Callable[..., Page]:
    """Open a tab in which someone is signed in already."""

    def tab(town: Town, who: str, screen: Screen = WIDE, **options: object) -> Page:
        context = open_browser(screen, **options)
        context.add_cookies([cookie(town, who)])
        return context.new_page()

    return tab


@pytest.fixture(params=[WIDE, PHONE], ids=str)
def screen(request: pytest.FixtureRequest) -> Screen:
    """A desktop, then a phone."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=["light", "dark"])
def light(request: pytest.FixtureRequest) -> str:
    """Both appearances."""
    return str(request.param)
