"""The door's own HTTP routes. They translate: read the form, hash outside the transaction, call one action, answer."""

from contextlib import suppress

from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from motlink.errors import Busy
from motlink.sign_in import links, own_step, pages, words
from motlink.sign_in.account_routes import account_routes
from motlink.sign_in.again_routes import again_routes
from motlink.sign_in.email_routes import email_routes
from motlink.sign_in.entering import SET_UP_STEP, enter, leave, let_in
from motlink.sign_in.hint_routes import hint_routes
from motlink.sign_in.name_routes import name_routes
from motlink.sign_in.own_step_routes import own_step_routes
from motlink.sign_in.pages import sign_in_form
from motlink.sign_in.passkey_routes import passkey_routes
from motlink.sign_in.queries import Practice, am_agent, my_practices, signed_in
from motlink.sign_in.requests import drop_cookie, go, text, visitor
from motlink.sign_in.reset_routes import reset_routes
from motlink.sign_in.rules import HalfGone, SignedOut, TooMany, WrongSignIn, own_path
from motlink.sign_in.step_routes import step_routes
from motlink.sign_in.timing import why_out
from motlink.web.http import route
from motlink.web.rules import public
from motlink.web.threads import reading
from motlink.web.visitor import Visitor, cookie_name, practice_of
from motlink.work import begin_work, nobody


@public
async def sign_in_page(request: Request) -> Response:
    """GET /sign-in: whoever was put out reads why, and where another practice of theirs is still open."""
    query, who = request.query_params, visitor(request)
    notice, elsewhere = _notice(query), False
    if who.digest and "reset" not in query:
        wanted = practice_of({"asPath": own_path(query.get("next", ""))})
        # The page stands also while the database does not answer.
        with suppress(DBAPIError, Busy):
            notice = words.why_out(*await reading(_why_out, who, wanted)) or notice
            elsewhere = "ended" in query and await reading(_is_in_another, who)
    return sign_in_form(query.get("next", ""), notice=notice, elsewhere=elsewhere)


def _why_out(who: Visitor, slug: str) -> tuple[str, str]:
    with begin_work(nobody(who.address, who.browser), writes=False) as work:
        return why_out(work, digest=who.digest, slug=slug)


@public
async def sign_in_post(request: Request) -> Response:
    """POST /sign-in: one sentence for every reason not to let someone in."""
    form = await request.form()
    wanted, login = text(form, "next"), text(form, "login").strip()[:320]
    try:
        entry, afterwards = await enter(visitor(request), login=login, password=text(form, "password"))
    except TooMany as refusal:
        return sign_in_form(wanted, login=login, refusal=refusal, status=429)
    if entry:
        response = let_in(entry, wanted=own_path(wanted))
    else:
        response = sign_in_form(wanted, login=login, refusal=WrongSignIn(), status=401)
    response.background = afterwards
    return response


def _notice(query: QueryParams) -> str:
    if "reset" in query:
        return words.RESET
    if "again" in query:
        return HalfGone.sentence
    return words.ENDED if "ended" in query else ""


@public
async def sign_out_page(request: Request) -> Response:
    """GET /sign-out asks; only the form's submission ends the session."""
    return pages.page("sign_out")


@public
async def sign_out_post(request: Request) -> Response:
    """POST /sign-out."""
    afterwards = await leave(visitor(request))
    response = go("/sign-in")
    drop_cookie(response, cookie_name())
    response.background = afterwards
    return response


@public
async def choose_practice(request: Request) -> Response:
    """GET /choose-practice: the practices of the person who is signed in."""
    practices, shut, is_agent = await reading(_practices, visitor(request))
    if practices and shut == len(practices):
        return go(SET_UP_STEP)
    if len(practices) == 1:
        return go(f"/p/{practices[0].slug}")
    return pages.page("choose", practices=practices, is_agent=is_agent)


def _is_in_another(who: Visitor) -> bool:
    try:
        return bool(_practices(who)[0])
    except SignedOut:
        return False


def _practices(who: Visitor) -> tuple[list[Practice], int, bool]:
    """Return the practices, how many of them ask for a second step first, and whether an agent asks."""
    with begin_work(signed_in(who.digest), writes=False) as work:
        return my_practices(work), len(own_step.practices_that_ask(work)), am_agent(work)


@public
async def front(request: Request) -> Response:
    """GET /: to the practice, or to the door."""
    return go("/choose-practice" if visitor(request).digest else "/sign-in")


@public
async def health(request: Request) -> Response:
    """GET /health: whether the database answers."""
    try:
        await reading(_ask_database)
    except Exception:  # noqa: BLE001 - whatever it is, we are not well
        return JSONResponse({"status": "database unreachable"}, status_code=503)
    return JSONResponse({"status": "ok"})


def _ask_database() -> None:
    from motlink.database import engine

    with engine().connect() as connection:
        connection.execute(sql("SELECT 1"))


def door_routes() -> list[Route]:
    """Return the routes; who comes here is decided behind them."""
    return [
        route("GET", "/", front),
        route("GET", "/health", health),
        route("GET", "/sign-in", sign_in_page),
        route("POST", "/sign-in", sign_in_post),
        route("GET", "/sign-out", sign_out_page),
        route("POST", "/sign-out", sign_out_post),
        route("GET", "/choose-practice", choose_practice),
        route("GET", "/invitation", links.invitation_page),
        route("POST", "/invitation", links.invitation_post),
        route("POST", "/invitation/ask", links.ask_for_new_link),
        route("GET", "/set-up", links.set_up_page),
        route("POST", "/set-up", links.set_up_post),
        *step_routes(),
        *reset_routes(),
        *account_routes(),
        *own_step_routes(),
        *passkey_routes(),
        *again_routes(),
        *email_routes(),
        *hint_routes(),
        *name_routes(),
    ]


def routes() -> Starlette:
    """Return the door as an app that Reflex is mounted below."""
    return Starlette(routes=door_routes())
