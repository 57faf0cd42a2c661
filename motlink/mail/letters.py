"""The letters, as data: a kind has a subject, and a text and a page in templates/. Plain values in, mail out."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from motlink.mail.rules import one_line
from motlink.moments import clock

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"

# The time stands in the subject too: a mailbox that gathers two invitations shows which is the newest (TA-17).
SUBJECTS = {
    "reminder": "Sign in to {practice} to keep your access",
    "invitation": "Your invitation to {practice}, sent {sent_at}",
    "agent_invitation": "Your invitation to {practice} as an External Agent, sent {sent_at}",
    "agent_added": "{practice} has added you as an External Agent",
    "agent_agreements": "{practice}: agreements with External Agents to look at",
    "reset": "Reset your password for motlink, sent {sent_at}",
    "password_changed": "Your password for motlink was changed, {sent_at}",
    "second_step": "{headline}, {sent_at}",
    "email_confirm": "Confirm your new email for motlink, sent {sent_at}",
    "email_taken": "Your email for motlink stays as it is, {sent_at}",
    "email_asked": "Another email is asked for on motlink, {sent_at}",
    "email_changed": "Your email for motlink was changed, {sent_at}",
    "email_back": "Your email for motlink is the old one again, {sent_at}",
    "test": "Test email from motlink, sent {sent_at}",
}


MOMENTS = frozenset({"sent_at", "valid_until", "back_until"})
DAYS = frozenset({"locked_on"})


@dataclass(frozen=True)
class Rendered:
    """A letter ready to go; every part is plain text or escaped."""

    subject: str
    text: str
    html: str


def render(kind: str, values: dict[str, Any], *, mail_from: str) -> Rendered:
    """Return the letter of this kind. Raises KeyError for a kind there is not, or a value that is missing.

    Moments come as ISO text under names of MOMENTS and are said in the words of the practice's `zone`;
    the days under names of DAYS likewise.
    """
    clean = {name: one_line(str(value)) for name, value in values.items()}
    for name in MOMENTS & clean.keys():
        clean[name] = local_words(datetime.fromisoformat(clean[name]), clean.get("zone", "UTC"))
    for name in DAYS & clean.keys():
        clean[name] = day_words(clean[name])
    clean["mail_from"] = mail_from
    clean["sender"] = clean.get("sender") or clean.get("practice", "")
    return Rendered(
        subject=one_line(SUBJECTS[kind].format(**clean)),
        text=_templates().get_template(f"{kind}.txt").render(clean),
        html=_templates().get_template(f"{kind}.html").render(clean),
    )


def local_words(moment: datetime, time_zone: str) -> str:
    """Return date, time and zone as people say them: "Sunday, November 22, 2026 at 9:05 AM EST"."""
    zone = ZoneInfo(time_zone)
    local = moment.astimezone(zone)
    return f"{local:%A, %B} {local.day}, {local.year} at {clock(local, zone)} {local:%Z}"


def day_words(text: str) -> str:
    """Return a day of ISO text as people say it, "Tuesday, December 1"; what is in words already stays so."""
    with suppress(ValueError):
        on = date.fromisoformat(text)
        return f"{on:%A, %B} {on.day}"
    return text


@lru_cache
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
