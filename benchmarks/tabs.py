"""Open tabs for little: bare socket.io frames, so that fifty of them do not outweigh the server they measure."""

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp

from benchmarks.town import STAFF, Town

EVENT = "42/_event,"
ROOT_STATE = "reflex___state____state"
ROSTER = f"{ROOT_STATE}.motlink___staff___roster_state____roster_state"
PROFILE = f"{ROOT_STATE}.motlink___staff___profile_state____profile_state"
PATIENCE = 15.0


class Frame(NamedTuple):
    """One message of the server: when it came (by time.time) and what it says."""

    at: float
    text: str

    @property
    def size(self) -> int:
        """Return its bytes on the wire."""
        return len(self.text.encode())


@dataclass
class Tab:
    """One open tab of a manager."""

    town: Town
    cookie: str
    path: str = STAFF
    # The newest only: a benchmark of memory shall not be one of its own.
    frames: deque[Frame] = field(default_factory=lambda: deque(maxlen=20))
    _waiting: "list[tuple[str, asyncio.Future[Frame]]]" = field(default_factory=list)

    async def open(self, http: aiohttp.ClientSession) -> "Tab":
        """Connect and hydrate, as a browser does; the page's own rows are loaded, too."""
        address = f"{self.town.url}/_event/?EIO=4&transport=websocket&token={uuid4()}"
        self.socket = await http.ws_connect(
            address, headers={"Cookie": f"motlink={self.cookie}"}, max_msg_size=0
        )
        await self.socket.receive()
        await self.socket.send_str("40/_event,")
        self._reader = asyncio.create_task(self._read())
        return self

    async def close(self) -> None:
        """Leave."""
        await self.socket.close()
        await self._reader

    async def load(self) -> Frame:
        """Load the page as a browser does and wait for its rows."""
        return await self.ask(
            f"{ROOT_STATE}.hydrate_and_load", '"is_hydrated_rx_state_":true', vars={}, hashes=[]
        )

    async def ask(self, name: str, holds: str, /, **payload: Any) -> Frame:
        """Send an event and return the first frame that holds this text."""
        coming = self.expect(holds)
        await self.send(name, **payload)
        return await asyncio.wait_for(coming, PATIENCE)

    def expect(self, holds: str) -> "asyncio.Future[Frame]":
        """Return what will be the next frame that holds this text."""
        future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting.append((holds, future))
        return future

    async def send(self, name: str, /, **payload: Any) -> None:
        """Send an event."""
        router = {"pathname": self.path, "asPath": self.path, "query": {}}
        await self.socket.send_str(
            EVENT + json.dumps(["event", {"name": name, "payload": payload, "router_data": router}])
        )

    async def _read(self) -> None:
        async for message in self.socket:
            if message.data == "2":
                await self.socket.send_str("3")
            else:
                self._keep(Frame(time.time(), message.data))

    def _keep(self, frame: Frame) -> None:
        self.frames.append(frame)
        for holds, future in [one for one in self._waiting if one[0] in frame.text]:
            self._waiting.remove((holds, future))
            if not future.done():
                future.set_result(frame)
