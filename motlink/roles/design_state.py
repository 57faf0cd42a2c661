"""The form of a role of the practice's own: a copy to begin with, then name, section and privileges (TA-25)."""

from typing import Any, TypedDict

import reflex as rx

from motlink.permissions import Permission
from motlink.roles import custom, matrix
from motlink.roles.errors import RoleChanged
from motlink.roles.matrix_state import MatrixState, holds_it
from motlink.roles.words import REACH_WORDS, WORDS
from motlink.web.acting import Acting
from motlink.web.guard import requires
from motlink.work import Done, Work

REACH = {words: scope for scope, words in REACH_WORDS.items()}


class ShownRow(TypedDict):
    """A privilege, how far it reaches now, and how far it may."""

    permission: str
    words: str
    group: str
    reach: str
    reaches: list[str]


class DesignState(Acting, rx.State):
    """The dialog behind "New role", "Copy role" and "Edit"."""

    open: bool = False
    role_id: str = ""
    version: int = 0
    title: str = ""
    typed: dict[str, str] = {}
    rows: list[ShownRow] = []
    hits: str = ""
    theirs: list[dict[str, str]] = []

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def new(self):
        """Start from nothing."""
        await self._start("New role", {"name": "", "description": "", "section": "administrative"}, {})

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def copy(self, key: str):
        """Start from another role, as far as the actor may."""
        role = await self._role(key)
        if role:
            words = {
                "name": f"{role.name} copy"[:40],
                "description": role.description,
                "section": role.section,
            }
            await self._start(f"Copy {role.name}", words, role.reaches)
            here = {row["permission"]: row["reach"] for row in self.rows}
            lost = [words for name, words in _held(role) if here.get(name) != role.reaches[name]]
            self.hits = f"Left out or narrower than in {role.name}: {', '.join(lost)}." if lost else ""

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def edit(self, key: str):
        """Start from the role itself."""
        role = await self._role(key)
        if role and await self._find(_may_edit, role_id=str(role.id)):
            words = {"name": role.name, "description": role.description, "section": role.section}
            await self._start(f"Edit {role.name}", words, role.reaches)
            self.role_id, self.version = str(role.id), role.version
            self.hits = f"{holds_it(role.people)}: what they may do changes at once." if role.people else ""

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Close the form; nothing is saved."""
        self.open = False

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def save(self, form: dict[str, Any]):
        """Make the role, or save it. Where someone else saved meanwhile, show both."""
        words = {name: str(form.get(name, "")) for name in ("name", "description", "section")}
        reaches = {row["permission"]: str(form.get(row["permission"], "no")) for row in self.rows}
        self.theirs = []
        if not self.role_id:
            made = await self._perform(_make_role, reaches=reaches, **words)
            return self._done(made.key) if made else None
        given = {"role_id": self.role_id, "version": self.version, "reaches": reaches, **words}
        try:
            done = await self._perform(_edit_role, lets_through=RoleChanged, **given)
        except RoleChanged as changed:
            # Not read again: a third person's save in between would be accepted unseen.
            self.version = changed.version
            self.theirs = [
                {"field": _field(name), "value": value or "none"} for name, value in changed.theirs.items()
            ]
            return None
        if done is None:
            return None
        self.open = False
        return MatrixState.refresh([])

    def _done(self, key: str) -> Any:
        self.open = False
        return rx.redirect(f"/p/{self._visitor.practice}/settings/roles?role={key}")

    async def _role(self, key: str) -> matrix.RoleColumn | None:
        found = await self._find(matrix.matrix)
        return next((one for one in found.roles if one.key == key), None) if found else None

    async def _start(self, title: str, words: dict[str, str], reaches: matrix.Reaches) -> None:
        allowed = await self._find(matrix.design_rows)
        if allowed is None:
            return
        self.rows = [
            ShownRow(
                permission=row.permission,
                words=row.words,
                group=row.group,
                reach=_at_most(reaches.get(row.permission, "no"), row.reaches),
                reaches=list(row.reaches),
            )
            for row in allowed
        ]
        self.title, self.typed, self.role_id, self.version, self.hits = title, words, "", 0, ""
        self.errors, self.theirs, self.open = {}, [], True


def _at_most(reach: str, allowed: tuple[str, ...]) -> str:
    """Return a reach, or the widest below it that the actor may give."""
    return max((one for one in allowed if REACH[one] <= REACH[reach]), key=lambda one: REACH[one])


def _held(role: matrix.RoleColumn) -> list[tuple[str, str]]:
    return [(p.value, words) for p, words in WORDS.items() if role.reaches[p.value] != "no"]


def _field(name: str) -> str:
    plain = {"name": "Name", "description": "Description", "section": "Section"}
    return plain.get(name) or WORDS[Permission(name)]


def _privileges(reaches: dict[str, str]) -> dict[Permission, Any]:
    return {Permission(name): REACH[reach] for name, reach in reaches.items() if reach in REACH}


def _may_edit(work: Work, *, role_id: Any) -> bool:
    custom.may_edit(work, role_id=role_id)
    return True


def _make_role(work: Work, *, reaches: dict[str, str], **words: str) -> Done:
    return custom.make_role(work, privileges=_privileges(reaches), **words)


def _edit_role(work: Work, *, role_id: Any, version: int, reaches: dict[str, str], **words: str) -> Done:
    privileges = _privileges(reaches)
    return custom.edit_role(work, role_id=role_id, version=version, privileges=privileges, **words)
