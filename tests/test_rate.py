"""Counting tries: shared by Redis where there is one, and never a reason that nobody comes in."""

import asyncio
import socket
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from limits import parse
from redis import Redis, RedisError
from starlette.testclient import TestClient

from motlink import settings as settings_module
from motlink.sign_in.routes import routes
from motlink.web import rate
from motlink.web.rate import Counter
from tests.loops import run
from tests.people import Practice
from tests.web.conftest import PASSWORD, give_passwords

pytestmark = [pytest.mark.asvs("6.3.1", "13.1.2", "16.5.2")]
TWICE = parse("2 per 1 hour")
REDIS = "redis://127.0.0.1:6379/0"
DEAD = "redis://127.0.0.1:1/0"


@pytest.fixture
def silent() -> Iterator[str]:
    """A Redis that takes the line and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def redis() -> str:
    try:
        Redis.from_url(REDIS, socket_connect_timeout=1).ping()
    except RedisError:
        pytest.skip("no Redis answers")
    return REDIS


async def hits(counter: Counter, who: str, times: int) -> list[bool]:
    return [await counter.ask(lambda counts: counts.hit(TWICE, who)) for _ in range(times)]


def test_two_processes_share_their_counts_by_redis(redis: str) -> None:
    who = str(uuid4())

    first, second = run(hits(Counter(redis), who, 1)), run(hits(Counter(redis), who, 2))

    assert (first, second) == ([True], [True, False])


@pytest.mark.parametrize("kind", ["dead", "silent"])
def test_without_an_answer_of_redis_the_process_counts_alone(kind: str, silent: str) -> None:
    began = time.monotonic()

    counted = run(hits(Counter(DEAD if kind == "dead" else silent), "someone", 4))

    assert counted == [True, True, False, False]
    # Half a second once, not at each count.
    assert time.monotonic() - began < 1.5


def test_everyone_else_goes_on_while_redis_is_waited_for(silent: str) -> None:
    async def longest_pause() -> float:
        counting = asyncio.ensure_future(hits(Counter(silent), "someone", 1))
        longest, last = 0.0, time.monotonic()
        while not counting.done():
            await asyncio.sleep(0.005)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        return longest

    assert run(longest_pause()) < 0.3


def test_people_sign_in_while_redis_is_dead_and_guessing_is_still_stopped(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTLINK_REDIS_URL", DEAD)
    settings_module.settings.cache_clear()
    rate.limiter.cache_clear()
    give_passwords()

    with TestClient(routes(), base_url="http://localhost:3000", follow_redirects=False) as browser:
        right = browser.post("/sign-in", data={"login": "ana", "password": PASSWORD})
        wrong = [
            browser.post("/sign-in", data={"login": "ben", "password": "wrong"}).status_code
            for _ in range(11)
        ]
    rate.limiter.cache_clear()

    assert right.status_code == 303
    assert wrong == [401] * 10 + [429]
