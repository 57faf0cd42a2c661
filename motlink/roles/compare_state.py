"""Two roles, or two people, side by side (TA-25)."""

from typing import TypedDict

import reflex as rx

from motlink.permissions import Permission
from motlink.roles import matrix
from motlink.roles.matrix_state import MatrixState
from motlink.roles.words import GROUPS
from motlink.staff import holders
from motlink.web.acting import Acting
from motlink.web.guard import requires


class Named(TypedDict):
    """A role by its key, or a person by their id."""

    id: str
    name: str


class ShownLine(TypedDict):
    """A privilege on both sides."""

    words: str
    left: str
    right: str
    differs: bool


class CompareState(Acting, rx.State):
    """The dialog behind "Compare"."""

    open: bool = False
    kind: str = "roles"
    roles: list[Named] = []
    left: str = ""
    right: str = ""
    people: list[Named] = []
    found: list[Named] = []
    q: str = ""
    heads: list[str] = []
    lines: list[ShownLine] = []
    summary: str = ""

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def start(self):
        """Open with the chosen role, and another."""
        state = await self.get_state(MatrixState)
        self.roles = [Named(id=role["key"], name=role["name"]) for role in state.roles]
        keys = [role["id"] for role in self.roles]
        if len(keys) < 2:
            return
        self.left = state.chosen or keys[0]
        self.right = next(key for key in keys if key != self.left)
        self.kind, self.people, self.found, self.q, self.open = "roles", [], [], "", True
        await self._compare()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Close the dialog."""
        self.open = False

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def switch_to(self, kind: str):
        """Compare roles, or people."""
        self.kind = "people" if kind == "people" else "roles"
        await self._compare()
        return CompareState.look_for("") if self.kind == "people" else None

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def put_left(self, key: str):
        """Choose the role at the left."""
        self.left = key
        await self._compare()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def put_right(self, key: str):
        """Choose the role at the right."""
        self.right = key
        await self._compare()

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def look_for(self, q: str):
        """Offer the people with these letters, while one types."""
        self.q = q[:80]
        found = await self._find(holders.people_like, q=self.q) or ()
        self.found = [Named(id=str(one.id), name=one.name) for one in found]

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def choose(self, member_id: str, on: bool):
        """Choose one of the two people, or not; a third takes the place of the second."""
        others = [one for one in self.people if one["id"] != member_id]
        known = {one["id"]: one for one in [*self.found, *self.people]}
        self.people = [*others[:1], known[member_id]] if on and member_id in known else others
        await self._compare()

    async def _compare(self) -> None:
        sides = await (self._two_people() if self.kind == "people" else self._two_roles())
        if len(sides) < 2:
            self.heads, self.lines, self.summary = [], [], ""
            return
        (left_name, left), (right_name, right) = sides
        self.heads = [left_name, right_name]
        self.lines = [
            ShownLine(
                words=words, left=left[p.value], right=right[p.value], differs=left[p.value] != right[p.value]
            )
            for _, rows in GROUPS
            for p, words in rows
        ]
        number = sum(line["differs"] for line in self.lines)
        self.summary = {0: "No difference", 1: "1 difference"}.get(number, f"{number} differences")

    async def _two_roles(self) -> list[tuple[str, matrix.Reaches]]:
        found = await self._find(matrix.matrix)
        by_key = {one.key: one for one in found.roles} if found else {}
        return [(by_key[key].name, by_key[key].reaches) for key in (self.left, self.right) if key in by_key]

    async def _two_people(self) -> list[tuple[str, matrix.Reaches]]:
        sides = []
        for one in self.people:
            found = await self._find(holders.reaches_of_person, member_id=one["id"])
            if found is not None:
                sides.append((one["name"], found))
        return sides
