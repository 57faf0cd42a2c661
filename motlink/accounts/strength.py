"""A word about a password while it is typed: the same refusals as on submission, and how soon it would be guessed.

It only advises; `check_password` decides. The estimate is zxcvbn's.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from motlink.accounts.rules import SHORTEST_PASSWORD, check_password
from motlink.errors import Invalid

# What lies beyond makes no password weaker. The estimate's work grows with the square of the length, and with the ways
# in which digits and signs can be read as letters, of which there can be 700: 2.4 s for 64 characters, in one case.
LOOKED_AT = 64
# 25 ms on our machine, 50 for the worst that a search found.
MOST_WORK = 21_000
WEAK, GOOD, STRONG = 1, 2, 3
# Powers of ten. At the cost of our hash, and with the hash in hand, ten such machines as ours try 10**10 in a year, and
# somebody with a thousand times that 10**13.
SOON, LATE = 10.0, 14.0


@dataclass(frozen=True)
class Hint:
    """0 for what would be refused, else WEAK, GOOD or STRONG; and a sentence."""

    level: int
    words: str


NO_WORD = Hint(0, "")


def hint_on(password: str, own_words: Iterable[str]) -> Hint:
    """Return what to say of a password that is being typed."""
    missing, known = SHORTEST_PASSWORD - len(password), tuple(own_words)
    if missing > 0:
        return Hint(0, f"{missing} more character{'s' if missing > 1 else ''}." if password else "")
    try:
        check_password(password, own_words=known)
    except Invalid as refused:
        return Hint(0, refused.sentence)
    beginning = looked_at(password)
    guesses = _guesses(beginning, known)
    if guesses >= SOON:
        return Hint(GOOD, "Good.") if guesses < LATE else Hint(STRONG, "Strong.")
    if beginning != password:
        # The rest may make up for it.
        return NO_WORD
    return Hint(WEAK, "Allowed, but a machine guesses this soon. One more word helps a lot.")


def looked_at(password: str) -> str:
    """Return the longest beginning of a password that is estimated fast enough.

    A longer password is never looked at less far, so what is typed on makes nothing look weaker by that.
    """
    longest = min(len(password), LOOKED_AT)
    return next(
        password[:length] for length in range(longest, -1, -1) if _work(password[:length]) <= MOST_WORK
    )


def _work(password: str) -> int:
    from zxcvbn.matching import L33T_TABLE, relevant_l33t_subtable

    readings = relevant_l33t_subtable(password, L33T_TABLE).values()
    # Four for all that is looked for besides: words, the keyboard, repetitions, dates.
    return len(password) ** 2 * (4 + math.prod(len(signs) for signs in readings))


def _guesses(password: str, own_words: tuple[str, ...]) -> float:
    """Return the power of ten of the guesses it takes."""
    from zxcvbn import zxcvbn

    return float(zxcvbn(password, user_inputs=[word for word in own_words if word])["guesses_log10"])
