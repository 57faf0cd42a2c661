"""A word about a password while it is typed: the same refusals as on submission, and how soon it would be guessed.

It only advises; `check_password` decides. The estimate is zxcvbn's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from motlink.accounts.rules import SHORTEST_PASSWORD, check_password
from motlink.errors import Invalid

# What lies beyond makes no password weaker, and the estimate takes the square of the length.
LOOKED_AT = 64
WEAK, GOOD, STRONG = 1, 2, 3
# Powers of ten. At the cost of our hash, and with the hash in hand, ten such machines as ours try 10**10 in a year, and
# somebody with a thousand times that 10**13.
SOON, LATE = 10.0, 14.0


@dataclass(frozen=True)
class Hint:
    """0 for what would be refused, else WEAK, GOOD or STRONG; and a sentence."""

    level: int
    words: str


def hint_on(password: str, own_words: Iterable[str]) -> Hint:
    """Return what to say of a password that is being typed."""
    missing, known = SHORTEST_PASSWORD - len(password), tuple(own_words)
    if missing > 0:
        return Hint(0, f"{missing} more character{'s' if missing > 1 else ''}." if password else "")
    try:
        check_password(password, own_words=known)
    except Invalid as refused:
        return Hint(0, refused.sentence)
    guesses = _guesses(password[:LOOKED_AT], known)
    if guesses < SOON:
        return Hint(WEAK, "Allowed, but a machine guesses this soon. One more word helps a lot.")
    return Hint(GOOD, "Good.") if guesses < LATE else Hint(STRONG, "Strong.")


def _guesses(password: str, own_words: tuple[str, ...]) -> float:
    """Return the power of ten of the guesses it takes."""
    from zxcvbn import zxcvbn

    return float(zxcvbn(password, user_inputs=[word for word in own_words if word])["guesses_log10"])
