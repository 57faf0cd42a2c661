"""The add form: it says while one types who has the email already, and what the person will cost."""

from typing import Any
from uuid import UUID

import reflex as rx

from motlink.permissions import Permission
from motlink.roles.rules import money, monthly_cents
from motlink.settings import settings
from motlink.staff import actions, invitations, queries, switches
from motlink.staff.errors import AlreadyHere
from motlink.staff.shown import ShownSwitch, shown_switches
from motlink.web.acting import Acting
from motlink.web.guard import requires
from motlink.work import Done, Work


class AddState(Acting, rx.State):
    """What is ticked, what is wrong, who is here already. Typed text stays in the browser until Save."""

    loaded: bool = False
    sender: str = ""
    roles: list[ShownSwitch] = []
    reasons: dict[str, str] = {}
    ticked: dict[str, bool] = {}
    total: str = "$0.00"
    first_name: str = ""
    taken: dict[str, str] = {}

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def load(self):
        """Start an empty form."""
        found = await self._find(switches.add_switches)
        if found is None:
            return
        self.reset()
        self.roles = shown_switches(found)
        self.reasons = {str(switch.id): switch.reason for switch in found if switch.reason}
        self.sender, self.loaded = settings().mail_from, True

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def tick(self, role_id: str, on: bool):
        """Choose a role, or not; the total follows."""
        if role_id in {role["id"] for role in self.roles}:
            self.ticked = {**self.ticked, role_id: on}
            # An option goes with its role.
            for option in self.roles:
                if option["parent"] and not self.ticked.get(option["parent"]):
                    self.ticked.pop(option["id"], None)
            chosen = [role for role in self.roles if self.ticked.get(role["id"])]
            cents = monthly_cents(role["paid"] for role in chosen) + sum(role["cents"] for role in chosen)
            self.total = money(cents)

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def typed_email(self, text: str):
        """Say who has this email here already, while it is typed (TA-18)."""
        found = await self._find(queries.email_notice, email=text)
        way = found.ways[0] if found and found.ways else ""
        self.taken = (
            {"id": str(found.member_id), "name": found.name, "sentence": found.sentence, "way": way}
            if found
            else {}
        )
        self.errors = {field: words for field, words in self.errors.items() if field != "email"}

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def typed_name(self, text: str):
        """Head the total with the name."""
        self.first_name = " ".join(text.split())[:40]

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def save(self, form: dict[str, Any]):
        """Add the person and send the invitation."""
        chosen = [UUID(role["id"]) for role in self.roles if self.ticked.get(role["id"])]
        fields = {name: str(form.get(name, "")) for name in ("first_name", "last_name", "email", "phone")}
        try:
            done = await self._perform(_add, role_ids=chosen, lets_through=AlreadyHere, **fields)
        except AlreadyHere:
            return AddState.typed_email(fields["email"])
        if done:
            return rx.redirect(f"/p/{self._visitor.practice}/settings/staff")
        # The message stands beside its field, which may be out of sight.
        return rx.set_focus(next(iter(self.errors))) if self.errors else None

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def way_out(self, way: str, member_id: str):
        """Take the way out that the notice offers: reactivate, or invite again; then open the profile."""
        act = actions.reactivate if way == "reactivate" else invitations.send_invitation
        if await self._perform(act, member_id=member_id):
            return rx.redirect(f"/p/{self._visitor.practice}/settings/staff/{member_id}")
        return None


def _add(work: Work, **typed: Any) -> Done:
    member = actions.add_member(work, **typed)
    return Done(f"{member.name} is invited. The letter comes from {settings().mail_from}.")
