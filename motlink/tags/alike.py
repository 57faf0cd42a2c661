"""Which tags look alike, so that two words for one thing are found: pure, and quick with a thousand tags."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from uuid import UUID

# A letter more or less turns a short word into another one ("OCD", "ODD").
SHORTEST_SLIP = 5

Pair = tuple[UUID, UUID]


def plain(name: str) -> str:
    """Return a name without accents, case and signs: "Play-Therapy" and "play therapy" look alike."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    kept = (c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join("".join(kept).split())


def one_slip_apart(names: Mapping[UUID, str]) -> set[Pair]:
    """Return the pairs that differ in nothing but signs and spaces, or in one slip of the pen."""
    words = {one: plain(name).replace(" ", "") for one, name in names.items()}
    spelt: dict[str, list[UUID]] = defaultdict(list)
    for one, word in words.items():
        for spelling in {word, *_without_one(word)} - {""}:
            spelt[spelling].append(one)
    # Two words that are one slip apart have a spelling in common; not all that have are.
    return {
        _pair(one, other)
        for together in spelt.values()
        for one, other in combinations(together, 2)
        if is_slip(words[one], words[other])
    }


def one_word_more(names: Mapping[UUID, str]) -> set[Pair]:
    """Return the pairs of which one begins with all the words of the other ("Aetna", "Aetna PPO")."""
    words = {one: plain(name).split() for one, name in names.items()}
    spelt: dict[tuple[str, ...], list[UUID]] = defaultdict(list)
    for one, parts in words.items():
        spelt[tuple(parts)].append(one)
    return {
        _pair(one, other)
        for one, parts in words.items()
        for end in range(1, len(parts))
        for other in spelt.get(tuple(parts[:end]), ())
    }


def is_slip(one: str, other: str) -> bool:
    """Whether two words are the same but for one letter, or two neighbours swapped; digits tell things apart."""
    if one == other:
        return one != ""
    if min(len(one), len(other)) < SHORTEST_SLIP or _digits(one) != _digits(other):
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return abs(len(one) - len(other)) == 1
    rest, their_rest = one[start:], other[start:]
    swapped = rest[:2] == their_rest[1::-1] and rest[2:] == their_rest[2:]
    return rest[1:] == their_rest[1:] or rest[1:] == their_rest or rest == their_rest[1:] or swapped


def _without_one(word: str) -> Iterator[str]:
    if len(word) >= SHORTEST_SLIP:
        yield from (word[:n] + word[n + 1 :] for n in range(len(word)))


def _digits(word: str) -> str:
    return "".join(c for c in word if c.isdigit())


def _pair(one: UUID, other: UUID) -> Pair:
    return (one, other) if one < other else (other, one)
