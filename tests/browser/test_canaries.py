"""Planted secrets, from the invitation to a new password: in no log, no file, no row and no store of the browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import text

from motlink.database import empty_log, engine
from motlink.models import metadata
from tests.browser.hands import go
from tests.browser.house import House, link_in
from tests.browser.test_door import sign_in
from tests.browser.test_recovery import choose
from tests.browser.town import Town

# What it looks for must not be there from somebody else.
pytestmark = pytest.mark.fresh_browser
FIRST, SECOND = "canary one sings at dawn", "canary two hides in the reeds"
# A password in the wrong field, and one with a slip of the finger.
MISPLACED, WRONG = "canary three fell off the roof", "canary four was never right"


def token_of(link: str) -> str:
    return link.partition("?t=")[2]


def kept_by_the_browser(page: Page) -> str:
    """Return all that a script of the page could read, and the address."""
    return str(page.evaluate(
        "JSON.stringify([location.href, document.referrer, document.cookie, {...localStorage}, {...sessionStorage}])"
    ))  # fmt: skip


def rows() -> Iterator[str]:
    """Yield every value of every row as text."""
    with engine().connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"')):
                yield f"{table.name}: {tuple(row)}"


def files(house: House) -> Iterator[Path]:
    """Yield what the server has written: all but the letters that have arrived."""
    for path in house.home.rglob("*"):
        if path.is_file() and "mail" not in path.parts and "web" not in path.parts:
            yield path


@pytest.mark.req("TA-10", "TA-19")
@pytest.mark.asvs("14.2.1", "14.3.3", "16.2.5")
def test_no_secret_stays_anywhere_but_with_whom_it_belongs_to(
    town: Town, open_browser: Callable[..., BrowserContext]
) -> None:
    town.add("Nora Reyes", "manager", joined=False)
    town.invite("nora")
    page, kept = open_browser().new_page(), []
    tokens = [token_of(link := link_in(town.house.letter(town.email("nora"))))]
    page.goto(link)
    kept.append(kept_by_the_browser(page))
    page.get_by_label("Username").fill(town.username("nora"))
    page.get_by_role("textbox", name="Password").fill(FIRST)
    page.get_by_role("button", name="Set up account").click()
    expect(page).to_have_url(re.compile(rf"/p/{town.slug}"))
    go(page, town.path())
    kept.append(kept_by_the_browser(page))
    cookies = [str(one["value"]) for one in page.context.cookies()]
    page.context.clear_cookies()
    page.goto("/sign-in")
    sign_in(page, MISPLACED, WRONG)
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto("/forgot")
    page.get_by_label("Email").fill(town.email("nora"))
    page.get_by_role("main").get_by_role("button").click()
    link = link_in(town.house.letter(town.email("nora"), 2))
    tokens.append(token_of(link))
    choose(page, link, SECOND)
    sign_in(page, town.username("nora"), SECOND)
    expect(page).to_have_url(re.compile(rf"/p/{town.slug}"))
    go(page, town.path())
    kept.append(kept_by_the_browser(page))
    cookies += [str(one["value"]) for one in page.context.cookies()]
    town.house.letter(town.email("nora"), 3)

    secrets = [FIRST, SECOND, MISPLACED, WRONG, *tokens, *cookies]
    assert len(set(secrets)) == 8 and all(len(secret) > 20 for secret in secrets)
    # The sweep does it once a minute.
    empty_log()
    found = [f"the log: {secret}" for secret in secrets if secret in town.house.log]
    found += [f"the browser: {secret}" for secret in secrets if secret in "".join(kept)]
    found += [row for row in rows() if any(secret in row for secret in secrets)]
    found += [
        f"{path.name}: {secret}"
        for path in files(town.house)
        for secret in secrets
        if secret.encode() in path.read_bytes()
    ]
    assert found == []
