"""What an attacker has at hand: a tab that knocks anywhere, a token that leaked, and what they open."""

import asyncio
import json
from typing import Any

import socketio

from motlink.accounts.queries import digest_of
from tests.guard.site import SENTINEL, Town
from tests.web.site import Tab

STATES = "reflex___state____state.motlink___"
ROSTER = f"{STATES}staff___roster_state____roster_state"
HYDRATE = "reflex___state____state.hydrate"


async def roster_of(town: Town, tab: Tab) -> Any:
    """Load the roster and return its rows."""
    before = len(tab.updates)
    await tab.send(f"{STATES}web___who____who_state.load")
    await tab.send(f"{ROSTER}.load")
    return await tab.value(ROSTER, "rows", after=before)


class Elsewhere(Tab):
    """A tab that knocks below the socket’s own path."""

    below = "/_event"

    async def __aenter__(self) -> "Tab":
        self.socket = socketio.AsyncClient(reconnection=False, json=json)
        self.socket.on("event", self._keep, namespace="/_event")
        headers = {**self.headers, **({"Cookie": f"motlink={self.cookie}"} if self.cookie else {})}
        where = {
            "socketio_path": self.below,
            "namespaces": ["/_event"],
            "transports": ["websocket"],
            "wait_timeout": 20,
        }
        await self.socket.connect(f"{self.site.url}?token={self.token}", headers=headers, **where)
        return self


def bound(token: str, cookie: str) -> str:
    """Return the token as the server keeps it: what leaks where a state leaks."""
    from motlink.web.binding import bind

    return bind(token, digest_of(cookie))


async def what_opens(tab: Tab) -> str:
    """Return all that a tab is given when it asks for its state."""
    try:
        async with tab:
            await tab.send(HYDRATE)
            await tab.send(f"{ROSTER}.load")
            # A tab's events keep their order: the answer to the last comes after all that the others gave.
            await tab.send(SENTINEL, number="that-was")
            for _ in range(500):
                if "that-was" in str(tab.updates[-3:]):
                    break
                await asyncio.sleep(0.01)
    except socketio.exceptions.ConnectionError:
        return ""
    return str(tab.updates)
