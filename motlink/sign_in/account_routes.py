"""/account: one's own password and sessions, as plain forms like the rest of the door (decision 4)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.accounts.actions import touch_session
from motlink.accounts.passwords import hashed, verified
from motlink.accounts.rules import check_password
from motlink.errors import Invalid, NotFound
from motlink.sign_in import email_words, pages, words
from motlink.sign_in import own_account as own
from motlink.sign_in.actions import Proof
from motlink.sign_in.entering import forgive, slow_down, telling
from motlink.sign_in.own_account import OwnAccount
from motlink.sign_in.queries import holder_of
from motlink.sign_in.requests import go, text, visitor
from motlink.sign_in.rules import SignedOut, TooMany
from motlink.web.http import route
from motlink.web.rules import public
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor
from motlink.work import begin_work

SAID = words.ACCOUNT | email_words.DONE


@public
async def account_page(request: Request) -> Response:
    """GET /account: whoever has no open session is sent to the door, and back here."""
    who = visitor(request)
    shown = await reading(read_account, who)
    return account_form(shown, notice=SAID.get(request.query_params.get("done", ""), ""))


@public
async def password_post(request: Request) -> Response:
    """POST /account/password: the current one is asked for, guesses at it count as guesses at the sign-in."""
    who, form = visitor(request), await request.form()
    try:
        shown = await reading(read_account, who)
        return await _change(who, shown, text(form, "current"), text(form, "password"))
    except SignedOut:
        return to_the_door()


async def _change(who: Visitor, shown: OwnAccount, current: str, password: str) -> Response:
    try:
        await slow_down(who, shown.email)
    except TooMany as refusal:
        return account_form(shown, status=429, refusal=str(refusal))
    verdict = await verified(current, shown.password_hash)
    if not verdict.fits:
        return await _wrong(who, shown)
    await forgive(who, shown.email)
    try:
        _check_new(password, current, shown)
    except Invalid as wrong:
        return account_form(shown, status=422, errors={wrong.field: wrong.sentence})
    made, proof = await hashed(password), Proof(True, shown.password_hash)
    if not await writing(in_work, who, shown, own.change_password, proof=proof, password_hash=made):
        return account_form(shown, status=409, refusal=words.CHANGED_MEANWHILE)
    return done("password", who, shown, own.CHANGED)


def _check_new(password: str, current: str, shown: OwnAccount) -> None:
    check_password(password, own_words=shown.own_words)
    if password == current:
        raise Invalid("This is the password you have. Choose another.", field="password")


async def _wrong(who: Visitor, shown: OwnAccount) -> Response:
    await writing(in_work, who, shown, own.refuse_change)
    response = account_form(shown, status=401, errors={"current": words.WRONG_CURRENT})
    response.background = news(who, shown, own.WRONG)
    return response


@public
async def session_post(request: Request) -> Response:
    """POST /account/session: ends one session of one's own."""
    who, form = visitor(request), await request.form()
    try:
        shown = await reading(read_account, who)
        session_id = _id(text(form, "session"))
        was_this = await writing(in_work, who, shown, own.end_own_session, session_id=session_id)
    except SignedOut:
        return to_the_door()
    except NotFound as refusal:
        return account_form(shown, status=404, refusal=str(refusal))
    return to_the_door() if was_this else done("session", who, shown, own.ONE_ENDED)


@public
async def others_post(request: Request) -> Response:
    """POST /account/sessions: ends every session but this one."""
    who = visitor(request)
    try:
        shown = await reading(read_account, who)
        await writing(in_work, who, shown, own.end_own_others)
    except SignedOut:
        return to_the_door()
    return done("others", who, shown, own.OTHERS_ENDED)


def account_form(
    shown: OwnAccount,
    *,
    status: int = 200,
    notice: str = "",
    refusal: str = "",
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    """Return the account page; what was typed stands in its fields again, but for passwords."""
    return pages.page(
        "account",
        status=status,
        shown=shown,
        notice=notice,
        refusal=refusal,
        errors=errors or {},
        typed=typed or {},
    )


def done(what: str, who: Visitor, shown: OwnAccount, action: str) -> Response:
    """Go back to the page, which says what was done; the other practices hear of it afterwards."""
    response = go(f"/account?done={what}")
    response.background = news(who, shown, action)
    return response


def news(who: Visitor, shown: OwnAccount, action: str) -> BackgroundTask | None:
    """Return what tells the other practices."""
    return telling(who, shown.account_id, dict.fromkeys(shown.hears[1:], (action,)))


def to_the_door() -> Response:
    """Send whoever is signed out to the door, and back here afterwards."""
    return go("/sign-in?next=/account")


def _id(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as no_id:
        raise NotFound("This session is not here, or has ended already.") from no_id


def read_account(who: Visitor) -> OwnAccount:
    """Read the account of whoever asks. Raises SignedOut."""
    with begin_work(holder_of(who.digest, address=who.address, browser=who.browser), writes=False) as work:
        return own.own_account(work)


def in_work(who: Visitor, shown: OwnAccount, act: Callable[..., Any], **given: Any) -> Any:
    """Act as whoever asks, in the first practice that hears of it."""
    org = shown.hears[0] if shown.hears else None
    with begin_work(holder_of(who.digest, address=who.address, browser=who.browser), org=org) as work:
        assert work.actor.session_id
        touch_session(work, session_id=work.actor.session_id)
        return work.do(act, **given)


def account_routes() -> list[Route]:
    """Return the routes; whose account it is says the session behind them."""
    return [
        route("GET", "/account", account_page),
        route("POST", "/account/password", password_post),
        route("POST", "/account/session", session_post),
        route("POST", "/account/sessions", others_post),
    ]
