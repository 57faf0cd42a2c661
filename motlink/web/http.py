"""Our own HTTP routes: what their marker means, and the one table that makes a refusal a page with a status.

As with events (web/guard.py): no marker, no route.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from motlink.errors import Busy, Conflict, Invalid, MotlinkError, NotAllowed, NotFound
from motlink.sign_in import pages, words
from motlink.sign_in.requests import LARGEST_FORM, from_our_page, go, is_too_large, visitor
from motlink.sign_in.rules import DeadLink, SignedOut, StepNeeded, TooMany, WrongSignIn
from motlink.web.guard import note, rule_on
from motlink.web.rules import Rule
from motlink.web.threads import reading

Endpoint = Callable[[Request], Awaitable[Response]]

# The narrower kind stands before the wider.
STATUS: tuple[tuple[type[MotlinkError], int, str], ...] = (
    (TooMany, 429, "Too many at once"),
    (WrongSignIn, 401, "Not signed in"),
    (NotAllowed, 403, "Not for your roles"),
    (NotFound, 404, "This is not here"),
    (DeadLink, 410, "This link opens nothing"),
    (Conflict, 409, "Not possible now"),
    (Invalid, 422, "Something is missing"),
    (Busy, 503, "Busy just now"),
    (MotlinkError, 400, "Not possible"),
)


def route(method: str, path: str, endpoint: Endpoint, *, largest: int = LARGEST_FORM) -> Route:
    """Return a route that its endpoint's marker guards; a form may have `largest` bytes.

    Raises LookupError for an endpoint without a marker.
    """
    rule = getattr(endpoint, "_rule", None)
    if not isinstance(rule, Rule):
        raise LookupError(f"{endpoint.__name__} has no rule: mark it with @requires, @member_only or @public")

    @wraps(endpoint)
    async def asked(request: Request) -> Response:
        refusal = _refused_form(request, largest) if request.method == "POST" else None
        if refusal:
            return refusal
        try:
            await _admit(request, rule, endpoint.__name__)
            return await endpoint(request)
        except MotlinkError as refused:
            return answer_to(refused, request)

    return Route(path, asked, methods=[method])


def answer_to(refusal: MotlinkError, request: Request) -> Response:
    """Return the page of a refusal; someone signed out goes to the door and comes back here afterwards."""
    if isinstance(refusal, SignedOut):
        return go(f"/sign-in?next={quote(_here(request), safe='/')}")
    if isinstance(refusal, StepNeeded):
        return go("/account/second-step")
    status, title = next((status, title) for kind, status, title in STATUS if isinstance(refusal, kind))
    return pages.message(title, str(refusal), status=status, inside=True)


async def _admit(request: Request, rule: Rule, name: str) -> None:
    """Raise what the session, the place in the practice or the privilege lacks; it is written down as for events."""
    if rule.public:
        return
    who = visitor(request)
    ruling = await reading(rule_on, who, rule.permission)
    if ruling.refusal:
        await note(who, name, ruling.refusal)
        raise ruling.refusal


def _refused_form(request: Request, largest: int) -> Response | None:
    """Answer a form from another site, or an endless one."""
    if not from_our_page(request):
        return pages.message("Not from here", words.CROSS_SITE, status=403)
    if is_too_large(request, largest):
        return pages.message("Too much", words.TOO_LARGE, status=413)
    return None


def _here(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}" if request.method in ("GET", "HEAD") else ""
