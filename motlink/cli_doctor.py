"""What `motlink doctor` looks at. Each finding is one sentence; ERROR means that motlink cannot be trusted to run."""

import os
import shutil
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from motlink import clock
from motlink.database import engine, is_sqlite
from motlink.mail.delivery import mail_folder
from motlink.mail.models import Letter
from motlink.migrations import current, head
from motlink.orgs.models import Organization
from motlink.settings import SHORTEST_SECRET, Settings, settings

FLUSHES = 30
# A disk that answers faster than this has not written anything down.
HONEST_FLUSH_MS = 0.05
LITTLE_DISK, TOO_LITTLE_DISK = 1_000_000_000, 100_000_000
LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Finding:
    """One line of the report: "ok", "warning" or "ERROR"."""

    level: str
    words: str


def findings() -> Iterator[Finding]:
    """Return everything looked at, the most basic first."""
    given = settings()
    yield from disk(given)
    yield from secret_kept(given)
    reachable = list(database())
    yield from reachable
    if all(one.level == "ok" for one in reachable):
        yield flush()
        yield from practices(given)
        yield from letters()
    yield from mail(given)
    yield from address(given)
    yield from passkeys(given)


def disk(given: Settings) -> Iterator[Finding]:
    """Whether there is room, and whether we may write."""
    try:
        given.data.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(given.data).free
    except OSError as error:
        yield Finding("ERROR", f"The folder {given.data} cannot be used: {error.strerror}.")
        return
    if not os.access(given.data, os.W_OK):
        yield Finding("ERROR", f"The folder {given.data} cannot be written.")
    level = "ERROR" if free < TOO_LITTLE_DISK else "warning" if free < LITTLE_DISK else "ok"
    yield Finding(level, f"{free / 1e9:.1f} GB free on the disk of {given.data}.")


def secret_kept(given: Settings) -> Iterator[Finding]:
    """Whether the key of the audit log and the sessions is there, and is nobody else's to read."""
    path = given.data / "secret"
    if given.secret:
        level = "ok" if len(given.secret) >= SHORTEST_SECRET else "ERROR"
        yield Finding(
            level, f"MOTLINK_SECRET has {len(given.secret)} characters ({SHORTEST_SECRET} at least)."
        )
    elif not path.exists():
        yield Finding("warning", "There is no key yet; the first start makes it.")
    elif path.stat().st_mode & 0o077:
        yield Finding("ERROR", f"{path} can be read by others: chmod 600.")
    elif (length := len(path.read_text().strip())) < SHORTEST_SECRET:
        yield Finding(
            "ERROR",
            f"The key in {path} has {length} characters ({SHORTEST_SECRET} at least): put your copy of it back.",
        )
    else:
        yield Finding("ok", f"The key is in {path}: keep a copy apart from the database's.")


def database() -> Iterator[Finding]:
    """Whether the database answers and has this version's tables."""
    kind = "SQLite" if is_sqlite() else "PostgreSQL"
    try:
        found = current()
    except SQLAlchemyError as error:
        yield Finding("ERROR", f"The database ({kind}) does not answer: {type(error).__name__}.")
        return
    if found == head():
        yield Finding("ok", f"The database ({kind}) answers and is at revision {found}.")
    else:
        yield Finding(
            "ERROR",
            f"The database ({kind}) is at revision {found or 'none'}, not {head()}: `motlink migrate`.",
        )


def flush() -> Finding:
    """Measure how long it really takes until a commit is on the disk."""
    times = sorted(_flush_on_disk() if is_sqlite() else _flush_on_server())
    middle, worst = statistics.median(times), times[-1]
    words = f"A commit reaches the disk in {middle:.2f} ms (middle of {FLUSHES}), {worst:.1f} ms at worst"
    if middle < HONEST_FLUSH_MS:
        return Finding("warning", f"{words}: too fast to be true; a power cut could lose acknowledged work.")
    return Finding("warning" if middle > 50 else "ok", f"{words}.")


def _flush_on_disk() -> Iterator[float]:
    path = Path(str(engine().url.database)).with_name("doctor.flush")
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        for _ in range(FLUSHES):
            start = time.perf_counter()
            os.write(descriptor, bytes(4096))
            os.fsync(descriptor)
            yield (time.perf_counter() - start) * 1000
    finally:
        os.close(descriptor)
        path.unlink()


