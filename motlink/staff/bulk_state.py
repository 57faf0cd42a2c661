"""The question before something is done for many: what exactly, what it would do, and the verb that does it (TA-31)."""

from collections.abc import Callable
from typing import Any, TypedDict
from uuid import UUID

import reflex as rx

from motlink.errors import MotlinkError
from motlink.permissions import Permission
from motlink.roles.prices import SEAT, listed
from motlink.roles.rules import money
from motlink.staff import batches
from motlink.staff.batch_choices import RoleChoice, TagChoice, role_choices, tag_choices
from motlink.staff.batch_kinds import people
from motlink.staff.batch_preview import Foresight, foresee
from motlink.staff.batch_state import BatchState, ShownRefusal, shown_refusals
from motlink.staff.roster_state import RosterState
from motlink.staff.selection_state import RosterSelectionState
from motlink.staff.shown import ShownCheck
from motlink.web.acting import Acting, NoticeState
from motlink.web.guard import requires


class ShownChoice(TypedDict):
    """A tag or a role to choose."""

    id: str
    name: str
    color: str
    price: str


class BulkState(Acting, rx.State):
    """What is asked about whom. The people are those of the moment the question was opened: its preview names them."""

    open: bool = False
    # "tag", "role", "invite" or "deactivate"; stays while the dialog closes.
    kind: str = ""
    people: str = ""
    choices: list[ShownChoice] = []
    chosen: str = ""
    # What is typed, and what would be a new tag.
    words: str = ""
    new: str = ""
    on: bool = True
    revoke: bool = True
    # The preview; `verb` is empty while nothing is chosen.
    verb: str = ""
    possible: bool = False
    lines: list[ShownCheck] = []
    refused: int = 0
    refusals: list[ShownRefusal] = []
    _ids: list[UUID] = []

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def ask(self, kind: str):
        """Open the question for everyone who is selected."""
        if kind not in _VERBS:
            return
        selection = await self.get_state(RosterSelectionState)
        try:
            self._ids = await selection._chosen()
        except MotlinkError as refusal:
            (await self.get_state(NoticeState))._refuse(refusal)
            return
        if not self._ids:
            return
        self.kind, self.people = kind, people(len(self._ids))
        self.chosen = self.words = self.new = ""
        self.on = self.revoke = True
        self.choices = []
        self._forget()
        if await self._choices():
            self.open = True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Close the question; nothing happens."""
        self.open, self._ids = False, []

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def type_tag(self, text: str):
        """Show the tags that fit; the one of exactly this name is chosen, and a new word where none fits."""
        self.words = text[:200]
        found = await self._find(tag_choices, words=self.words)
        if found is None:
            return
        self.choices, self.new = list(map(_tag, found.tags)), found.new
        fits = "new" if found.new and not found.tags else ""
        # Who chooses faster than the words arrive has chosen.
        kept = self.chosen if any(one["id"] == self.chosen for one in self.choices) else fits
        await self._choose(str(found.same) if found.same else kept)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def choose(self, key: str):
        """Choose a tag or a role by its id, or "new" for the tag that is typed."""
        await self._choose(key)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def turn(self, on: bool):
        """Decide whether the role is to be on or off."""
        self.on = on
        await self._preview()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def decide(self, revoke: bool):
        """Decide what becomes of the invitations that the leavers sent."""
        self.revoke = revoke

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def act(self, said: str):
        """Do what the button said; a repeated tap finds the question closed."""
        if not self.open or not self._ids or said != self.verb:
            return None
        ids, self._ids, self.open = self._ids, [], False
        if self.chosen == "new":
            done = await self._perform(batches.start_tagging, member_ids=ids, name=self.new)
        else:
            done = await self._perform(
                batches.start_batch, kind=self._kind(), member_ids=ids, **self._given()
            )
        if done is None:
            return None
        return [RosterSelectionState.clear, RosterState.refresh([]), BatchState.look]

    async def _choices(self) -> bool:
        """Read what there is to choose; where there is nothing, the preview is all."""
        if self.kind == "tag":
            found = await self._find(tag_choices, words="")
            self.choices = list(map(_tag, found.tags)) if found else []
            return found is not None
        if self.kind == "role":
            roles = await self._find(role_choices)
            self.choices = list(map(_role, roles or ()))
            return roles is not None
        return await self._preview()

    async def _choose(self, key: str) -> None:
        self.chosen = key
        await self._preview()

    async def _preview(self) -> bool:
        self._forget()
        if self.kind in ("tag", "role") and not self.chosen:
            return True
        said = await self._find(foresee, kind=self._kind(), member_ids=self._ids, **self._given())
        if said is None:
            self.open = False
            return False
        self.verb = _VERBS[self.kind](self._name(), people(said.changes), self.on)
        self.possible = said.changes > 0
        self.lines = _lines(said, self._kind(), self._name())
        self.refused, self.refusals = said.refused, shown_refusals(said.refusals)
        return True

    def _forget(self) -> None:
        self.verb, self.possible, self.lines, self.refused, self.refusals = "", False, [], 0, []

    def _kind(self) -> str:
        return ("role_on" if self.on else "role_off") if self.kind == "role" else self.kind

    def _given(self) -> dict[str, Any]:
        if self.kind == "deactivate":
            return {"revoke_invitations": self.revoke}
        if self.chosen == "new":
            return {"name": self.new}
        return {f"{self.kind}_id": self.chosen} if self.chosen else {}

    def _name(self) -> str:
        named = (one["name"] for one in self.choices if one["id"] == self.chosen)
        return self.new if self.chosen == "new" else next(named, "")


_VERBS: dict[str, Callable[[str, str, bool], str]] = {
    "tag": lambda name, who, on: f"Tag {who}",
    "role": lambda name, who, on: f"Turn {name} {'on' if on else 'off'} for {who}",
    "invite": lambda name, who, on: f"Invite {who}",
    "deactivate": lambda name, who, on: f"Deactivate {who}",
}


# How it reads for one person, and for several: what changes, and where nothing is left to do.
_SAID = {
    "tag": (("gets {name}", "get {name}"), ("has it already", "have it already")),
    "role_on": (("gets {name}", "get {name}"), ("has it already", "have it already")),
    "role_off": (("loses {name}", "lose {name}"), ("does not have it", "do not have it")),
    "invite": (("is invited", "are invited"), ("", "")),
    "deactivate": (
        ("is deactivated and signed out", "are deactivated and signed out"),
        ("is inactive already", "are inactive already"),
    ),
}


def _lines(said: Foresight, kind: str, name: str) -> list[ShownCheck]:
    """Return what would happen, line by line; who is refused stands below, by name."""
    changes, already = _SAID[kind]
    rest = f" and {said.changes - len(said.first):,} more" if said.changes > len(said.first) else ""
    lines = []
    if said.changes:
        fact = changes[said.changes != 1].format(name=name)
        lines.append(_line("users", f"{people(said.changes)} {fact}", ", ".join(said.first) + rest))
    if said.unchanged:
        lines.append(_line("circle_check", f"{people(said.unchanged)} {already[said.unchanged != 1]}"))
    return [*lines, *(_line(one.icon, one.fact, one.detail, one.choice) for one in said.facts)]


def _line(icon: str, fact: str, detail: str = "", choice: str = "") -> ShownCheck:
    return ShownCheck(icon=icon, fact=fact, detail=detail, choice=choice)


def _tag(tag: TagChoice) -> ShownChoice:
    return ShownChoice(id=str(tag.id), name=tag.name, color=tag.color, price="")


def _role(role: RoleChoice) -> ShownChoice:
    return ShownChoice(
        id=str(role.id), name=role.name, color="", price=f"seat {money(listed(SEAT))}" if role.paid else ""
    )
