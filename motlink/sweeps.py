"""What the worker tidies every few seconds: days that are over, places that are locked, files that are old.

Nobody waits for it: what has ended is found ended at each check, before anything is tidied.
"""

import logging
import time
from collections.abc import Callable, Iterable
from uuid import UUID

from motlink.accounts.run_out import end_run_out, run_out
from motlink.batch_runner import GAP_SECONDS
from motlink.database import empty_log
from motlink.mail.events import any_old_news, forget_old_news
from motlink.staff.agreements import any_to_ask_about, ask_about_agreements, practices_with_agents
from motlink.staff.ended import practices_to_tidy, tidy_ended
from motlink.staff.import_actions import forget_old_files, old_files
from motlink.staff.last_days import leavers_due, tidy_up
from motlink.staff.locking import any_to_note, note_locked, practices_that_lock
from motlink.tags.actions import end_past
from motlink.tags.worn import practices_with_past
from motlink.traces import without_words
from motlink.work import FindActor, Work, begin_work, system

log = logging.getLogger(__name__)

LOG_SECONDS = 60.0
SESSION_SECONDS = 3600.0
TIDIER = system("Files")
ROLE_KEEPER = system("End dates")
TIDY = system("Last days")
LOCKS = system("Lock-out")
LEAVERS = system("Last working day")
AGREEMENTS = system("Agreements")
SESSIONS = system("Sessions")


def forget_files() -> None:
    """Forget the files of old imports: they hold names and addresses, and their rows are done."""
    with begin_work(TIDIER, writes=False) as work:
        there_are = bool(old_files(work))
    if there_are:
        with begin_work(TIDIER) as work:
            forget_old_files(work)


_tidied = 0.0


def empty_log_now_and_then() -> None:
    """Once a minute let SQLite's log hold nothing that has been wiped from its file."""
    global _tidied
    if time.monotonic() - _tidied > LOG_SECONDS:
        _tidied = time.monotonic()
        empty_log()


_ended = time.monotonic()


def sweep_sessions_now_and_then() -> None:
    """Once an hour end the sessions whose time is up: they open nothing anyway, and no longer limit revives them."""
    global _ended
    if time.monotonic() - _ended > SESSION_SECONDS:
        _ended = time.monotonic()
        sweep_sessions()


def sweep_sessions() -> None:
    """End the sessions whose time is up."""
    with begin_work(SESSIONS, writes=False) as work:
        there_are = bool(run_out(work))
    if there_are:
        with begin_work(SESSIONS) as work:
            end_run_out(work)


def forget_news() -> None:
    """Forget what the mail service told long ago."""
    with begin_work(TIDIER, writes=False) as work:
        more = any_old_news(work)
    while more:
        with begin_work(TIDIER) as work:
            more = forget_old_news(work)
        time.sleep(GAP_SECONDS)


def sweep_ended_roles() -> None:
    """Tidy roles whose last day has passed."""
    with begin_work(ROLE_KEEPER, writes=False) as work:
        practices = practices_to_tidy(work)
    for org_id in practices:
        more = True
        while more:
            with begin_work(ROLE_KEEPER, org=org_id) as work:
                more = tidy_ended(work)
            time.sleep(GAP_SECONDS)


def sweep_tags() -> int:
    """End taggings whose last day is over, in each practice by its own zone. Returns how many."""
    with begin_work(TIDY, writes=False) as work:
        practices = practices_with_past(work)
    ended = 0
    for org_id in practices:
        while (some := _end_some(org_id)) > 0:
            ended += some
            time.sleep(GAP_SECONDS)
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
        try:
            with begin_work(LEAVERS, org=org_id) as work:
                done += tidy_up(work, member_id=member_id)
        except Exception as error:  # noqa: BLE001 - one who cannot be tidied up must not keep the others
            log.error("Leaver %s:\n%s", member_id, without_words(error))
        time.sleep(GAP_SECONDS)
    return done


def sweep_agreements() -> None:
    """Write to managers about External Agents without a current agreement, once for each agent."""
    _while_due(AGREEMENTS, practices_with_agents, any_to_ask_about, ask_about_agreements)


def sweep_locked() -> None:
    """Write down who is newly locked out, and end what is open of them; they are out without it."""
    _while_due(LOCKS, practices_that_lock, any_to_note, note_locked)


def _while_due(
    who: FindActor,
    practices_of: Callable[[Work], Iterable[UUID]],
    is_due: Callable[[Work], bool],
    do_some: Callable[[Work], bool],
) -> None:
    """Do some at a time in each practice while there is more; asked first, without the lock of writing."""
    with begin_work(who, writes=False) as work:
        practices = practices_of(work)
    for org_id in practices:
        with begin_work(who, org=org_id, writes=False) as work:
            more = is_due(work)
        while more:
            with begin_work(who, org=org_id) as work:
                more = do_some(work)
            time.sleep(GAP_SECONDS)
