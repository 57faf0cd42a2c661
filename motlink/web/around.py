"""Looking around: what nobody announces. Who has left, whose time is up, and what another process did."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from reflex_base.utils.format import format_event_handler

from motlink.accounts.queries import accounts_of, places_open
from motlink.roles.queries import ended_between
from motlink.web.live import hub, live_tokens, publish, push, send_away, who_is_here
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
    since = datetime.now(UTC)
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


async def _tell_what_ended(since: datetime) -> datetime:
    """Tell of roles whose last day has passed: nobody does anything at midnight, and still screens change (TA-27)."""
    if not hub.tabs:
        return datetime.now(UTC)
    now, news = await reading(_ended_since, since)
    if news:
        publish(news)
    return now


def _ended_since(since: datetime) -> tuple[datetime, list[Notice]]:
    with begin_work(nobody(), writes=False) as work:
        ended = ended_between(work.session, since, work.now)
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
    still_open = await reading(_open_among, places)
    for tab in list(hub.tabs.values()):
        place = (tab.session_id, tab.org_id)
        if place in places and place not in still_open:
            send_away(tab)
    ends = [at for place, at in still_open.items() if at is not None and place in places]
    left = min(((at - datetime.now(UTC)).total_seconds() for at in ends), default=LOOK_AROUND)
    return min(LOOK_AROUND, max(0.0, left) + A_MOMENT)


def _open_among(places: set[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], datetime | None]:
    with begin_work(nobody(), writes=False) as work:
        return places_open(work.session, {session_id for session_id, _ in places}, work.now)
