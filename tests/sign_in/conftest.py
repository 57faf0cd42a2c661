"""The door without the app behind it: the same routes, in this process, on either database."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from motlink.accounts import passwords
from motlink.sign_in.routes import routes
from motlink.web import rate
from tests.people import Practice


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
