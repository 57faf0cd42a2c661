"""The picture of a person's access over time, as small frozen records."""

from dataclasses import dataclass

# What stands for the end of a stretch without one: begun already, or still to begin.
OPEN, LATER = "open", "later"


@dataclass(frozen=True)
class Bar:
    """A piece of a row: where it begins and how long it is, in hundredths of the width."""

    left: float
    width: float
    # "on", "planned" for what is still to come, "shut".
    kind: str


@dataclass(frozen=True)
class TimelineRow:
    """A role, or the time in which the place was shut: its bars, and each stretch in words."""

    name: str
    bars: tuple[Bar, ...]
    # (from, to), the newest first.
    stretches: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Timeline:
    """The picture: its edges in words, where today is, and its rows."""

    begins: str = ""
    ends: str = ""
    now: float = 100.0
    rows: tuple[TimelineRow, ...] = ()
