"""The add form: it says while one types who has the email already, and what the person will cost."""

from datetime import date
from typing import Any
from uuid import UUID

import reflex as rx

from motlink.orgs.zones import today_of
from motlink.permissions import Permission
from motlink.roles.prices import monthly_cents, price_words
from motlink.roles.rules import money
from motlink.settings import settings
from motlink.staff import actions, invitations, queries, switches
from motlink.staff.errors import AlreadyHere
from motlink.staff.shown import ShownSwitch, priced, shown_switches
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
    # What stands beside each role, by its key; and in the sum at the side, of those that are ticked.
    prices: dict[str, str] = {}
    costs: dict[str, str] = {}
    total: str = "$0.00"
    first_name: str = ""
    taken: dict[str, str] = {}
    _day: date = date.min
    # The email that was saved last: for what is wrong with it.
    _refused: str = ""

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_STAFF)
    async def load(self):
        """Start an empty form."""
        found, day = await self._find(switches.add_switches), await self._find(today_of)
        if found is None or day is None:
            return
        self.reset()
        self._day = day
        self.roles = shown_switches(found)
        self.reasons = {str(switch.id): switch.reason for switch in found if switch.reason}
        self._add_up()
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
            self._add_up()

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
        # What was typed before Save is told a moment later: what is wrong with it is still wrong.
        if text != self._refused:
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
        self._refused = fields["email"]
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

    def _add_up(self) -> None:
        ticked = [priced(role) for role in self.roles if self.ticked.get(role["id"])]
        on = {role.key for role in ticked}
        self.prices = price_words(map(priced, self.roles), on, self._day)
        self.costs = {key: words for key, words in self.prices.items() if key in on}
        self.total = money(monthly_cents(ticked, self._day))


def _add(work: Work, **typed: Any) -> Done:
    member = actions.add_member(work, **typed)
    return Done(f"{member.name} is invited. The email comes from {settings().mail_from}.")
