"""The chosen tag: who wears it, and what can be done to it."""

from typing import Any

import reflex as rx

from motlink.errors import NotFound
from motlink.permissions import Permission
from motlink.tags import actions, merging, queries, vocabulary
from motlink.tags.errors import NameTaken, Renamed
from motlink.tags.rows import PEOPLE_AT_ONCE, TagPanel
from motlink.tags.shown import ShownFound, ShownWearer, more_words, shown_found, shown_wearer
from motlink.web.acting import Acting, as_id
from motlink.web.guard import requires


class TagPanelState(Acting, rx.State):
    """One tag. `asks` is the dialog that is open: "rename", "group", "merge", "delete" or nothing."""

    id: str = ""
    missing: bool = False
    tag: dict[str, str] = {}
    wearers: list[ShownWearer] = []
    more: str = ""
    found: list[ShownFound] = []
    answers: str = ""
    dating: str = ""
    today: str = ""
    asks: str = ""
    # The tag that the dialog is about, with its name as typed.
    about: dict[str, str] = {}
    typed: str = ""
    # The tag that already has the name typed, or the one to merge into.
    other: dict[str, str] = {}
    tags_found: list[ShownFound] = []
    tags_more: str = ""
    tags_answers: str = ""
    _version: int = 0
    _limit: int = PEOPLE_AT_ONCE

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def show_more(self):
        """Show more of the people."""
        self._limit = min(500, self._limit + 100)
        await self._reread()

    @rx.event(supersedes=True)
    @requires(Permission.EDIT_TAGS)
    async def search_people(self, text: str):
        """Find people who do not wear it, as one types."""
        await self._look_for_people(text.strip()[:100])

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def put(self, member_id: str, tag_id: str):
        """Put the tag on someone."""
        await self._perform(actions.put_tag, member_id=member_id, tag_id=tag_id)
        self.found, self.answers = [], ""
        return _again()

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def take(self, member_id: str, tag_id: str):
        """Take the tag off someone."""
        await self._perform(actions.take_tag, member_id=member_id, tag_id=tag_id)
        return _again()

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def ask_day(self, member_id: str):
        """Show the field for someone's last day, "" to hide it."""
        self.dating = member_id

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def set_day(self, form: dict[str, Any]):
        """Save someone's last day; an empty field means no end."""
        given = {"member_id": self.dating, "tag_id": self.id}
        if await self._perform(actions.set_last_day, until=str(form.get("until", "")), **given):
            self.dating = ""
        return _again()

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def set_color(self, tag_id: str, color: str):
        """Give the tag a colour."""
        await self._perform(vocabulary.set_color, tag_id=tag_id, color=color)
        return _again()

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def ask(self, what: str):
        """Open one of the dialogs."""
        self.asks = what if what in ("rename", "group", "merge", "delete") else ""
        self.about = self.tag
        self.errors, self.other, self.typed = {}, {}, self.tag.get("name", "")
        self._version = int(self.tag.get("version", "1"))
        if self.asks == "merge":
            await self._look_for_tags("")

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def ask_merge(self, tag_id: str, into_id: str):
        """Open the merge of two tags that look alike."""
        one, other = await self._brief(tag_id), await self._brief(into_id)
        if one and other:
            self.about, self.other, self.asks = one, other, "merge"
            await self._look_for_tags("")

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def close(self, _open: bool = False):
        """Close the dialog; nothing happens."""
        self.asks = ""

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def rename(self, form: dict[str, Any]):
        """Save the name. Where it is another tag's, offer to merge; where someone else renamed it, say so."""
        self.typed, self.other = str(form.get("tag", "")), {}
        given = {"tag_id": self.about.get("id", ""), "version": self._version, "name": self.typed}
        try:
            done = await self._perform(vocabulary.rename_tag, lets_through=(NameTaken, Renamed), **given)
        except Renamed as renamed:
            self.errors, self._version = (
                {"tag": f"{renamed.sentence} Save again to replace it."},
                renamed.version,
            )
            return None
        except NameTaken as taken:
            self.errors = {"tag": str(taken)}
            self.other = await self._brief(str(taken.tag_id))
            return None
        return self._over() if done else None

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def set_group(self, form: dict[str, Any]):
        """Put the tag into a group."""
        group, tag_id = str(form.get("group", "")), self.about.get("id", "")
        done = await self._perform(vocabulary.set_group, tag_id=tag_id, group=group)
        return self._over() if done else None

    @rx.event(supersedes=True)
    @requires(Permission.EDIT_TAGS)
    async def search_tags(self, text: str):
        """Find the tag to merge into, as one types."""
        await self._look_for_tags(text.strip()[:80])

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def choose_other(self, tag_id: str):
        """Choose the tag to merge into."""
        self.asks, self.other = "merge", await self._brief(tag_id)

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def merge(self, tag_id: str, into_id: str):
        """Make one tag of two."""
        done = await self._perform(merging.merge_tags, tag_id=tag_id, into_id=into_id)
        return await self._gone(tag_id) if done else self._over()

    @rx.event
    @requires(Permission.EDIT_TAGS)
    async def delete(self, tag_id: str):
        """Delete the tag."""
        done = await self._perform(vocabulary.delete_tag, tag_id=tag_id)
        return await self._gone(tag_id) if done else self._over()

    async def _open(self, tag_id: str) -> None:
        """Show the tag that the address names, "" for none."""
        if tag_id != self.id:
            self._limit, self.found, self.answers, self.dating = PEOPLE_AT_ONCE, [], "", ""
        self.id, self.asks = tag_id, ""
        await self._reread()

    async def _reread(self) -> None:
        if self.id:
            self.missing = not await self._choose(self.id)
        if self.id and self.answers:
            await self._look_for_people(self.answers)

    async def _choose(self, tag_id: str) -> bool:
        try:
            found = await self._read(queries.tag_panel, tag_id=tag_id, limit=self._limit)
        except NotFound:
            return False
        self.tag, self.today = brief(found), found.today
        self.wearers = [shown_wearer(one) for one in found.wearers]
        rest = found.people - len(found.wearers)
        self.more = f"{rest:,} more" if rest > 0 else ""
        return True

    async def _look_for_people(self, text: str) -> None:
        found = await self._find(queries.find_people, q=text, but_tag_id=self.id) if text else ()
        if found is not None:
            self.found, self.answers = [shown_found(one) for one in found], text

    async def _look_for_tags(self, text: str) -> None:
        mine = [as_id(self.about["id"])] if self.about else []
        found = await self._find(queries.find_tags, q=text, but=mine)
        if found is not None:
            self.tags_found = [shown_found(one) for one in found.choices]
            self.tags_more, self.tags_answers = more_words(found), text

    async def _brief(self, tag_id: str) -> dict[str, str]:
        found = await self._find(queries.tag_panel, tag_id=tag_id, limit=1)
        return brief(found) if found is not None else {}

    def _over(self) -> Any:
        self.asks = ""
        return _again()

    async def _gone(self, tag_id: str) -> Any:
        from motlink.tags.state import TagsState

        self.asks = ""
        if self.id != tag_id:
            return _again()
        # Replaced, so that Back does not bring an empty panel.
        return rx.redirect((await self.get_state(TagsState)).closed, replace=True)


def _again() -> Any:
    # The own tab hears no news of its acts.
    from motlink.tags.state import TagsState

    return TagsState.refresh([])


def brief(found: TagPanel) -> dict[str, str]:
    """Return a tag without its people."""
    return {
        "id": str(found.id),
        "name": found.name,
        "color": found.color,
        "group": found.group,
        "version": str(found.version),
        "until": "",
        "people": wear_it(found.people),
        "count": wear_it(found.people).lower(),
        "inactive": f"and {found.inactive:,} inactive" if found.inactive else "",
    }


def wear_it(people: int) -> str:
    """Return "19 people wear it"."""
    return {0: "Nobody wears it", 1: "1 person wears it"}.get(people, f"{people:,} people wear it")
