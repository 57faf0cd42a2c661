"""The app as it runs, in a process of its own, and an attacker's client: raw HTTP and raw socket.io."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import socketio

ROOT = Path(__file__).resolve().parents[2]
PROBE = "reflex___state____state.tests___web___probe____probe."
# Anyone may send it, and it touches nothing.
SENTINEL = "reflex___state____state.motlink___web___acting____notice_state.failed"
WHO = "reflex___state____state.motlink___web___who____who_state"


@dataclass
class Site:
    """A running motlink."""

    url: str
    log: Path

    def client(self, **options: Any) -> httpx.Client:
        """Return a browser without JavaScript."""
        return httpx.Client(
            base_url=self.url, headers={"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}, **options
        )

    def sign_in(self, login: str, password: str, **fields: str) -> str:
        """Return the session cookie."""
        with self.client() as browser:
            answer = browser.post("/sign-in", data={"login": login, "password": password, **fields})
            assert answer.status_code == 303, answer.text
            return browser.cookies["motlink"]


@contextmanager
def running(home: Path, factory: str = "tests.web.probe:create", **environment: str) -> Iterator[Site]:
    """Serve the app (with the probe, unless another factory is named) on a free port."""
    port = free_port()
    with served(factory, home, port, {**os.environ, **address_at(port), **environment}) as site:
        yield site


def address_at(port: int) -> dict[str, str]:
    """Return the settings that say where the app is served."""
    return {"MOTLINK_PORT": str(port), "MOTLINK_PUBLIC_URL": f"http://localhost:{port}"}


@contextmanager
def served(factory: str, home: Path, port: int, env: dict[str, str]) -> Iterator[Site]:
    """Serve what a factory makes, with just this environment, until the tests are over."""
    log = home / "server.log"
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", factory]
    with log.open("w") as out:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)], cwd=ROOT, env=env, stdout=out, stderr=out
        )
    site = Site(f"http://localhost:{port}", log)
    try:
        _wait(site, server)
        yield site
    finally:
        server.terminate()
        server.wait(10)


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(site: Site, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert server.poll() is None, site.log.read_text()
        with suppress(httpx.TransportError):
            if httpx.get(f"{site.url}/health").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(site.log.read_text())


@dataclass
class Tab:
    """One open tab, or what pretends to be one."""

    site: Site
    cookie: str = ""
    path: str = "/p/riverbend-therapy/settings/staff"
    token: str = field(default_factory=lambda: str(uuid4()))
    headers: dict[str, str] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def gone(self) -> bool:
        """Whether the server has cut the line."""
        return self.ended.is_set()

    async def __aenter__(self) -> "Tab":
        # Named, as an app in this process would set its own for every client: one that cannot send half a character.
        self.socket = socketio.AsyncClient(reconnection=False, json=json)
        self.socket.on("event", self._keep, namespace="/_event")
        self.socket.on("disconnect", self._end, namespace="/_event")
        headers = dict(self.headers)
        if self.cookie:
            headers["Cookie"] = f"motlink={self.cookie}"
        await self.socket.connect(
            f"{self.site.url}?token={self.token}",
            socketio_path="/_event", namespaces=["/_event"], transports=["websocket"], headers=headers,
            wait_timeout=20,
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.disconnect()

    async def _keep(self, update: Any) -> None:
        async with self.news:
            self.updates.append(update)
            self.news.notify_all()

    async def _end(self, *_: object) -> None:
        async with self.news:
            self.ended.set()
            self.news.notify_all()

    async def first(
        self, found: Callable[[dict[str, Any]], Any], *, after: int = 0, seconds: float = 20
    ) -> Any:
        """Wait for an update later than `after` in which something is found; None where none comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self.news:
                while True:
                    for update in self.updates[after:]:
                        after += 1
                        if (something := found(update)) is not None:
                            return something
                    if self.gone:
                        return None
                    await self.news.wait()
        return None

    async def send(self, name: str, /, **payload: Any) -> None:
        """Send any event by hand; a bare name means the probe's."""
        full = name if name.startswith("reflex___") else PROBE + name
        data = {
            "name": full,
            "payload": payload,
            "router_data": {"pathname": self.path, "asPath": self.path, "query": {}},
        }
        await self.socket.emit("event", data, namespace="/_event")

    async def value(self, state: str, name: str, *, after: int = 0, seconds: float = 20) -> Any:
        """Wait until a var of a state arrives, in an update later than `after`."""

        def named(update: dict[str, Any]) -> Any:
            of_state = update.get("delta", {}).get(state, {})
            return next((value for key, value in of_state.items() if key.startswith(name)), None)

        return await self.first(named, after=after, seconds=seconds)

    async def ask(self, name: str, /, var: str = "text", **payload: Any) -> Any:
        """Send a probe event and return what it made of `var`; None where nothing came of it."""
        before = len(self.updates)
        await self.send(name, **payload)
        await self.settled()
        # A refused tab is emptied, which sends the default.
        return await self.value(PROBE.rstrip("."), var, after=before, seconds=0.01) or None

    async def settled(self, seconds: float = 20) -> None:
        """Wait until all that was sent before has run: a tab's events run in turn, and this one says its number."""
        mark = uuid4().hex[:8]
        await self.send(SENTINEL, number=mark)
        await self.first(lambda update: mark in str(update) or None, seconds=seconds)
