"""Who is on the other end of a request or socket: cookie digest, address, browser, and which practice they mean."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import cookie_parser

from motlink.settings import settings

PRACTICE = re.compile(r"/p/([a-z0-9][a-z0-9-]{0,59})(?=[/?#]|$)")
INVITATION_COOKIE, SET_UP_COOKIE, RESET_COOKIE = "motlink-invitation", "motlink-set-up", "motlink-reset"


@dataclass(frozen=True)
class Visitor:
    """What a request says about its sender; nothing here is believed without the database."""

    digest: str
    address: str
    browser: str
    practice: str = ""


def cookie_name() -> str:
    """Return the session cookie's name; __Host- binds it to this very host, and needs TLS."""
    return "__Host-motlink" if settings().secure else "motlink"


def half_cookie_name() -> str:
    """Return the name of the cookie between the password and the second step; only /sign-in gets it."""
    return "__Secure-motlink-half" if settings().secure else "motlink-half"


def cookie_of(header: str) -> str:
    """Return the session cookie out of a Cookie header, or nothing.

    Read as our own routes read it: a cookie of another app on this host, which a strict reader cannot take, must not
    sign the person out of the socket alone.
    """
    return cookie_parser(header).get(cookie_name(), "")


def digest_of(cookie: str) -> str:
    """Return the digest under which a session is kept; nothing for no cookie."""
    return hashlib.sha256(cookie.encode()).hexdigest() if cookie else ""


def client_address(peer: str, forwarded_for: str) -> str:
    """Return the client's address: only the hops of proxies we trust are believed (ASVS 15.3.4)."""
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    trusted = settings().trusted_proxies
    return hops[-trusted][:64] if trusted and len(hops) >= trusted else peer[:64]


def browser_of(agent: str) -> str:
    """Return a short name for a User-Agent: browser and system, as the audit log shows it."""
    systems = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
               ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip
    kinds = (
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    kind = next((name for mark, name in kinds if mark in agent), "")
    system = next((name for mark, name in systems if mark in agent), "")
    return " on ".join(part for part in (kind, system) if part) or agent[:60].strip()


def practice_of(router_data: Mapping[str, Any]) -> str:
    """Return the practice a tab's address names. The client writes it: membership is checked each time."""
    match = PRACTICE.match(str(router_data.get("asPath", "")))
    return match[1] if match else ""


def visitor_of(router_data: Mapping[str, Any]) -> Visitor:
    """Read a socket's visitor from what Reflex keeps of the connection (web/binding.py made the digest header)."""
    headers = router_data.get("headers") or {}
    return Visitor(
        digest=str(headers.get("x-session-key", "")),
        address=client_address(
            str(headers.get("asgi-scope-client", "")), str(headers.get("x-forwarded-for", ""))
        ),
        browser=browser_of(str(headers.get("user-agent", ""))),
        practice=practice_of(router_data),
    )
