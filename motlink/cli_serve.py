"""`motlink serve` and `motlink demo`: migrate, make the demo practice the first time, run."""

import json
import os
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from motlink.errors import Conflict
from motlink.migrations import migrate
from motlink.settings import Settings, secret, settings
from motlink.wiring import wire

if TYPE_CHECKING:
    from motlink.demo.practice import SignIn

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
PATIENCE_SECONDS = 60.0


class PortTaken(Conflict):
    """Something else listens there."""

    next_step = "Stop it, or choose another port with MOTLINK_PORT."


def run(*, demo: bool) -> None:
    """Run until stopped, in one process beneath this one."""
    from granian.constants import Interfaces
    from granian.server import Server

    given = settings()
    _check_port(given)
    prepare(demo=demo)
    _announce_when_it_answers(given)
    Server(
        "motlink.asgi:create",
        factory=True,
        address=given.host,
        port=given.port,
        interface=Interfaces.ASGI,
        workers=1,
        websockets=True,
        log_level="warning",  # type: ignore[arg-type]
    ).serve()


def prepare(*, demo: bool) -> None:
    """Bring the database up to date and leave no connection open: the server's process is forked from this one."""
    from motlink.database import engine

    wire()
    migrate()
    secret()
    if demo and _may_have_demo(settings()):
        _demo_the_first_time()
    engine().dispose()


def make_demo(*, staff: int, as_json: bool) -> None:
    """Make the demo practice, print the sign-ins, once, and with `staff` fill it up."""
    from motlink.demo.practice import fill_up

    wire()
    migrate()
    _make_and_print(as_json=as_json)
    if staff:
        with typer.progressbar(length=staff, label="Adding people", file=sys.stderr) as bar:
            fill_up(staff, bar.update)


def _make_and_print(*, as_json: bool = False) -> None:
    from motlink.demo.practice import make_practices

    made: list[SignIn] = []
    try:
        make_practices(made.append)
    finally:
        # Also where the second practice fails: the passwords of the first can be printed only now.
        if made or as_json:
            typer.echo(_as_json(made) if as_json else sign_in_words(made))
    if not made and not as_json:
        typer.echo("The demo practice is here already; its passwords were printed when it was made.")


def _as_json(made: Sequence["SignIn"]) -> str:
    return json.dumps([asdict(one) for one in made], ensure_ascii=False, indent=2)


def sign_in_words(made: Sequence["SignIn"]) -> str:
    """Return the table that is printed once."""
    lines = [f"{one.username:<7}{one.password}   {one.name}, {one.role} ({one.practice})" for one in made]
    return "\n".join(["Sign-ins of the demo practice. They are shown only now:", "", *lines, ""])


def _demo_the_first_time() -> None:
    from motlink.demo.practice import is_empty

    if is_empty():
        _make_and_print()


def _may_have_demo(given: Settings) -> bool:
    # What the internet can reach is a real installation: it begins with `motlink create-owner`.
    return urlsplit(given.public_url).hostname in LOCAL


def _check_port(given: Settings) -> None:
    """Raise PortTaken where something listens already: it would look as if we had started."""
    family = socket.AF_INET6 if ":" in given.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((given.host, given.port))
        except OSError as error:
            raise PortTaken(f"{given.host}:{given.port} cannot be used: {error.strerror}.") from None


def _announce_when_it_answers(given: Settings) -> None:
    """Watch from a process of its own: a thread here would be forked into the server half alive."""
    server = os.getpid()
    if os.fork():
        return
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and os.getppid() == server:
        if _answers(given):
            typer.echo(f"motlink runs on {given.public_url}")
            break
        time.sleep(0.05)
    sys.stdout.flush()
    os._exit(0)


def _answers(given: Settings) -> bool:
    host = given.host if given.host not in {"0.0.0.0", "::"} else "localhost"  # noqa: S104
    connection = HTTPConnection(host, given.port, timeout=1)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
