"""The off-boarding dialog: the checklist first, then the verb. Roster and Profile share it (TA-20, TA-29)."""

from typing import Any

import reflex as rx

from motlink.permissions import Permission
from motlink.staff import actions, leaving
from motlink.staff.shown import ShownCheck, shown_checks
from motlink.web.acting import Acting
from motlink.web.guard import requires


class LeavingState(Acting, rx.State):
    """Whom the dialog is about, and what letting them go touches."""

    open: bool = False
    member_id: str = ""
    name: str = ""
    first_name: str = ""
    checks: list[ShownCheck] = []
    refusal: str = ""
    revoke: bool = True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def ask(self, member_id: str):
        """Open the dialog with everything that the act touches."""
        found = await self._find(leaving.leaving_checklist, member_id=member_id)
        if found is None:
            return
        self.member_id, self.name, self.first_name = str(found.member_id), found.name, found.first_name
        self.checks, self.refusal, self.revoke = shown_checks(found), found.refusal, True
        self.open = True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def choose(self, revoke: bool):
        """Decide what becomes of the invitations they sent."""
        self.revoke = revoke

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def close(self, _open: bool = False):
        """Close the dialog; nothing happens. A freshly loaded screen has none open, whatever the tab showed before."""
        self.open = False

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def deactivate(self, member_id: str, revoke: bool):
        """Let the person go. Saying the name again does no harm: a repeated tap finds them gone already."""
        await self._perform(actions.deactivate, member_id=member_id, revoke_invitations=revoke)
        self.open = False
        return show_again(self.router.url.path, member_id)


def show_again(path: str, member_id: str) -> Any:
    """Return the event by which the screen at `path` reads a member again: the own tab hears no news of its acts."""
    from motlink.staff.profile_state import ProfileState
    from motlink.staff.roster_state import RosterState

    on_profile = path.rstrip("/").endswith(member_id)
    return ProfileState.refresh([member_id]) if on_profile else RosterState.refresh([member_id])
