"""Looking around: what nobody announces. Who has left, whose time is up, and what another process did."""

import asyncio
import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from reflex_base.utils.format import format_event_handler

from motlink.accounts.queries import FoundPlace, accounts_of, places_found
from motlink.roles.queries import ended_between
from motlink.sign_in.timing import WARN_BEFORE
from motlink.web.live import Tab, hub, live_tokens, publish, push, send_away, who_is_here
from motlink.web.threads import reading
from motlink.work import Notice, begin_work, nobody

log = logging.getLogger("motlink.live")

# Seconds from one look to the next.
LOOK_AROUND = 2.0
# After a moment that was waited for, so that it has surely passed.
A_MOMENT = 0.05


async def look_around(app: Any) -> None:
    """Keep "who is here" true, and send tabs away whose session has run out (a lifespan task)."""
    hub.app = app
    since: datetime | None = None
    pause = LOOK_AROUND
    while True:
        await asyncio.sleep(pause)
        pause = LOOK_AROUND
        try:
            since = await _tell_what_ended(since)
            await _tell_who_is_here()
            await _wake_the_late()
            pause = await _send_the_expired_away()
        except Exception:
            log.exception("looking around failed")


async def _tell_who_is_here() -> None:
    from motlink.web.who import WhoState

    live = live_tokens()
    for tab in list(hub.tabs.values()):
        now = tuple(who_is_here(tab.org_id, tab.screen, but=tab.account_id)) if tab.screen else ()
        if tab.token in live and now != tab.here:
            tab.here = now
            await push(tab, format_event_handler(WhoState.look_around), {})


async def _tell_what_ended(since: datetime | None) -> datetime | None:
    """Tell of roles whose last day has passed: nobody does anything at midnight, and still screens change (TA-27)."""
    if not hub.tabs:
        return None
    now, news = await reading(_ended_since, since)
    if news:
        publish(news)
    return now


def _ended_since(since: datetime | None) -> tuple[datetime, list[Notice]]:
    with begin_work(nobody(), writes=False) as work:
        ended = ended_between(work.session, since or work.now, work.now)
        accounts = accounts_of(work.session, [member_id for _, member_id in ended])
        return work.now, [
            notice
            for org_id, member_id in ended
            for notice in (
                Notice(org_id, "staff", (member_id,)),
                Notice(org_id, "access_changed", (accounts[member_id],)),
            )
        ]


async def _wake_the_late() -> None:
    assert hub.loop
    late = [tab for tab in hub.tabs.values() if 0 < tab.again_at <= hub.loop.time()]
    if late:
        hub.reads.clear()
    for tab in late:
        tab.again_at = 0
        if tab.handler and tab.token in live_tokens():
            await push(tab, tab.handler, {"ids": []})


async def _send_the_expired_away() -> float:
    """Return when to look again: a last working day ends at a moment that is known (TA-30).

    By the database, not by notices: the command line is another process, and nobody tells of a limit that passed.
    """
    places = {(tab.session_id, tab.org_id) for tab in hub.tabs.values()}
    if not places:
        return LOOK_AROUND
    now, found = await reading(_found_among, places)
    for tab in list(hub.tabs.values()):
        key = (tab.session_id, tab.org_id)
        place = found.get(key)
        if key in places and (place is None or place.ends_at <= now):
            # Whose time is up comes back to where they were; whose place is shut does not.
            send_away(tab, timed_out=place is not None)
        elif place is not None:
            await _warn(tab, place, now)
    ends = [
        at for one in found.values() for at in (one.leaves_at, one.ends_at) if at is not None and at > now
    ]
    left = min(((at - now).total_seconds() for at in ends), default=LOOK_AROUND)
    return min(LOOK_AROUND, max(0.0, left) + A_MOMENT)


async def _warn(tab: Tab, place: FoundPlace, now: datetime) -> None:
    """Tell a tab that its session ends soon, once; and that it does not after all, once it has been used."""
    from motlink.web.time_state import TimeState

    ends = place.ends_at if place.ends_at - now <= WARN_BEFORE else None
    if ends != tab.warned and tab.token in live_tokens():
        tab.warned = ends
        await push(tab, format_event_handler(TimeState.look), {})


def _found_among(
    places: set[tuple[UUID, UUID]],
) -> tuple[datetime, dict[tuple[UUID, UUID], FoundPlace]]:
    with begin_work(nobody(), writes=False) as work:
        found = places_found(work.session, {session_id for session_id, _ in places}, work.now)
        return work.now, {key: place for key, place in found.items() if key in places}
