"""What happens to a bug: a number in the log and one calm sentence; no event, cookie or password in the log."""

import logging
import re
from uuid import uuid4

from reflex.event import EventSpec
from reflex_base.event.context import EventContext

from motlink.traces import without_words
from motlink.web.rate import Bucket

log = logging.getLogger("motlink.faults")
# Reflex writes whole events into these logs, arguments and headers and all.
TALKATIVE = (
    "reflex.app", "reflex.state", "reflex_base.event.processor.event_processor",
    "reflex_base.event.processor.base_state_processor", "reflex_base.event", "engineio.server", "socketio.server",
)  # fmt: skip
CUT = re.compile(r"([Ee]vent data:?|router_data|payload|'headers'|Event\(|with value).*", re.DOTALL)


class NoEventsInLogs(logging.Filter):
    """Cuts a message before the event begins."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = CUT.sub("[event left out]", record.getMessage())[:400], ()
        if record.exc_info and record.exc_info[1]:
            record.exc_text = without_words(record.exc_info[1])
            record.exc_info = None
        return True


def keep_events_out_of_logs() -> None:
    """Put the filter on Reflex's loggers; harmless when called twice."""
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        if not any(isinstance(known, NoEventsInLogs) for known in logger.filters):
            logger.addFilter(NoEventsInLogs())


# How often a tab is told, and how often all of them together fill the log with where it happened.
_told, _traced = Bucket(burst=10, per_second=0.2), Bucket(burst=100, per_second=1)


def say_calmly(exception: Exception) -> EventSpec | None:
    """Log a handler's bug with a number, and tell the person.

    Where a tab's address is none, every event of it fails, the one that tells as well: that must come to an end.
    """
    from motlink.web.acting import NoticeState

    number, kind = uuid4().hex[:8], type(exception).__name__
    tells = _told.take(EventContext.get().token)
    if tells and _traced.take(""):
        log.error("a handler failed, number %s", number, exc_info=exception)
    else:
        log.error("a handler failed, number %s (%s)", number, kind)
    return NoticeState.failed(number) if tells else None


def write_down(exception: Exception) -> None:
    """Log what a browser says went wrong there: anyone may say anything, so one short line."""
    log.warning("a browser reports: %s", re.sub(r"[\x00-\x1f\x7f]+", " ", str(exception))[:300])
