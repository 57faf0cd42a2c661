"""What a benchmark hands to the table, and the few figures that all of them need."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """A line of the table. `peer` is another way of doing the same, measured in the same run."""

    what: str
    measured: str
    bar: str = ""
    verdict: str = ""
    peer: str = ""


def p95(values: Sequence[float]) -> float:
    """Return the value that 95 of 100 stay below."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def milliseconds(values: Sequence[float]) -> str:
    """Return median, p95 and greatest in words."""
    return f"p50 {statistics.median(values):.1f}, p95 {p95(values):.1f}, max {max(values):.0f} ms"


def verdict(measured: float, bar: float) -> str:
    """Say whether a bar holds."""
    return "holds" if measured <= bar else "MISSED"
