"""Words as people compare them: without case, accents and double spaces."""

import unicodedata

# Letters that Unicode does not take apart, as people type them on a keyboard that lacks them.
TYPED_AS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "þ": "th"}
)


def fold(text: str) -> str:
    """Return text for comparison: no accents, no case."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold().translate(TYPED_AS))
    return "".join(c for c in plain if not unicodedata.combining(c))


def name_key(name: str) -> str:
    """Return a name for comparison: what has the same words is one thing, on the screen and in a file."""
    return " ".join(fold(name).split())
