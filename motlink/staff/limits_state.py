"""The part of the Security screen that says how long a sign-in lasts, and how many one person may have."""

from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

import reflex as rx

from motlink.accounts.proof import PasswordNeeded
from motlink.errors import Invalid, MotlinkError
from motlink.orgs.rules import SettingsChanged
from motlink.permissions import Permission
from motlink.staff.session_limits import (
    ShownLimits,
    SignedOut,
    choose_session_limits,
    session_limits,
    signed_out_by,
)
from motlink.web.acting import Acting
from motlink.web.guard import requires

FIELDS = ("idle", "whole", "most")
# "none" for what the installation says: a list needs a word for nothing.
NONE = "none"


def way_to_proof(practice: str, **chosen: str) -> str:
    """Return the way to typing the password again and back to the Security screen, with what was chosen there."""
    query = urlencode({name: value for name, value in chosen.items() if value})
    back = f"/p/{practice}/settings/security{'?' if query else ''}{query}"
    return f"/account/again?next={quote(back, safe='/')}"


class LimitsState(Acting, rx.State):
    """The limits as they are saved, and as they are chosen."""

    version: int = 0
    saved: dict[str, str] = {}
    chosen: dict[str, str] = {}
    default_idle: str = ""
    default_whole: str = ""
    says: str = ""
    ahead: str = ""
    # What is wrong with the choice, and the way to typing the password again.
    fault: str = ""
    again: str = ""

    @rx.event(supersedes=True)
    @requires(Permission.SECURITY)
    async def load(self):
        """Read what is saved; whoever comes back from typing their password finds what they had chosen."""
        await self._take()
        asked = self.router.url.query_parameters
        self.chosen = self.chosen | {name: asked[name][:5] for name in FIELDS if asked.get(name)}
        await self._look_ahead()

    @rx.event(supersedes=True)
    @requires(Permission.SECURITY)
    async def refresh(self):
        """Read it again after news; a choice that is not saved yet stays, and so does its version (LV-02)."""
        if self.chosen == self.saved:
            await self._take()

    @rx.event
    @requires(Permission.SECURITY)
    async def choose(self, which: str, wanted: str):
        """Choose from one of the lists; nothing is saved."""
        if which in FIELDS:
            self.chosen = self.chosen | {which: wanted[:5]}
            self.fault = self.again = ""
            await self._look_ahead()

    @rx.event
    @requires(Permission.SECURITY)
    async def save(self):
        """Save what is chosen. Whoever typed their password too long ago is asked for it first."""
        self.fault = self.again = ""
        given: dict[str, Any] = {name: _value(self.chosen.get(name, NONE)) for name in FIELDS}
        own = (PasswordNeeded, SettingsChanged, Invalid)
        try:
            done = await self._perform(choose_session_limits, lets_through=own, version=self.version, **given)
        except PasswordNeeded:
            self.again = way_to_proof(self._visitor.practice, **self.chosen)
            return
        except MotlinkError as refusal:
            if isinstance(refusal, SettingsChanged):
                await self._take(keep=True)
            self.fault = str(refusal)
            return
        if done:
            await self._take()

    async def _look_ahead(self) -> None:
        """Say what the choice would do, before it is saved."""
        self.ahead = ""
        if self.chosen == self.saved:
            return
        given = {name: _value(self.chosen.get(name, NONE)) for name in ("idle", "whole")}
        with suppress(Invalid):
            self.ahead = _ahead(await self._read(signed_out_by, **given))

    async def _take(self, *, keep: bool = False) -> None:
        from motlink.staff.security_state import SecurityState

        found: ShownLimits | None = await self._find(session_limits)
        if found is None:
            return
        (await self.get_state(SecurityState)).version = self.version = found.version
        self.saved = {name: getattr(found, name) or NONE for name in FIELDS}
        self.default_idle, self.default_whole = _minutes(found.default_idle), _hours(found.default_whole)
        people = "1 person is" if found.signed_in == 1 else f"{found.signed_in:,} people are"
        self.says = f"{people} signed in now."
        if not keep:
            self.chosen, self.fault, self.again, self.ahead = self.saved, "", "", ""


def _ahead(out: SignedOut) -> str:
    if out.people == 0:
        return "Saving this signs nobody out now."
    if out.people == 1:
        return f"Saving this signs {'you' if out.you else '1 person'} out at once."
    return f"Saving this signs {out.people:,} people out at once{', you among them' if out.you else ''}."


def _value(chosen: str) -> str:
    return "" if chosen == NONE else chosen


def _minutes(number: int) -> str:
    return f"{number} minutes" if number % 60 else _hours(number // 60)


def _hours(number: int) -> str:
    return f"{number} hour{'s' if number > 1 else ''}"
