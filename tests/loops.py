"""An event loop of its own for a test: a browser test before it in the same process may have left one running."""

import asyncio
import contextvars
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def run(doing: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end in a thread that nobody else uses, with the caller's context."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(contextvars.copy_context().run, asyncio.run, doing).result()
