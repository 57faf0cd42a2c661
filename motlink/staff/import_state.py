"""Bringing people in from a file, on the screen: the list of imports, and one import from its columns to its end."""

from typing import TypedDict
from uuid import UUID

import reflex as rx

from motlink.audit.undo import undo
from motlink.errors import MotlinkError, NotFound
from motlink.permissions import Permission
from motlink.roles.prices import SEAT, listed
from motlink.roles.rules import money
from motlink.staff import import_actions, import_queries
from motlink.staff.batch_state import BatchState
from motlink.staff.import_columns import FIELDS, columns_with
from motlink.staff.import_queries import ImportLine, ImportShown, PreviewRow
from motlink.web.acting import Acting, NoticeState
from motlink.web.guard import requires
from motlink.web.live import read_again, subscribe
from motlink.work import Done

# Seconds after which a screen looks again at what goes on, also where the worker is another process.
LOOK_AGAIN = 1.0
# A column of ours that stands in none of the file's.
NONE = "-1"
FATES = ("create", "update", "unchanged", "refused", "done", "left")


class ShownImport(TypedDict):
    """An import in the list."""

    id: str
    name: str
    at: str
    who: str
    words: str
    href: str


class ShownPreview(TypedDict):
    """A row of a file."""

    number: str
    name: str
    email: str
    fate: str
    words: str


class ImportsState(Acting, rx.State):
    """The imports of the practice, and where the form of a new one goes."""

    loaded: bool = False
    imports: list[ShownImport] = []
    target: str = ""

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def load(self):
        """Read the list."""
        found = await self._find(import_queries.imports)
        if found is None:
            return
        self.target = f"/p/{self._visitor.practice}/settings/staff/import"
        self.imports = [_line(one, self.target) for one in found]
        self.loaded = True


