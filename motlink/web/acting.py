"""What every page's state is made of: reading and acting as the person who is signed in, and what they are told.

class RosterState(Acting, rx.State):
    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def deactivate(self, member_id: str):
        if await self._perform(actions.deactivate, member_id=member_id):
            return RosterState.load
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4

import reflex as rx

from motlink.audit.undo import undo as undo_act
from motlink.errors import Busy, Invalid, MotlinkError, NotAllowed, NotFound
from motlink.sign_in.queries import signed_in
from motlink.web.rules import member_only, public
from motlink.web.threads import ORIGIN, reading, writing
from motlink.web.visitor import Visitor, visitor_of
from motlink.work import Done, begin_work

Listed = TypeVar("Listed")

log = logging.getLogger("motlink.acting")
CALM = "Something went wrong on our side. Nothing has been changed."


def as_id(text: str) -> UUID:
    """Return the id that a browser sent. Raises NotFound for anything that is none."""
    try:
        return UUID(text)
    except ValueError as no_id:
        raise NotFound from no_id


def plain(value: Listed) -> Listed:
    """Return a list of a state without the proxy that watches it, through which fifty rows take ten times as long."""
    return getattr(value, "__wrapped__", value)


class Acting(rx.State, mixin=True):
    """Reading and acting, in a thread, in the practice that the address names."""

    # What is wrong with which field of this screen's form.
    errors: dict[str, str] = {}

    @property
    def _visitor(self) -> Visitor:
        return visitor_of(self.router_data)

    async def _read(self, query: Callable[..., Any], **args: Any) -> Any:
        """Return what a query finds. Raises the slice's errors; the page says what a missing thing looks like."""
        return await reading(_in_work, self._visitor, query, args, writes=False)

    async def _find(self, query: Callable[..., Any], **args: Any) -> Any:
        """Return what a query finds, None where it is refused: then the person is told."""
        try:
            return await self._read(query, **args)
        except MotlinkError as refusal:
            (await self.get_state(NoticeState))._refuse(refusal)
            return None

    async def _attempt(self, action: Callable[..., Any], **args: Any) -> Any:
        """Run an action and let its refusals through, for the page that answers one in a way of its own."""
        ORIGIN.set(self.router_data.get("token", ""))
        return await writing(_in_work, self._visitor, action, args, writes=True)

    async def _perform(
        self,
        action: Callable[..., Any],
        *,
        lets_through: type[MotlinkError] | tuple[type[MotlinkError], ...] = (),
        **args: Any,
    ) -> Any:
        """Run an action, tell the person, and return what it made (True for nothing); None where it was refused.

        A refusal of the kind `lets_through` is the page's own to answer.
        """
        self.errors = {}
        notices = await self.get_state(NoticeState)
        try:
            made = await self._attempt(action, **args)
        except lets_through:
            raise
        except Invalid as wrong:
            self._mark(wrong, notices)
            return None
        except MotlinkError as refusal:
            notices._refuse(refusal)
            return None
        except Exception:  # noqa: BLE001 - a bug: logged with a number, told calmly
            notices._apologize(_logged(action))
            return None
        notices._tell(made)
        return True if made is None else made

    def _mark(self, wrong: Invalid, notices: "NoticeState") -> None:
        if wrong.fields:
            self.errors = wrong.fields
        else:
            notices._refuse(wrong)


def _in_work(visitor: Visitor, use: Callable[..., Any], args: dict[str, Any], *, writes: bool) -> Any:
    find_actor = signed_in(visitor.digest, address=visitor.address, browser=visitor.browser)
    if not visitor.practice:
        raise NotFound
    with begin_work(find_actor, org=visitor.practice, writes=writes) as work:
        return work.do(use, **{name: _given(name, value) for name, value in args.items()})


def _given(name: str, value: Any) -> Any:
    """An id comes from the browser as text; one that is none is not here, like any other unknown one."""
    return as_id(value) if name.endswith("_id") and isinstance(value, str) else value


def _logged(action: Callable[..., Any]) -> str:
    number = uuid4().hex[:8]
    log.exception("%s failed, number %s", getattr(action, "__qualname__", "an action"), number)
    return number


def _look_at_batches() -> Any:
    """Return the event that shows how far an undo of many is."""
    from motlink.staff.batch_state import BatchState

    return BatchState.look


class NoticeState(rx.State):
    """The one notice at the foot of the screen."""

    text: str = ""
    next_step: str = ""
    # "done", "refused" or "failed".
    kind: str = ""
    # The audit entry that Undo would undo, or nothing.
    undo: str = ""
    # Grows with each notice, so that the same words twice are seen twice.
    number: int = 0

    def _show(self, kind: str, text: str, *, next_step: str = "", undo: str = "") -> None:
        self.kind, self.text, self.next_step, self.undo = kind, text, next_step, undo
        self.number += 1

    def _hush(self) -> None:
        self.text = self.undo = self.next_step = ""

    def _tell(self, made: Any) -> None:
        if isinstance(made, Done) and made.sentence:
            self._show("done", made.sentence, undo=str(made.undo or ""))

    def _refuse(self, refusal: MotlinkError) -> None:
        self._show("refused", refusal.sentence, next_step=refusal.next_step)

    def _apologize(self, number: str) -> None:
        self._show(
            "failed", CALM, next_step=f"Try again; if it stays, tell your operator this number: {number}."
        )

    @rx.event
    @member_only
    async def press_undo(self) -> Any:
        """Undo what the notice tells of: a new act, through the same checks (UX-02)."""
        entry, self.undo = self.undo, ""
        if not entry:
            return None
        try:
            # No origin: this tab, too, is to hear of it and show the row as it was.
            made = await writing(
                _in_work, visitor_of(self.router_data), undo_act, {"entry_id": UUID(entry)}, writes=True
            )
        except MotlinkError as refusal:
            self._refuse(refusal)
        except Exception:  # noqa: BLE001 - a bug: logged with a number, told calmly
            self._apologize(_logged(undo_act))
        else:
            self._tell(made)
            return _look_at_batches()
        return None

    @rx.event
    @public
    def refused(self) -> None:
        """A button that this person's roles do not allow."""
        self._refuse(NotAllowed())

    @rx.event
    @public
    def busy(self) -> None:
        """The database could not even say who this is."""
        self._refuse(Busy())

    @rx.event
    @public
    def failed(self, number: str) -> None:
        """A handler had a bug: say so, with the number in the log."""
        self._apologize(number[:8])

    @rx.event
    @public
    def dismiss(self) -> None:
        """Close the notice."""
        self._hush()
