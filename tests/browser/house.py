"""The app as it runs, in a process of its own, with a mail folder that can be read."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from tests.web.site import free_port

ROOT = Path(__file__).resolve().parents[2]


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
    return next(line for line in body.get_content().split() if "/invitation?t=" in line)


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
    environment = {
        "MOTLINK_DATA": str(home),
        "MOTLINK_SECRET": "a secret of the tests",
        "MOTLINK_DATABASE_URL": f"sqlite:///{home / 'motlink.db'}",
        "MOTLINK_PORT": str(port),
        "MOTLINK_PUBLIC_URL": f"http://localhost:{port}",
    }
    motlink(environment, "migrate")
    own = {k: v for k, v in os.environ.items() if not k.startswith("MOTLINK_")}
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "motlink.asgi:create"]
    with (home / "server.log").open("w") as out:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            cwd=ROOT, env={**own, **environment, "REFLEX_WEB_WORKDIR": str(web)}, stdout=out, stderr=out,
        )  # fmt: skip
    house = House(f"http://localhost:{port}", home, environment)
    try:
        _wait(house, server)
        yield house
    finally:
        server.terminate()
        server.wait(10)


def motlink(environment: dict[str, str], *words: str) -> str:
    """Run the command and return what it prints."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("MOTLINK_")}
    command = [sys.executable, "-m", "motlink.cli", *words]
    done = subprocess.run(
        command, cwd=ROOT, env={**own, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _wait(house: House, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert server.poll() is None, house.log
        with suppress(httpx.TransportError):
            if httpx.get(f"{house.url}/health").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(house.log)
