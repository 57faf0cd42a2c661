"""`motlink mail test`: one letter now, through whatever way is set, and what happened in words."""

import time
from datetime import UTC, datetime
from uuid import uuid4

import typer

from motlink.mail.delivery import deliver, mail_folder
from motlink.mail.errors import DeliveryFailed
from motlink.mail.models import Letter
from motlink.settings import Settings, settings
from motlink.staff.rules import clean_email

UNCLEAR = "The letter may or may not arrive: look into the mailbox before you send another."


def send_test(address: str) -> int:
    """Send a test letter. Returns 0 where it left, 1 where it did not. Raises Invalid for what is no address."""
    given, to = settings(), clean_email(address)
    letter, start = _letter(to, given), time.monotonic()
    try:
        deliver(letter, given)
    except DeliveryFailed as failure:
        typer.echo(
            f"Nothing is certain to have left. {failure}." if failure.unclear else f"{failure}.", err=True
        )
        advice = UNCLEAR if failure.unclear else failure.advice
        if advice:
            typer.echo(advice, err=True)
        return 1
    typer.echo(f"{_how(given, to)} It took {time.monotonic() - start:.1f} s.")
    return 0


def _letter(to: str, given: Settings) -> Letter:
    now = datetime.now(UTC)
    values = {"address": given.public_url, "sent_at": now.isoformat(), "zone": "UTC"}
    # Kept nowhere: the operator sees at once what became of it.
    return Letter(id=uuid4(), kind="test", to=to, values=values, created_at=now, due_at=now)


def _how(given: Settings, to: str) -> str:
    if given.mail == "folder":
        return f"Written to the folder {mail_folder(given)}. Nobody receives it: MOTLINK_MAIL is “folder”."
    by = {"smtp": "The mail server", "sendgrid": "SendGrid"}[given.mail]
    return f"{by} has taken a letter from {given.mail_from} to {to}."
