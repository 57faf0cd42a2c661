"""The tag editor in place: one person's tags, the same on the roster, on the Profile and on a phone (TA-13, TA-14)."""

from typing import Any

import reflex as rx

from motlink.permissions import Permission
from motlink.staff.address import query_of
from motlink.staff.leaving_state import show_again
from motlink.staff.rows import RosterView
from motlink.tags import actions, queries
from motlink.tags.rows import WornTag
from motlink.tags.shown import ShownFound, ShownWorn, more_words, shown_found, shown_worn
from motlink.web.acting import Acting, as_id
from motlink.web.guard import member_only, requires


class TagEditorState(Acting, rx.State):
    """Whose tags are edited, what they wear, and what the field finds."""

    open: bool = False
    member_id: str = ""
    name: str = ""
    worn: list[ShownWorn] = []
    found: list[ShownFound] = []
    more: str = ""
    # The word typed, as a new tag; "" where it is one already.
    fresh: str = ""
    # The word that `found` answers.
    answers: str = ""
    # The tag whose last day is being set, and the first day it could be.
    dating: str = ""
    today: str = ""

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def start(self, member_id: str):
        """Open the editor with what the person wears."""
        self.member_id, self.answers = member_id, ""
        if await self._reread():
            self.open = True

    @rx.event
    @member_only
    async def close(self, _open: bool = False):
        """Close the editor; everything is done already. A freshly loaded screen has none open."""
        self.open, self.dating = False, ""

    @rx.event(supersedes=True)
    @requires(Permission.EDIT_TAGS)
    async def search(self, text: str):
        """Find tags as one types."""
        await self._look_for(text.strip()[:200])

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def put(self, member_id: str, tag_id: str):
        """Put a tag on the person."""
        self.answers = ""
        await self._perform(actions.put_tag, member_id=member_id, tag_id=tag_id)
        return show_again(self.router.url.path, member_id)

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def create(self, member_id: str, name: str):
        """Make a tag of what was typed and put it on; another case or spacing is the same tag."""
        self.answers = ""
        await self._perform(actions.put_new_tag, member_id=member_id, name=name)
        return show_again(self.router.url.path, member_id)

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def take(self, member_id: str, tag_id: str):
        """Take a tag off the person."""
        await self._perform(actions.take_tag, member_id=member_id, tag_id=tag_id)
        return show_again(self.router.url.path, member_id)

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def ask_day(self, tag_id: str):
        """Show the field for a tag's last day, "" to hide it."""
        self.dating = tag_id

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def set_day(self, form: dict[str, Any]):
        """Save the last day; an empty field means no end."""
        given = {"member_id": self.member_id, "tag_id": self.dating}
        if await self._perform(actions.set_last_day, until=str(form.get("until", "")), **given):
            self.dating = ""
        return show_again(self.router.url.path, self.member_id)

    async def _heard(self, ids: list[str]) -> None:
        """Read again after news about this person; the screen below hears it."""
        if self.open and (not ids or self.member_id in ids):
            await self._reread()

    async def _reread(self) -> bool:
        found = await self._find(queries.tags_of_member, member_id=self.member_id)
        if found is None:
            return False
        self.member_id, self.name, self.today = str(found.member_id), found.name, found.today
        self.worn = [shown_worn(tag, self._people_of(tag)) for tag in found.tags]
        await self._look_for(self.answers)
        return True

    async def _look_for(self, text: str) -> None:
        worn = [as_id(tag["id"]) for tag in self.worn]
        found = await self._find(queries.find_tags, q=text, but=worn)
        if found is not None:
            self.found = [shown_found(one) for one in found.choices]
            self.more, self.fresh, self.answers = more_words(found), found.fresh, text

    def _people_of(self, tag: WornTag) -> str:
        # FA-03: once Find Availability is there, this is /p/{practice}/find?tags={key}.
        return f"/p/{self._visitor.practice}/settings/staff{query_of(RosterView(tags=(tag.key,)))}"
