"""/account/second-step: the second step of one's own account, as plain forms like the rest of the door (decision 4).

What an app is given and the recovery codes are answers to a form, shown once: no address shows them again.
"""

from collections.abc import Callable
from typing import Any

import segno
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.accounts.codes import app_address, in_groups
from motlink.accounts.second_step import Waits
from motlink.errors import MotlinkError
from motlink.sign_in import own_step, pages, words
from motlink.sign_in.account_routes import in_own_work, news_of, note_wrong, read_own, to_the_door
from motlink.sign_in.entering import proof_of
from motlink.sign_in.own_account import OwnAccount
from motlink.sign_in.own_step import Brought, OwnStep, ToConfirm
from motlink.sign_in.queries import holder_of
from motlink.sign_in.requests import go, text, visitor
from motlink.sign_in.rules import SignedOut, TooMany
from motlink.sign_in.step_routes import forgive_code, slow_codes_down
from motlink.web.http import answer_to, route
from motlink.web.rules import public
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor
from motlink.work import Work, begin_work

# What is asked for with the password and a code: the page's address, and what is done.
CODES, OFF = "codes", "off"
# The second step as it is, what the browser needs to use a passkey, and the ticket for it.
Asked = tuple[OwnStep, str, str]
ACTS: dict[str, tuple[Callable[..., Any], str]] = {
    CODES: (own_step.renew_own_codes, own_step.NEW_CODES),
    OFF: (own_step.turn_own_step_off, own_step.OFF),
}


@public
async def step_page(request: Request) -> Response:
    """GET /account/second-step: whether it is on, and the way to turn it on or off."""
    try:
        step = await reading(_asked_step, visitor(request))
    except SignedOut:
        return to_the_door()
    notice = words.STEP.get(request.query_params.get("done", ""), "")
    return step_shown(step, notice=notice, adds_app="add" in request.query_params)


@public
async def begin_post(request: Request) -> Response:
    """POST /account/second-step/begin: with the password; the answer shows what the app is given."""
    who, form = visitor(request), await request.form()
    try:
        shown, step = await reading(read_own, who), await reading(_asked_step, who)
        proof = await proof_of(who, shown, text(form, "current"))
        if not proof.fits:
            return await wrong_password(who, shown, step_shown, step, adds_app=True)
        brought = await brought_beside(who, form, needed=step[0].on_since != "")
        begun = await writing(in_own_work, who, shown, own_step.begin_own_app, proof=proof, brought=brought)
    except SignedOut:
        return to_the_door()
    except (TooMany, Waits) as refusal:
        return step_shown(step, status=429, refusal=str(refusal), adds_app=True)
    if begun is False:
        return step_shown(step, status=401, errors=wrong_step(brought), adds_app=True)
    return _app_page(begun) if begun else go("/account/second-step?done=meanwhile")


async def brought_beside(who: Visitor, form: FormData, *, needed: bool) -> Brought:
    """Return what a form brings beside the password; counted where it is looked at. Raises TooMany."""
    if needed:
        await slow_codes_down(who)
    return Brought(text(form, "code")[:100], text(form, "passkey"), text(form, "ticket")[:200])


def wrong_step(brought: Brought) -> dict[str, str]:
    """Return the words for a code, or a passkey, that does not fit, by its field."""
    field = "passkey" if brought.passkey else "code"
    return {field: words.WRONG_CODE[field]}


@public
async def confirm_post(request: Request) -> Response:
    """POST /account/second-step/confirm: the first code of the app turns it on."""
    who, form = visitor(request), await request.form()
    try:
        shown = await reading(read_own, who)
        begun = await reading(_begun, who)
        await slow_codes_down(who)
        codes = await writing(
            in_own_work, who, shown, own_step.confirm_own_app, code=text(form, "code")[:100]
        )
    except SignedOut:
        return to_the_door()
    except TooMany as refusal:
        return _app_page(begun, status=429, refusal=str(refusal))
    if codes is None:
        return _app_page(begun, status=401, errors={"code": words.WRONG_FIRST_CODE})
    await forgive_code(who)
    if not codes:
        response = go("/account/second-step?done=app")
        response.background = news_of(who, shown, own_step.APP_ADDED)
        return response
    return _codes_page(who, shown, codes, own_step.ON)


@public
async def codes_page(request: Request) -> Response:
    """GET /account/second-step/codes asks for the password and a code."""
    return await _ask(request, CODES)


@public
async def codes_post(request: Request) -> Response:
    """POST /account/second-step/codes: ten new recovery codes, shown once."""
    return await _change(request, CODES)


@public
async def off_page(request: Request) -> Response:
    """GET /account/second-step/off asks for the password and a code."""
    return await _ask(request, OFF)


