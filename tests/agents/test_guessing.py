"""Codes of agents cannot be guessed: by one practice, from one address, at one agent, in all; nobody is shut out."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from motlink.web import agent_tries, rate
from motlink.web.agent_tries import may_try, was_right
from motlink.web.visitor import Visitor
from tests.loops import run

pytestmark = [pytest.mark.req("TA-24"), pytest.mark.asvs("6.3.1", "6.1.1", "2.4.1")]
BEN = Visitor("digest", "192.0.2.1", "Firefox", "riverbend-therapy")
TOKEN = "BCDF GHJK"


@pytest.fixture(autouse=True)
def fresh_counts(home: object) -> Iterator[None]:
    """Nobody has tried anything yet."""
    rate.limiter.cache_clear()
    yield
    rate.limiter.cache_clear()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each try was held up, without waiting for it."""
    held: list[float] = []

    async def note(seconds: float) -> None:
        held.append(seconds)

    monkeypatch.setattr(agent_tries.asyncio, "sleep", note)
    return held


async def tries(times: int, visitor: Visitor = BEN, token: str = TOKEN) -> list[bool]:
    return [await may_try(visitor, token) for _ in range(times)]


def test_one_practice_has_ten_tries_from_wherever(waits: list[float]) -> None:
    here = [run(tries(1, replace(BEN, address=f"192.0.2.{number}")))[0] for number in range(12)]

    assert here == [True] * 10 + [False] * 2
    assert run(tries(1, replace(BEN, practice="elsewhere"))) == [True]


def test_one_address_has_twenty_for_however_many_practices(waits: list[float]) -> None:
    here = [
        run(tries(1, replace(BEN, practice=f"practice-{number}"), f"TOKEN{number}"))[0]
        for number in range(22)
    ]

    assert here == [True] * 20 + [False] * 2


def test_an_address_of_many_is_one(waits: list[float]) -> None:
    six = [replace(BEN, address=f"2001:db8::{number:x}", practice=f"p{number}") for number in range(22)]

    assert [run(tries(1, one))[0] for one in six] == [True] * 20 + [False] * 2


def test_one_agent_is_tried_more_and_more_slowly_and_never_shut_out(waits: list[float]) -> None:
    many = [replace(BEN, practice=f"p{number}", address=f"198.51.100.{number}") for number in range(40)]

    # However the token is typed, it is one.
    answers = [
        run(tries(1, one, TOKEN.lower() if number % 2 else TOKEN))[0] for number, one in enumerate(many)
    ]

    assert all(answers)
    assert waits[:10] == [0] * 10 and waits[11] > waits[10] > 0 and waits[-1] == rate.SLOWEST


def test_all_together_are_slowed(waits: list[float]) -> None:
    many = [replace(BEN, practice=f"p{number}", address=f"10.0.{number}.1") for number in range(110)]
    # A token of its own each time.
    tokens = [f"{chr(65 + number % 26)}{chr(65 + number // 26)}" for number in range(110)]

    answers = [run(tries(1, one, token))[0] for one, token in zip(many, tokens, strict=True)]

    assert all(answers) and waits[99] == 0 and waits[-1] > 0


def test_what_was_right_is_not_counted(waits: list[float]) -> None:
    async def add_thirty() -> list[bool]:
        answers = []
        for _ in range(30):
            answers.append(await may_try(BEN, TOKEN))
            await was_right(BEN, TOKEN)
        return answers

    assert all(run(add_thirty())) and waits == [0] * 30


def test_refusals_leave_on_a_beat() -> None:
    async def two() -> list[float]:
        loop = asyncio.get_running_loop()
        found = []
        for work in (0.01, 0.12):
            start = loop.time()
            await asyncio.sleep(work)
            await agent_tries.until_the_beat(start)
            found.append(loop.time() - start)
        return found

    first, second = run(two())
    assert abs(first - second) < 0.1 and first >= agent_tries.REFUSED_EVERY
