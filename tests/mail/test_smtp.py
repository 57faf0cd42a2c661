"""SMTP: encrypted unless said otherwise, within a time, and never doubled blindly."""

import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from motlink import settings as settings_module
from motlink.mail import trip
from motlink.mail.delivery import as_message
from motlink.mail.errors import DeliveryFailed
from motlink.mail.smtp import by_smtp
from motlink.settings import Settings
from tests.mail.test_outbox import TOKEN, put, read

pytestmark = [pytest.mark.req("TA-09"), pytest.mark.asvs("13.1.2")]


class Talk(socketserver.StreamRequestHandler):
    """One connection, without STARTTLS; `server.how` says what goes wrong."""

    def handle(self) -> None:
        how = self.server.how  # type: ignore[attr-defined]
        if how == "drips":
            self.drip()
            return
        self.say("220 stub")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.say("354 go on")
                self.read_letter()
                if how == "gone":
                    return
                self.say("554 spam" if how == "spam" else "250 taken")
            elif word == b"RCPT" and how == "nobody":
                self.say("550 no such user")
            elif word == b"QUIT":
                if how == "no goodbye":
                    return
                self.say("221 bye")
                return
            else:
                self.say("250 stub")

    def read_letter(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.letters.append(b"".join(lines))  # type: ignore[attr-defined]

    def drip(self) -> None:
        try:
            for _ in range(100):
                self.wfile.write(b"2")
                time.sleep(0.1)
        except OSError:
            return

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    how = ""

    def __init__(self) -> None:
        # Not "localhost" by name or number: there the connection need not be encrypted.
        super().__init__(("127.0.0.2", 0), Talk)
        self.letters: list[bytes] = []


@pytest.fixture
def server() -> Iterator[Server]:
    """A mail server that offers no encryption."""
    made = Server()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def given(server: Server, tls: str = "offered", host: str = "127.0.0.2") -> Settings:
    url = f"smtp://{host}:{server.server_address[1]}"
    return settings_module.settings().model_copy(update={"mail": "smtp", "smtp_url": url, "smtp_tls": tls})


def send(settings: Settings) -> None:
    letter = read(put())
    by_smtp(as_message(letter, settings), letter, settings)


def failure(settings: Settings) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        send(settings)
    assert TOKEN not in str(failed.value)
    return failed.value


@pytest.mark.asvs("12.3.1")
def test_without_encryption_nothing_leaves_unless_the_operator_says_so(sqlite: str, server: Server) -> None:
    refused = failure(given(server, "required"))

    assert "offers no encryption" in str(refused) and "MOTLINK_SMTP_TLS" in refused.advice
    assert not refused.for_good and server.letters == []
    send(given(server, "offered"))
    assert len(server.letters) == 1 and TOKEN.encode() in server.letters[0]


def test_encryption_is_what_is_asked_for_where_nothing_is_set(sqlite: str) -> None:
    assert settings_module.settings().smtp_tls == "required"


@pytest.mark.parametrize(("how", "for_good"), [("nobody", True), ("spam", True)])
def test_what_the_server_refuses_for_good_is_not_tried_again(
    sqlite: str, server: Server, how: str, for_good: bool
) -> None:
    server.how = how

    assert failure(given(server)).for_good is for_good


def test_a_line_that_breaks_after_the_letter_is_unclear(sqlite: str, server: Server) -> None:
    server.how = "gone"

    assert failure(given(server)).unclear


def test_a_letter_that_was_taken_has_left_though_nobody_says_goodbye(sqlite: str, server: Server) -> None:
    server.how = "no goodbye"

    send(given(server))

    assert len(server.letters) == 1


def test_a_server_that_drips_holds_nobody(
    sqlite: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trip, "DEADLINE_SECONDS", 0.5)
    server.how = "drips"
    start = time.monotonic()

    assert not failure(given(server)).unclear

    assert time.monotonic() - start < 2
