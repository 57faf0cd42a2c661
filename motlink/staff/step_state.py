"""Removing a lost second step on the Profile: asked first, then done."""

import reflex as rx

from motlink.permissions import Permission
from motlink.sign_in.entering import tell_elsewhere
from motlink.staff.profile_state import ProfileState
from motlink.staff.step_removal import REMOVED, remove_second_step
from motlink.web.acting import Acting, as_id
from motlink.web.guard import requires


class StepState(Acting, rx.State):
    """The question of the Profile's Sign-in section."""

    asking: bool = False

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def ask(self):
        """Ask before it is removed."""
        self.asking = True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Leave it as it is. A freshly loaded screen has no question open."""
        self.asking = False

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def remove(self, member_id: str):
        """Remove it; the other practices of the person hear of it, too."""
        self.asking = False
        if await self._perform(remove_second_step, member_id=member_id):
            await tell_elsewhere(as_id(member_id), REMOVED)
        return ProfileState.refresh([member_id])
