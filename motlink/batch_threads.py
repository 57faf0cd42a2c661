"""Threads of their own for batches: a file that takes a minute to read must not hold up an invitation's letter."""

import logging
import threading
from queue import SimpleQueue

from motlink.batch_runner import run_batch
from motlink.traces import without_words

log = logging.getLogger(__name__)

THREADS = 2


class BatchThreads:
    """Runs batches as they are asked for, each at most once at a time in this process."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._asked: set[str] = set()
        self._lock = threading.Lock()
        # A kill between two transactions is harmless, so nobody waits for them at the end.
        self._threads = [
            threading.Thread(target=self._work, name=f"batch-{number}", daemon=True)
            for number in range(THREADS)
        ]

    def start(self) -> None:
        """Begin; returns at once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take nothing new; what is under way goes on after the next start."""
        for _ in self._threads:
            self._queue.put(None)

    def ask(self, batch_id: str) -> None:
        """Have a batch run, unless it is asked for already."""
        with self._lock:
            if batch_id in self._asked:
                return
            self._asked.add(batch_id)
        self._queue.put(batch_id)

    def _work(self) -> None:
        while (batch_id := self._queue.get()) is not None:
            try:
                run_batch(batch_id)
            except Exception as error:  # noqa: BLE001 - a bug in one batch must not stop those behind it
                log.error("Batch %s:\n%s", batch_id, without_words(error))
            finally:
                with self._lock:
                    self._asked.discard(batch_id)
