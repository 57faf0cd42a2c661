"""/account/passkeys: those of one's own account, as plain forms; assets/passkey.js asks the browser in between."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.accounts.second_step import Waits
from motlink.errors import Invalid, MotlinkError, NotFound
from motlink.sign_in import own_passkeys as own
from motlink.sign_in import own_step, pages, words
from motlink.sign_in.account_routes import in_own_work, news_of, read_own, to_the_door
from motlink.sign_in.entering import proof_of
from motlink.sign_in.own_passkeys import PasskeyRow
from motlink.sign_in.own_step_routes import (
    Asked,
    asked_in,
    brought_beside,
    codes_shown,
    wrong_password,
    wrong_step,
)
from motlink.sign_in.queries import holder_of
from motlink.sign_in.requests import go, text, visitor
from motlink.sign_in.rules import SignedOut, TooMany
from motlink.web.http import answer_to, route
from motlink.web.rules import public
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor
from motlink.work import begin_work

# One's own passkeys, and the second step as it is.
Listed = tuple[tuple[PasskeyRow, ...], Asked]


@public
async def passkeys_page(request: Request) -> Response:
    """GET /account/passkeys: the list; with ?remove=… the question before one is removed."""
    try:
        listed = await reading(_listed, visitor(request))
    except SignedOut:
        return to_the_door()
    wanted = request.query_params.get("remove", "")
    leaving = next((row for row in listed[0] if str(row.id) == wanted), None)
    notice = words.STEP.get(request.query_params.get("done", ""), "")
    return _page(listed, leaving=leaving, notice=notice)


@public
async def begin_post(request: Request) -> Response:
    """POST /account/passkeys/begin: with the password and a name; the answer asks the browser for a passkey."""
    who, form = visitor(request), await request.form()
    name = text(form, "name")[:200]
    try:
        shown, listed = await reading(read_own, who), await reading(_listed, who)
        proof = await proof_of(who, shown, text(form, "current"))
        if not proof.fits:
            return await wrong_password(who, shown, _page, listed, typed={"name": name})
        brought = await brought_beside(who, form, needed=listed[1][0].on_since != "")
        given = {"proof": proof, "name": name, "brought": brought}
        begun = await writing(in_own_work, who, shown, own.begin_own_passkey, **given)
    except SignedOut:
        return to_the_door()
    except (TooMany, Waits) as refusal:
        return _page(listed, status=429, refusal=str(refusal), typed={"name": name})
    except Invalid as wrong:
        return _page(listed, status=422, errors=wrong.fields, typed={"name": name})
    if begun is False:
        return _page(listed, status=401, errors=wrong_step(brought), typed={"name": name})
    return pages.page("passkey_create", begun=begun) if begun else go("/account/second-step?done=meanwhile")


@public
async def add_post(request: Request) -> Response:
    """POST /account/passkeys/add: what the browser has made."""
    who, form = visitor(request), await request.form()
    given = {
        "ticket": text(form, "ticket")[:200],
        "name": text(form, "name")[:200],
        "answer": text(form, "passkey"),
    }
    try:
        shown, listed = await reading(read_own, who), await reading(_listed, who)
        codes = await writing(in_own_work, who, shown, own.add_own_passkey, **given)
    except SignedOut:
        return to_the_door()
    except Invalid as wrong:
        return _page(listed, status=422, errors=wrong.fields, typed={"name": given["name"]})
    response = codes_shown(shown, codes, is_new=True) if codes else go("/account/passkeys?done=passkey")
    response.background = news_of(who, shown, *((own_step.ON,) if codes else ()), own.ADDED)
    return response


@public
async def remove_post(request: Request) -> Response:
    """POST /account/passkeys/remove: with the password."""
    who, form = visitor(request), await request.form()
    try:
        shown, listed = await reading(read_own, who), await reading(_listed, who)
        leaving = _one_of(listed[0], text(form, "id"))
        proof = await proof_of(who, shown, text(form, "current"))
        if not proof.fits:
            return await wrong_password(who, shown, _page, listed, leaving=leaving)
        gone = await writing(
            in_own_work, who, shown, own.remove_own_passkey, proof=proof, passkey_id=leaving.id
        )
    except SignedOut:
        return to_the_door()
    except TooMany as refusal:
        return _page(listed, status=429, leaving=leaving, refusal=str(refusal))
    except MotlinkError as refusal:
        return answer_to(refusal, request)
    if not gone:
        return go("/account/second-step?done=meanwhile")
    response = go("/account/passkeys?done=removed")
    response.background = news_of(who, shown, own.REMOVED)
    return response


def _one_of(rows: tuple[PasskeyRow, ...], typed: str) -> PasskeyRow:
    found = next((row for row in rows if row.id == _id(typed)), None)
    if found is None:
        raise NotFound("This passkey is not here, or was removed already.")
    return found


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _page(listed: Listed, *, leaving: PasskeyRow | None = None, **given: Any) -> Response:
    rows, (step, passkey, ticket) = listed
    values = {"asks_step": step.on_since != "", "passkey": passkey, "ticket": ticket, "notice": "", **given}
    return pages.page("passkeys", rows=rows, leaving=leaving, **values)


def _listed(who: Visitor) -> Listed:
    with begin_work(holder_of(who.digest, address=who.address, browser=who.browser), writes=False) as work:
        return own.own_passkeys(work), asked_in(work)


def passkey_routes() -> list[Route]:
    """Return the routes; whose passkeys says the session behind them."""
    return [
        route("GET", "/account/passkeys", passkeys_page),
        route("POST", "/account/passkeys/begin", begin_post),
        route("POST", "/account/passkeys/add", add_post),
        route("POST", "/account/passkeys/remove", remove_post),
    ]
