"""/account/email, and the links of the letters: /email to the new address, /email-back to the old one."""

import logging
from collections.abc import Callable
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.errors import Conflict, Invalid
from motlink.sign_in import email_change as change
from motlink.sign_in import email_words as words
from motlink.sign_in import pages
from motlink.sign_in.account_routes import (
    account_form,
    done,
    in_own_work,
    news_of,
    note_wrong,
    read_own,
    to_the_door,
)
from motlink.sign_in.email_change import Link, Told
from motlink.sign_in.entering import proof_of
from motlink.sign_in.links import into_cookie
from motlink.sign_in.own_account import OwnAccount
from motlink.sign_in.requests import drop_cookie, go, text, visitor
from motlink.sign_in.rules import DeadLink, SignedOut, TooMany
from motlink.sign_in.words import CHANGED_MEANWHILE
from motlink.web.http import route
from motlink.web.rules import public
from motlink.web.threads import reading, writing
from motlink.web.visitor import Visitor
from motlink.work import begin_work, nobody, system

log = logging.getLogger("motlink.door")
NEW_COOKIE, OLD_COOKIE = "motlink-email", "motlink-email-back"


@public
async def ask_post(request: Request) -> Response:
    """POST /account/email: the password is asked for, guesses at it count as guesses at the sign-in."""
    who, form = visitor(request), await request.form()
    try:
        shown = await reading(read_own, who)
        return await _ask(who, shown, text(form, "email_password"), text(form, "email")[:400])
    except SignedOut:
        return to_the_door()


async def _ask(who: Visitor, shown: OwnAccount, password: str, email: str) -> Response:
    typed = {"email": email}
    try:
        proof = await proof_of(who, shown, password)
    except TooMany as refusal:
        return account_form(shown, status=429, refusal=str(refusal), typed=typed)
    if not proof.fits:
        await writing(note_wrong, who, shown, change.refuse_asking)
        response = account_form(shown, status=401, errors={"email_password": words.NOT_YOURS}, typed=typed)
        response.background = news_of(who, shown, change.WRONG)
        return response
    try:
        asked = await writing(in_own_work, who, shown, change.ask_for_change, proof=proof, email=email)
    except Invalid as wrong:
        return account_form(shown, status=422, errors={wrong.field: wrong.sentence}, typed=typed)
    except Conflict as refusal:
        return account_form(shown, status=409, refusal=str(refusal), typed=typed)
    if not asked:
        return account_form(shown, status=409, refusal=CHANGED_MEANWHILE, typed=typed)
    return done("asked", who, shown, change.ASKED)


@public
async def give_up_post(request: Request) -> Response:
    """POST /account/email/give-up: calls one's own change off."""
    who = visitor(request)
    try:
        shown = await reading(read_own, who)
        await writing(in_own_work, who, shown, change.give_up_change)
    except SignedOut:
        return to_the_door()
    return done("given-up", who, shown, change.GIVEN_UP)


@public
async def confirm_page(request: Request) -> Response:
    """GET /email?t=…, then GET /email: looking changes nothing."""
    if "t" in request.query_params:
        return into_cookie(request.query_params["t"], NEW_COOKIE, "/email")
    if "done" in request.query_params:
        return _said(words.CONFIRMED, "/account", "Your account")
    try:
        found = await reading(
            _read, visitor(request), change.open_change, request.cookies.get(NEW_COOKIE, "")
        )
    except DeadLink as dead:
        return pages.dead(words.dead_change(dead))
    return pages.page("email_confirm", email=found.email)


@public
async def confirm_post(request: Request) -> Response:
    """POST /email: makes the change."""
    who, token = visitor(request), request.cookies.get(NEW_COOKIE, "")
    try:
        told = await _use(who, change.open_change, change.confirm_change, token)
    except DeadLink as dead:
        return pages.dead(words.dead_change(dead))
    return _gone(told, "/email", NEW_COOKIE)


@public
async def cancel_page(request: Request) -> Response:
    """GET /email-back?t=…, then GET /email-back."""
    if "t" in request.query_params:
        return into_cookie(request.query_params["t"], OLD_COOKIE, "/email-back")
    if "done" in request.query_params:
        was_made = request.query_params["done"] == "2"
        return _said(words.PUT_BACK if was_made else words.STOPPED, "/forgot", "Choose a new password")
    try:
        found = await reading(
            _read, visitor(request), change.open_cancel, request.cookies.get(OLD_COOKIE, "")
        )
    except DeadLink as dead:
        return pages.dead(words.dead_cancel(dead))
    return pages.page("email_back", email=found.email, is_made=found.is_made)


@public
async def cancel_post(request: Request) -> Response:
    """POST /email-back: stops the change, or takes it back."""
    who, token = visitor(request), request.cookies.get(OLD_COOKIE, "")
    try:
        told = await _use(who, change.open_cancel, change.cancel_change, token)
    except DeadLink as dead:
        return pages.dead(words.dead_cancel(dead))
    return _gone(told, "/email-back", OLD_COOKIE)


async def _use(who: Visitor, look: Callable[..., Link], act: Callable[..., Told], token: str) -> Told:
    found: Link = await reading(_read, who, look, token)
    return await writing(_act, who, found.org_id, act, token)


def _gone(told: Told, path: str, cookie: str) -> Response:
    response = go(f"{path}?done={2 if told.action == change.PUT_BACK else 1}")
    drop_cookie(response, cookie, path=path)
    response.background = BackgroundTask(tell_places, told)
    return response


async def tell_places(told: Told) -> None:
    """Write it into the logs of the other practices, and let their lists read a changed email."""
    for org_id in told.org_ids:
        try:
            await writing(_tell, org_id, told)
        except Exception:
            log.exception(
                "the log of practice %s misses %s of account %s", org_id, told.action, told.account_id
            )


def _tell(org_id: UUID, told: Told) -> None:
    with begin_work(system(), org=org_id) as work:
        change.note_change(work, told)


def _said(said: tuple[str, str], way: str, word: str) -> Response:
    title, sentence = said
    return pages.page("message", title=title, sentence=sentence, back=(way, word))


def _read(who: Visitor, look: Callable[..., Link], token: str) -> Link:
    with begin_work(nobody(who.address, who.browser), writes=False) as work:
        return look(work, token=token)


def _act(who: Visitor, org_id: UUID | None, act: Callable[..., Told], token: str) -> Told:
    with begin_work(nobody(who.address, who.browser), org=org_id) as work:
        return act(work, token=token)


def email_routes() -> list[Route]:
    """Return the routes; whose email it is says the session, or the link."""
    return [
        route("POST", "/account/email", ask_post),
        route("POST", "/account/email/give-up", give_up_post),
        route("GET", "/email", confirm_page),
        route("POST", "/email", confirm_post),
        route("GET", "/email-back", cancel_page),
        route("POST", "/email-back", cancel_post),
    ]
