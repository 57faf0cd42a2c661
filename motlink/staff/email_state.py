"""Correcting the email of somebody who has not come in, on the Profile."""

from typing import Any

import reflex as rx

from motlink.errors import Conflict
from motlink.permissions import Permission
from motlink.staff import email_correction
from motlink.staff.profile_state import ProfileState
from motlink.web import rate
from motlink.web.acting import Acting
from motlink.web.guard import requires

TOO_MANY = "Many emails were corrected here in the last hour. Wait a while, then try again."


class EmailState(Acting, rx.State):
    """The small dialog, and the email it showed when it was opened (LV-02)."""

    open: bool = False
    was: str = ""
    # Whether saving sends a new invitation.
    invites: bool = False

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def start(self):
        """Open the dialog with the email that the Profile shows."""
        profile = await self.get_state(ProfileState)
        invites = await self._find(email_correction.invites_again, member_id=profile.id)
        if invites is not None:
            self.was, self.invites = profile.person.get("email", ""), invites
            self.errors, self.open = {}, True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Close the dialog; nothing is saved."""
        self.open = False

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def save(self, member_id: str, form: dict[str, Any]):
        """Save, and send a new invitation where one was sent before."""
        if not await rate.count(rate.CORRECTIONS_OF_PRACTICE, "corrections of", self._visitor.practice):
            self.errors = {"email": TOO_MANY}
            return None
        given = {"email": str(form.get("email", "")), "was": self.was}
        try:
            done = await self._perform(
                email_correction.correct_email, lets_through=Conflict, member_id=member_id, **given
            )
        except Conflict as refusal:
            self.errors = {"email": str(refusal)}
            return None
        if done:
            self.open = False
            return ProfileState.refresh([member_id])
        return None
