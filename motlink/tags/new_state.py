"""The dialogs beside the list: a new tag, and one tag for many people at once (TA-15)."""

from typing import Any

import reflex as rx

from motlink.permissions import Permission
from motlink.staff.batch_state import BatchState
from motlink.staff.batches import start_batch
from motlink.tags import actions, queries
from motlink.tags.errors import NameTaken
from motlink.tags.shown import ShownFound, more_words, shown_found
from motlink.web.acting import Acting, as_id
from motlink.web.guard import requires

# So many are chosen by hand at most; who needs more selects them in the staff list.
MOST_CHOSEN = 500


class NewTagState(Acting, rx.State):
    """A tag that nobody wears yet."""

    open: bool = False
    color: str = ""

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def start(self):
        """Open the dialog."""
        self.open, self.color, self.errors = True, "", {}

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def close(self, _open: bool = False):
        """Close the dialog; nothing is made."""
        self.open = False

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def choose(self, color: str):
        """Choose a colour."""
        self.color = color

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def save(self, form: dict[str, Any]):
        """Make the tag."""
        given = {"name": str(form.get("tag", "")), "group": str(form.get("group", "")), "color": self.color}
        try:
            done = await self._perform(actions.new_tag, lets_through=NameTaken, **given)
        except NameTaken as taken:
            self.errors = {"tag": taken.sentence}
            return None
        self.open = not done
        return _again()


class AssignState(Acting, rx.State):
    """One tag, and the people chosen for it."""

    open: bool = False
    tag: dict[str, str] = {}
    chosen: list[ShownFound] = []
    tags_found: list[ShownFound] = []
    tags_more: str = ""
    tags_answers: str = ""
    found: list[ShownFound] = []
    answers: str = ""

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def start(self, tag_id: str):
        """Open the dialog, with this tag chosen or none ("")."""
        self.tag, self.chosen, self.found, self.answers, self.errors = {}, [], [], "", {}
        await self._look_for_tags("")
        if tag_id:
            await self._choose(tag_id)
        self.open = True

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def close(self, _open: bool = False):
        """Close the dialog; nobody gets a tag."""
        self.open = False

    @rx.event(supersedes=True)
    @requires(Permission.EDIT_TAGS)
    async def search_tags(self, text: str):
        """Find the tag as one types."""
        await self._look_for_tags(text.strip()[:80])

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def choose_tag(self, tag_id: str):
        """Choose the tag, or none ("") to choose another."""
        self.tag = {}
        if tag_id:
            await self._choose(tag_id)

    @rx.event(supersedes=True)
    @requires(Permission.EDIT_TAGS)
    async def search_people(self, text: str):
        """Find people who do not wear it, as one types."""
        await self._look_for_people(text.strip()[:100])

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def add(self, member_id: str):
        """Choose one of those who were found."""
        new = [one for one in self.found if one["id"] == member_id]
        self.chosen = [*(one for one in self.chosen if one["id"] != member_id), *new][:MOST_CHOSEN]
        self.found, self.answers = [], ""

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def leave_out(self, member_id: str):
        """Leave someone out again."""
        self.chosen = [one for one in self.chosen if one["id"] != member_id]

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def assign(self, form: dict[str, Any]):
        """Put the tag on everyone chosen, in one act with one undo."""
        people = [as_id(one["id"]) for one in self.chosen]
        given = {"tag_id": self.tag.get("id", ""), "until": str(form.get("until", ""))}
        done = await self._perform(start_batch, kind="tag", member_ids=people, **given)
        self.open = not done
        return [_again(), BatchState.look] if done else _again()

    async def _choose(self, tag_id: str) -> None:
        found = await self._find(queries.tag_panel, tag_id=tag_id, limit=1)
        if found is not None:
            self.tag = {
                "id": str(found.id),
                "name": found.name,
                "color": found.color,
                "until": "",
                "today": found.today,
            }

    async def _look_for_tags(self, text: str) -> None:
        found = await self._find(queries.find_tags, q=text)
        if found is not None:
            self.tags_found = [shown_found(one) for one in found.choices]
            self.tags_more, self.tags_answers = more_words(found), text

    async def _look_for_people(self, text: str) -> None:
        mine = self.tag.get("id") or None
        found = await self._find(queries.find_people, q=text, but_tag_id=mine) if text else ()
        if found is not None:
            there = {one["id"] for one in self.chosen}
            self.found = [shown_found(one) for one in found if str(one.id) not in there]
            self.answers = text


def _again() -> Any:
    from motlink.tags.state import TagsState

    return TagsState.refresh([])
