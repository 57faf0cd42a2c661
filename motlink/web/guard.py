"""Default-deny for every event: chained, pushed, on load, in the background. No rule, no session, no place: no event.

The guard says who; the actions still check each id they are given.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from motlink.accounts.actions import touch_place, touch_session
from motlink.accounts.resets import locked
from motlink.audit.actions import record_refusal
from motlink.errors import Busy, MotlinkError, NotAllowed, NotFound
from motlink.permissions import Permission
from motlink.sign_in.queries import signed_in
from motlink.sign_in.rules import NoRole, SignedOut, StepNeeded
from motlink.web import live, rate
from motlink.web.acting import NoticeState
from motlink.web.rules import (
    Rule,
    fits,
    framework_events,
    member_only,
    plain_function,
    public,
    requires,
    rule_of,
)
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor, visitor_of
from motlink.web.who import WhoState
from motlink.work import Actor, FindActor, begin_work

__all__ = ["Guard", "member_only", "public", "requires"]

log = logging.getLogger("motlink.guard")
_sent = rate.Bucket()


@dataclass(frozen=True)
class Ruling:
    """What the guard has found: the actor, or the refusal."""

    actor: Actor | None = None
    refusal: MotlinkError | None = None


class Guard(rx.Middleware):
    """Runs before every event."""

    async def preprocess(self, app: Any, state: BaseState, event: Event) -> StateUpdate | None:
        token = state.router_data.get("token", "")
        from_outside = bool(event.router_data)
        if from_outside and not _sent.take(token):
            log.warning("a tab sends too many events")
            return StateUpdate()
        registered = RegistrationContext.get().event_handlers[event.name]
        if event.name in framework_events():
            return await _hydration(state, event)
        rule = rule_of(registered)
        if rule is None or not fits(plain_function(registered), event.payload):
            refusal = NotAllowed("This event is not taken from outside.")
            await note(visitor_of(state.router_data), event.name, refusal, event.payload)
            return StateUpdate()
        return None if rule.public else await _member(state, event, rule, from_outside)


async def _member(state: BaseState, event: Event, rule: Rule, from_outside: bool) -> StateUpdate | None:
    visitor = visitor_of(state.router_data)
    ruling = await reading(rule_on, visitor, rule.permission)
    if ruling.actor:
        live.seen(state.router_data.get("token", ""), ruling.actor)
        _keep_awake(ruling.actor, clicked=from_outside)
        return None
    assert ruling.refusal
    await note(visitor, event.name, ruling.refusal, event.payload)
    return _go(_next_screen(ruling.refusal, from_outside))


def rule_on(visitor: Visitor, permission: Permission | None) -> Ruling:
    """Look the session, the place in the practice and the privilege up (in a thread, on every event)."""
    try:
        with begin_work(_actor(visitor), org=visitor.practice or None, writes=False) as work:
            if not visitor.practice:
                return Ruling(refusal=NotFound())
            if permission is not None and not work.may(permission):
                return Ruling(refusal=NotAllowed())
            return Ruling(actor=work.actor)
    except MotlinkError as refusal:
        return Ruling(refusal=refusal)


def _actor(visitor: Visitor) -> FindActor:
    return signed_in(visitor.digest, address=visitor.address, browser=visitor.browser)


def _next_screen(refusal: MotlinkError, from_outside: bool) -> Any:
    if isinstance(refusal, SignedOut):
        return WhoState.leave
    if isinstance(refusal, NoRole):
        return WhoState.no_role
    if isinstance(refusal, StepNeeded):
        return WhoState.step_needed
    if isinstance(refusal, NotFound):
        return WhoState.not_here
    if isinstance(refusal, Busy):
        return NoticeState.busy
    # A click on a screen that is open: say so there. A screen that loads, or hears news: it is not theirs.
    return NoticeState.refused if from_outside else WhoState.not_allowed


def _go(handler: Any) -> StateUpdate:
    return StateUpdate(events=Event.from_event_type(handler()))


async def _hydration(state: BaseState, event: Event) -> StateUpdate | None:
    """A tab that comes back without its session or its place gets an empty state: what it had is not its any more."""
    visitor = visitor_of(state.router_data)
    if not visitor.digest or not event.name.endswith((".hydrate", ".hydrate_and_load")):
        return None
    # The practice whose rows are in there. Where the address names another one by now, they are not for this screen:
    # whoever works for two practices sees nothing of the one in the other (TA-24).
    # And whoever was sent away has gone: the same tab is back, for another practice.
    who = await state.get_state(WhoState)
    moved = who.slug not in ("", visitor.practice)
    if moved or who.leave_to or not await reading(_is_in, visitor):
        state.reset()
    return None


def _is_in(visitor: Visitor) -> bool:
    try:
        with begin_work(_actor(visitor), org=visitor.practice or None, writes=False):
            return True
    except MotlinkError:
        return False


# Which session was last noted as in use in which place, and when: one write a minute, not one an event.
_awake: dict[Any, float] = {}


def _keep_awake(actor: Actor, *, clicked: bool) -> None:
    """A click is use; of all else, which news can cause too, only the first event: somebody has come in (TA-22)."""
    now = time.monotonic()
    place = (actor.session_id, actor.member_id)
    last = _awake.get(place)
    if actor.session_id is None or (last is not None and (not clicked or now - last < 60)):
        return
    if len(_awake) > 50_000:
        _awake.clear()
    _awake[place] = now if clicked else now - 60
    task = asyncio.ensure_future(writing(_touch, actor, clicked))
    _touching.add(task)
    task.add_done_callback(_touching.discard)


_touching: set[asyncio.Task[None]] = set()


def _touch(actor: Actor, clicked: bool) -> None:
    assert actor.session_id and actor.account_id
    with begin_work(lambda *_: actor) as work:
        # Before the place and the session, as everyone who writes both.
        locked(work, actor.account_id)
        if actor.member_id:
            touch_place(work, member_id=actor.member_id, session_id=actor.session_id)
        if clicked:
            touch_session(work, session_id=actor.session_id)


async def note(visitor: Visitor, name: str, refusal: MotlinkError, given: Any = None) -> None:
    """Write a refusal down (AU-02), at most sixty a minute from one address: the log is no target either."""
    if isinstance(refusal, Busy):
        # It says nothing of the person, and a database that is busy would not take it.
        return
    if await rate.count(rate.REFUSALS_KEPT, "refusals", rate.network_of(visitor.address)):
        await writing(keep_note, visitor, name, refusal, given if isinstance(given, Mapping) else {})


def keep_note(visitor: Visitor, name: str, refusal: MotlinkError, given: Mapping[str, Any]) -> None:
    """Record who was refused which event and about whom, in the practice's chain where they belong to it."""
    for org in (visitor.practice or None, None):
        try:
            with begin_work(_known_or_nobody(visitor), org=org) as work:
                doing = name.rsplit("____", 1)[-1]
                record_refusal(work, reason=refusal.sentence, doing=doing, given=given)
            return
        except NotFound:
            continue


def _known_or_nobody(visitor: Visitor) -> FindActor:
    def find(session: Any, org_id: Any, now: Any) -> Actor:
        # Without a role it is still a person who is signed in.
        for place in (org_id, None):
            with suppress(NotAllowed):
                return _actor(visitor)(session, place, now)
        return Actor("nobody", org_id=org_id, address=visitor.address, browser=visitor.browser)

    return find
