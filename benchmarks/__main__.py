"""Run the benchmarks, or the named ones, and print one table: `make bench`, `make bench ARGS="--quick switch live"`.

A benchmark is a module of this folder with `measure()`, which yields rows: what, measured, bar, whether the bar
holds, and optionally a peer (another way of doing the same) of the same run. Ends with 1 where a bar is missed.
"""

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Iterator, Sequence

from benchmarks.figures import Row

# In the order of the table.
NAMES = (
    "roster",
    "switch",
    "live",
    "cold_load",
    "memory",
    "hashing",
    "writes",
    "many",
    "importing",
    "first_page",
)
QUICK = {"roster": {"sizes": (10_000,), "rounds": 5}}
HEAD = ("what", "measured", "bar", "holds", "peer in the same run")


def main(given: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", help=f"which ones of {', '.join(NAMES)}; all of them without")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and no fresh clone")
    asked = parser.parse_args(given)
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    before = os.getloadavg()[0]
    rows = [row for name in asked.names or NAMES for row in _measured(name, quick=asked.quick)]
    print(table(rows))
    # A loaded machine measures its own load.
    print(f"\n{os.cpu_count()} cores, load {before:.1f} before and {os.getloadavg()[0]:.1f} after.")
    return 1 if any(row.verdict in {"MISSED", "FAILED"} for row in rows) else 0


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table with even columns."""
    lines = [HEAD, *((row.what, row.measured, row.bar, row.verdict, row.peer) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEAD))]
    drawn = [
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    ]
    drawn.insert(1, " | ".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" for line in drawn)


def _measured(name: str, *, quick: bool) -> Iterator[Row]:
    """Run one benchmark, and say meanwhile how far it is."""
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    measure = importlib.import_module(f"benchmarks.{name}").measure
    try:
        for found in measure(**(QUICK.get(name, {"quick": True}) if quick else {})):
            row = Row(*found)
            print(f"  {row.what.strip()}: {row.measured} {row.verdict}", file=sys.stderr, flush=True)
            yield row
    except Exception:  # noqa: BLE001 - the others are measured all the same
        traceback.print_exc()
        yield Row(name, "see above", "", "FAILED")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
