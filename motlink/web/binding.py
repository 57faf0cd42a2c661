"""Ties each Reflex token to the session cookie, and lets no foreign page open a socket (reflex.md, part 4).

A Reflex token is made by Math.random in the browser and opens its whole state. Here the token gets a suffix that only
the holder of the cookie gets, so that a stolen token alone opens an empty one.
"""

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from motlink.settings import secret, settings
from motlink.web.rate import Bucket, network_of
from motlink.web.visitor import client_address, cookie_of, digest_of

Headers = Iterable[tuple[bytes, bytes]]

KEY_HEADER = b"x-session-key"
TOKEN_HEADER = b"reflex-client-token"
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
# Lines that one address may open: each leaves a state in memory for an hour, and a stranger may open them, too. A
# practice whose tabs all come back after a restart stays far below.
_lines = Bucket(burst=600, per_second=5)


class BindToken:
    """The wrapper around the socket and upload endpoints."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("websocket", "http") or not _is_bound(scope["path"]):
            await self.app(scope, receive, send)
        elif not _own_origin(scope["headers"]) or not _may_open(scope):
            await _refuse(scope, receive, send)
        else:
            await self.app(bound(scope), receive, send)


def bound(scope: Scope) -> Scope:
    """Return the scope with the token bound and the cookie replaced by its digest."""
    headers = scope["headers"]
    cookies = b"; ".join(value for name, value in headers if name == b"cookie")
    digest = digest_of(cookie_of(cookies.decode("latin1")))
    query = parse_qs(scope["query_string"].decode("latin1"))
    if "token" in query:
        query["token"] = [bind(query["token"][0], digest)]
    kept = [
        (name, bind(value.decode("latin1"), digest).encode("latin1") if name == TOKEN_HEADER else value)
        for name, value in headers
        if name not in (b"cookie", KEY_HEADER)
    ]
    return {
        **scope,
        "query_string": urlencode(query, doseq=True).encode(),
        "headers": [*kept, (KEY_HEADER, digest.encode())],
    }


def bind(token: str, digest: str) -> str:
    """Return the token with the suffix of this session; the server may have handed a bound one back to the tab."""
    suffix = "-" + hmac.new(secret(), b"token" + digest.encode(), hashlib.sha256).hexdigest()[:32]
    # SharedState tokens contain "_"; no token of ours may.
    return token if token.endswith(suffix) else token[:36].replace("_", "-") + suffix


def _is_bound(path: str) -> bool:
    # Whatever stands after it: the socket's app answers below its own path, too.
    return not {"_event", "_upload"}.isdisjoint(path.split("/"))


def _may_open(scope: Scope) -> bool:
    """Whether this address may open one more line; what goes on over an open one opens none."""
    is_open = "sid" in parse_qs(scope["query_string"].decode("latin1"))
    return is_open or _lines.take(network_of(_address_of(scope)))


def _address_of(scope: Scope) -> str:
    forwarded = [value.decode("latin1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    peer = scope.get("client") or ("",)
    return client_address(str(peer[0]), ", ".join(forwarded))


def _own_origin(headers: Headers) -> bool:
    """Programs send no Origin; a browser's must be ours (ASVS 4.4.2)."""
    found = {name: value.decode("latin1") for name, value in headers if name in (b"origin", b"host")}
    return b"origin" not in found or origin_is_ours(found[b"origin"], found.get(b"host", ""))


def origin_is_ours(origin: str, host: str) -> bool:
    """Whether a page of `origin` is ours: the public address, or the loopback name that was typed."""
    if origin == settings().public_url:
        return True
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name in LOOPBACK and _is_local() and origin == f"http://{host}"


def _is_local() -> bool:
    return (urlsplit(settings().public_url).hostname or "") in {"localhost", "127.0.0.1", "::1"}


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
