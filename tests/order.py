"""In which order tests run: each browser among tests that need none.

Two browsers at once keep two cores busy; three take turns, and each of their tests takes three times as long. So they
are spread over the whole run, and what goes to one worker in one piece comes first.
"""

from collections.abc import Iterable
from itertools import groupby

import pytest


def mixed(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the tests so that those in a browser lie evenly among the others."""
    whole = [item for item in items if item.get_closest_marker("xdist_group")]
    seen = [item for item in items if item.get_closest_marker("browser") and item not in whole]
    others = [item for item in items if item not in whole and not item.get_closest_marker("browser")]
    return [*whole, *_spread(seen, list(_pieces(others)))]


def _pieces(items: Iterable[pytest.Item]) -> Iterable[list[pytest.Item]]:
    """Yield single tests, and in one piece those of a file that share what is made once for it."""
    for (_, shares), some in groupby(items, lambda item: (item.path, _shares(item))):
        if shares:
            yield list(some)
        else:
            yield from ([item] for item in some)


def _shares(item: pytest.Item) -> bool:
    found = getattr(item, "_fixtureinfo", None)
    return found is not None and any(
        made[-1].scope == "module" for made in found.name2fixturedefs.values() if made
    )


def _spread(few: list[pytest.Item], pieces: list[list[pytest.Item]]) -> Iterable[pytest.Item]:
    done, total = 0, sum(map(len, pieces))
    passed = 0
    for piece in pieces:
        yield from piece
        passed += len(piece)
        until = len(few) * passed // total
        yield from few[done:until]
        done = until
    yield from few[done:]
