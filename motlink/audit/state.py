"""The audit log on the screen; its address holds the filter and the page."""

from collections.abc import Mapping
from urllib.parse import urlencode

import reflex as rx

from motlink.audit import queries
from motlink.audit.queries import AuditPage, AuditRow, AuditView
from motlink.digits import MOST_PAGES, whole_number
from motlink.permissions import Permission
from motlink.web.acting import Acting
from motlink.web.asked import Asking
from motlink.web.guard import requires


class AuditState(Acting, Asking, rx.State):
    """One page of the log."""

    loaded: bool = False
    rows: list[dict[str, str]] = []
    shown: str = ""
    page: int = 1
    pages: int = 1
    action: str = ""
    who: str = ""
    actions: list[dict[str, str]] = []
    people: list[dict[str, str]] = []
    export: str = ""

    @rx.event(supersedes=True)
    @requires(Permission.READ_AUDIT)
    async def load(self):
        """Read the page that the address names."""
        view = _view_of(self._here())
        self._arrive(_query(view))
        found = await self._find(queries.entries, view=view)
        if found is not None:
            self._show(view, found)

    @rx.event
    @requires(Permission.READ_AUDIT)
    async def filter_action(self, action: str):
        """Show one kind of act, or all ("all")."""
        view = _view_of(self._asking())
        return self._go(AuditView(action="" if action == "all" else action, who=view.who))

    @rx.event
    @requires(Permission.READ_AUDIT)
    async def filter_who(self, who: str):
        """Show one person's acts, or everyone's ("all")."""
        view = _view_of(self._asking())
        return self._go(AuditView(action=view.action, who="" if who == "all" else who))

    @rx.event
    @requires(Permission.READ_AUDIT)
    async def turn_to(self, page: int):
        """Go to a page."""
        view = _view_of(self._asking())
        return self._go(AuditView(view.action, view.who, max(1, page)))

    def _go(self, view: AuditView) -> rx.event.EventSpec:
        query = _query(view)
        self._ask(query)
        return rx.redirect(f"/p/{self._visitor.practice}/settings/audit{query}", replace=True)

    def _show(self, view: AuditView, found: AuditPage) -> None:
        self.rows = [_shown(row) for row in found.rows]
        self.shown = f"{found.shown:,} {'entry' if found.shown == 1 else 'entries'}"
        self.page, self.pages = found.page, found.pages
        self.action, self.who = view.action, view.who
        self.actions = [{"key": key, "name": name} for key, name in found.actions]
        self.people = [{"key": key, "name": name} for key, name in found.people]
        self.export = (
            f"/p/{self._visitor.practice}/settings/audit.csv{_query(AuditView(view.action, view.who))}"
        )
        self.loaded = True


def _view_of(query: Mapping[str, str]) -> AuditView:
    page = query.get("page", "1")
    number = whole_number(page, most=MOST_PAGES) or 1
    return AuditView(query.get("action", "")[:60], query.get("who", "")[:40], number)


def _query(view: AuditView) -> str:
    parts = {"action": view.action, "who": view.who, "page": str(view.page) if view.page > 1 else ""}
    said = urlencode({key: value for key, value in parts.items() if value})
    return f"?{said}" if said else ""


def _shown(row: AuditRow) -> dict[str, str]:
    return {
        "id": str(row.id),
        "number": str(row.number),
        "at": row.at,
        "who": row.who,
        "what": row.what,
        "whom": row.whom,
        "whom_id": row.whom_id,
        "details": row.details,
        "place": " · ".join(part for part in (row.address, row.browser) if part),
    }
