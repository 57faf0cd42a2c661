"""The roster on the screen. Its address is the truth: every filter is a redirect, `load` reads it back."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache, partial
from uuid import UUID

import reflex as rx

from motlink.errors import MotlinkError
from motlink.permissions import Permission
from motlink.staff import roster as reading
from motlink.staff.address import query_of, view_of
from motlink.staff.rows import STATES, Choice, RosterPage, RosterRow, RosterView
from motlink.staff.shown import ShownRow, shown_row
from motlink.staff.tag_editor_state import TagEditorState
from motlink.staff.words import STATE_WORDS
from motlink.web.acting import Acting, plain
from motlink.web.asked import Asking
from motlink.web.guard import requires
from motlink.web.live import read_again, shared, subscribe

STATE_CHOICES = tuple(Choice(state, STATE_WORDS[state]) for state in STATES)


class RosterState(Acting, Asking, rx.State):
    """One page of people, and what the address says about it."""

    rows: list[ShownRow] = []
    loaded: bool = False
    counts: str = ""
    # How many ask for a new link.
    asked: int = 0
    shown: str = ""
    page: int = 1
    pages: int = 1
    q: str = ""
    q_round: int = 0
    inactive: bool = False
    sort: str = "name"
    down: bool = False
    roles: list[str] = []
    tags: list[str] = []
    states: list[str] = []
    role_choices: list[dict[str, str]] = []
    tag_choices: list[dict[str, str]] = []
    places: list[str] = []
    supervisors: list[str] = []
    place_choices: list[dict[str, str]] = []
    supervisor_choices: list[dict[str, str]] = []
    place_words: str = ""
    supervisor_words: str = ""
    role_words: str = ""
    tag_words: str = ""
    export: str = ""
    state_words: str = ""
    picked: ShownRow | None = None
    # The member whose tab this is.
    _me: str = ""
    _active: int = 0
    _gone: int = 0
    # How many match, on all pages.
    _matches: int = 0

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def load(self):
        """Read the page that the address names."""
        self.picked = None
        view = view_of(self._here())
        self._arrive(query_of(view))
        found = await self._find(reading.roster, view=view)
        if found is None:
            return
        self._me = str(found.you)
        subscribe(self, {"staff"}, RosterState.refresh, screen="staff")
        self._show(view, found)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def refresh(self, ids: list[str]):
        """Re-read the rows that changed elsewhere; someone new or gone changes the page itself."""
        await (await self.get_state(TagEditorState))._heard(ids)
        on_screen = {row["id"] for row in plain(self.rows)}
        changed = [one for one in ids if one in on_screen]
        if ids and len(changed) == len(ids) and await self._replace(changed):
            return None
        await self._reread()
        return _selection_again()

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def search(self, text: str):
        """Search as one types."""
        return self._go(replace(view_of(self._asking()), q=text.strip()[:200], page=1), typed=True)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def show_inactive(self, on: bool):
        """Show the people who are gone, or hide them."""
        return self._go(replace(view_of(self._asking()), inactive=on, page=1))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def sort_by(self, column: str):
        """Sort by a column; the same one again turns the order round."""
        view = view_of(self._asking())
        down = view.sort == column and not view.down
        return self._go(replace(view, sort=column, down=down, page=1))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def filter_role(self, key: str, on: bool):
        """Add a role to the filter or take it out."""
        view = view_of(self._asking())
        return self._go(replace(view, roles=_with(view.roles, key, on), page=1))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def filter_tag(self, key: str, on: bool):
        """Add a tag to the filter or take it out."""
        view = view_of(self._asking())
        return self._go(replace(view, tags=_with(view.tags, key, on), page=1))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def filter_state(self, key: str, on: bool):
        """Add a state to the filter or take it out."""
        view = view_of(self._asking())
        return self._go(replace(view, states=_with(view.states, key, on), page=1))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def filter_place(self, key: str, on: bool):
        """Add a location to the filter or take it out."""
        view = view_of(self._asking())
        return self._go(replace(view, locations=_with(view.locations, key, on), page=1))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def filter_supervisor(self, key: str, on: bool):
        """Add someone whose supervisees are shown, or take them out."""
        view = view_of(self._asking())
        return self._go(replace(view, supervisors=_with(view.supervisors, key, on), page=1))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def clear(self, what: str):
        """Empty one filter, or everything that narrows the list."""
        view = view_of(self._asking())
        filters = FILTERED
        emptied = {filters[what]} if what in filters else set() if what == "q" else set(filters.values())
        words = view.q if what in {*filters, "filters"} else ""
        return self._go(replace(view, page=1, q=words, **dict.fromkeys(emptied, ())))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def turn_to(self, page: int):
        """Go to a page."""
        return self._go(replace(view_of(self._asking()), page=max(1, page)))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def pick(self, member_id: str):
        """Open the sheet of actions of one person."""
        self.picked = next((row for row in self.rows if row["id"] == member_id), None)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def put_down(self, _open: bool = False):
        """Close the sheet of actions."""
        self.picked = None

    def _go(self, view: RosterView, *, typed: bool = False) -> rx.event.EventSpec:
        if not typed:
            # The field is uncontrolled: a new key gives it the address's words, typing keeps its own.
            self.q, self.q_round = view.q, self.q_round + 1
        query = query_of(view)
        self._ask(query)
        return rx.redirect(f"/p/{self._visitor.practice}/settings/staff{query}", replace=True)

    async def _reread(self) -> None:
        view = view_of(self._here())
        read = partial(self._read, reading.roster, view=view)
        with suppress(MotlinkError):
            self._show(view, await shared(("roster", self._visitor.practice, view), read))

    def _show(self, view: RosterView, found: RosterPage) -> None:
        self.rows = [self._row(row) for row in found.rows]
        self._count(found.active, found.inactive)
        everyone = found.active + (found.inactive if view.inactive else 0)
        self.shown = f"{found.shown:,} of {everyone:,} shown" if found.shown != everyone else ""
        self._matches, self.asked = found.shown, found.asked
        self.page, self.pages, self.q = found.page, found.pages, view.q
        self.inactive, self.sort, self.down = view.inactive, view.sort, view.down
        self.roles, self.tags, self.states = list(view.roles), list(view.tags), list(view.states)
        self.role_choices, self.tag_choices = _choices(found.role_choices), _choices(found.tag_choices)
        self.places, self.supervisors = list(view.locations), list(view.supervisors)
        self.place_choices = _choices(found.location_choices)
        self.supervisor_choices = _choices(found.supervisor_choices)
        self.place_words = _words(found.location_choices, view.locations, "any of")
        self.supervisor_words = _words(found.supervisor_choices, view.supervisors, "any of")
        self.role_words = _words(found.role_choices, view.roles, "any of")
        self.tag_words = _words(found.tag_choices, view.tags, "all of")
        self.export = f"/p/{self._visitor.practice}/settings/staff.csv{query_of(replace(view, page=1))}"
        self.state_words = _words(STATE_CHOICES, view.states, "any of")
        self.loaded = True
        self._count_down()

    async def _replace(self, ids: Sequence[str]) -> bool:
        """Put the fresh rows in. Returns False where one of them is no longer anybody's here."""
        read = partial(self._read, reading.roster_rows, member_ids=[UUID(one) for one in ids])
        # A refusal: the guard has just let this tab pass; the next event sends it where it belongs.
        with suppress(MotlinkError):
            rows = await shared(("roster rows", self._visitor.practice, *ids), read)
            fresh = {str(row.id): self._row(row) for row in rows}
            before = plain(self.rows)
            self.rows = after = [fresh.get(row["id"], row) for row in before]
            left = sum(row["gone"] for row in after) - sum(row["gone"] for row in before)
            self._count(self._active - left, self._gone + left)
            self._count_down()
            return len(fresh) == len(set(ids))
        return True

    def _count(self, active: int, gone: int) -> None:
        self._active, self._gone = active, gone
        self.counts = f"{active:,} active, {gone:,} inactive"

    def _count_down(self) -> None:
        if any(row["left"] for row in plain(self.rows)):
            read_again(self)

    def _row(self, row: RosterRow) -> ShownRow:
        return {**shown_row(row), "you": str(row.id) == self._me}


