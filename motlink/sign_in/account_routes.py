"""/account: one's own password and sessions, as plain forms like the rest of the door (decision 4)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.accounts.actions import touch_session
from motlink.accounts.passwords import hashed
from motlink.accounts.rules import check_password, is_short
from motlink.errors import Invalid, NotFound
from motlink.sign_in import email_words, pages, words
from motlink.sign_in import own_account as own
from motlink.sign_in.entering import proof_of, telling
from motlink.sign_in.own_account import OwnAccount
from motlink.sign_in.own_agent import CODE_RENEWED, renew_own_code
from motlink.sign_in.queries import holder_of
from motlink.sign_in.requests import go, text, visitor
from motlink.sign_in.rules import SignedOut, TooMany
from motlink.staff.agents import NO_AGENT, leave_practice
from motlink.web.http import route
from motlink.web.rules import public
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor
from motlink.work import Work, begin_work

SAID = words.ACCOUNT | email_words.DONE


@public
async def account_page(request: Request) -> Response:
    """GET /account: whoever has no open session is sent to the door, and back here."""
    who = visitor(request)
    shown = await reading(read_own, who)
    return account_form(shown, notice=SAID.get(request.query_params.get("done", ""), ""))


@public
async def password_post(request: Request) -> Response:
    """POST /account/password: the current one is asked for, guesses at it count as guesses at the sign-in."""
    who, form = visitor(request), await request.form()
    try:
        shown = await reading(read_own, who)
        return await _change(who, shown, text(form, "current"), text(form, "password"))
    except SignedOut:
        return to_the_door()


async def _change(who: Visitor, shown: OwnAccount, current: str, password: str) -> Response:
    try:
        proof = await proof_of(who, shown, current)
    except TooMany as refusal:
        return account_form(shown, status=429, refusal=str(refusal))
    if not proof.fits:
        return await _wrong(who, shown)
    try:
        _check_new(password, current, shown)
    except Invalid as wrong:
        return account_form(shown, status=422, errors={wrong.field: wrong.sentence})
    given = {"password_hash": await hashed(password), "short": is_short(password)}
    if not await writing(in_own_work, who, shown, own.change_password, proof=proof, **given):
        return account_form(shown, status=409, refusal=words.CHANGED_MEANWHILE)
    return done("password", who, shown, own.CHANGED)


def _check_new(password: str, current: str, shown: OwnAccount) -> None:
    check_password(password, own_words=shown.own_words, shortest=shown.shortest)
    if password == current:
        raise Invalid("This is the password you have. Choose another.", field="password")


async def _wrong(who: Visitor, shown: OwnAccount) -> Response:
    await writing(note_wrong, who, shown, own.refuse_change)
    response = account_form(shown, status=401, errors={"current": words.WRONG_CURRENT})
    response.background = news_of(who, shown, own.WRONG)
    return response


@public
async def session_post(request: Request) -> Response:
    """POST /account/session: ends one session of one's own."""
    who, form = visitor(request), await request.form()
    try:
        shown = await reading(read_own, who)
        session_id = _id(text(form, "session"), own.NO_SESSION)
        was_this = await writing(in_own_work, who, shown, own.end_own_session, session_id=session_id)
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
        shown = await reading(read_own, who)
        await writing(in_own_work, who, shown, own.end_own_others)
    except SignedOut:
        return to_the_door()
    return done("others", who, shown, own.OTHERS_ENDED)


@public
async def code_post(request: Request) -> Response:
    """POST /account/code: another Code for an External Agent; the older one adds them nowhere any more."""
    who = visitor(request)
    try:
        shown = await reading(read_own, who)
        await writing(in_own_work, who, shown, renew_own_code)
    except SignedOut:
        return to_the_door()
    except NotFound as refusal:
        return account_form(shown, status=404, refusal=str(refusal))
    return done("code", who, shown, CODE_RENEWED)


@public
async def leave_post(request: Request) -> Response:
    """POST /account/leave: an External Agent leaves one practice; their other ones stay."""
    who, form = visitor(request), await request.form()
    try:
        shown = await reading(read_own, who)
        await writing(_leave, who, _id(text(form, "practice"), NO_AGENT))
        await reading(read_own, who)
    except SignedOut:
        return to_the_door()
    except NotFound as refusal:
        return account_form(shown, status=404, refusal=str(refusal))
    return go("/account?done=left")


def _leave(who: Visitor, org_id: UUID) -> None:
    # Whatever the practice demands of a session: access may always be ended (docs/security.md).
    with begin_work(holder_of(who.digest, address=who.address, browser=who.browser), org=org_id) as work:
        work.do(leave_practice)


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
        shortest=shown.shortest,
        notice=notice,
        refusal=refusal,
        errors=errors or {},
        typed=typed or {},
    )


def done(what: str, who: Visitor, shown: OwnAccount, action: str) -> Response:
    """Go back to the page, which says what was done; the other practices hear of it afterwards."""
    response = go(f"/account?done={what}")
    response.background = news_of(who, shown, action)
    return response


def news_of(who: Visitor, shown: OwnAccount, *actions: str) -> BackgroundTask | None:
    """Return what tells the account's other practices, once the answer is out."""
    return telling(who, shown.account_id, dict.fromkeys(shown.hears[1:], actions))


def to_the_door() -> Response:
    """Whoever has no open session signs in, and comes back to the account page."""
    return go("/sign-in?next=/account")


def _id(typed: str, sentence: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as no_id:
        raise NotFound(sentence) from no_id


def read_own(who: Visitor) -> OwnAccount:
    """Read the account of whoever is signed in (in a thread). Raises SignedOut."""
    with begin_work(holder_of(who.digest, address=who.address, browser=who.browser), writes=False) as work:
        return own.own_account(work)


def in_own_work(who: Visitor, shown: OwnAccount, act: Callable[..., Any], **given: Any) -> Any:
    """Run an act of somebody on their own account, written down in the practice they enter first (in a thread).

    Once it is done, the session counts as used.
    """
    with _own_work(who, shown) as work:
        made = work.do(act, **given)
        assert work.actor.session_id
        touch_session(work, session_id=work.actor.session_id)
        return made


def note_wrong(who: Visitor, shown: OwnAccount, act: Callable[[Work], None]) -> None:
    """Write down that what was to prove who they are was wrong: that is no use of the session (in a thread)."""
    with _own_work(who, shown) as work:
        work.do(act)


def _own_work(who: Visitor, shown: OwnAccount) -> AbstractContextManager[Work]:
    org = shown.hears[0] if shown.hears else None
    return begin_work(holder_of(who.digest, address=who.address, browser=who.browser), org=org)


def account_routes() -> list[Route]:
    """Return the routes; whose account it is says the session behind them."""
    return [
        route("GET", "/account", account_page),
        route("POST", "/account/password", password_post),
        route("POST", "/account/session", session_post),
        route("POST", "/account/sessions", others_post),
        route("POST", "/account/code", code_post),
        route("POST", "/account/leave", leave_post),
    ]