def _flush_on_server() -> Iterator[float]:
    # A message in the log is the smallest thing whose commit has to be flushed.
    message = text("SELECT pg_logical_emit_message(true, 'motlink', 'doctor')")
    with engine().connect() as connection:
        for _ in range(FLUSHES):
            start = time.perf_counter()
            connection.execute(message)
            connection.commit()
            yield (time.perf_counter() - start) * 1000


def practices(given: Settings) -> Iterator[Finding]:
    """Whether every practice's zone is known here, and whether real people's mail leaves the machine."""
    with Session(engine()) as session:
        orgs = list(session.exec(select(Organization)))
    unknown = sorted({org.time_zone for org in orgs if not _is_known(org.time_zone)})
    if unknown or not _is_known("America/New_York"):
        yield Finding("ERROR", f"Time zones are missing on this machine: {', '.join(unknown) or 'all'}.")
    else:
        yield Finding("ok", f"Time zones are known; {len(orgs)} practices.")
    if given.mail != "folder":
        yield Finding("ok", f"Mail leaves by {given.mail}.")
    elif all(org.is_demo for org in orgs):
        yield Finding("ok", f"Mail goes to the folder {mail_folder(given)}, as is right for a demo.")
    else:
        yield Finding(
            "warning",
            f"Mail goes to the folder {mail_folder(given)}: nobody receives an invitation. Set MOTLINK_MAIL.",
        )


def _is_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def letters() -> Iterator[Finding]:
    """Whether mail is stuck."""
    count = select(func.count()).select_from(Letter)
    old = clock.now() - LATE
    with Session(engine()) as session:
        failed = session.exec(count.where(col(Letter.failed_at).is_not(None))).one()
        waiting = count.where(col(Letter.sent_at).is_(None), col(Letter.failed_at).is_(None))
        late = session.exec(waiting.where(col(Letter.created_at) < old)).one()
    if late:
        yield Finding(
            "warning",
            f"{late} letters have waited for more than 10 minutes: is the server (or worker) running?",
        )
    if failed:
        yield Finding("warning", f"{failed} letters could not be delivered.")
    if not late and not failed:
        yield Finding("ok", "No mail is stuck.")


def mail(given: Settings) -> Iterator[Finding]:
    """Whether what the way of mail needs is set."""
    if given.mail == "smtp" and not given.smtp_url:
        yield Finding("ERROR", "MOTLINK_MAIL is smtp, and MOTLINK_SMTP_URL is not set: no letter leaves.")
    if given.mail == "sendgrid" and not given.sendgrid_key:
        yield Finding(
            "ERROR", "MOTLINK_MAIL is sendgrid, and MOTLINK_SENDGRID_KEY is not set: no letter leaves."
        )
    if given.mail == "sendgrid" and not given.sendgrid_webhook_key:
        yield Finding(
            "warning",
            "MOTLINK_SENDGRID_WEBHOOK_KEY is not set: nobody hears which letters arrive and which come back.",
        )
    if given.sendgrid_webhook_key and not _is_key(given.sendgrid_webhook_key):
        yield Finding("ERROR", "MOTLINK_SENDGRID_WEBHOOK_KEY is no public key as SendGrid shows it.")


def _is_key(text: str) -> bool:
    from sendgrid.helpers.eventwebhook import EventWebhook

    try:
        EventWebhook(text)
    except ValueError:
        return False
    return True


def address(given: Settings) -> Iterator[Finding]:
    """Whether people reach us over TLS."""
    url = urlsplit(given.public_url)
    if given.secure:
        yield Finding("ok", f"People reach motlink at {given.public_url}.")
    elif url.hostname in {"localhost", "127.0.0.1", "::1"}:
        yield Finding(
            "warning",
            f"Links in mail say {given.public_url}: only this machine can open them. Set MOTLINK_PUBLIC_URL.",
        )
    else:
        yield Finding(
            "ERROR", f"{given.public_url} is not https: passwords would cross the network in the open."
        )


def passkeys(given: Settings) -> Iterator[Finding]:
    """Whether browsers make passkeys at our address: they want a name, over TLS or on the machine itself."""
    host = urlsplit(given.public_url).hostname or ""
    at_home = host == "localhost" or host.endswith(".localhost")
    wanted = "a name, not a number" if _is_number(host) else "" if given.secure or at_home else "https"
    if wanted:
        yield Finding(
            "warning",
            f"Nobody can use a passkey at {given.public_url}, because browsers want {wanted}: set MOTLINK_PUBLIC_URL "
            "to an address such as https://motlink.your-practice.example. Codes of an app work meanwhile.",
        )


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