@public
async def off_post(request: Request) -> Response:
    """POST /account/second-step/off: without a second step from now on."""
    return await _change(request, OFF)


async def _ask(request: Request, what: str) -> Response:
    try:
        step = await reading(_asked_step, visitor(request))
    except SignedOut:
        return to_the_door()
    return _proof_page(what, step) if step[0].on_since else step_shown(step)


async def _change(request: Request, what: str) -> Response:
    who, form = visitor(request), await request.form()
    try:
        shown, step = await reading(read_own, who), await reading(_asked_step, who)
        proof = await proof_of(who, shown, text(form, "current"))
        if not proof.fits:
            return await wrong_password(who, shown, _proof_page, what, step)
        brought = await brought_beside(who, form, needed=True)
        made = await writing(in_own_work, who, shown, ACTS[what][0], proof=proof, brought=brought)
    except SignedOut:
        return to_the_door()
    except (TooMany, Waits) as refusal:
        return _proof_page(what, step, status=429, refusal=str(refusal))
    except MotlinkError as refusal:
        return answer_to(refusal, request)
    if made is None:
        return go("/account/second-step?done=meanwhile")
    if not made:
        response = _proof_page(what, step, status=401, errors=wrong_step(brought))
        response.background = news_of(who, shown, own_step.NOT_CHANGED)
        return response
    await forgive_code(who)
    return _done(who, shown, what, made)


def _done(who: Visitor, shown: OwnAccount, what: str, made: Any) -> Response:
    if what == CODES:
        return _codes_page(who, shown, made, own_step.NEW_CODES)
    response = go("/account/second-step?done=off")
    response.background = news_of(who, shown, own_step.OFF)
    return response


async def wrong_password(
    who: Visitor, shown: OwnAccount, build: Callable[..., Response], *args: Any, **given: Any
) -> Response:
    """Answer a wrong current password with the page that `build` makes, and write it down."""
    await writing(note_wrong, who, shown, own_step.refuse_step_change)
    response = build(*args, status=401, errors={"current": words.WRONG_CURRENT}, **given)
    response.background = news_of(who, shown, own_step.NOT_CHANGED)
    return response


def step_shown(asked: Asked, *, notice: str = "", adds_app: bool = False, **given: Any) -> Response:
    """Return the page of the second step; with `adds_app` it asks for the password to set an app up."""
    step, passkey, ticket = asked
    adds = adds_app and not step.has_app
    values = {"step": step, "passkey": passkey, "ticket": ticket, "adds_app": adds, **given}
    return pages.page("step", notice=notice, **values)


def _proof_page(what: str, step: Asked, **given: Any) -> Response:
    own, passkey, ticket = step
    return pages.page("step_proof", what=what, step=own, passkey=passkey, ticket=ticket, **given)


def _app_page(begun: ToConfirm, **given: Any) -> Response:
    address = app_address(begun.shared, name=begun.email)
    # White around it in the dark, too: scanners want the contrast.
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff")
    key = in_groups(begun.shared).replace("-", " ")
    return pages.page("step_app", picture=picture, address=address, key=key, **given)


def codes_shown(shown: OwnAccount, codes: tuple[str, ...], *, is_new: bool) -> Response:
    """Return the page with recovery codes: the only one that ever shows them."""
    return pages.page("step_codes", codes=codes, username=shown.username, is_new=is_new)


def _codes_page(who: Visitor, shown: OwnAccount, codes: tuple[str, ...], action: str) -> Response:
    response = codes_shown(shown, codes, is_new=action == own_step.ON)
    response.background = news_of(who, shown, action)
    return response


def _asked_step(who: Visitor) -> Asked:
    with begin_work(holder_of(who.digest, address=who.address, browser=who.browser), writes=False) as work:
        return asked_in(work)


def asked_in(work: Work) -> Asked:
    """Read one's own second step, and how a passkey is asked for."""
    return own_step.own_step(work), *own_step.passkey_question(work)


def _begun(who: Visitor) -> ToConfirm:
    with begin_work(holder_of(who.digest, address=who.address, browser=who.browser), writes=False) as work:
        return own_step.own_begun_app(work)


def own_step_routes() -> list[Route]:
    """Return the routes; whose account it is says the session behind them."""
    return [
        route("GET", "/account/second-step", step_page),
        route("POST", "/account/second-step/begin", begin_post),
        route("POST", "/account/second-step/confirm", confirm_post),
        route("GET", "/account/second-step/codes", codes_page),
        route("POST", "/account/second-step/codes", codes_post),
        route("GET", "/account/second-step/off", off_page),
        route("POST", "/account/second-step/off", off_post),
    ]
