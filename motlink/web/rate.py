"""How often something may be tried: in memory, or in Redis where several processes share the counts."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar, cast

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from motlink.settings import settings

Answer = TypeVar("Answer")
log = logging.getLogger("motlink.rate")

# One account from one address: a person mistypes a few times. Only failures count.
GUESSES = parse("10 per 15 minute")
# One address: a practice behind one router signs in through it.
FROM_ADDRESS = parse("60 per 15 minute")
# One account from everywhere: slowed, never shut, so that an attacker cannot lock the owner out (ASVS 6.1.1).
ON_ACCOUNT = parse("10 per 15 minute")
# All of us: a flood from thousands of addresses costs no more than the hashing pool can bear.
IN_TOTAL = parse("1500 per 15 minute")
# Reset letters: a practice behind one router asks for a few; an account's own limit is in its rows
# (accounts/rules.py), so that these only slow down.
ASKED_FROM_ADDRESS = parse("20 per 15 minute")
ASKED_FOR_ACCOUNT = parse("5 per 15 minute")
ASKED_IN_TOTAL = parse("300 per 15 minute")
# Codes of the second step: an account's own limit is in its rows (accounts/codes.py).
CODES_FROM_ADDRESS = parse("60 per 15 minute")
CODES_IN_TOTAL = parse("1500 per 15 minute")
# Behind an open link, or with the current password: each is a hash.
NEW_PASSWORDS = parse("30 per 15 minute")
# A word about a password at each pause of whoever types it: some work, and nothing that tells of anybody.
HINTS = parse("600 per 15 minute")
USERNAMES = parse("30 per 15 minute")
# Asking for a new link: a holder who is in a hurry presses twice, a script a thousand times.
ASKS = parse("3 per 1 hour")
ASKS_FROM_ADDRESS = parse("20 per 1 hour")
# Codes of External Agents, of which there are a hundred million. One practice mistypes a few, one address likewise.
AGENT_CODES_OF_PRACTICE = parse("10 per 15 minute")
# Each writes to a mailbox that may be anybody's.
CORRECTIONS_OF_PRACTICE = parse("30 per 60 minute")
AGENT_CODES_FROM_ADDRESS = parse("20 per 15 minute")
# One agent from everywhere, and all of us: slowed, so that nobody keeps an agent from being added.
AGENT_CODES_OF_TOKEN = parse("10 per 15 minute")
AGENT_CODES_IN_TOTAL = parse("100 per 15 minute")
EXPORTS = parse("10 per 1 minute")
IMPORTS = parse("30 per 10 minute")
REFUSALS_KEPT = parse("60 per 1 minute")
SLOWEST = 8.0


# How long a Redis may take for one count, and for how long nobody asks it again once it has failed.
PATIENCE_SECONDS, REST_SECONDS = 0.5, 30.0


class Counter:
    """Counts in Redis where there is one, in this process where there is none or it does not answer.

    Counting on alone lets an attacker have the limit once a process; refusing everyone would shut the practice out.
    """

    def __init__(self, redis_url: str) -> None:
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared: FixedWindowRateLimiter | None = None
        self._rests_until = 0.0
        if redis_url:
            self._shared = FixedWindowRateLimiter(_in_redis(redis_url))

    async def ask(self, ask: Callable[[FixedWindowRateLimiter], Answer]) -> Answer:
        """Count or look; Redis is waited for in a thread."""
        if self._shared is None or time.monotonic() < self._rests_until:
            return ask(self._own)
        try:
            return await asyncio.get_running_loop().run_in_executor(_pool, ask, self._shared)
        except StorageError as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            kind = type(error.storage_error).__name__
            log.warning("Redis does not count (%s): this process counts alone for %d s.", kind, REST_SECONDS)
            return ask(self._own)


def _in_redis(url: str) -> Storage:
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # One try: by itself the client would try again for seconds.
    options: dict[str, Any] = {"retry": Retry(NoBackoff(), 0)}
    options |= {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    return cast(Storage, storage_from_string(url, wrap_exceptions=True, **options))


# Not the pool of the readers: a slow Redis must not keep them.
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="rate")


@lru_cache
def limiter() -> Counter:
    """Return the process's counter."""
    return Counter(settings().redis_url)


def network_of(address: str) -> str:
    """Return whom an address counts for: with IPv6 one customer has 2**64 of them, so it is the network."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, 64), strict=False))


async def count(item: RateLimitItem, *who: str) -> bool:
    """Count one, and say whether it is still within the limit."""
    return await limiter().ask(lambda counts: counts.hit(item, *who))


async def take_back(item: RateLimitItem, *who: str) -> None:
    """Uncount one: it was no failure."""
    await limiter().ask(lambda counts: counts.hit(item, *who, cost=-1))


async def forget(item: RateLimitItem, *who: str) -> None:
    """Count from the beginning again."""
    await limiter().ask(lambda counts: counts.clear(item, *who))


async def delay_for(item: RateLimitItem, *who: str) -> float:
    """Return the seconds to wait where the limit is passed: half a second more for each further try, capped."""
    stored = await limiter().ask(lambda counts: counts.storage.get(item.key_for(*who)))
    return min(SLOWEST, 0.5 * max(0, stored - item.amount))


class Bucket:
    """Events a socket may send: a burst, then a steady rate."""

    def __init__(self, burst: float = 300, per_second: float = 60, keep: int = 20_000) -> None:
        self.burst, self.per_second, self.keep = burst, per_second, keep
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Take one, if there is one."""
        now = time.monotonic()
        left, since = self._left.pop(key, (self.burst, now))
        left = min(self.burst, left + (now - since) * self.per_second)
        allowed = left >= 1
        self._left[key] = (left - 1 if allowed else left, now)
        while len(self._left) > self.keep:
            self._left.popitem(last=False)
        return allowed
