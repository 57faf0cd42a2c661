"""How often something may be tried: in memory, or in Redis where several processes share the counts."""

import time
from collections import OrderedDict
from functools import lru_cache
from typing import cast

from limits import RateLimitItem, parse
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from motlink.settings import settings

# One account from one address: a person mistypes a few times. Only failures count.
GUESSES = parse("10 per 15 minute")
# One address: a practice behind one router signs in through it.
FROM_ADDRESS = parse("60 per 15 minute")
# One account from everywhere: slowed, never shut, so that an attacker cannot lock the owner out (ASVS 6.1.1).
ON_ACCOUNT = parse("10 per 15 minute")
# All of us: a flood from thousands of addresses costs no more than the hashing pool can bear.
IN_TOTAL = parse("1500 per 15 minute")
USERNAMES = parse("30 per 15 minute")
EXPORTS = parse("10 per 1 minute")
REFUSALS_KEPT = parse("60 per 1 minute")
SLOWEST = 8.0


@lru_cache
def limiter() -> FixedWindowRateLimiter:
    """Return the process's counter."""
    storage = storage_from_string(settings().redis_url or "memory://")
    return FixedWindowRateLimiter(cast(Storage, storage))


def count(item: RateLimitItem, *who: str) -> bool:
    """Count one, and say whether it is still within the limit."""
    return limiter().hit(item, *who)


def take_back(item: RateLimitItem, *who: str) -> None:
    """Uncount one: it was no failure."""
    limiter().hit(item, *who, cost=-1)


def delay_for(item: RateLimitItem, *who: str) -> float:
    """Return the seconds to wait where the limit is passed: half a second more for each further try, capped."""
    stored = limiter().storage.get(item.key_for(*who))
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
