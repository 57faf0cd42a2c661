"""The app as it runs, in a process of its own, with a mail folder that can be read."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.cli import commands
from tests.installation import environment_of
from tests.web.site import ROOT, address_at, free_port, served


@dataclass
class House:
    """A running motlink."""

    url: str
    home: Path
    environment: dict[str, str]

    @property
    def log(self) -> str:
        """What the server has said."""
        return (self.home / "server.log").read_text()

    def letters(self, to: str) -> list[EmailMessage]:
        """Return the letters of one address, the oldest first."""
        folder = self.home / "mail"
        mails = (
            message_from_bytes(file.read_bytes(), policy=policy.default)
            # The id in the name sorts by when it was written; two letters may leave in the other order.
            for file in sorted(folder.glob("*.eml"), key=lambda file: file.stem[-36:])
        )
        return [mail for mail in mails if mail["To"] == to]  # type: ignore[misc]

    def letter(self, to: str, number: int = 1, seconds: float = 15) -> EmailMessage:
        """Wait until somebody has so many letters, and return the newest."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if len(found := self.letters(to)) >= number:
                return found[number - 1]
            time.sleep(0.05)
        raise AssertionError(f"no letter number {number} to {to} came\n{self.log}")


def link_in(letter: EmailMessage) -> str:
    """Return the address that the letter asks to open."""
    body = letter.get_body(("plain",))
    assert body is not None
    return next(line for line in body.get_content().split() if "?t=" in line)


def built_frontend(home: Path) -> Path:
    """Return a copy of the built frontend, so that a build meanwhile disturbs nobody."""
    built = ROOT / ".web" / "build" / "client"
    if not (built / "index.html").exists():
        pytest.fail(
            "The frontend is not built: run `make test`, or .venv/bin/python tools/frontend.py first."
        )
    shutil.copytree(built, home / "web" / "build" / "client")
    return home / "web"


@contextmanager
def serve(home: Path, web: Path) -> Iterator[House]:
    """Serve until the tests are over."""
    port = free_port()
    environment = environment_of(home) | address_at(port)
    motlink(environment, "migrate")
    env = {**_own(), **environment, "REFLEX_WEB_WORKDIR": str(web)}
    with served("motlink.asgi:create", home, port, env) as site:
        yield House(site.url, home, environment)


def motlink(environment: dict[str, str], *words: str) -> str:
    """Run the command and return what it prints."""
    done = commands.motlink({**_own(), **environment}, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _own() -> dict[str, str]:
    """Return this process's environment without any setting of motlink's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MOTLINK_")}
