"""Giving the chosen role to many, and taking it from many, with what that costs or ends said before (TA-25)."""

from typing import TypedDict

import reflex as rx

from motlink.permissions import Permission
from motlink.roles.matrix_state import MatrixState
from motlink.roles.prices import SEAT, listed
from motlink.roles.rules import money
from motlink.staff import holders
from motlink.staff.batch_state import BatchState
from motlink.staff.batches import start_batch
from motlink.web.acting import Acting, as_id
from motlink.web.guard import requires
from motlink.work import Done, Work

MOST_AT_ONCE = 500


class ShownPerson(TypedDict):
    """Somebody who could get the role."""

    id: str
    name: str
    seat: bool


class PanelState(Acting, rx.State):
    """The two dialogs of the panel: "Grant", and "Turn off for 3 people"."""

    giving: bool = False
    taking: bool = False
    role_id: str = ""
    role: str = ""
    paid: bool = False
    owner: bool = False
    records: bool = False
    q: str = ""
    found: list[ShownPerson] = []
    people: list[ShownPerson] = []
    cost: str = ""
    hits: list[str] = []
    wanted: list[str] = []

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def give(self, key: str):
        """Open the dialog in which people are chosen."""
        state = await self.get_state(MatrixState)
        # A click that comes late may name a role that the panel no longer shows.
        panel = await self._find(holders.role_panel, key=key) if key == state.chosen else None
        if panel is None:
            return None
        self.role_id, self.role, self.paid = (
            str(panel.role_id),
            state.role.get("name", ""),
            state.seats_cost != "",
        )
        self.owner, self.records = panel.is_owner, panel.records
        self.people, self.found, self.q, self.cost, self.giving = [], [], "", "", True
        return PanelState.look_for("")

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def take(self, key: str):
        """Open the question before the role is taken from those who are selected."""
        state = await self.get_state(MatrixState)
        wanted = list(state.picked)
        if not wanted or key != state.chosen:
            return
        self.role_id, self.role, self.wanted = state.role["id"], state.role["name"], wanted
        hits = await self._find(
            holders.last_role_of, role_id=self.role_id, members=[as_id(one) for one in wanted]
        )
        if hits is not None:
            self.hits, self.taking = list(hits), True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Close both; nothing happens."""
        self.giving = self.taking = False

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def look_for(self, q: str):
        """Offer the people with these letters who do not have the role, while one types."""
        self.q = q[:80]
        found = await self._find(holders.people_without, role_id=self.role_id, q=self.q) or ()
        self.found = [ShownPerson(id=str(one.id), name=one.name, seat=one.seat) for one in found]

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def choose(self, member_id: str, on: bool):
        """Choose somebody for the role, or not; the cost follows."""
        known = {one["id"]: one for one in [*self.found, *self.people]}
        others = [one for one in self.people if one["id"] != member_id]
        self.people = [*others, known[member_id]][:MOST_AT_ONCE] if on and member_id in known else others
        seats = sum(not one["seat"] for one in self.people) if self.paid else 0
        self.cost = f"{money(seats * listed(SEAT))} a month more" if seats else ""

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def give_to_all(self, role_id: str):
        """Turn the role on for everyone chosen."""
        ids = [one["id"] for one in self.people]
        self.giving = False
        return await self._many("role_on", role_id, ids)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def take_from_all(self, role_id: str):
        """Turn the role off for everyone selected."""
        self.taking = False
        return await self._many("role_off", role_id, self.wanted)

    async def _many(self, kind: str, role_id: str, ids: list[str]):
        if role_id != self.role_id:
            return None
        await self._perform(_start, kind=kind, role=role_id, people=list(ids))
        return [MatrixState.refresh([]), BatchState.look]


def _start(work: Work, *, kind: str, role: str, people: list[str]) -> Done:
    return start_batch(work, kind=kind, member_ids=[as_id(one) for one in people], role_id=as_id(role))
