"""/forgot and /reset: asking for a link to a new password, and using it.

The question is answered before anything is looked up, so that nothing in the answer can depend on who is known.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.accounts.passwords import hashed
from motlink.accounts.queries import digest_of
from motlink.accounts.rules import canonical_email, check_password, is_short
from motlink.errors import Invalid
from motlink.sign_in import pages, words
from motlink.sign_in.entering import forgive_all, look_up, tell_practices, telling
from motlink.sign_in.links import into_cookie
from motlink.sign_in.requests import drop_cookie, go, text, visitor
from motlink.sign_in.resets import ASKED, OpenReset, ask_for_reset, open_reset, use_reset
from motlink.sign_in.rules import DeadLink, TooMany
from motlink.web import rate
from motlink.web.http import route
from motlink.web.rules import public
from motlink.web.threads import reading, writing
from motlink.web.visitor import RESET_COOKIE, Visitor
from motlink.work import begin_work, nobody

log = logging.getLogger("motlink.door")
AFTER_THE_ANSWER = 0.05


@public
async def forgot_page(request: Request) -> Response:
    """GET /forgot."""
    return pages.page("forgot")


@public
async def forgot_post(request: Request) -> Response:
    """POST /forgot: one answer for everyone; the letter is a matter of afterwards."""
    who, form = visitor(request), await request.form()
    login = text(form, "login").strip()[:320]
    try:
        await _slow_down(who, login)
    except TooMany as refusal:
        return pages.page("forgot", status=429, refusal=refusal.sentence, next_step=refusal.next_step)
    response = pages.page("forgot_asked")
    response.background = BackgroundTask(_send, who, login)
    return response


async def _slow_down(who: Visitor, login: str) -> None:
    whom, whence = digest_of(canonical_email(login))[:32], rate.network_of(who.address)
    if not await rate.count(rate.ASKED_FROM_ADDRESS, "forgot", whence):
        raise TooMany
    # As for sign-ins: a flood from elsewhere slows the owner of the account, or everyone, and shuts nobody out.
    pauses = [
        await rate.delay_for(item, *key)
        for item, key in (
            (rate.ASKED_FOR_ACCOUNT, ("forgot-account", whom)),
            (rate.ASKED_IN_TOTAL, ("forgot-total",)),
        )
        if not await rate.count(item, *key)
    ]
    await asyncio.sleep(max(pauses, default=0))


async def _send(who: Visitor, login: str) -> None:
    # In a task of its own: on a line that is kept, the wait for the next answer would tell (ASVS 6.3.8).
    task = asyncio.ensure_future(_write(who, login))
    sending.add(task)
    task.add_done_callback(sending.discard)


sending: set[asyncio.Task[None]] = set()


async def _write(who: Visitor, login: str) -> None:
    """Put the letter into the outbox, where there is one to send. Whatever fails is for the server's log alone."""
    # Once the answer has surely arrived: on a busy machine the work for a known login held it up by half a millisecond.
    await asyncio.sleep(AFTER_THE_ANSWER)
    try:
        found = await reading(look_up, who, login)
        if found.account_id:
            goes = await writing(_ask, who, found.account_id, found.org_ids[:1])
            others = found.org_ids[1:] if goes else ()
            await tell_practices(who, found.account_id, dict.fromkeys(others, (ASKED,)))
    except Exception:
        log.exception("a reset letter was not written")


def _ask(who: Visitor, account_id: UUID, org_ids: tuple[UUID, ...]) -> bool:
    org = org_ids[0] if org_ids else None
    with begin_work(nobody(who.address, who.browser), org=org) as work:
        return ask_for_reset(work, account_id=account_id)


@public
async def reset_page(request: Request) -> Response:
    """GET /reset?t=…, then GET /reset."""
    if "t" in request.query_params:
        return into_cookie(request.query_params["t"], RESET_COOKIE, "/reset")
    try:
        shown = await reading(_read, visitor(request), request.cookies.get(RESET_COOKIE, ""))
    except DeadLink as dead:
        return pages.dead(words.dead_reset(dead))
    return _form(shown)


@public
async def reset_post(request: Request) -> Response:
    """POST /reset: uses the link up, together with what it is for."""
    who, token, form = visitor(request), request.cookies.get(RESET_COOKIE, ""), await request.form()
    try:
        shown = await reading(_read, who, token)
        return await _reset(who, token, shown, text(form, "password"))
    except DeadLink as dead:
        return pages.dead(words.dead_reset(dead))


async def _reset(who: Visitor, token: str, shown: OpenReset, password: str) -> Response:
    if not await rate.count(rate.NEW_PASSWORDS, "new-password", rate.network_of(who.address)):
        return _form(shown, status=429, refusal=str(TooMany()))
    try:
        check_password(password, own_words=shown.own_words, shortest=shown.shortest)
        made = await hashed(password)
        news = await writing(_use, who, token, shown.hears[:1], made, is_short(password))
    except Invalid as wrong:
        return _form(shown, status=422, wrong=wrong)
    await forgive_all(who, shown.account_id)
    # To the sign-in, not in: a second factor that is asked for there is asked for here, too.
    response = go("/sign-in?reset=1")
    drop_cookie(response, RESET_COOKIE, path="/reset")
    response.background = telling(who, shown.account_id, news)
    return response


def _form(
    shown: OpenReset, *, status: int = 200, wrong: Invalid | None = None, refusal: str = ""
) -> Response:
    errors = {wrong.field: wrong.sentence} if wrong else {}
    given: dict[str, Any] = {"username": shown.username, "shortest": shown.shortest, "refusal": refusal}
    return pages.page("reset", status=status, errors=errors, **given)


def _read(who: Visitor, token: str) -> OpenReset:
    with begin_work(nobody(who.address, who.browser), writes=False) as work:
        return open_reset(work, token=token)


def own_words_behind(who: Visitor, token: str) -> tuple[str, ...]:
    """Return what the new password behind an open link must not hold. Raises DeadLink."""
    return _read(who, token).own_words


def _use(
    who: Visitor, token: str, org_ids: tuple[UUID, ...], password_hash: str, short: bool
) -> Mapping[UUID, tuple[str, ...]]:
    org = org_ids[0] if org_ids else None
    with begin_work(nobody(who.address, who.browser), org=org) as work:
        return use_reset(work, token=token, password_hash=password_hash, short=short)


def reset_routes() -> list[Route]:
    """Return the routes; who comes here is decided behind them."""
    return [
        route("GET", "/forgot", forgot_page),
        route("POST", "/forgot", forgot_post),
        route("GET", "/reset", reset_page),
        route("POST", "/reset", reset_post),
    ]
