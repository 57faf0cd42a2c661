"""Passwords that have leaked (ASVS 6.2.4, 6.2.12), asked without a network: 340,000 of fifteen characters and more.

tools/stolen_passwords.py says where they come from. Of each there are five bytes of a digest, so that the file is small
and nobody reads the passwords in it; of three million good passwords one is refused by chance.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "stolen_passwords.bin"
WIDTH = 5


def mark_of(folded: str) -> bytes:
    """Return what is kept of a password."""
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).digest()[:WIDTH]


def is_stolen(folded: str) -> bool:
    """Whether a password, in the form in which they are compared, has leaked."""
    marks, wanted = _marks(), mark_of(folded)
    low, high = 0, len(marks) // WIDTH
    while low < high:
        middle = (low + high) // 2
        if marks[middle * WIDTH : (middle + 1) * WIDTH] < wanted:
            low = middle + 1
        else:
            high = middle
    return marks[low * WIDTH : (low + 1) * WIDTH] == wanted


@lru_cache
def _marks() -> bytes:
    return FILE.read_bytes()
