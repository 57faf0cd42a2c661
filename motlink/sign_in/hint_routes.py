"""What is said of a new password while it is typed, on each page where one is chosen.

Asked of the server, which is to get the password a moment later anyway, and not of a script in the page: it knows the
rules, the stolen passwords and the person's own words, and a phone need not load half a megabyte. Nothing is kept, and
no body of a request is ever logged. Each path lies below its form's, so that the link's cookie comes along; without an
open link or session nothing is said.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from motlink.accounts.rules import LONGEST_PASSWORD
from motlink.accounts.strength import NO_WORD, hint_on
from motlink.errors import MotlinkError
from motlink.sign_in import account_routes, links, reset_routes
from motlink.sign_in.requests import text, visitor
from motlink.web import rate
from motlink.web.http import route
from motlink.web.rules import public
from motlink.web.threads import advising, reading
from motlink.web.visitor import INVITATION_COOKIE, RESET_COOKIE, SET_UP_COOKIE, Visitor

FindWords = Callable[[Visitor, str], tuple[str, ...]]


@public
async def account_hint(request: Request) -> Response:
    """POST /account/password/hint."""
    return await _hint(request, "", lambda who, _: account_routes.read_own(who).own_words)


@public
async def reset_hint(request: Request) -> Response:
    """POST /reset/hint."""
    return await _hint(request, RESET_COOKIE, reset_routes.own_words_behind)


@public
async def invitation_hint(request: Request) -> Response:
    """POST /invitation/hint."""
    return await _hint(request, INVITATION_COOKIE, links.own_words_invited)


@public
async def set_up_hint(request: Request) -> Response:
    """POST /set-up/hint."""
    return await _hint(request, SET_UP_COOKIE, links.own_words_of_owner)


async def _hint(request: Request, cookie: str, find_words: FindWords) -> Response:
    who, form = visitor(request), await request.form()
    if not await rate.count(rate.HINTS, "hint", rate.network_of(who.address)):
        return Response(status_code=429)
    try:
        own = await reading(find_words, who, request.cookies.get(cookie, "") if cookie else "")
    except MotlinkError:
        return Response(status_code=404)
    password = text(form, "password")[: LONGEST_PASSWORD + 1]
    # While another's is worked out there is no word: the page asks again when typing goes on.
    found = await advising(hint_on, password, (*own, text(form, "username")[:60])) or NO_WORD
    return JSONResponse({"level": found.level, "words": found.words})


def hint_routes() -> list[Route]:
    """Return the routes."""
    return [
        route("POST", "/account/password/hint", account_hint),
        route("POST", "/reset/hint", reset_hint),
        route("POST", "/invitation/hint", invitation_hint),
        route("POST", "/set-up/hint", set_up_hint),
    ]
