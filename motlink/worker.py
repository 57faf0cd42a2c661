"""The worker's edge: runs what the outbox holds, in the server's process or, with Redis, in `motlink worker`."""

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from huey.consumer import Consumer

from motlink import jobs
from motlink.batch_runner import run_batch, sweep_batches, waiting
from motlink.batch_threads import BatchThreads
from motlink.errors import Busy
from motlink.mail import actions as mail
from motlink.mail.delivery import DeliveryFailed, deliver
from motlink.mail.models import Letter
from motlink.mail.rules import has_run_out
from motlink.settings import settings
from motlink.staff import batches
from motlink.sweeps import (
    empty_log_now_and_then,
    forget_files,
    forget_news,
    sweep_agreements,
    sweep_ended_roles,
    sweep_leavers,
    sweep_locked,
    sweep_sessions_now_and_then,
    sweep_tags,
)
from motlink.traces import without_words
from motlink.work import Work, begin_work, system

log = logging.getLogger(__name__)

SWEEP_SECONDS = 5.0
WORKERS = 2
# Longer than anybody can hold a practice's row (database.py), shorter than the lease of a letter.
TRIES_TO_NOTE = 30

POSTMAN = system("Mail")


class QuietConsumer(Consumer):  # type: ignore[misc]  # huey has no types
    """huey's consumer as a guest in a process whose signals belong to the server."""

    def _set_signal_handlers(self) -> None:
        return


class Jobs:
    """What runs until `stop`: the consumer's threads and the sweep."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._consumer = QuietConsumer(
            jobs.queue(),
            workers=WORKERS,
            periodic=False,
            initial_delay=0.02,
            max_delay=0.5,
            shutdown_timeout=20,
        )
        self.batches = BatchThreads()
        self._sweeper = threading.Thread(target=self._sweep_on, name="sweep", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        global _working
        _working = self
        self.batches.start()
        self._consumer.start()
        self._sweeper.start()

    def ask_to_stop(self) -> None:
        """End the waiting (a signal has come)."""
        self._over.set()

    def stop(self) -> None:
        """Finish what is being done and end; what is left waits in the database."""
        global _working
        _working = None
        self._over.set()
        self.batches.stop()
        self._consumer.stop(graceful=True)
        self._sweeper.join(timeout=20)

    def wait(self) -> None:
        """Block until someone asks to stop."""
        while not self._over.wait(1):
            self._consumer.check_worker_health()

    def _sweep_on(self) -> None:
        while not self._over.is_set():
            sweep_quietly()
            self._over.wait(SWEEP_SECONDS)


_running: Jobs | None = None
# Whose threads take batches in this process.
_working: Jobs | None = None


def start_jobs() -> None:
    """Start the jobs of this process: all of them, or only the bell where `motlink worker` does the work."""
    global _running
    answer_bells()
    if settings().redis_url or _running:
        return
    _running = Jobs()
    _running.start()


def stop_jobs() -> None:
    """Stop what start_jobs started."""
    global _running
    if _running:
        _running.stop()
    _running = None
    jobs.forget_all()


@asynccontextmanager
async def running() -> AsyncIterator[None]:
    """Jobs as long as the server lives: for `app.register_lifespan_task(worker.running)`."""
    await asyncio.to_thread(start_jobs)
    try:
        yield
    finally:
        await asyncio.to_thread(stop_jobs)


def answer_bells() -> None:
    """Tie each job's name to what does it."""
    logging.getLogger("huey").setLevel(logging.WARNING)
    jobs.on_ring(mail.DELIVER, run_delivery)
    jobs.on_ring(batches.RUN, take_batch)


def run_delivery(letter_id: str) -> None:
    """Deliver one letter, as the bell asks."""
    deliver_letter(UUID(letter_id))


def take_batch(batch_id: str) -> None:
    """Hand a batch to the threads that are there for it, as the bell asks."""
    if _working:
        _working.batches.ask(batch_id)
    else:
        run_batch(batch_id)


def take_waiting_batches() -> None:
    """Go on with what a killed process has left."""
    if _working is None:
        sweep_batches()
        return
    for batch_id in waiting():
        _working.batches.ask(batch_id)


def deliver_letter(letter_id: UUID) -> bool:
    """Try one letter. Returns whether it left; twice at once does no harm, the lease lets one in."""
    return _try(letter_id) == "left"


def _try(letter_id: UUID) -> str:
    """Try one letter. Returns "left", "not" (not due, or this letter's own fault) or "trouble" with the service."""
    with begin_work(POSTMAN) as work:
        letter = mail.lease(work, letter_id=letter_id)
        late = letter is not None and has_run_out(letter, now=work.now)
    if letter is None:
        return "not"
    try:
        if late:
            raise DeliveryFailed("The link ran out before the email could leave", for_good=True)
        deliver(letter, settings())
    except DeliveryFailed as failure:
        _note_failure(letter, failure)
        return "not" if failure.for_good else "trouble"
    except Exception as error:  # noqa: BLE001 - whatever failed is written down as a try of this letter
        # A bug in one letter must not stop the others; its words could hold a link, so they are not kept.
        log.error("Letter %s:\n%s", letter_id, without_words(error))
        _note_failure(letter, DeliveryFailed(type(error).__name__))
        return "not"
    _keep(letter, partial(mail.mark_sent, letter_id=letter_id))
    return "left"


def _note_failure(letter: Letter, failure: DeliveryFailed) -> None:
    words = str(failure)
    log.warning("Letter %s could not leave: %s", letter.id, words)
    if failure.unclear:
        _keep(letter, partial(mail.mark_unclear, letter_id=letter.id, error=words))
        return
    failed = partial(mail.mark_failed, letter_id=letter.id, error=words)
    _keep(letter, partial(failed, for_good=failure.for_good, wait=failure.wait))


def _keep(letter: Letter, mark: Callable[[Work], None]) -> None:
    """Write down what has become of a letter. It has left, so a busy practice is waited for: else it would go twice."""
    for tries_left in reversed(range(TRIES_TO_NOTE)):
        try:
            with begin_work(POSTMAN, org=letter.org_id) as work:
                mark(work)
            return
        except Busy:
            if not tries_left:
                raise


def sweep() -> int:
    """Send what is due and was missed: a lost ring, a killed process, a try whose pause is over. Returns how many.

    A service in trouble is asked once: each try may take a while, and the other sweeps wait behind this one.
    """
    with begin_work(POSTMAN, writes=False) as work:
        due = mail.waiting(work)
    left = 0
    for letter_id in due:
        how = _try(letter_id)
        left += how == "left"
        if how == "trouble":
            break
    return left


def sweep_quietly() -> None:
    """Sweep; a database that is away for a moment is no reason to die."""
    for one in (
        sweep_leavers,
        sweep_ended_roles,
        sweep_locked,
        sweep_tags,
        sweep_agreements,
        forget_files,
        empty_log_now_and_then,
        sweep_sessions_now_and_then,
        forget_news,
        take_waiting_batches,
        sweep,
    ):
        try:
            one()
        except Exception as error:  # noqa: BLE001 - the database may be away in many ways
            # Each for itself: what fails again and again must not keep the others from their work.
            log.warning("%s failed (%s) and tries again.", one.__name__, type(error).__name__)


def run_worker() -> None:
    """Work until told to stop (`motlink worker`, only with Redis)."""
    answer_bells()
    running = Jobs()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: running.ask_to_stop())
    running.start()
    running.wait()
    running.stop()
