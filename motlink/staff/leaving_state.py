"""The off-boarding dialog: the checklist first, then the verb. Roster and Profile share it (TA-20, TA-29, TA-30)."""

from typing import Any

import reflex as rx

from motlink.permissions import Permission
from motlink.staff import actions, last_days, leaving
from motlink.staff.shown import ShownCheck, shown_checks
from motlink.web.acting import Acting
from motlink.web.guard import requires


class LeavingState(Acting, rx.State):
    """Whom the dialog is about, what letting them go touches, and when it is to be."""

    open: bool = False
    member_id: str = ""
    name: str = ""
    first_name: str = ""
    checks: list[ShownCheck] = []
    refusal: str = ""
    revoke: bool = True
    # "now", or "later": on their last working day.
    when: str = "now"
    today: str = ""
    day: str = ""
    time: str = ""
    zone: str = ""

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def ask(self, member_id: str):
        """Open the dialog with everything that the act touches."""
        found = await self._find(leaving.leaving_checklist, member_id=member_id)
        if found is None:
            return
        self.member_id, self.name, self.first_name = str(found.member_id), found.name, found.first_name
        self.checks, self.refusal, self.revoke = shown_checks(found), found.refusal, True
        self.when, self.today, self.zone = "now", found.today, found.zone
        self.day, self.time, self.errors = found.today, "", {}
        self.open = True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def choose(self, revoke: bool):
        """Decide what becomes of the invitations they sent."""
        self.revoke = revoke

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def choose_when(self, when: str):
        """Decide whether it is to be now or on a last working day."""
        self.when, self.errors = ("later" if when == "later" else "now"), {}

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def type_day(self, day: str):
        """Keep the day that is typed."""
        self.day, self.errors = day[:10], {}

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def type_time(self, time: str):
        """Keep the time that is typed."""
        self.time, self.errors = time[:8], {}

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

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def plan(self, member_id: str, day: str, time: str, revoke: bool):
        """Let the person go on a last working day."""
        done = await self._perform(
            last_days.plan_leaving_on,
            member_id=member_id,
            leaves_on=day,
            leaves_time=time,
            revoke_invitations=revoke,
        )
        self.open = done is None and bool(self.errors)
        return None if self.open else show_again(self.router.url.path, member_id)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def bring_forward(self, member_id: str):
        """Let the person go now instead of on the day that was planned."""
        await self._perform(last_days.bring_forward, member_id=member_id)
        return show_again(self.router.url.path, member_id)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def cancel(self, member_id: str):
        """Forget the day that was planned."""
        await self._perform(last_days.cancel_leaving, member_id=member_id)
        return show_again(self.router.url.path, member_id)


def show_again(path: str, member_id: str) -> Any:
    """Return the event by which the screen at `path` reads a member again: the own tab hears no news of its acts."""
    from motlink.staff.profile_state import ProfileState
    from motlink.staff.roster_state import RosterState

    on_profile = path.rstrip("/").endswith(member_id)
    return ProfileState.refresh([member_id]) if on_profile else RosterState.refresh([member_id])
