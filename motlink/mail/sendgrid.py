"""A letter by SendGrid's v3 API, through SendGrid's own client."""

import logging
from email.message import EmailMessage
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.request import HTTPHandler, HTTPSHandler, Request, build_opener

from python_http_client.client import Client
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from motlink.mail.errors import DeliveryFailed
from motlink.mail.models import Letter
from motlink.mail.trip import TIMEOUT_SECONDS, Trip
from motlink.settings import Settings

# At DEBUG it writes key and link into the log.
logging.getLogger("python_http_client").setLevel(logging.INFO)

# What SendGrid gives back with each event about this letter.
LETTER_ARGUMENT = "letter"
ADVICE = {
    401: "SendGrid does not know the key: look at MOTLINK_SENDGRID_KEY.",
    403: "The key may not send, or MOTLINK_MAIL_FROM is no sender that SendGrid has verified.",
}


class _Traced(HTTPConnection):
    """Says how far the letter came."""

    def __init__(self, *args: Any, trip: Trip, **given: Any) -> None:
        super().__init__(*args, **given)
        self.trip = trip
        self._create_connection = trip.connect

    def connect(self) -> None:
        super().connect()
        # The handshake is over; what follows is the letter.
        self.trip.begun = True

    def getresponse(self) -> HTTPResponse:
        answer = super().getresponse()
        self.trip.status = answer.status
        return answer


class _TracedTls(_Traced, HTTPSConnection):
    pass


class _Http(HTTPHandler):
    def __init__(self, trip: Trip) -> None:
        super().__init__()
        self.trip = trip

    def http_open(self, request: Request) -> HTTPResponse:
        return self.do_open(partial(_Traced, trip=self.trip), request)


class _Https(HTTPSHandler):
    def __init__(self, trip: Trip) -> None:
        super().__init__()
        self.trip = trip

    def https_open(self, request: Request) -> HTTPResponse:
        return self.do_open(partial(_TracedTls, trip=self.trip), request)


class _Client(Client):  # type: ignore[misc]  # the client has no types
    """SendGrid's client, on a line that is watched."""

    trip: Trip

    def _make_request(self, opener: Any, request: Request, timeout: float | None = None) -> Any:
        return super()._make_request(build_opener(_Http(self.trip), _Https(self.trip)), request, timeout)


def by_sendgrid(message: EmailMessage, letter: Letter, settings: Settings) -> None:
    """Send with MOTLINK_SENDGRID_KEY. A refusal (4xx) is for good, but for a wrong key and for too many at once.

    Raises DeliveryFailed.
    """
    with Trip() as trip:
        try:
            _client(trip, settings).post(request_body=_body(message, letter))
        except HTTPError as error:
            raise _refusal(error.status_code, error.headers) from error
        except (OSError, HTTPException, ValueError) as error:
            if not trip.arrived:
                raise _failure(trip, error) from error


def _client(trip: Trip, settings: Settings) -> Any:
    theirs = SendGridAPIClient(settings.sendgrid_key, host=settings.sendgrid_url).client
    client = _Client(
        host=settings.sendgrid_url,
        request_headers=theirs.request_headers,
        version=3,
        url_path=["mail", "send"],
        timeout=TIMEOUT_SECONDS,
    )
    client.trip = trip
    return client


def _refusal(status: int, headers: Any = None) -> DeliveryFailed:
    # A wrong key (401, 403) is the operator's to mend, so those letters wait.
    refused = 400 <= status < 500 and status not in (401, 403, 408, 429)
    asked = (headers.get("Retry-After") or headers.get("X-RateLimit-Reset") or "") if headers else ""
    advice = ADVICE.get(status, "")
    return DeliveryFailed(f"SendGrid answered {status}", for_good=refused, wait=asked, advice=advice)


def _failure(trip: Trip, error: Exception) -> DeliveryFailed:
    if trip.status is not None:
        # The answer began; only its words are lost.
        return _refusal(trip.status)
    if trip.unclear:
        return DeliveryFailed("SendGrid did not say whether it took the email", unclear=True)
    reason = getattr(error, "reason", error)
    return DeliveryFailed(f"SendGrid cannot be reached ({type(reason).__name__})")


def _body(message: EmailMessage, letter: Letter) -> dict[str, object]:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and html is not None
    return {
        "personalizations": [{"to": [{"email": message["To"]}]}],
        "from": {"email": message["From"]},
        "subject": message["Subject"],
        "headers": {"Message-ID": message["Message-ID"], "Auto-Submitted": "auto-generated"},
        "custom_args": {LETTER_ARGUMENT: str(letter.id)},
        "content": [
            {"type": "text/plain", "value": text.get_content()},
            {"type": "text/html", "value": html.get_content()},
        ],
        # Click tracking would hand each one-hour link to a third party and break it.
        "tracking_settings": {"click_tracking": {"enable": False}, "open_tracking": {"enable": False}},
    }
