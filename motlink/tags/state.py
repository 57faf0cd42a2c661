"""The list of tags on the screen. Its address is the truth: search, group, page and the chosen tag stand in it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TypedDict
from urllib.parse import urlencode

import reflex as rx

from motlink.digits import MOST_PAGES, whole_number
from motlink.errors import MotlinkError
from motlink.permissions import Permission
from motlink.tags import queries, vocabulary
from motlink.tags.panel_state import TagPanelState
from motlink.tags.rows import GroupCount, LookAlike, TagsPage, TagsView
from motlink.tags.shown import ShownTagRow, shown_heading, shown_tag
from motlink.web.acting import Acting
from motlink.web.asked import Asking
from motlink.web.guard import requires
from motlink.web.live import shared, subscribe


class ShownAlike(TypedDict):
    """Two tags that look alike."""

    id: str
    name: str
    color: str
    other_id: str
    other: str
    other_color: str
    words: str


class TagsState(Acting, Asking, rx.State):
    """One page of tags, by group."""

    loaded: bool = False
    rows: list[ShownTagRow] = []
    counts: str = ""
    shown: str = ""
    page: int = 1
    pages: int = 1
    q: str = ""
    q_round: int = 0
    group: str = ""
    groups: list[dict[str, str]] = []
    alike: ShownAlike | None = None
    # The address of the list without a chosen tag.
    closed: str = ""

    @rx.event(supersedes=True)
    @requires(Permission.EDIT_TAGS)
    async def load(self):
        """Read the page that the address names, and the chosen tag's panel."""
        view = view_of(self._here())
        self._arrive(query_of(view))
        found = await self._find(queries.tags_page, view=view)
        if found is None:
            return
        await (await self.get_state(TagPanelState))._open(view.tag)
        self._show(view, found)
        subscribe(self, {"tags", "staff"}, TagsState.refresh, screen="tags")

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def refresh(self, ids: list[str]):
        """Read again after news about tags or people."""
        view = view_of(self._here())
        read = partial(self._read, queries.tags_page, view=view)
        with suppress(MotlinkError):
            self._show(view, await shared(("tags", self._visitor.practice, view), read))
        await (await self.get_state(TagPanelState))._reread()

    @rx.event(supersedes=True)
    @requires(Permission.EDIT_TAGS)
    async def search(self, text: str):
        """Search as one types."""
        return self._go(replace(view_of(self._asking()), q=text.strip()[:80], page=1), typed=True)

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def show_group(self, group: str):
        """Show one group, or all ("all")."""
        wanted = "" if group == "all" else group[:40]
        return self._go(replace(view_of(self._asking()), group=wanted, page=1))

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def turn_to(self, page: int):
        """Go to a page."""
        return self._go(replace(view_of(self._asking()), page=max(1, page)))

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def clear(self):
        """Show all tags again."""
        return self._go(replace(view_of(self._asking()), q="", group="", page=1))

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def keep_both(self, tag_id: str, other_id: str):
        """Two tags that look alike are meant to be two."""
        await self._perform(vocabulary.keep_apart, tag_id=tag_id, other_id=other_id)
        return TagsState.refresh([])

    def _go(self, view: TagsView, *, typed: bool = False) -> rx.event.EventSpec:
        if not typed:
            # The field is uncontrolled: a new key gives it the address's words, typing keeps its own.
            self.q, self.q_round = view.q, self.q_round + 1
        query = query_of(view)
        self._ask(query)
        return rx.redirect(f"/p/{self._visitor.practice}/settings/tags{query}", replace=True)

    def _show(self, view: TagsView, found: TagsPage) -> None:
        here = f"/p/{self._visitor.practice}/settings/tags"
        self.rows = _lines(found, view, here)
        self.counts = f"{found.tags:,} {_tags(found.tags)} on {found.people:,} {_people(found.people)}"
        self.shown = f"{found.shown:,} of {found.tags:,} shown" if found.shown != found.tags else ""
        self.page, self.pages, self.q, self.group = found.page, found.pages, view.q, view.group
        self.groups = [_group(one) for one in found.groups]
        self.alike = _alike(found.alike) if found.alike else None
        self.closed = here + query_of(replace(view, tag=""))
        self.loaded = True


def view_of(query: Mapping[str, str]) -> TagsView:
    """Read a view out of an address's query; what makes no sense is left out."""
    page = query.get("page", "1")
    return TagsView(
        q=query.get("q", "")[:80],
        group=query.get("group", "")[:40],
        page=whole_number(page, most=MOST_PAGES) or 1,
        tag=query.get("tag", "")[:40],
    )


def query_of(view: TagsView) -> str:
    """Return the query of a view: "" or "?group=Language&tag=…"."""
    page = str(view.page) if view.page > 1 else ""
    parts = {"q": view.q, "group": view.group, "page": page, "tag": view.tag}
    said = urlencode({key: value for key, value in parts.items() if value})
    return f"?{said}" if said else ""


def _lines(found: TagsPage, view: TagsView, here: str) -> list[ShownTagRow]:
    """Return each group's name and its tags; the bars are as long as the most worn tag of the page allows."""
    most = max((row.people for row in found.rows), default=0)
    counts = {one.name: one.tags for one in found.groups}
    lines: list[ShownTagRow] = []
    group = None
    for row in found.rows:
        if row.group != group:
            group = row.group
            lines.append(shown_heading(group, counts[group]))
        chosen = str(row.id) == view.tag
        address = here + query_of(replace(view, tag=str(row.id)))
        lines.append(shown_tag(row, most, address, chosen=chosen))
    return lines


def _group(one: GroupCount) -> dict[str, str]:
    return {"key": one.name or "-", "name": f"{one.name or 'No group'} ({one.tags:,})"}


def _alike(pair: LookAlike) -> ShownAlike:
    return ShownAlike(
        id=str(pair.tag.id),
        name=pair.tag.name,
        color=pair.tag.color,
        other_id=str(pair.other.id),
        other=pair.other.name,
        other_color=pair.other.color,
        words=f"look alike: {_wear_both(pair.both)}.",
    )


def _wear_both(number: int) -> str:
    return {0: "nobody wears both", 1: "1 person wears both"}.get(number, f"{number:,} people wear both")


def _tags(number: int) -> str:
    return "tag" if number == 1 else "tags"


def _people(number: int) -> str:
    return "person" if number == 1 else "people"
