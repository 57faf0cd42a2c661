"""How a letter leaves: into a folder, by SMTP or by SendGrid. One try each, within a time; the retries are ours."""

from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from motlink.mail.errors import DeliveryFailed as DeliveryFailed
from motlink.mail.letters import render
from motlink.mail.models import Letter
from motlink.mail.rules import one_line
from motlink.mail.smtp import by_smtp
from motlink.settings import Settings


def deliver(letter: Letter, settings: Settings) -> None:
    """Send a letter the way the settings say. Raises DeliveryFailed."""
    senders: dict[str, Callable[[EmailMessage, Letter, Settings], None]] = {
        "folder": into_folder,
        "smtp": by_smtp,
        "sendgrid": _by_sendgrid,
    }
    senders[settings.mail](as_message(letter, settings), letter, settings)


def _by_sendgrid(message: EmailMessage, letter: Letter, settings: Settings) -> None:
    # Its client is loaded where it is wanted only.
    from motlink.mail.sendgrid import by_sendgrid

    by_sendgrid(message, letter, settings)


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
