"""An installation of its own, for tests that start the app: data folder, key, database, and all settings read anew."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from motlink import database as db
from motlink import settings as settings_module
from motlink.wiring import wire

SECRET = "a secret of the tests, long enough"


def environment_of(home: Path) -> dict[str, str]:
    """Return the settings of an installation that has everything in one folder."""
    return {
        "MOTLINK_DATA": str(home),
        "MOTLINK_SECRET": SECRET,
        "MOTLINK_DATABASE_URL": f"sqlite:///{home / 'motlink.db'}",
    }


@contextmanager
def installed(home: Path, template: Path, **more: str) -> Iterator[None]:
    """Let this process, and what it starts, read and write a copy of the empty database."""
    shutil.copy(template, home / "motlink.db")
    with in_environment(environment_of(home) | more):
        yield


@contextmanager
def in_environment(environment: dict[str, str]) -> Iterator[None]:
    """Let this process read and write what these settings name."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        forget()
        wire()
        yield
        db.engine().dispose()
    forget()


def forget() -> None:
    """Let settings and engine be read anew."""
    settings_module.settings.cache_clear()
    settings_module.secret.cache_clear()
    db.engine.cache_clear()
