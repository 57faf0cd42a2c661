"""Leave on the Profile: until which day someone is away (TA-32)."""

from typing import Any

import reflex as rx

from motlink.permissions import Permission
from motlink.staff import last_days
from motlink.staff.profile_state import ProfileState
from motlink.web.acting import Acting
from motlink.web.guard import requires


class LeaveState(Acting, rx.State):
    """The small dialog that asks for the first day back."""

    open: bool = False

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def start(self):
        """Open the dialog."""
        self.errors, self.open = {}, True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Close the dialog; nothing is saved. A freshly loaded screen has none open."""
        self.open = False

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def save(self, member_id: str, form: dict[str, Any]):
        """Note the leave."""
        typed = str(form.get("back_on", "")) or "none"
        if await self._perform(last_days.set_leave, member_id=member_id, back_on=typed):
            self.open = False
            return ProfileState.refresh([member_id])
        return None

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def end(self, member_id: str):
        """Say that the person is back."""
        await self._perform(last_days.set_leave, member_id=member_id, back_on="")
        return ProfileState.refresh([member_id])
