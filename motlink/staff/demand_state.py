"""The choice on the Security screen: of whom a second step at sign-in is demanded, and whom that concerns."""

import reflex as rx

from motlink.accounts.proof import PasswordNeeded
from motlink.errors import Conflict
from motlink.orgs.rules import EVERYONE, LEADING, NOBODY, SettingsChanged
from motlink.permissions import Permission
from motlink.staff.batch_kinds import people
from motlink.staff.demands import DemandOutlook, OwnStepFirst, demand_outlook, demand_second_step
from motlink.staff.limits_state import way_to_proof
from motlink.web.acting import Acting
from motlink.web.guard import requires

CHOICES = (
    (NOBODY, "Nobody"),
    (LEADING, "Owners, managers and auditing roles"),
    (EVERYONE, "Everyone"),
)


class DemandState(Acting, rx.State):
    """The choice as it is saved, and the one being looked at. The Security screen reads it with its own rows."""

    saved: str = ""
    choice: str = ""
    says: str = ""
    names: list[dict[str, str]] = []
    more: str = ""
    own_missing: bool = False
    wrong: str = ""
    # The way to typing the password again.
    again: str = ""

    @rx.event(supersedes=True)
    @requires(Permission.SECURITY)
    async def choose(self, choice: str):
        """Look at another choice; nothing is saved."""
        self.choice = choice if choice in dict(CHOICES) else NOBODY
        await self._look()

    @rx.event
    @requires(Permission.SECURITY)
    async def save(self):
        """Save the choice. Where someone else did meanwhile, show theirs and let the person decide."""
        try:
            done = await self._perform(
                demand_second_step,
                lets_through=(PasswordNeeded, SettingsChanged, OwnStepFirst),
                of=self.choice,
                was=self.saved,
            )
        except PasswordNeeded:
            self.again = way_to_proof(self._visitor.practice, step=self.choice)
            return
        except Conflict as refusal:
            await self._look()
            self.wrong = str(refusal)
            return
        if done:
            await self._look()

    async def _come_back(self, wanted: str) -> None:
        """Whoever comes back from typing their password finds what they had chosen."""
        await self._look(afresh=True)
        if wanted in dict(CHOICES):
            self.choice = wanted
            await self._look()

    async def _hear(self) -> None:
        """After news: a choice that is not saved yet stays."""
        await self._look(afresh=self.choice == self.saved)

    async def _look(self, *, afresh: bool = False) -> None:
        """Read it; `afresh` forgets a choice that was not saved."""
        found = await self._find(demand_outlook, of="" if afresh else self.choice)
        if found is not None:
            self._show(found, afresh=afresh)

    def _show(self, found: DemandOutlook, *, afresh: bool) -> None:
        self.saved, self.wrong, self.again = found.saved, "", ""
        self.choice = found.saved if afresh else self.choice or found.saved
        self.own_missing = found.own_missing
        self.says = _words(found) if self.choice != NOBODY else ""
        self.names = [{"id": str(one.id), "name": one.name, "on": ""} for one in found.first]
        rest = found.without - len(found.first)
        self.more = f"and {rest:,} more" if rest else ""


def _words(found: DemandOutlook) -> str:
    concerned = f"It concerns {people(found.concerned)}."
    if found.without == 0:
        return f"{concerned} All of them have a second step."
    have = "has" if found.without == 1 else "have"
    return f"{concerned} {people(found.without)} {have} none yet:"
