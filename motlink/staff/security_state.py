"""The Security screen: after how long a place is locked, whom that touches, and whom to remind (TA-22)."""

from typing import Any, TypedDict

import reflex as rx

from motlink.accounts.proof import PasswordNeeded
from motlink.errors import Invalid
from motlink.orgs.rules import SettingsChanged
from motlink.permissions import Permission
from motlink.staff.batch_kinds import people
from motlink.staff.demand_state import DemandState
from motlink.staff.limits_state import LimitsState, way_to_proof
from motlink.staff.lock_outlook import WINDOWS, Group, Outlook, lock_outlook
from motlink.staff.locking import AT_ONCE, choose_lock, remind
from motlink.web.acting import Acting, NoticeState
from motlink.web.guard import requires
from motlink.web.live import subscribe
from motlink.work import Done

CHOICES = (
    ("off", "Off"),
    ("30", "30 days"),
    ("60", "60 days"),
    ("90", "90 days"),
    ("custom", "Another number"),
)
WINDOW_WORDS = ("In the next 7 days", "In 8 to 14 days", "In 15 to 30 days")


class ShownWindow(TypedDict):
    """A window of the forecast."""

    within: int
    title: str
    words: str
    names: list[dict[str, str]]
    more: str


class SecurityState(Acting, rx.State):
    """The choice as it is saved, the one being looked at, and what follows from that."""

    loaded: bool = False
    version: int = 0
    saved: str = ""
    saved_days: str = ""
    choice: str = ""
    days: str = ""
    says: str = ""
    names: list[dict[str, str]] = []
    more: str = ""
    windows: list[ShownWindow] = []
    # The way to typing the password again.
    again: str = ""

    @rx.event(supersedes=True)
    @requires(Permission.SECURITY)
    async def load(self):
        """Read what is saved and what follows from it."""
        self.errors = {}
        found = await self._find(lock_outlook)
        if found is not None:
            self._take(found)
            asked = self.router.url.query_parameters
            await (await self.get_state(DemandState))._come_back(asked.get("step", ""))
            subscribe(self, {"staff"}, SecurityState.refresh, screen="security")
            # Whoever comes back from typing their password finds what they had chosen.
            if wanted := asked.get("lock"):
                self.choice = wanted if wanted in dict(CHOICES) else "custom"
                self.days = wanted[:5] if self.choice == "custom" else ""
                await self._foresee()

    @rx.event(supersedes=True)
    @requires(Permission.SECURITY)
    async def refresh(self, ids: list[str]):
        """Read it again after news of anyone. A choice that is not saved yet stays, and so does its version (LV-02)."""
        await (await self.get_state(DemandState))._hear()
        if not self._is_other:
            found = await self._find(lock_outlook)
            if found is not None:
                self._take(found)
        else:
            await self._foresee()
        return LimitsState.refresh

    @rx.event
    @requires(Permission.SECURITY)
    async def choose(self, choice: str):
        """Look at another choice; nothing is saved."""
        self.choice = choice if choice in dict(CHOICES) else "off"
        await self._foresee()

    @rx.event(supersedes=True)
    @requires(Permission.SECURITY)
    async def type_days(self, days: str):
        """Look at another number of days."""
        self.days = days[:5]
        await self._foresee()

    @rx.event
    @requires(Permission.SECURITY)
    async def save(self):
        """Save the choice. Where someone else did meanwhile, show theirs and let the person decide."""
        given = {"choice": self.choice, "days": self.days, "version": self.version}
        try:
            done = await self._perform(choose_lock, lets_through=(SettingsChanged, PasswordNeeded), **given)
        except PasswordNeeded:
            lock = self.days if self.choice == "custom" else self.choice
            self.again = way_to_proof(self._visitor.practice, lock=lock)
            return
        except SettingsChanged as changed:
            found = await self._find(lock_outlook)
            if found is not None:
                self._keep(found)
            self.errors = {"choice": str(changed)}
            return
        if done:
            self._take(await self._read(lock_outlook))
            (await self.get_state(LimitsState)).version = self.version

    @rx.event
    @requires(Permission.SECURITY)
    async def remind(self, within: int):
        """Write to everyone in one window, some at a time: a click elsewhere does not wait for hundreds of letters."""
        sent = 0
        while (some := await self._perform(remind, within=within)) is not None:
            sent += some
            if some < AT_ONCE:
                words = (
                    f"Reminder sent to {people(sent)}."
                    if sent
                    else "Everyone in this list was reminded today already."
                )
                (await self.get_state(NoticeState))._tell(Done(words))
                return

    @property
    def _is_other(self) -> bool:
        return (self.choice, self.days if self.choice == "custom" else "") != (self.saved, self.saved_days)

    async def _foresee(self) -> None:
        self.errors, self.again = {}, ""
        try:
            found = await self._read(lock_outlook, choice=self.choice, days=self.days)
        except Invalid as wrong:
            self.says, self.names, self.more, self.windows = "", [], "", []
            # An empty field is not wrong yet.
            self.errors = wrong.fields if self.days.strip() else {}
            return
        self._show(found)

    def _take(self, found: Outlook) -> None:
        self._keep(found)
        self.choice, self.days, self.again = self.saved, self.saved_days, ""
        self._show(found)
        self.loaded = True

    def _keep(self, found: Outlook) -> None:
        after = "off" if found.after_days is None else str(found.after_days)
        self.saved = after if after in dict(CHOICES) else "custom"
        self.saved_days = after if self.saved == "custom" else ""
        self.version = found.version

    def _show(self, found: Outlook) -> None:
        self.says = _locked_words(found.now.count, would=self._is_other)
        self.names, self.more = _names(found.now), _more(found.now)
        self.windows = [
            ShownWindow(
                within=within, title=title, words=people(one.count), names=_names(one), more=_more(one)
            )
            for within, title, one in zip(WINDOWS, WINDOW_WORDS, found.soon, strict=True)
            if one.count
        ]


def _locked_words(count: int, *, would: bool) -> str:
    who = "Nobody" if count == 0 else people(count)
    if would:
        return f"{who} would be locked out now."
    return f"{who} {'is' if count < 2 else 'are'} locked out now."


def _names(group: Group) -> list[dict[str, Any]]:
    return [{"id": str(one.id), "name": one.name, "on": one.on} for one in group.first]


def _more(group: Group) -> str:
    rest = group.count - len(group.first)
    return f"and {rest:,} more" if rest else ""
