"""What the door's routes need of a request: the form, the visitor, whether it came from our own page."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from motlink.digits import whole_number
from motlink.settings import settings
from motlink.web.binding import origin_is_ours
from motlink.web.visitor import Visitor, browser_of, client_address, cookie_name, digest_of, practice_of

# A thousand characters of a password, each as up to twelve bytes, and some room.
LARGEST_FORM = 32_768


def visitor(request: Request) -> Visitor:
    """Return who sends a request."""
    peer = request.client.host if request.client else ""
    return Visitor(
        digest=digest_of(request.cookies.get(cookie_name(), "")),
        address=client_address(peer, request.headers.get("x-forwarded-for", "")),
        browser=browser_of(request.headers.get("user-agent", "")),
        practice=practice_of({"asPath": request.url.path}),
    )


def from_our_page(request: Request) -> bool:
    """Whether a POST comes from our own page (CSRF, ASVS 3.5.1): what the browser says of the site, else the Origin."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or origin_is_ours(origin, request.headers.get("host", ""))


def is_too_large(request: Request, largest: int = LARGEST_FORM) -> bool:
    """Whether a form is larger than it may be, or hides its size."""
    return whole_number(request.headers.get("content-length", ""), most=largest) is None


def text(form: FormData, name: str) -> str:
    """Return a text field as it was typed; a file or nothing is an empty text."""
    value = form.get(name, "")
    # Half a surrogate pair cannot be kept by any database.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def go(where: str) -> RedirectResponse:
    """Redirect so that a reload does not post again."""
    return RedirectResponse(where, status_code=303)


def keep_cookie(
    response: Response, name: str, value: str, *, path: str = "/", seconds: int | None = None
) -> None:
    """Set an HttpOnly cookie; Lax, because people come from a link in a mail."""
    response.set_cookie(
        name, value, max_age=seconds, path=path, httponly=True, secure=settings().secure, samesite="lax"
    )


def drop_cookie(response: Response, name: str, *, path: str = "/") -> None:
    """Take a cookie back."""
    response.delete_cookie(name, path=path, httponly=True, secure=settings().secure, samesite="lax")
