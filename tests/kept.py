"""Engines that outlive a test: SQLAlchemy keeps in each what a question looks like in SQL, and a third of a test's
time goes into finding that out. Their connections end with the test.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine

from motlink import database as db
from tests.lock_order import watch


@contextmanager
def kept_engines() -> Iterator[None]:
    """Let what asks for an engine like an earlier one, of the same address and in the same way, have that."""
    make, kept = db.create_engine, dict[str, Engine]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "create_engine", _or_kept(make, kept))
        yield


def _or_kept(make: Callable[..., Engine], kept: dict[str, Engine]) -> Callable[..., Engine]:
    def made(url: Any, **options: Any) -> Engine:
        key = f"{url!r} {sorted(options.items())}"
        if key not in kept:
            kept[key] = make(url, **options)
            if kept[key].dialect.name == "postgresql":
                watch.over(kept[key])
        return kept[key]

    return made
