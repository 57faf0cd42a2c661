"""The worker's edge: runs what the outbox holds, in the server's process or, with Redis, in `motlink worker`."""

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from huey.consumer import Consumer

from motlink import jobs
from motlink.batch_runner import run_batch, sweep_batches, waiting
from motlink.batch_threads import BatchThreads
from motlink.mail import actions as mail
from motlink.mail.delivery import DeliveryFailed, deliver
from motlink.mail.rules import has_run_out
from motlink.settings import settings
from motlink.staff import batches
from motlink.staff.ended import practices_to_tidy, tidy_ended
from motlink.staff.import_actions import forget_old_files, old_files
from motlink.staff.last_days import leavers_due, tidy_up
from motlink.staff.locking import any_to_note, note_locked, practices_that_lock
from motlink.tags.actions import end_past
from motlink.tags.worn import practices_with_past
from motlink.traces import without_words
from motlink.work import begin_work, system

log = logging.getLogger(__name__)

SWEEP_SECONDS = 5.0
WORKERS = 2

POSTMAN = system("Mail")
ROLE_KEEPER = system("End dates")
TIDY = system("Last days")
LOCKS = system("Lock-out")
LEAVERS = system("Last working day")


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
    with begin_work(POSTMAN) as work:
        letter = mail.lease(work, letter_id=letter_id)
        late = letter is not None and has_run_out(letter, now=work.now)
    if letter is None:
        return False
    try:
        if late:
            raise DeliveryFailed("The link ran out before the letter could leave", for_good=True)
        deliver(letter, settings())
    except DeliveryFailed as failure:
        _note_failure(letter_id, letter.org_id, str(failure), failure.for_good)
        return False
    except Exception as error:  # noqa: BLE001 - whatever failed is written down as a try of this letter
        # A bug in one letter must not stop the others; its words could hold a link, so they are not kept.
        log.error("Letter %s:\n%s", letter_id, without_words(error))
        _note_failure(letter_id, letter.org_id, type(error).__name__, False)
        return False
    with begin_work(POSTMAN) as work:
        mail.mark_sent(work, letter_id=letter_id)
    return True


def _note_failure(letter_id: UUID, org_id: UUID | None, error: str, for_good: bool) -> None:
    log.warning("Letter %s could not leave: %s", letter_id, error)
    with begin_work(POSTMAN, org=org_id) as work:
        mail.mark_failed(work, letter_id=letter_id, error=error, for_good=for_good)


def sweep() -> int:
    """Do what is due and was missed: a lost ring, a killed process, a try whose pause is over. Returns how many."""
    with begin_work(POSTMAN, writes=False) as work:
        due = mail.waiting(work)
    return sum(deliver_letter(letter_id) for letter_id in due)


def forget_files() -> None:
    """Forget the files of old imports: they hold names and addresses, and their rows are done."""
    with begin_work(POSTMAN, writes=False) as work:
        there_are = bool(old_files(work))
    if there_are:
        with begin_work(POSTMAN) as work:
            forget_old_files(work)


def sweep_ended_roles() -> None:
    """Tidy roles whose last day has passed."""
    with begin_work(ROLE_KEEPER, writes=False) as work:
        practices = practices_to_tidy(work)
    for org_id in practices:
        more = True
        while more:
            with begin_work(ROLE_KEEPER, org=org_id) as work:
                more = tidy_ended(work)


def sweep_tags() -> int:
    """End taggings whose last day is over, in each practice by its own zone. Returns how many."""
    with begin_work(TIDY, writes=False) as work:
        practices = practices_with_past(work)
    ended = 0
    for org_id in practices:
        while (some := _end_some(org_id)) > 0:
            ended += some
    return ended


def _end_some(org_id: UUID) -> int:
    with begin_work(TIDY, org=org_id) as work:
        return end_past(work)


def sweep_leavers() -> int:
    """Tidy up after last working days that are over; from that moment on they are out anyway. Returns how many."""
    with begin_work(LEAVERS, writes=False) as work:
        due = leavers_due(work)
    done = 0
    for org_id, member_id in due:
        with begin_work(LEAVERS, org=org_id) as work:
            done += tidy_up(work, member_id=member_id)
    return done


def sweep_locked() -> None:
    """Write down who is newly locked out, and end what is open of them; they are out without it."""
    with begin_work(LOCKS, writes=False) as work:
        practices = practices_that_lock(work)
    for org_id in practices:
        with begin_work(LOCKS, org=org_id, writes=False) as work:
            more = any_to_note(work)
        while more:
            with begin_work(LOCKS, org=org_id) as work:
                more = note_locked(work)


def sweep_quietly() -> None:
    """Sweep; a database that is away for a moment is no reason to die."""
    for one in (
        sweep,
        sweep_leavers,
        sweep_ended_roles,
        sweep_locked,
        sweep_tags,
        forget_files,
        take_waiting_batches,
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
