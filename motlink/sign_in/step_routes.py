"""/sign-in/code: the second step. It is asked with half a session in a cookie that only /sign-in gets."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.accounts.second_step import Waits
from motlink.sign_in import pages, words
from motlink.sign_in.actions import Entry
from motlink.sign_in.entering import let_in, telling
from motlink.sign_in.requests import drop_cookie, go, text, visitor
from motlink.sign_in.rules import DeadLink, HalfGone, TooMany, WrongSignIn, own_path
from motlink.sign_in.second_step import (
    WRONG,
    AskedFor,
    Check,
    asked_for,
    by_code,
    by_passkey,
    take_second_step,
)
from motlink.web import rate
from motlink.web.http import route
from motlink.web.rules import public
from motlink.web.threads import reading, writing
from motlink.web.visitor import INVITATION_COOKIE, Visitor, digest_of, half_cookie_name
from motlink.work import begin_work, nobody


@public
async def code_page(request: Request) -> Response:
    """GET /sign-in/code: whoever has not typed a right password a moment ago is sent back to do so."""
    try:
        shown = await reading(_read, visitor(request), half_of(request))
    except HalfGone:
        return go("/sign-in?again=1")
    return _form(shown, wanted=own_path(request.query_params.get("next", "")))


@public
async def code_post(request: Request) -> Response:
    """POST /sign-in/code: the app's code, a recovery code, or what a passkey has signed."""
    form = await request.form()
    field = next((name for name in ("passkey", "recovery") if text(form, name)), "code")
    check = by_passkey(text(form, field)) if field == "passkey" else by_code(text(form, field)[:100])
    return await _take_step(request, check, field=field, wanted=own_path(text(form, "next")))


async def _take_step(request: Request, check: Check, *, field: str, wanted: str) -> Response:
    """Take the second step with whatever was brought, and answer."""
    who, half = visitor(request), half_of(request)
    try:
        shown = await reading(_read, who, half)
        await slow_codes_down(who)
        entry = await writing(_take, who, half, shown, check)
    except HalfGone:
        return _forget_half(go("/sign-in?again=1"))
    except DeadLink as dead:
        return _forget_half(pages.dead(words.dead_page(dead)))
    except (TooMany, Waits) as refusal:
        return _form(shown, status=429, wanted=wanted, refusal=str(refusal))
    if entry is None:
        return await _wrong(who, half, shown, field, wanted)
    await forgive_code(who)
    return _answer(who, shown, entry, wanted)


def _answer(who: Visitor, shown: AskedFor, entry: Entry, wanted: str) -> Response:
    if entry.token:
        response = let_in(entry, wanted=wanted)
    elif shown.by_invitation:
        response = pages.message(words.NO_ROLE_TITLE, words.NO_ROLE)
    else:
        response = pages.sign_in_form(wanted, refusal=WrongSignIn(), status=401)
    drop_cookie(response, INVITATION_COOKIE, path="/invitation")
    response.background = telling(who, shown.account_id, entry.news)
    return _forget_half(response)


async def _wrong(who: Visitor, half: str, shown: AskedFor, field: str, wanted: str) -> Response:
    afterwards = telling(who, shown.account_id, dict.fromkeys(shown.hears[1:], (WRONG,)))
    try:
        await reading(_read, who, half)
        response = _form(shown, status=401, wanted=wanted, errors={field: words.WRONG_CODE[field]})
    except HalfGone:
        response = _forget_half(go("/sign-in?again=1"))
    response.background = afterwards
    return response


async def slow_codes_down(who: Visitor) -> None:
    """Count a code before it is looked at. Raises TooMany; what an account bears stands in its own row."""
    if not await rate.count(rate.CODES_FROM_ADDRESS, "codes", rate.network_of(who.address)):
        raise TooMany
    if not await rate.count(rate.CODES_IN_TOTAL, "codes-total"):
        await asyncio.sleep(await rate.delay_for(rate.CODES_IN_TOTAL, "codes-total"))


async def forgive_code(who: Visitor) -> None:
    """Uncount a code that was right."""
    await rate.take_back(rate.CODES_FROM_ADDRESS, "codes", rate.network_of(who.address))
    await rate.take_back(rate.CODES_IN_TOTAL, "codes-total")


def half_of(request: Request) -> str:
    """Return the digest of the half-session that a request brings."""
    return digest_of(request.cookies.get(half_cookie_name(), ""))


def _forget_half(response: Response) -> Response:
    drop_cookie(response, half_cookie_name(), path="/sign-in")
    return response


def _form(
    shown: AskedFor,
    *,
    status: int = 200,
    wanted: str = "",
    refusal: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    given: dict[str, Any] = {"shown": shown, "wanted": wanted, "refusal": refusal, "errors": errors or {}}
    return pages.page("code", status=status, **given)


def _read(who: Visitor, half: str) -> AskedFor:
    with begin_work(nobody(who.address, who.browser), writes=False) as work:
        return asked_for(work, half=half)


def _take(who: Visitor, half: str, shown: AskedFor, check: Check) -> Entry | None:
    org = shown.hears[0] if shown.hears else None
    with begin_work(nobody(who.address, who.browser), org=org) as work:
        return take_second_step(work, half=half, check=check, old_session=who.digest)


def step_routes() -> list[Route]:
    """Return the routes; who comes here is decided behind them."""
    return [
        route("GET", "/sign-in/code", code_page),
        route("POST", "/sign-in/code", code_post),
    ]
