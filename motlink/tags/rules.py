"""When two tags are one, what a tag may be called, and until when it may be worn."""

import unicodedata
from datetime import date

from motlink.errors import Invalid

LONGEST_NAME = 80
LONGEST_GROUP = 40
# Any hue is safe: the word carries the meaning. In turn, so that a new tag has one nobody had to choose.
COLORS = ("blue", "green", "plum", "yellow", "teal", "red", "gold", "cyan")
MORE_COLORS = (*COLORS, "orange", "pink", "lime", "gray")


def tag_key(name: str) -> str:
    """Fold case and spacing: the same words are the same tag."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def tag_name(name: str) -> str:
    """Return the name as it is shown: single spaces, no control characters, at most 80 letters."""
    return " ".join("".join(c for c in name if c.isprintable()).split())[:LONGEST_NAME]


def clean_name(name: str) -> str:
    """Return a tag's name. Raises Invalid for none."""
    shown = tag_name(name)
    if not shown:
        raise Invalid("A tag needs a name.", field="tag")
    return shown


def clean_group(name: str) -> str:
    """Return a group's name, "" for none."""
    return tag_name(name)[:LONGEST_GROUP].strip()


def clean_color(color: str) -> str:
    """Return one of the colours. Raises Invalid for another word."""
    if color not in MORE_COLORS:
        raise Invalid("This is not one of the colours.", field="color")
    return color


def color_of(name: str) -> str:
    """Return the colour that a new tag of this name has."""
    return COLORS[sum(map(ord, name)) % len(COLORS)]


def last_day(until: str, today: date) -> date | None:
    """Return the last day on which a tag is worn, of an ISO day; None for "". Raises Invalid for a day that is over."""
    if not until:
        return None
    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise Invalid("This is not a day.", field="until") from None
    if day < today:
        raise Invalid("This day is over already.", field="until")
    return day


def is_worn(ends_on: date | None, today: date) -> bool:
    """Whether a tagging counts today: its last day is the last one that does."""
    return ends_on is None or ends_on >= today
