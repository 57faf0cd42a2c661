"""The agreement (BAA) with an External Agent, on the Profile."""

from typing import Any

import reflex as rx

from motlink.permissions import Permission
from motlink.staff import agreements
from motlink.staff.profile_state import ProfileState
from motlink.web.acting import Acting
from motlink.web.guard import requires


class AgreementState(Acting, rx.State):
    """The small dialog, and what it showed when it was opened (LV-02)."""

    open: bool = False
    signed_on: str = ""
    note: str = ""

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def start(self):
        """Open the dialog with what the Profile shows."""
        person = (await self.get_state(ProfileState)).person
        self.signed_on, self.note = person.get("baa_on", ""), person.get("baa_note", "")
        self.errors, self.open = {}, True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Close the dialog; nothing is saved."""
        self.open = False

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def save(self, member_id: str, form: dict[str, Any]):
        """Save the day and where the agreement is kept."""
        given = {name: str(form.get(name, "")) for name in ("signed_on", "note")}
        seen = {"seen_on": self.signed_on, "seen_note": self.note}
        if await self._perform(agreements.set_agreement, member_id=member_id, **given, **seen):
            self.open = False
            return ProfileState.refresh([member_id])
        return None
