"""How a practice's name becomes its address."""

import re
import unicodedata


def address_of(name: str) -> str:
    """Return the practice's part of its addresses: "Riverbend Therapy" -> "riverbend-therapy"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50]
