"""The real app with one more state, whose handlers stand for every kind of rule. Served by granian in a process."""

import gc
from typing import Any

import reflex as rx

from motlink.accounts.actions import end_sessions
from motlink.asgi import create as real
from motlink.permissions import Permission
from motlink.staff.models import StaffMember
from motlink.web import live
from motlink.web.acting import Acting
from motlink.web.guard import member_only, public, requires
from motlink.work import Done, Work


def rename(work: Work, *, member_id: Any, name: str) -> Done:
    """Stand for any action on a row."""
    work.require(Permission.MANAGE_STAFF)
    member = work.get(StaffMember, member_id)
    member.first_name = name
    work.add(member)
    work.notify("staff", member.id)
    return Done(f"{name} renamed.", undo=work.record("probe", member))


def crash(work: Work) -> None:
    """Stand for a bug, after a write."""
    work.record("must not be left behind")
    raise RuntimeError("secret-in-a-bug")


def put_out(work: Work, *, member_id: Any) -> None:
    """Stand for a deactivation, at the level of this slice."""
    member = work.get(StaffMember, member_id)
    member.deactivated_at = work.now
    work.add(member)
    end_sessions(work, account_id=member.account_id, org_id=work.org_id)


class Probe(Acting, rx.State):
    """One handler of each kind."""

    text: str = ""
    heard: list[str] = []  # noqa: RUF012 - a Reflex var
    _kept: str = ""

    @rx.event
    @public
    def say(self, text: str) -> None:
        """Anyone."""
        self.text = text

    @rx.event
    @member_only
    def keep(self, text: str) -> None:
        """Any member."""
        self.text = text

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def listen(self) -> None:
        """What an on_load does."""
        live.subscribe(self, ["staff"], Probe.hear, screen="roster")
        self.text = ",".join(live.who_is_here(live.hub.tabs[self.router_data["token"]].org_id, "roster"))

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def watch_the_clock(self) -> None:
        """What a screen does that is true only for a while."""
        live.subscribe(self, ["staff"], Probe.hear, screen="roster")
        live.read_again(self, 0.1)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def hear(self, ids: list[str]) -> None:
        """Pushed: ids only; it reads with its own session."""
        self.heard = [*ids, await self._read(lambda work: work.actor.name)]

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def rename(self, member_id: str, name: str) -> None:
        """Any action."""
        if await self._perform(rename, member_id=member_id, name=name):
            self.text = "renamed"

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def put_out(self, member_id: str) -> None:
        """Deactivate."""
        await self._perform(put_out, member_id=member_id)

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def crash(self) -> None:
        """A bug in an action."""
        await self._perform(crash)

    @rx.event
    @member_only
    def break_down(self) -> None:
        """A bug in a handler."""
        raise RuntimeError("secret-in-a-bug")

    @rx.event
    @member_only
    def typed(self, number: int, flag: bool, words: list[str]) -> None:
        """Arguments of other types."""
        self.text = f"{number} {flag} {words}"

    @rx.event
    @public
    def count_watched(self) -> None:
        """How many objects a search for garbage looks at, during which everybody waits."""
        self.text = str(len(gc.get_objects()))

    @rx.event
    def unmarked(self) -> None:
        """No rule: nobody."""
        self.text = "unmarked ran"


def create() -> Any:
    """Return the app."""
    return real()