def _selection_again() -> rx.event.EventSpec:
    """The page may hold other people now: which of them are ticked is another state's to say."""
    from motlink.staff.selection_state import RosterSelectionState

    return RosterSelectionState.look  # type: ignore[return-value]  # a handler without arguments is its own event


# The filter in the address -> its part of the view.
FILTERED = {
    "role": "roles",
    "tag": "tags",
    "state": "states",
    "location": "locations",
    "supervisor": "supervisors",
}


def _with(keys: tuple[str, ...], key: str, on: bool) -> tuple[str, ...]:
    rest = tuple(one for one in keys if one != key)
    return (*rest, key) if on else rest


# One list for all tabs of a practice: it is only ever replaced.
@lru_cache(maxsize=256)
def _choices(choices: tuple[Choice, ...]) -> list[dict[str, str]]:
    return [{"key": choice.key, "name": choice.name} for choice in choices]


def _words(choices: tuple[Choice, ...], keys: tuple[str, ...], several: str) -> str:
    """Return a filter in words: "Therapist", "any of Therapist, Scheduler +2"."""
    names = [choice.name for choice in choices if choice.key in keys] or list(keys)
    if len(names) < 2:
        return "".join(names)
    rest = f" +{len(names) - 2}" if len(names) > 2 else ""
    return f"{several} {', '.join(names[:2])}{rest}"
