"""Tickets: that a form was given to this very session for this very thing, minutes ago. Nothing is kept of them."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

from motlink.settings import secret

TICKET_LIFETIME = timedelta(minutes=5)


def ticket_for(purpose: str, about: UUID, now: datetime) -> str:
    """Return a ticket that begins now."""
    begun = int(now.timestamp())
    return f"{begun}.{_seal('ticket', purpose, about.hex, str(begun)).hex()}"


def ticket_is_good(ticket: str, purpose: str, about: UUID, now: datetime) -> bool:
    """Whether it was made by us, for this, and is not over."""
    begun, _, seal = ticket.partition(".")
    if not (begun.isascii() and begun.isdigit() and len(begun) < 12 and seal.isascii()):
        return False
    made = _seal("ticket", purpose, about.hex, begun).hex()
    age = now - datetime.fromtimestamp(int(begun), UTC)
    return hmac.compare_digest(made, seal) and timedelta(seconds=-1) <= age < TICKET_LIFETIME


def challenge_of(ticket: str) -> bytes:
    """Return the challenge that belongs to a ticket, or to half a session (its id in letters)."""
    return _seal("challenge", ticket)


def _seal(*parts: str) -> bytes:
    return hmac.new(secret(), "\n".join(("passkey", *parts)).encode(), hashlib.sha256).digest()
