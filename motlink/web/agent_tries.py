"""How often token and code may be tried (ASVS 6.3.1): by a practice, from an address, at one agent, in all."""

import asyncio
import time

from motlink.accounts.agent_keys import token_typed
from motlink.accounts.queries import digest_of
from motlink.web import rate
from motlink.web.visitor import Visitor

# Refusals leave at the next of these seconds, all alike: a known token costs nothing that a stopwatch finds.
REFUSED_EVERY = 0.25
TOO_MANY = "Too many attempts. Wait a few minutes, then try again; or invite the agent by email."


async def may_try(visitor: Visitor, token: str) -> bool:
    """Count a try before anything is looked up; whoever is merely slowed down has waited when this returns."""
    within = [await rate.count(item, *key) for item, key in _shut(visitor)]
    if not all(within):
        return False
    pauses = [
        await rate.delay_for(item, *key) for item, key in _slow(token) if not await rate.count(item, *key)
    ]
    await asyncio.sleep(max(pauses, default=0))
    return True


async def was_right(visitor: Visitor, token: str) -> None:
    """Uncount a try: it was no guess."""
    for item, key in (*_shut(visitor), *_slow(token)):
        await rate.take_back(item, *key)


async def until_the_beat(start: float) -> None:
    """Wait, so that every refusal has lasted about as long; `start` is of the monotonic clock."""
    await asyncio.sleep((start - time.monotonic()) % REFUSED_EVERY)


def _shut(visitor: Visitor) -> tuple[tuple[rate.RateLimitItem, tuple[str, ...]], ...]:
    return (
        (rate.AGENT_CODES_OF_PRACTICE, ("agent codes of", visitor.practice)),
        (rate.AGENT_CODES_FROM_ADDRESS, ("agent codes from", rate.network_of(visitor.address))),
    )


def _slow(token: str) -> tuple[tuple[rate.RateLimitItem, tuple[str, ...]], ...]:
    return (
        (rate.AGENT_CODES_OF_TOKEN, ("agent token", digest_of(token_typed(token))[:32])),
        (rate.AGENT_CODES_IN_TOTAL, ("agent codes",)),
    )
