"""What happens to a bug: a number in the log and one calm sentence; no event, cookie or password in the log."""

import logging
import re
from uuid import uuid4

from reflex.event import EventSpec

from motlink.traces import without_words

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


def say_calmly(exception: Exception) -> EventSpec | None:
    """Log a handler's bug with a number, and tell the person."""
    from motlink.web.acting import NoticeState

    number = uuid4().hex[:8]
    log.error("a handler failed, number %s", number, exc_info=exception)
    return NoticeState.failed(number)


def write_down(exception: Exception) -> None:
    """Log what a browser says went wrong there: anyone may say anything, so one short line."""
    log.warning("a browser reports: %s", re.sub(r"[\x00-\x1f\x7f]+", " ", str(exception))[:300])
