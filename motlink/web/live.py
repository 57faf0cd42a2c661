"""Live screens: a notice goes to the tabs that show the thing, each of which reads again with its own session.

Never from inside a handler: Reflex would run the event in the other tab under the caller's identity (reflex.md,
part 2). Notices wait in a queue that a task without any event context drains.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from reflex_base.event import Event
from reflex_base.utils.format import format_event_handler

from motlink.accounts.queries import places_open
from motlink.errors import MotlinkError
from motlink.web.threads import ORIGIN, reading
from motlink.work import Actor, Notice, begin_work, nobody

log = logging.getLogger("motlink.live")

# The first notice goes out at once, later ones are joined for so long (design.md, rule 8).
JOIN = 0.1
# So much time to act on "leave" before the socket is cut.
GRACE = 0.4
# A screen that would re-read more rows than this reads all of itself.
MOST_IDS = 100
# So long after the first of them tabs may share what it read.
TOGETHER = 1.0
ENDINGS = {"access_ended", "session_ended"}
# How often who is here, and whose session has run out, is looked at.
LOOK_AROUND = 2.0


@dataclass
class Tab:
    """One open tab: whose it is, as the guard found, and what it wants to hear of."""

    token: str
    org_id: UUID
    account_id: UUID
    session_id: UUID
    name: str
    kinds: frozenset[str] = frozenset()
    # Whom the screen is about; empty where it is about everyone.
    ids: frozenset[UUID] = frozenset()
    handler: str = ""
    screen: str = ""
    # Who this tab was last told is here, too.
    here: tuple[str, ...] = ()


# What one work announced, and the tab that acted.
News = tuple[list[Notice], str]


@dataclass
class Hub:
    """The tabs of this process."""

    tabs: dict[str, Tab] = field(default_factory=dict)
    queue: "asyncio.Queue[News] | None" = None
    loop: asyncio.AbstractEventLoop | None = None
    app: Any = None
    # What tabs read together since the last news.
    reads: "dict[Hashable, asyncio.Future[Any]]" = field(default_factory=dict)


hub = Hub()


def seen(token: str, actor: Actor) -> None:
    """Remember whose tab it is; the guard calls it on each event it lets pass."""
    if not (actor.org_id and actor.account_id and actor.session_id):
        return
    tab = hub.tabs.get(token)
    if tab and (tab.org_id, tab.session_id) == (actor.org_id, actor.session_id):
        return
    hub.tabs[token] = Tab(token, actor.org_id, actor.account_id, actor.session_id, actor.name)


def subscribe(
    state: Any,
    kinds: Iterable[str],
    handler: Callable[..., Any],
    *,
    screen: str = "",
    ids: Iterable[UUID] = (),
) -> None:
    """From an on_load: push `handler(ids: list[str])` to this tab on news of these kinds, about `ids` where given.

    An empty list means: read all of the screen. Replaces what the tab listened to before.
    """
    tab = hub.tabs.get(state.router.session.client_token)
    if tab:
        tab.kinds, tab.ids, tab.screen = frozenset(kinds), frozenset(ids), screen
        tab.handler = format_event_handler(handler)


def who_is_here(org_id: UUID, screen: str, *, but: UUID | None = None) -> list[str]:
    """Return the names of the people who have this screen of the practice open."""
    live = _live_tokens()
    found = {
        tab.account_id: tab.name
        for tab in hub.tabs.values()
        if tab.org_id == org_id and tab.screen == screen and tab.token in live and tab.account_id != but
    }
    return sorted(found.values())


def others_here(token: str) -> list[str]:
    """Return who else has the same screen open as this tab."""
    tab = hub.tabs.get(token)
    return who_is_here(tab.org_id, tab.screen, but=tab.account_id) if tab and tab.screen else []


def publish(notices: list[Notice]) -> None:
    """Take what a Work announced after its commit, from whatever thread (registered with work.on_notices)."""
    if hub.loop is None or hub.queue is None or hub.loop.is_closed():
        return
    # RuntimeError: the loop has closed meanwhile; then nobody is left to tell.
    with contextlib.suppress(RuntimeError):
        hub.loop.call_soon_threadsafe(_take, hub.queue, (list(notices), ORIGIN.get()))


def _take(queue: "asyncio.Queue[News]", news: "News") -> None:
    # What was read before this news is old, for the tab that acted, too, which hears nothing of it.
    hub.reads.clear()
    queue.put_nowait(news)


async def shared(key: Hashable, read: Callable[[], Awaitable[Any]]) -> Any:
    """Read once for all the tabs that heard the same news: fifty rosters are one query, not fifty.

    Only for what all of them see alike: the guard has let each tab through by its own session already.
    """
    known = hub.reads.get(key)
    if known is None:
        known = hub.reads[key] = asyncio.ensure_future(read())
        asyncio.get_running_loop().call_later(TOGETHER, hub.reads.pop, key, None)
        return await asyncio.shield(known)
    try:
        return await asyncio.shield(known)
    except MotlinkError:
        # Whoever read was refused; that says nothing about this tab.
        return await read()


def quiet(token: str) -> None:
    """A tab that loads another screen hears nothing more of the last one."""
    tab = hub.tabs.get(token)
    if tab:
        tab.kinds, tab.ids, tab.handler, tab.screen = frozenset(), frozenset(), "", ""


async def pump(app: Any) -> None:
    """Drain the queue for as long as the app runs (a lifespan task)."""
    hub.app, hub.loop, hub.queue = app, asyncio.get_running_loop(), asyncio.Queue()
    last = -JOIN
    while True:
        batch = [await hub.queue.get()]
        urgent = _has_ending(batch)
        if not urgent:
            await asyncio.sleep(max(0.0, last + JOIN - hub.loop.time()))
        while not hub.queue.empty():
            batch.append(hub.queue.get_nowait())
        last = hub.loop.time()
        try:
            await _deliver(batch)
        except Exception:
            log.exception("a notice was not delivered")


async def look_around(app: Any) -> None:
    """Keep "who is here" true, and send tabs away whose session has run out (a lifespan task)."""
    hub.app = app
    while True:
        await asyncio.sleep(LOOK_AROUND)
        try:
            await _tell_who_is_here()
            await _send_the_expired_away()
        except Exception:
            log.exception("looking around failed")


async def _tell_who_is_here() -> None:
    from motlink.web.who import WhoState

    live = _live_tokens()
    for tab in list(hub.tabs.values()):
        now = tuple(who_is_here(tab.org_id, tab.screen, but=tab.account_id)) if tab.screen else ()
        if tab.token in live and now != tab.here:
            tab.here = now
            await _push(tab, format_event_handler(WhoState.look_around), {})


async def _send_the_expired_away() -> None:
    """By the database, not by notices: the command line is another process, and nobody tells of a limit that passed."""
    places = {(tab.session_id, tab.org_id) for tab in hub.tabs.values()}
    if not places:
        return
    still_open = await reading(_open_among, places)
    for tab in list(hub.tabs.values()):
        place = (tab.session_id, tab.org_id)
        if place in places and place not in still_open:
            _send_away(tab)


def _open_among(places: set[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    with begin_work(nobody(), writes=False) as work:
        return places_open(work.session, {session_id for session_id, _ in places}, work.now)


def _has_ending(batch: list[News]) -> bool:
    return any(notice.kind in ENDINGS for notices, _ in batch for notice in notices)


async def _deliver(batch: list[News]) -> None:
    live = _live_tokens()
    for token in [token for token in hub.tabs if token not in live]:
        del hub.tabs[token]
    for tab in list(hub.tabs.values()):
        news = [notice for notices, _ in batch for notice in notices]
        if any(_puts_out(notice, tab) for notice in news):
            _send_away(tab)
            continue
        if any(notice.kind == "access_changed" and tab.account_id in notice.ids for notice in news):
            await _push(tab, _reread_who(), {})
        wanted = [
            notice
            for notices, origin in batch
            if origin != tab.token
            for notice in notices
            if _concerns(notice, tab)
        ]
        if wanted and tab.handler:
            await _push(tab, tab.handler, {"ids": _ids(wanted)})


def _concerns(notice: Notice, tab: Tab) -> bool:
    about = not tab.ids or not notice.ids or not tab.ids.isdisjoint(notice.ids)
    return about and notice.org_id == tab.org_id and notice.kind in tab.kinds


def _puts_out(notice: Notice, tab: Tab) -> bool:
    if notice.kind == "access_ended":
        return tab.account_id in notice.ids and notice.org_id in (None, tab.org_id)
    return notice.kind == "session_ended" and tab.session_id in notice.ids


def _ids(notices: list[Notice]) -> list[str]:
    ids = list(dict.fromkeys(str(row) for notice in notices for row in notice.ids))
    whole = len(ids) > MOST_IDS or any(not notice.ids for notice in notices)
    return [] if whole else ids


async def _push(tab: Tab, handler: str, payload: dict[str, Any]) -> None:
    await hub.app.event_processor.enqueue(tab.token, Event(name=handler, payload=payload))


def _send_away(tab: Tab) -> None:
    hub.tabs.pop(tab.token, None)
    task = asyncio.ensure_future(_leave(tab))
    _leaving.add(task)
    task.add_done_callback(_leaving.discard)


_leaving: set[Any] = set()


async def _leave(tab: Tab) -> None:
    """Show the door, then cut the socket, whether or not the tab has gone."""
    from motlink.web.who import WhoState

    namespace = hub.app.event_namespace
    sid = namespace.token_to_sid.get(tab.token)
    try:
        await _push(tab, format_event_handler(WhoState.ended), {})
        await asyncio.sleep(GRACE)
    finally:
        if sid:
            await hub.app.sio.disconnect(sid, namespace=namespace.namespace)


def _reread_who() -> str:
    from motlink.web.who import WhoState

    return format_event_handler(WhoState.reread)


def _live_tokens() -> Any:
    return hub.app.event_namespace.token_to_sid if hub.app else {}
