"""One server for each file of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guard.site import Town, town_at


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    """One server for all of this file."""
    with town_at(tmp_path_factory.mktemp("guard"), sqlite_template) as one:
        yield one
