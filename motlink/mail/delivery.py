"""How a letter leaves: into a folder, by SMTP or by SendGrid. One try each, with a timeout; the retries are ours."""

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from motlink.mail.letters import render
from motlink.mail.models import Letter
from motlink.mail.rules import one_line
from motlink.settings import Settings

# Connecting and each answer; the clients' own default is to wait forever.
TIMEOUT_SECONDS = 15.0


class DeliveryFailed(Exception):
    """A try failed; `for_good` says that another one could not help. Its words carry no address and no link."""

    def __init__(self, words: str, *, for_good: bool = False) -> None:
        self.for_good = for_good
        super().__init__(words)


def deliver(letter: Letter, settings: Settings) -> None:
    """Send a letter the way the settings say. Raises DeliveryFailed."""
    senders: dict[str, Callable[[EmailMessage, Letter, Settings], None]] = {
        "folder": into_folder,
        "smtp": by_smtp,
        "sendgrid": by_sendgrid,
    }
    senders[settings.mail](as_message(letter, settings), letter, settings)


def as_message(letter: Letter, settings: Settings) -> EmailMessage:
    """Return the letter as mail. A letter sent twice keeps its Message-ID, so that a mailbox can join the two."""
    rendered = render(letter.kind, letter.values or {}, mail_from=settings.mail_from)
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = one_line(letter.to)
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.id}@{settings.mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    return message


def mail_folder(settings: Settings) -> Path:
    """Return where letters land when no mail service is set."""
    return settings.data / "mail"


def into_folder(message: EmailMessage, letter: Letter, settings: Settings) -> None:
    """Write an .eml file, whole or not at all, readable by the operator only (it holds a link)."""
    folder = mail_folder(settings)
    name = f"{letter.created_at:%Y%m%dT%H%M%S}-{letter.kind}-{letter.id}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = folder / f"{name}.part"
        part.touch(mode=0o600)
        part.write_bytes(bytes(message))
        part.rename(folder / f"{name}.eml")
    except OSError as error:
        raise DeliveryFailed(f"The mail folder cannot be written: {error.strerror}") from error


def by_smtp(message: EmailMessage, letter: Letter, settings: Settings) -> None:
    """Send by MOTLINK_SMTP_URL: smtp://user:password@host:587 (STARTTLS where offered) or smtps://."""
    url = urlsplit(settings.smtp_url)
    try:
        with _smtp(url.scheme, url.hostname or "localhost", url.port) as server:
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise DeliveryFailed("The mail server refuses the address", for_good=min(codes) >= 500) from error
    except smtplib.SMTPResponseException as error:
        raise DeliveryFailed(f"The mail server answered {error.smtp_code}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryFailed(f"The mail server cannot be reached ({type(error).__name__})") from error


def _smtp(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(
            host, port or 465, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    server = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
    return server


def by_sendgrid(
    message: EmailMessage, letter: Letter, settings: Settings, host: str = "https://api.sendgrid.com"
) -> None:
    """Send by SendGrid's v3 API with MOTLINK_SENDGRID_KEY. A refusal (4xx but 429) is for good."""
    from python_http_client.exceptions import HTTPError
    from sendgrid import SendGridAPIClient

    client = SendGridAPIClient(settings.sendgrid_key, host=host).client
    client.timeout = TIMEOUT_SECONDS
    try:
        client.mail.send.post(request_body=_sendgrid_body(message))
    except HTTPError as error:
        # A wrong key (401, 403) is the operator's to mend, so those letters wait.
        refused = 400 <= error.status_code < 500 and error.status_code not in (401, 403, 408, 429)
        raise DeliveryFailed(f"SendGrid answered {error.status_code}", for_good=refused) from error
    except OSError as error:
        raise DeliveryFailed(f"SendGrid cannot be reached ({type(error).__name__})") from error


def _sendgrid_body(message: EmailMessage) -> dict[str, object]:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and html is not None
    return {
        "personalizations": [{"to": [{"email": message["To"]}]}],
        "from": {"email": message["From"]},
        "subject": message["Subject"],
        "headers": {"Message-ID": message["Message-ID"], "Auto-Submitted": "auto-generated"},
        "content": [
            {"type": "text/plain", "value": text.get_content()},
            {"type": "text/html", "value": html.get_content()},
        ],
        # Click tracking would hand each one-hour link to a third party and break it.
        "tracking_settings": {"click_tracking": {"enable": False}, "open_tracking": {"enable": False}},
    }
