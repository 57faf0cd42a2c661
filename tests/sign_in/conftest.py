"""The door without the app behind it: the same routes, in this process, on either database."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from motlink.accounts import passwords
from motlink.sign_in.routes import routes
from motlink.web import rate
from tests.people import Practice
from tests.sign_in.stepping import early_in_a_half_minute, password_step


@pytest.fixture(autouse=True)
def fresh_counts(cost_of_hashes: None) -> Iterator[None]:
    """Nobody has tried anything yet."""
    rate.limiter.cache_clear()
    passwords.warm_up()
    yield
    rate.limiter.cache_clear()


@pytest.fixture
def door(practice: Practice) -> Iterator[TestClient]:
    """A browser at the door of Riverbend, whose people can sign in with their first name."""
    from tests.web.conftest import give_passwords

    give_passwords()
    with TestClient(routes(), base_url="http://localhost:3000", follow_redirects=False) as browser:
        yield browser


@pytest.fixture
def mine(door: TestClient) -> TestClient:
    """Cleo's browser."""
    assert password_step(door).status_code == 303
    return door


@pytest.fixture
def clock(practice: Practice) -> Iterator[None]:
    """No code changes in the middle of a test. The practice was founded before, by the true clock."""
    with early_in_a_half_minute():
        yield
