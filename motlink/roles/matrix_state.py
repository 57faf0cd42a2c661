"""The Roles page: the matrix, and beside it the role that the address names (TA-25)."""

from typing import Any, TypedDict

import reflex as rx

from motlink.permissions import Permission
from motlink.roles import matrix
from motlink.roles.custom import end_role
from motlink.roles.matrix import Matrix, RoleColumn
from motlink.roles.rules import money
from motlink.roles.words import GROUPS
from motlink.staff import holders
from motlink.staff.holders import RolePanel
from motlink.web.acting import Acting
from motlink.web.guard import requires
from motlink.web.live import subscribe


class ShownRole(TypedDict):
    """The head of a column."""

    id: str
    key: str
    name: str
    description: str
    builtin: bool
    price: str
    people: str


class Cell(TypedDict):
    """How far a privilege reaches in a role: "no", "own", "chosen", "yes"."""

    key: str
    reach: str


class ShownPrivilege(TypedDict):
    """A row of the matrix; a group's has words alone."""

    words: str
    group: bool
    cells: list[Cell]


class ShownHolder(TypedDict):
    """Somebody who has the chosen role."""

    id: str
    name: str
    initials: str


class MatrixState(Acting, rx.State):
    """All roles, and the chosen one with who has it."""

    loaded: bool = False
    summary: str = ""
    roles: list[ShownRole] = []
    rows: list[ShownPrivilege] = []
    options: list[ShownRole] = []
    option_rows: list[ShownPrivilege] = []
    # The key of the chosen role, and all that its panel says.
    chosen: str = ""
    role: dict[str, str] = {}
    builtin: bool = True
    held: str = ""
    people: int = 0
    seats: str = ""
    seats_cost: str = ""
    holders: list[ShownHolder] = []
    refusal: str = ""
    picked: dict[str, bool] = {}
    more: bool = False

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def load(self):
        """Read the roles, and the one that the address names."""
        before = self.chosen
        if not await self._reread(str(self.router.url.query_parameters.get("role", ""))):
            return None
        subscribe(self, {"roles", "staff", "batch"}, MatrixState.refresh, screen="roles")
        if self.router.url.fragment == "pricing":
            # The browser looked for it before the rows were there.
            return rx.set_focus("pricing")
        # On a narrow screen the panel stands below: whoever chose a role is taken there.
        return rx.set_focus("role-panel") if self.chosen and self.chosen != before else None

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def refresh(self, ids: list[str]):
        """Re-read after news about a role or about people."""
        if self.loaded:
            await self._reread(self.chosen)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def show(self, key: str):
        """Choose a role; the address names it. None closes the panel."""
        query = f"?role={key}" if key in {role["key"] for role in self.roles} else ""
        return rx.redirect(f"/p/{self._visitor.practice}/settings/roles{query}")

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def show_more(self):
        """Show more of who has the role."""
        self.more = True
        await self._reread(self.chosen)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def pick(self, member_id: str, on: bool):
        """Select somebody, or not."""
        if member_id in {one["id"] for one in self.holders}:
            self.picked = {
                **{one: True for one in self.picked if one != member_id},
                **({member_id: True} if on else {}),
            }

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def pick_all(self, on: bool):
        """Select everyone who is shown, or nobody."""
        self.picked = {one["id"]: True for one in self.holders} if on else {}

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def delete(self, role_id: str):
        """Take a role of the practice's own away."""
        if await self._perform(end_role, role_id=role_id):
            return MatrixState.show("")
        return None

    async def _reread(self, key: str) -> bool:
        found = await self._find(matrix.matrix)
        if found is None:
            return False
        limit = holders.MOST_HOLDERS if self.more and key == self.chosen else holders.FIRST_HOLDERS
        panel = await self._find(holders.role_panel, key=key, limit=limit) if key else None
        self._show(found)
        self._show_panel(found, panel)
        self.loaded = True
        return True

    def _show(self, found: Matrix) -> None:
        own = sum(not one.builtin for one in found.roles)
        summary = f"{len(found.roles) - own} built in" + (f", {own} of your own" if own else "")
        new: dict[str, Any] = {
            "summary": summary,
            "roles": [_head(one) for one in found.roles],
            "rows": _rows(found.roles, groups=True),
            "options": [_head(one) for one in found.options],
            "option_rows": [
                row for row in _rows(found.options) if any(c["reach"] != "no" for c in row["cells"])
            ],
        }
        for name, value in new.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _show_panel(self, found: Matrix, panel: RolePanel | None) -> None:
        if panel is None:
            self.chosen, self.role, self.holders, self.picked, self.more = "", {}, [], {}, False
            return
        if panel.key != self.chosen:
            self.picked, self.more = {}, False
        role = next(one for one in found.roles if one.key == panel.key)
        self.chosen, self.people, self.refusal = panel.key, panel.people, panel.refusal
        self.role = {"id": str(role.id), "name": role.name, "description": role.description}
        self.builtin, self.held = role.builtin, holds_it(panel.people)
        self.seats = seat_words(role.cents)
        self.seats_cost = money(role.cents * panel.people) if role.cents else ""
        self.holders = [
            ShownHolder(id=str(one.id), name=one.name, initials=one.initials) for one in panel.holders
        ]
        here = {one["id"] for one in self.holders}
        self.picked = {one: True for one in self.picked if one in here}


def holds_it(people: int) -> str:
    """Return "24 people hold it"."""
    if not people:
        return "Nobody holds it"
    return "1 person holds it" if people == 1 else f"{people:,} people hold it"


def seat_words(cents: int) -> str:
    """Return what whoever holds a role of this price costs; the seats of two roles are not to be added up."""
    return f"A seat each, {money(cents)}, which all their paid roles share" if cents else "Free"


def _head(one: RoleColumn) -> ShownRole:
    plus = "+" if one.option_of else ""
    return ShownRole(
        id=str(one.id),
        key=one.key,
        name=one.name,
        description=one.description,
        builtin=one.builtin,
        price=f"{plus}${one.cents // 100}" if one.cents else "free",
        people="1 person" if one.people == 1 else f"{one.people:,} people",
    )


def _rows(roles: tuple[RoleColumn, ...], *, groups: bool = False) -> list[ShownPrivilege]:
    rows: list[ShownPrivilege] = []
    for title, privileges in GROUPS:
        if groups:
            rows.append(ShownPrivilege(words=title, group=True, cells=[]))
        for permission, words in privileges:
            cells = [Cell(key=one.key, reach=one.reaches[permission.value]) for one in roles]
            rows.append(ShownPrivilege(words=words, group=False, cells=cells))
    return rows
