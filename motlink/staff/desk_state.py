"""The invitation desk on the screen: its address is the truth, as the roster's is; ticks are of the rows one sees."""

from contextlib import suppress
from functools import partial
from typing import TypedDict

import reflex as rx

from motlink.errors import MotlinkError
from motlink.permissions import Permission
from motlink.staff import batches, desk, invitations
from motlink.staff.batch_kinds import people
from motlink.staff.batch_state import BatchState
from motlink.staff.desk_rows import ASKED, DeskPage, DeskRow, DeskView, LinkState, desk_query_of, desk_view_of
from motlink.staff.words import LINK_WORDS
from motlink.web.acting import Acting, as_id, plain
from motlink.web.asked import Asking
from motlink.web.guard import requires
from motlink.web.live import read_again, shared, subscribe


class ShownInvitation(TypedDict):
    """An invited person in the list."""

    id: str
    name: str
    email: str
    state: str
    left: str
    why: str
    sent: str
    seen: str
    asked: str


class DeskState(Acting, Asking, rx.State):
    """One page of invitations, who is ticked, and whose withdrawal is being asked about."""

    loaded: bool = False
    rows: list[ShownInvitation] = []
    counts: str = ""
    asked: str = ""
    state: str = ""
    choices: list[dict[str, str]] = []
    page: int = 1
    pages: int = 1
    ticked: list[str] = []
    # The head's box: "", "some" or "all".
    head: str = ""
    # Whose invitation is about to be withdrawn.
    leaving_id: str = ""
    leaving_name: str = ""

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def load(self):
        """Read the page that the address names."""
        view = desk_view_of(self._here())
        self._arrive(desk_query_of(view))
        found = await self._find(desk.desk, view=view)
        if found is None:
            return
        subscribe(self, {"staff", "letters", "invitations"}, DeskState.refresh, screen="invitations")
        self.leaving_id, self.ticked = "", []
        self._show(view, found)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def refresh(self, ids: list[str]):
        """Read again: news of people and letters, and each minute that counts down."""
        view = desk_view_of(self._here())
        read = partial(self._read, desk.desk, view=view)
        with suppress(MotlinkError):
            self._show(view, await shared(("desk", self._visitor.practice, view), read))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def show(self, key: str):
        """Show those of one state, or all ("all")."""
        return self._go(DeskView(state="" if key == "all" else key))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def turn_to(self, page: int):
        """Go to a page."""
        return self._go(DeskView(desk_view_of(self._asking()).state, max(1, page)))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def tick(self, member_id: str, on: bool):
        """Tick someone, or take the tick out."""
        rest = [one for one in plain(self.ticked) if one != member_id]
        self._tick([*rest, member_id] if on else rest)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def tick_all(self, on: bool):
        """Tick everyone on the page, or nobody."""
        self._tick([row["id"] for row in plain(self.rows)] if on else [])

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def resend(self, member_id: str):
        """Send someone a new link."""
        await self._perform(invitations.send_invitation, member_id=member_id)
        return DeskState.refresh([])

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def resend_ticked(self):
        """Send everyone who is ticked a new link; a repeated tap finds nobody ticked."""
        ids = [as_id(one) for one in plain(self.ticked)]
        self._tick([])
        if not ids:
            return None
        await self._perform(batches.start_batch, kind="invite", member_ids=ids)
        return [DeskState.refresh([]), BatchState.look]

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def ask(self, member_id: str):
        """Ask before an invitation is withdrawn."""
        row = next((one for one in plain(self.rows) if one["id"] == member_id), None)
        if row:
            self.leaving_id, self.leaving_name = row["id"], row["name"]

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Keep the invitation."""
        self.leaving_id = ""

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def withdraw(self, member_id: str):
        """End someone's link."""
        self.leaving_id = ""
        await self._perform(invitations.revoke_invitation, member_id=member_id)
        return DeskState.refresh([])

    def _go(self, view: DeskView) -> rx.event.EventSpec:
        query = desk_query_of(view)
        self._ask(query)
        return rx.redirect(f"/p/{self._visitor.practice}/settings/staff/invitations{query}", replace=True)

    def _tick(self, ids: list[str]) -> None:
        here = len(plain(self.rows))
        self.ticked = ids
        self.head = "" if not ids else "all" if len(ids) == here else "some"

    def _show(self, view: DeskView, found: DeskPage) -> None:
        self.rows = [_shown(row) for row in found.rows]
        on_screen = {row["id"] for row in plain(self.rows)}
        self._tick([one for one in plain(self.ticked) if one in on_screen])
        self.counts = f"{people(found.total)} invited and not in yet" if found.total else ""
        self.asked = _asked(found.asked)
        self.state, self.page, self.pages = view.state, found.page, found.pages
        self.choices = _choices(found, view)
        self.loaded = True
        if any(row["left"] for row in plain(self.rows)):
            read_again(self)


def _shown(row: DeskRow) -> ShownInvitation:
    return ShownInvitation(
        id=str(row.member_id),
        name=row.name,
        email=row.email,
        state=row.state.value,
        left=f"{row.minutes_left} min left" if row.minutes_left else "",
        why=row.why,
        sent=row.sent + (", who has left" if row.sender_left else ""),
        seen=_seen(row),
        asked=f"Asked for a new link, {row.asked}" if row.asked else "",
    )


def _seen(row: DeskRow) -> str:
    """Return when the link was opened; the state says already that it was."""
    if not row.seen:
        return ""
    return f"at {row.seen}" if row.state is LinkState.OPENED else f"Link opened {row.seen}"


def _asked(number: int) -> str:
    if not number:
        return ""
    return f"{people(number)} {'asks' if number == 1 else 'ask'} for a new link"


def _choices(found: DeskPage, view: DeskView) -> list[dict[str, str]]:
    """Return the states there are, with how many; the chosen one stays though nobody is in it any more."""
    numbers = dict(([(ASKED, found.asked)] if found.asked else []) + list(found.counts))
    if view.state:
        numbers.setdefault(view.state, 0)
    return [{"key": key, "name": f"{LINK_WORDS[key]} ({number:,})"} for key, number in numbers.items()]
