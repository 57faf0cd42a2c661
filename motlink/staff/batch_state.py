"""A batch under way, on every screen of whoever started it: how far it is, Stop, and at the end what became of whom."""

import asyncio
from typing import Any, TypedDict

import reflex as rx

from motlink.errors import MotlinkError
from motlink.staff import batches
from motlink.staff.batch_preview import Refusal
from motlink.staff.batch_progress import Progress, batch_progress, refused_people
from motlink.web.acting import Acting, NoticeState
from motlink.web.guard import member_only
from motlink.work import Done

# From one look to the next, while it runs.
TICK = 0.4
# The tabs that look already; a server that starts anew knows of none.
_watching: set[str] = set()


class ShownRefusal(TypedDict):
    """Someone who was refused, or would be."""

    id: str
    name: str
    reason: str


class BatchState(Acting, rx.State):
    """My newest batch, while it runs or has something left to tell."""

    running: bool = False
    batch_id: str = ""
    doing: str = ""
    done: int = 0
    total: int = 0
    refused: int = 0
    # Those who were refused, while the list of them is open.
    refusals: list[ShownRefusal] = []
    listing: bool = False

    @rx.event
    @member_only
    async def look(self) -> Any:
        """Find my batch that runs or has just ended; a tab that is new goes on showing it."""
        found = await self._find(batch_progress)
        if found is None:
            self._close()
            return None
        self._take(found)
        if not found.running:
            return None
        # What is done so far is on the panel; the notice with Undo comes at the end.
        (await self.get_state(NoticeState))._hush()
        return BatchState.watch

    @rx.event(background=True)
    @member_only
    async def watch(self) -> None:
        """Look again and again until it is done: by the server, so that nothing queues while the line is down."""
        async with self:
            token = str(self.router_data.get("token", ""))
        if token in _watching:
            return
        _watching.add(token)
        try:
            while await self._goes_on():  # noqa: ASYNC110 - another process may do the work: only the database tells
                await asyncio.sleep(TICK)
        finally:
            _watching.discard(token)

    @rx.event
    @member_only
    async def stop(self, batch_id: str) -> None:
        """Leave the rest as it is."""
        if await self._perform(batches.stop_own_batch, batch_id=batch_id):
            found = await self._find(batch_progress, batch_id=batch_id)
            if found:
                self._take(found)

    @rx.event
    @member_only
    async def list_refused(self, batch_id: str) -> None:
        """Open the list of those who were refused."""
        found = await self._find(refused_people, batch_id=batch_id)
        self.refusals, self.listing = shown_refusals(found or ()), found is not None

    @rx.event
    @member_only
    async def shut_list(self, _open: bool = False) -> None:
        """Close the list."""
        self.listing = False

    @rx.event
    @member_only
    async def close(self) -> None:
        """Put the panel away; a batch that runs goes on."""
        self._close()

    async def _goes_on(self) -> bool:
        async with self:
            if not self.running:
                return False
            try:
                found = await self._read(batch_progress, batch_id=self.batch_id)
            except MotlinkError:
                # Signed out, or no place here any more: the next click says so.
                self._close()
                return False
            self._take(found)
            if not found.running:
                (await self.get_state(NoticeState))._tell(Done(found.sentence, undo=found.undo))
            return bool(found.running)

    def _take(self, found: Progress) -> None:
        self.batch_id, self.doing = str(found.id), found.doing
        self.done, self.total, self.refused = found.done, found.total, found.refused
        self.running = found.running

    def _close(self) -> None:
        self.running = self.listing = False
        self.batch_id, self.refused, self.refusals = "", 0, []


def shown_refusals(refusals: tuple[Refusal, ...]) -> list[ShownRefusal]:
    """Return the refused for the browser."""
    return [ShownRefusal(id=str(one.member_id), name=one.name, reason=one.reason) for one in refusals]
