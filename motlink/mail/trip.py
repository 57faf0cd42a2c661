"""One try at a mail service: how far the letter came, and an end to it however slowly the other side drips."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Any

# Connecting and each answer; the clients' own default is to wait forever.
TIMEOUT_SECONDS = 15.0
# All of it: a server that sends a byte every few seconds would hold a thread for as long as it likes.
DEADLINE_SECONDS = 45.0


class Trip:
    """Connects, watches, and cuts the line once the time is over."""

    def __init__(self, seconds: float | None = None) -> None:
        # From here on the service may have the letter.
        self.begun = False
        # What it answered to the letter itself.
        self.status: int | None = None
        self._line: socket.socket | None = None
        self._timer = threading.Timer(DEADLINE_SECONDS if seconds is None else seconds, self._cut)
        self._timer.daemon = True

    @property
    def arrived(self) -> bool:
        """Whether the service said that it has the letter, whatever went wrong afterwards."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def unclear(self) -> bool:
        """Whether the letter was on its way and nothing was said of it."""
        return self.begun and self.status is None

    def connect(self, address: tuple[str, int], timeout: Any = TIMEOUT_SECONDS, *rest: Any) -> socket.socket:
        """Connect as socket.create_connection does."""
        line = socket.create_connection(address, timeout, *rest)
        # A second handle on the line: TLS takes the first one over, and this one can end it in any state.
        self._line = line.dup()
        return line

    def __enter__(self) -> "Trip":
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._line is not None:
            self._line.close()

    def _cut(self) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)
