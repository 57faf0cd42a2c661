"""A letter by SMTP. The connection is encrypted, or MOTLINK_SMTP_TLS says that it need not be."""

import smtplib
import socket
import ssl
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

from motlink.mail.errors import DeliveryFailed
from motlink.mail.models import Letter
from motlink.mail.trip import TIMEOUT_SECONDS, Trip
from motlink.settings import Settings

OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class _Traced(smtplib.SMTP):
    """Says how far the letter came."""

    trip: Trip

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        return self.trip.connect((host, port), timeout)

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the letter itself."""
        self.trip.begun = True
        try:
            answer = super().data(msg)
        except smtplib.SMTPDataError as refusal:
            self.trip.status = refusal.smtp_code
            raise
        self.trip.status = answer[0]
        return answer


class _Smtp(_Traced):
    def __init__(self, trip: Trip, host: str, port: int) -> None:
        self.trip = trip
        super().__init__(host, port, timeout=TIMEOUT_SECONDS)


class _Smtps(smtplib.SMTP_SSL, _Traced):
    def __init__(self, trip: Trip, host: str, port: int) -> None:
        self.trip = trip
        super().__init__(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())


def by_smtp(message: EmailMessage, letter: Letter, settings: Settings) -> None:
    """Send by MOTLINK_SMTP_URL: smtp://user:password@host:587 or smtps://. Raises DeliveryFailed."""
    with Trip() as trip:
        try:
            _hand_over(trip, message, settings)
        except DeliveryFailed:
            raise
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # "250" was said; what came after it (a lost QUIT) changes nothing.
            if not trip.arrived:
                raise _failure(trip, error) from error


def _hand_over(trip: Trip, message: EmailMessage, settings: Settings) -> None:
    url = urlsplit(settings.smtp_url)
    host = url.hostname or "localhost"
    secure = url.scheme == "smtps"
    with _Smtps(trip, host, url.port or 465) if secure else _Smtp(trip, host, url.port or 25) as server:
        if not secure:
            _encrypt(server, host, settings)
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)


def _encrypt(server: smtplib.SMTP, host: str, settings: Settings) -> None:
    server.ehlo_or_helo_if_needed()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
    elif settings.smtp_tls == "required" and host not in OWN_MACHINE:
        raise DeliveryFailed(
            "The mail server offers no encryption (STARTTLS), so nothing was sent to it",
            advice="Use an smtps:// address, or set MOTLINK_SMTP_TLS=offered to send in the open.",
        )


def _failure(trip: Trip, error: Exception) -> DeliveryFailed:
    if trip.unclear:
        return DeliveryFailed("The mail server did not say whether it took the email", unclear=True)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return DeliveryFailed("The mail server refuses the address", for_good=min(codes) >= 500)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        advice = "Look at the name and the password in MOTLINK_SMTP_URL."
        return DeliveryFailed(f"The mail server refuses our sign-in ({error.smtp_code})", advice=advice)
    if isinstance(error, smtplib.SMTPDataError):
        refused = error.smtp_code >= 500
        return DeliveryFailed(f"The mail server refuses the email ({error.smtp_code})", for_good=refused)
    if isinstance(error, smtplib.SMTPResponseException):
        return DeliveryFailed(f"The mail server answered {error.smtp_code}")
    return DeliveryFailed(
        f"The mail server cannot be reached ({type(error).__name__})", advice="Look at MOTLINK_SMTP_URL."
    )
