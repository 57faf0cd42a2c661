"""Where database work runs: never on the event loop, and readers never behind writers who wait for their turn.

Nor behind advice, which costs more than any reading and is needed by nobody.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any, ParamSpec, TypeVar

from motlink.database import again_if_beaten, is_sqlite

P = ParamSpec("P")
Result = TypeVar("Result")

_readers = ThreadPoolExecutor(max_workers=6, thread_name_prefix="read")
_adviser = ThreadPoolExecutor(max_workers=1, thread_name_prefix="advise")
_advising = threading.Lock()

# The tab that acts: its own screen needs no news of what it has just done.
ORIGIN: contextvars.ContextVar[str] = contextvars.ContextVar("origin", default="")


async def reading(act: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
    """Run a read in its pool."""
    return await _run(_readers, partial(act, *args, **kwargs))


async def advising(act: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result | None:
    """Work out a piece of advice in a thread of its own; None while that works on another, for nobody waits for it."""
    if not _advising.acquire(blocking=False):
        return None
    try:
        return await _run(_adviser, partial(act, *args, **kwargs))
    finally:
        _advising.release()


async def writing(act: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
    """Run a write in its pool: a function that opens its work itself, since it may run again. Raises Beaten."""
    # SQLite lets in one writer at a time: one thread takes them in the order in which they came. Eight threads at a
    # lock go in by luck, and one of them waits a second.
    pool = _writers(1 if is_sqlite() else 8)
    return await _run(pool, partial(again_if_beaten, partial(act, *args, **kwargs)))


@lru_cache
def _writers(size: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=size, thread_name_prefix="write")


async def _run(pool: ThreadPoolExecutor, act: Callable[[], Any]) -> Any:
    # The context goes along: it names the tab that acts.
    return await asyncio.get_running_loop().run_in_executor(pool, contextvars.copy_context().run, act)
