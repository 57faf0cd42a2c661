"""What of a password is guessed first: lists that leaked, a piece said again and again, a run along the keys."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from motlink.accounts.common_passwords import COMMON

# Below this many characters the list of short ones counts.
SHORT = 15
# Said twice, eight characters are as many as people take for one word.
LONGEST_PIECE = 8
# Shorter runs stand in words: "er", "op", "st".
SHORTEST_RUN = 3
# Rows and columns of keyboards here, in Germany and in France, the row with Shift, the alphabet, the digits in a ring.
KEYS = (
    "12345678901234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm",
    "wxcvbn", "!@#$%^&*()", "abcdefghijklmnopqrstuvwxyz", "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm",
)  # fmt: skip
SEPARATORS = str.maketrans("", "", " -_.,")
ENDINGS = "0123456789!?.*#$"


def canonical_password(password: str) -> str:
    """Return the form in which passwords are compared with what is guessed: NFKC, case folded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", password).casefold())


def is_common(folded: str) -> bool:
    """Whether it leads the lists of leaked passwords, be it with other spaces or a few digits at the end."""
    bare = folded.translate(SEPARATORS)
    if any(one in COMMON or one.rstrip(ENDINGS) in _stems() for one in (folded, bare)):
        return True
    # Of a long password such a word is a small part; a short one is little else.
    short = len(folded) < SHORT
    return short and any(
        one in _short_ones() or one.rstrip(ENDINGS) in _short_ones() for one in (folded, bare)
    )


def repeats(folded: str) -> bool:
    """Whether a short piece, said again and again, is all of it; the last time may be cut short."""
    return any(
        folded == (folded[:length] * (len(folded) // length + 1))[: len(folded)]
        for length in range(1, min(LONGEST_PIECE, len(folded) // 2) + 1)
    )


def is_run(folded: str) -> bool:
    """Whether runs along the keyboard, the digits or the alphabet, either way, are all of it.

    Separators and letters struck twice do not hide them: "112233 445566 778899".
    """
    keys = "".join(key for key, _ in groupby(folded.translate(SEPARATORS)))
    reached = {0}
    for start in range(len(keys)):
        if start in reached:
            reached.update(_ends(keys, start))
    return len(keys) in reached


def _ends(keys: str, start: int) -> Iterator[int]:
    end = start + SHORTEST_RUN
    while end <= len(keys) and keys[start:end] in _runs():
        yield end
        end += 1


@lru_cache
def _short_ones() -> frozenset[str]:
    lines = (Path(__file__).parent / "common_short_passwords.txt").read_text().splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


@lru_cache
def _stems() -> frozenset[str]:
    return frozenset(stem for word in COMMON if len(stem := word.rstrip(ENDINGS)) >= LONGEST_PIECE)


@lru_cache
def _runs() -> frozenset[str]:
    lines = [line for row in KEYS for line in (row, row[::-1])]
    return frozenset(
        line[start:end]
        for line in lines
        for start in range(len(line))
        for end in range(start + SHORTEST_RUN, len(line) + 1)
    )
