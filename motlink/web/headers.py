"""Security and cache headers on every answer, and the one built file whose port has to fit."""

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from motlink.settings import settings

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
LOCAL_PORT = re.compile(r"(//(?:localhost|127\.0\.0\.1|0\.0\.0\.0)):\d+")
ENVIRONMENT = re.compile(r"/assets/reflex-env-[\w-]+\.js")
YEAR = 31_536_000


def script_hashes(client: Path) -> list[str]:
    """Return the CSP sources of the inline scripts in the built pages."""
    texts = {script for page in client.rglob("*.html") for script in INLINE_SCRIPT.findall(page.read_text())}
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts if text)
    return sorted(f"'sha256-{digest}'" for digest in digests)


def content_security_policy(hashes: list[str]) -> str:
    """Return the policy: ours alone, no eval; inline styles because emotion writes them."""
    scripts = " ".join(["'self'", *hashes])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; connect-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
        "form-action 'self'"
    )


def with_our_port(text: str) -> str:
    """Return the built environment file with the port people really use; Reflex bakes one in."""
    port = urlsplit(settings().public_url).port or (443 if settings().secure else 80)
    return LOCAL_PORT.sub(rf"\1:{port}", text)


class Headers:
    """The outermost wrapper."""

    def __init__(self, app: ASGIApp, client: Path) -> None:
        self.app, self.client = app, client
        self.policy = content_security_policy(script_hashes(client))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), scope["path"], message["status"])
            await send(message)

        if not (
            ENVIRONMENT.fullmatch(scope["path"]) and await self._environment(scope["path"], with_headers)
        ):
            await self.app(scope, receive, with_headers)

    def _add(self, headers: MutableHeaders, path: str, status: int) -> None:
        headers["x-content-type-options"] = "nosniff"
        headers["content-security-policy"] = self.policy
        headers["x-frame-options"] = "DENY"
        headers["cross-origin-opener-policy"] = "same-origin"
        headers["referrer-policy"] = referrer_policy(path)
        headers["permissions-policy"] = "camera=(), microphone=(), geolocation=()"
        if settings().secure:
            headers["strict-transport-security"] = f"max-age={YEAR}; includeSubDomains"
        headers["cache-control"] = cache_control(path, headers.get("content-type", ""), status)

    async def _environment(self, path: str, send: Send) -> bool:
        file = self.client / path.lstrip("/")
        if not file.is_file():
            return False
        body = with_our_port(file.read_text()).encode()
        headers = [
            (b"content-type", b"text/javascript; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return True


def referrer_policy(path: str) -> str:
    """Links carry tokens in their address until the first redirect: no Referer from there at all."""
    return "no-referrer" if path.startswith(("/invitation", "/set-up", "/reset")) else "same-origin"


def cache_control(path: str, content_type: str, status: int) -> str:
    """Built files have their content's hash in their name; pages and our own routes are nobody's to keep."""
    if ENVIRONMENT.fullmatch(path):
        # The port in it may change.
        return "no-cache"
    if status in (200, 304) and path.startswith("/assets/"):
        return f"public, max-age={YEAR}, immutable"
    is_file = status in (200, 304) and not content_type.startswith(
        ("text/html", "application/json", "text/csv")
    )
    return (
        "public, max-age=300"
        if is_file and "." in path.rsplit("/", 1)[-1] and not path.startswith("/p/")
        else "no-store"
    )
