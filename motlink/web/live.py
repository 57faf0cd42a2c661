"""Live screens: a notice goes to the tabs that show the thing, each of which reads again with its own session.

Never from inside a handler: Reflex would run the event in the other tab under the caller's identity (reflex.md,
part 2). Notices wait in a queue that a task without any event context drains.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from reflex_base.event import Event
from reflex_base.utils.format import format_event_handler

from motlink.errors import MotlinkError
from motlink.web.threads import ORIGIN
from motlink.work import Actor, Notice

log = logging.getLogger("motlink.live")

# The first notice goes out at once, later ones are joined for so long (design.md, rule 8).
JOIN = 0.1
# So much time to act on "leave" before the socket is cut.
GRACE = 0.4
# "Invited, 12 min left" is true for so long.
A_MINUTE = 60.0
# A screen that would re-read more rows than this reads all of itself.
MOST_IDS = 100
# So long after the first of them tabs may share what it read.
TOGETHER = 1.0
ENDINGS = {"access_ended", "session_ended"}


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
    # When it reads again though nothing was announced, on the loop's clock; 0: never.
    again_at: float = 0
    # The end of the session that this tab was last told of.
    warned: datetime | None = None


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
        tab.handler, tab.again_at = format_event_handler(handler), 0


def read_again(state: Any, seconds: float = A_MINUTE) -> None:
    """Push the tab's handler after so long, once: what stands on the screen is true only until then."""
    tab = hub.tabs.get(state.router.session.client_token)
    if tab and hub.loop:
        tab.again_at = hub.loop.time() + seconds


def who_is_here(org_id: UUID, screen: str, *, but: UUID | None = None) -> list[str]:
    """Return the names of the people who have this screen of the practice open."""
    live = live_tokens()
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
        tab.kinds, tab.ids, tab.handler, tab.screen, tab.again_at = frozenset(), frozenset(), "", "", 0


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


def _has_ending(batch: list[News]) -> bool:
    return any(notice.kind in ENDINGS for notices, _ in batch for notice in notices)


async def _deliver(batch: list[News]) -> None:
    live = live_tokens()
    for token in [token for token in hub.tabs if token not in live]:
        del hub.tabs[token]
    for tab in list(hub.tabs.values()):
        news = [notice for notices, _ in batch for notice in notices]
        if any(_puts_out(notice, tab) for notice in news):
            send_away(tab)
            continue
        if any(_changes_access(notice, tab) for notice in news):
            await push(tab, _reread_who(), {})
        wanted = [
            notice
            for notices, origin in batch
            if origin != tab.token
            for notice in notices
            if _concerns(notice, tab)
        ]
        if wanted and tab.handler:
            await push(tab, tab.handler, {"ids": _ids(wanted)})


def _concerns(notice: Notice, tab: Tab) -> bool:
    about = not tab.ids or not notice.ids or not tab.ids.isdisjoint(notice.ids)
    return about and notice.org_id == tab.org_id and notice.kind in tab.kinds


def _changes_access(notice: Notice, tab: Tab) -> bool:
    if notice.kind != "access_changed":
        return False
    return tab.account_id in notice.ids or (not notice.ids and notice.org_id == tab.org_id)


def _puts_out(notice: Notice, tab: Tab) -> bool:
    if notice.kind == "access_ended":
        return tab.account_id in notice.ids and notice.org_id in (None, tab.org_id)
    return notice.kind == "session_ended" and tab.session_id in notice.ids


def _ids(notices: list[Notice]) -> list[str]:
    ids = list(dict.fromkeys(str(row) for notice in notices for row in notice.ids))
    whole = len(ids) > MOST_IDS or any(not notice.ids for notice in notices)
    return [] if whole else ids


async def push(tab: Tab, handler: str, payload: dict[str, Any]) -> None:
    """Let a tab run an event; the guard asks who it is, as always."""
    await hub.app.event_processor.enqueue(tab.token, Event(name=handler, payload=payload))


def send_away(tab: Tab, *, timed_out: bool = False) -> None:
    """Send a tab to the door, and cut its line. Whose time was up is brought back here after the next sign-in."""
    hub.tabs.pop(tab.token, None)
    task = asyncio.ensure_future(_leave(tab, timed_out))
    _leaving.add(task)
    task.add_done_callback(_leaving.discard)


_leaving: set[asyncio.Task[None]] = set()


async def _leave(tab: Tab, timed_out: bool) -> None:
    """Show the door, then cut the socket, whether or not the tab has gone."""
    from motlink.web.who import WhoState

    namespace = hub.app.event_namespace
    sid = namespace.token_to_sid.get(tab.token)
    try:
        handler = WhoState.leave if timed_out else WhoState.ended
        await push(tab, format_event_handler(handler), {})
        await asyncio.sleep(GRACE)
    finally:
        if sid:
            await hub.app.sio.disconnect(sid, namespace=namespace.namespace)


def _reread_who() -> str:
    from motlink.web.who import WhoState

    return format_event_handler(WhoState.reread)


def live_tokens() -> Any:
    """Return the tokens of the tabs that are connected."""
    return hub.app.event_namespace.token_to_sid if hub.app else {}
