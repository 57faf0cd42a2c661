"""The bell: a queue that carries a job's name and one id. Rows in the database are the truth; huey only rings.

The slices ring; worker.py listens. A ring that is lost is found by the worker's sweep, within five seconds.
"""

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from motlink.settings import secret, settings

if TYPE_CHECKING:
    from huey import Huey
    from huey.api import TaskWrapper

log = logging.getLogger(__name__)

_bells: dict[str, "TaskWrapper"] = {}


@lru_cache
def queue() -> "Huey":
    """Return this installation's queue: a file of its own beside the data, or Redis where there are several processes.

    Entries are signed with the installation's key: whoever can write to Redis alone can't make us run anything.
    """
    from huey import RedisHuey, SqliteHuey
    from huey.serializer import SignedSerializer

    common = {"results": False, "serializer": SignedSerializer(secret=secret())}
    if settings().redis_url:
        return RedisHuey("motlink", url=settings().redis_url, **common)
    settings().data.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("motlink", filename=str(settings().data / "jobs.db"), **common)


def on_ring(name: str, do: Callable[[str], None]) -> None:
    """Make `ring(name, …)` run `do(id)` in a worker. A process without bells leaves its rows to the sweep."""
    if name not in _bells:
        _bells[name] = queue().task(name=name)(do)


def forget_all() -> None:
    """Forget every bell (the process stops working, or a test is over)."""
    while _bells:
        _bells.popitem()[1].unregister()


def ring(name: str, row_id: UUID) -> None:
    """Ask for a job soon. Never raises: what must happen is in the row already."""
    bell = _bells.get(name)
    if bell is None:
        return
    try:
        bell(str(row_id))
    except Exception as error:  # noqa: BLE001 - the act is committed: nothing here may undo that
        log.warning("The job queue does not answer (%s); the sweep will find the work.", type(error).__name__)
