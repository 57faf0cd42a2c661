"""Who is selected in the roster: over all its pages, orders and searches, until one leaves the screen.

Little goes to the browser: how many, and which of the rows on the screen.
"""

from dataclasses import replace
from uuid import UUID

import reflex as rx

from motlink.permissions import Permission
from motlink.staff.address import view_of
from motlink.staff.roster_search import everyone_in
from motlink.staff.roster_state import RosterState
from motlink.staff.rows import RosterView
from motlink.web.acting import Acting, as_id, plain
from motlink.web.guard import requires
from motlink.web.who import WhoState

# What the preview of is there in half a second.
MOST_SELECTED = 10_000


class RosterSelectionState(Acting, rx.State):
    """Ticks. With `everyone` all that match are meant, but for those whose tick was taken out."""

    # Of the rows on the screen.
    here: dict[str, bool] = {}
    count: int = 0
    # The box in the head: "", "some" or "all".
    head: str = ""
    everyone: bool = False
    # How many match in all, where the whole page is ticked and there are more.
    beyond: int = 0
    # A phone shows boxes only while it selects.
    picking: bool = False
    _ids: set[str] = set()
    _last: str = ""
    _meant: RosterView = RosterView()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def look(self):
        """After the roster has read its rows: which of them are ticked. Somebody who comes anew has nobody selected."""
        stays = (await self.get_state(WhoState))._stays
        # "All that match" another search would be other people.
        if not stays or (self.everyone and self._narrowed() != self._meant):
            self._drop()
        await self._show()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def tick(self, member_id: str, on: bool, through: bool):
        """Tick someone or take the tick out; `through` (Shift) all from the last one to here."""
        page = await self._page()
        ids = _between(page, self._last, member_id) if through else [member_id]
        self._put(ids, on)
        self._last = member_id
        await self._show()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def tick_page(self, on: bool):
        """Tick everybody on the page, or take all these ticks out."""
        self._put(await self._page(), on)
        self._last = ""
        await self._show()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def tick_everyone(self):
        """Mean all that match, on whatever page."""
        self.everyone, self._ids, self._meant = True, set(), self._narrowed()
        await self._show()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def pick_many(self, on: bool):
        """On a phone: begin to select, or end it."""
        self._drop()
        self.picking = on
        await self._show()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def clear(self):
        """Select nobody."""
        self._drop()
        await self._show()

    async def _chosen(self) -> list[UUID]:
        """Return who is selected, read now where it is all that match. Raises Invalid where they are too many."""
        if not self.everyone:
            return [as_id(one) for one in sorted(self._ids)]
        found = await self._read(everyone_in, view=self._meant, most=MOST_SELECTED)
        return [one for one in found if str(one) not in self._ids]

    def _narrowed(self) -> RosterView:
        """Return what the address asks for, whatever the page and the order."""
        view = view_of(self.router.url.query_parameters)
        return replace(view, page=1, sort="name", down=False)

    async def _page(self) -> list[str]:
        return [row["id"] for row in plain((await self.get_state(RosterState)).rows)]

    def _put(self, ids: list[str], on: bool) -> None:
        # Under `everyone` the ids are the exceptions.
        self._ids = self._ids | set(ids) if on != self.everyone else self._ids - set(ids)

    def _drop(self) -> None:
        self._ids, self._last = set(), ""
        self.everyone = self.picking = False

    async def _show(self) -> None:
        roster, page = await self.get_state(RosterState), await self._page()
        matches = roster._matches
        self.here = {one: True for one in page if (one in self._ids) != self.everyone}
        self.count = max(0, matches - len(self._ids)) if self.everyone else len(self._ids)
        whole = bool(page) and len(self.here) == len(page)
        self.head = "all" if whole else "some" if self.here else ""
        self.beyond = matches if whole and not self.everyone and matches > len(page) else 0


def _between(page: list[str], last: str, here: str) -> list[str]:
    if last not in page or here not in page:
        return [here]
    first, end = sorted((page.index(last), page.index(here)))
    return page[first : end + 1]
