"""Until when somebody has a role, and whose records it lets them read (TA-27)."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import reflex as rx

from motlink.errors import Invalid
from motlink.permissions import Permission
from motlink.staff import granting, terms
from motlink.staff.errors import TermsChanged
from motlink.staff.leaving_state import show_again
from motlink.web.acting import Acting, as_id
from motlink.web.guard import requires
from motlink.work import Done, Work


class TermsState(Acting, rx.State):
    """The dialog behind "End date", and behind turning Records Custodian on."""

    open: bool = False
    member_id: str = ""
    role_id: str = ""
    role: str = ""
    name: str = ""
    on: bool = False
    records: bool = False
    ends_on: str = ""
    today: str = ""
    everyone: bool = True
    chosen: list[dict[str, str]] = []
    found: list[dict[str, str]] = []
    q: str = ""
    # What the dialog showed: a change is of that, or of nothing.
    _shown: str = ""

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def start(self, member_id: str, role_id: str):
        """Open the dialog with what is so now."""
        if await self._show(member_id, role_id):
            self.errors, self.found, self.q, self.open = {}, [], "", True

    async def _show(self, member_id: str, role_id: str) -> bool:
        shown = await self._find(terms.terms_shown, member_id=member_id, role_id=role_id)
        if shown is None:
            return False
        self.member_id, self.role_id, self.role, self.name = member_id, role_id, shown.role, shown.name
        self.on, self.records, self.ends_on, self.today = shown.on, shown.records, shown.ends_on, shown.today
        self.everyone, self._shown = shown.all_providers, shown.mark
        self.chosen = [{"id": str(one.id), "name": one.name} for one in shown.providers]
        return True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Close the dialog; nothing happens."""
        self.open = False

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def choose_all(self, everyone: bool):
        """All providers, or chosen ones."""
        self.everyone = everyone
        return TermsState.look_for("") if not everyone else None

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def look_for(self, q: str):
        """Offer the providers with these letters, while one types."""
        self.q = q[:80]
        found = await self._find(terms.providers_like, q=self.q) or ()
        self.found = [{"id": str(one.id), "name": one.name} for one in found]

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def choose(self, provider_id: str, name: str, chosen: bool):
        """Choose somebody, or not."""
        others = [one for one in self.chosen if one["id"] != provider_id]
        self.chosen = [*others, {"id": provider_id, "name": name[:250]}][:500] if chosen else others

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def save(self, form: dict[str, Any]):
        """Save the end date, and for a role that reads records whose."""
        return await self._save(str(form.get("ends_on", "")))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def no_end(self):
        """Take the end date away."""
        return await self._save("")

    async def _save(self, ends_on: str) -> Any:
        given: dict[str, Any] = {
            "member_id": self.member_id,
            "role_id": self.role_id,
            "ends_on": ends_on,
            "shown": self._shown,
        }
        action: Callable[..., Done] = _set_role_end
        if self.records:
            action = _grant_records
            given |= {"all_providers": self.everyone, "providers": [one["id"] for one in self.chosen]}
        try:
            done = await self._perform(action, lets_through=TermsChanged, **given)
        except TermsChanged as changed:
            # The dialog starts again with what is so now; whoever saves it has seen that.
            await self._show(self.member_id, self.role_id)
            self.errors = {"providers" if self.records else "ends_on": str(changed)}
            return None
        if done is None:
            return None
        self.open = False
        return show_again(self.router.url.path, self.member_id)


def _set_role_end(work: Work, *, member_id: UUID, role_id: UUID, ends_on: str, shown: str) -> Done:
    return granting.set_role_end(
        work, member_id=member_id, role_id=role_id, ends_on=_day(ends_on), shown=shown
    )


def _grant_records(
    work: Work,
    *,
    member_id: UUID,
    role_id: UUID,
    ends_on: str,
    shown: str,
    all_providers: bool,
    providers: list[str],
) -> Done:
    return granting.grant_records(
        work,
        member_id=member_id,
        role_id=role_id,
        all_providers=all_providers,
        provider_ids=[as_id(one) for one in providers],
        ends_on=_day(ends_on),
        shown=shown,
    )


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed.strip() else None
    except ValueError:
        raise Invalid("This is not a day.", field="ends_on") from None
