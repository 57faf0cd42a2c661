"""Two works of which one comes upon what the other has done and not committed yet: the moment that a race needs."""

from collections.abc import Callable
from threading import Thread
from typing import Any
from uuid import UUID

from motlink.errors import MotlinkError
from motlink.work import Work, begin_work, system

# So long the second one may take to come as far as it can.
WAITS = 0.4


def overtaken(second: Callable[[], Any], first: Callable[[Work], Any], *, org: UUID | None) -> Any:
    """Do `first` in a work in `org`, begin `second` before its commit; return what that gave, or its refusal."""
    given: list[Any] = []

    def run() -> None:
        try:
            given.append(second())
        except Exception as refused:  # noqa: BLE001 - looked at below
            given.append(refused)

    thread = Thread(target=run)
    with begin_work(system(), org=org) as work:
        first(work)
        thread.start()
        thread.join(WAITS)
    thread.join()
    if isinstance(given[0], Exception) and not isinstance(given[0], MotlinkError):
        raise given[0]
    return given[0]