class ImportState(Acting, rx.State):
    """One import: how its columns are read, what would happen, how far it is, what became of it."""

    loaded: bool = False
    missing: bool = False
    id: str = ""
    name: str = ""
    state: str = ""
    problem: str = ""
    # {value, word} of each column of the file, and the column of each field of ours.
    choices: list[dict[str, str]] = []
    columns: dict[str, str] = {}
    not_taken: str = ""
    kind: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: list[str] = []
    counts: dict[str, str] = {}
    good: int = 0
    good_words: str = ""
    seats: str = ""
    done: int = 0
    total: int = 0
    fate: str = ""
    rows: list[ShownPreview] = []
    page: int = 1
    pages: int = 1
    undone: bool = False
    back_words: str = ""
    can_undo: bool = False
    refused_href: str = ""
    _undo: str = ""
    _back: str = ""

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def load(self):
        """Read the import that the address names."""
        wanted = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        if wanted != self.id:
            self.loaded, self.fate, self.page = False, "", 1
        self.id = wanted
        await self._reread()
        if not self.missing:
            subscribe(self, {"batch"}, ImportState.refresh, screen=f"import/{self.id}")
            self._look_again()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def refresh(self, ids: list[str]):
        """Look how far it is; read all of it once it has come to something new."""
        if not self.id or (ids and self.id not in ids):
            return
        try:
            state, back, done, total = await self._read(import_queries.how_far, batch_id=self.id)
        except MotlinkError:
            return
        if (state, back) != (self.state, self._back):
            await self._reread()
            await self._tell_the_end()
        elif (done, total) != (self.done, self.total):
            self.done, self.total = done, total
        self._look_again()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def take_column(self, import_id: str, field: str, place: str):
        """Read one of our fields from another column of the file, or from none."""
        if import_id != self.id or field not in FIELDS:
            return
        await self._read_otherwise(columns=columns_with(self.columns, field, place))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def take_reading(self, import_id: str, what: str, chosen: str):
        """Read the file with another encoding, delimiter or sheet; its columns are guessed anew."""
        if import_id == self.id and what in ("encoding", "delimiter", "sheet"):
            await self._read_otherwise(**{what: chosen})

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def show_fate(self, fate: str):
        """Show the rows of one fate; of all with ""."""
        self.fate, self.page = (fate if fate in FATES else ""), 1
        await self._reread()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def turn_to(self, page: int):
        """Go to a page of the rows."""
        self.page = max(1, page)
        await self._reread()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def start(self, import_id: str):
        """Import the good rows."""
        self.fate, self.page = "", 1
        await self._perform(import_actions.start_import, batch_id=import_id)
        await self._go_on()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def put_away(self, import_id: str):
        """Leave the file; nothing is imported."""
        if await self._perform(import_actions.drop_import, batch_id=import_id):
            return rx.redirect(f"/p/{self._visitor.practice}/settings/staff/import")
        await self._reread()
        return None

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def take_back(self, import_id: str):
        """Undo the whole import."""
        if import_id == self.id and self._undo:
            await self._perform(undo, entry_id=self._undo)
        await self._go_on()
        # A long one is taken back in the background: how far it is stands on every screen.
        return BatchState.look

    async def _tell_the_end(self) -> None:
        """Say what has become of it where the screen has seen it begin."""
        if self.state == "done" and not self.undone:
            words = await self._read(import_queries.result_words, batch_id=self.id)
            (await self.get_state(NoticeState))._tell(
                Done(words, undo=UUID(self._undo) if self._undo else None)
            )

    async def _read_otherwise(self, **asked: object) -> None:
        kept = {"encoding": self.encoding, "delimiter": self.delimiter, "sheet": self.sheet}
        self.fate, self.page = "", 1
        await self._perform(import_actions.read_otherwise, batch_id=self.id, **(kept | asked))
        await self._go_on()

    async def _go_on(self) -> None:
        await self._reread()
        self._look_again()

    def _look_again(self) -> None:
        if self.state in ("preparing", "running"):
            read_again(self, LOOK_AGAIN)

    async def _reread(self) -> None:
        try:
            found = await self._read(
                import_queries.import_shown, batch_id=self.id, fate=self.fate, page=self.page
            )
        except NotFound:
            self.missing = self.loaded = True
            return
        self._show(found)

    def _show(self, found: ImportShown) -> None:
        self.missing, self.loaded = False, True
        self.id, self.name, self.state, self.problem = str(found.id), found.name, found.state, found.problem
        self.choices = [
            {"value": str(place), "word": word.strip() or f"Column {place + 1}"}
            for place, word in enumerate(found.header)
        ]
        self.columns = {field: str(found.columns.get(field, NONE)) for field in FIELDS}
        self.not_taken = ", ".join(found.not_taken)
        self.kind, self.encoding, self.delimiter = found.kind, found.encoding, found.delimiter
        self.sheet, self.sheets = found.sheet, list(found.sheets)
        self.counts = {fate: f"{number:,}" for fate, number in found.counts.items() if number}
        self.good = found.counts.get("create", 0) + found.counts.get("update", 0)
        self.good_words = f"{self.good:,}"
        self.seats = _seats(found.seats)
        self.done, self.total = found.done, found.total
        self.rows = [_row(row) for row in found.rows]
        self.page, self.pages = found.page, found.pages
        self.undone, self.can_undo, self._undo = (
            bool(found.back),
            found.undo is not None,
            str(found.undo or ""),
        )
        self._back, self.back_words = found.back, _back_words(found.back)
        self.refused_href = (
            f"/p/{self._visitor.practice}/settings/staff/import/{found.id}/refused.csv"
            if found.counts.get("refused")
            else ""
        )


def _back_words(back: str) -> str:
    if back in ("", "under way"):
        return "It is being taken back." if back else ""
    if back == "all":
        return "Whoever this file brought in is out again. Whoever it changed is as before."
    stayed = "1 person stays as they are" if back == "1" else f"{back} people stay as they are"
    return f"Taken back, but {stayed}: invited, or changed again, since."


def _seats(seats: int) -> str:
    if not seats:
        return ""
    return f"{seats:,} {'seat' if seats == 1 else 'seats'}, {money(seats * listed(SEAT))} a month"


def _row(row: PreviewRow) -> ShownPreview:
    return ShownPreview(
        number=str(row.number), name=row.name, email=row.email, fate=row.fate, words=row.words
    )


def _line(one: ImportLine, base: str) -> ShownImport:
    if one.back:
        words = {"all": "taken back", "under way": "being taken back"}.get(
            one.back, f"taken back, {one.back} stayed"
        )
    elif one.state == "ready":
        words = "waits for a decision"
    elif one.state == "stopped":
        words = f"stopped, {one.done:,} imported"
    elif one.state == "done":
        words = f"{one.done:,} imported" + (f", {one.refused:,} refused" if one.refused else "")
    else:
        words = "under way"
    return ShownImport(
        id=str(one.id), name=one.name, at=one.at, who=one.who, words=words, href=f"{base}/{one.id}"
    )
