"""Access over time as the browser gets it: plain text, made from the records of timeline.py."""

from typing import TypedDict

from motlink.staff.time_rows import LATER, OPEN, Timeline, TimelineRow


class ShownTime(TypedDict):
    """A row of the picture."""

    name: str
    bars: list[dict[str, str]]
    words: str


def shown_timeline(found: Timeline) -> list[ShownTime]:
    """Return the rows: places and widths as the stylesheet takes them."""
    return [
        ShownTime(
            name=row.name,
            bars=[{"left": f"{bar.left}%", "width": f"{bar.width}%", "kind": bar.kind} for bar in row.bars],
            words="; ".join(_words(start, end) for start, end in row.stretches),
        )
        for row in found.rows
    ]


def shown_stretches(found: Timeline) -> list[dict[str, str]]:
    """Return the same as lines of a table."""
    return [line for row in found.rows for line in _lines(row)]


def shown_picture(found: Timeline) -> dict[str, str]:
    """Return the edges and where today is."""
    return {"begins": found.begins, "ends": found.ends, "now": f"{found.now}%"}


def _lines(row: TimelineRow) -> list[dict[str, str]]:
    return [{"name": row.name, "from": start, "to": _to(end)} for start, end in row.stretches]


def _words(start: str, end: str) -> str:
    if end == OPEN:
        return f"since {start}"
    return f"from {start}" if end == LATER else f"{start} to {end}"


def _to(end: str) -> str:
    return "no end" if end in (OPEN, LATER) else end
