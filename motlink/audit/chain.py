"""The chain: each entry's seal covers the one before, keyed with a secret outside the database.

The payload itself is not in the seal, only its salted digest: protected values can be erased later and the
chain still holds (design.md, "Audit").
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from motlink.audit.models import AuditEntry
from motlink.settings import secret


def digest_of(payload: dict[str, Any], salt: str) -> str:
    """Return the salted SHA-256 of a payload in canonical JSON."""
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{salt}{canonical}".encode()).hexdigest()


def seal_of(entry: AuditEntry) -> str:
    """Return the HMAC-SHA-256 over everything of the entry but its payload."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [
        entry.previous, entry.chain, entry.number, entry.id, entry.org_id, at, entry.actor_kind, entry.actor_id,
        entry.address, entry.browser, entry.action, entry.subject_kind, entry.subject_id, entry.undoes,
        entry.salt, entry.digest,
    ]  # fmt: skip
    line = json.dumps([str(part) for part in parts], ensure_ascii=False)
    return hmac.new(secret(), line.encode(), hashlib.sha256).hexdigest()


def faults(entries: Iterable[AuditEntry], head_number: int, head_seal: str) -> list[str]:
    """Return what is wrong with one chain, given in order of number; an empty list means it holds."""
    found: list[str] = []
    previous, number = "", 0
    for entry in entries:
        number += 1
        if entry.number != number:
            found.append(f"{entry.chain}: entry {number} is missing")
            number = entry.number
        if entry.previous != previous or entry.seal != seal_of(entry):
            found.append(f"{entry.chain}: entry {entry.number} has been changed")
        if entry.payload is not None and entry.digest != digest_of(entry.payload, entry.salt):
            found.append(f"{entry.chain}: the details of entry {entry.number} have been changed")
        previous = entry.seal
    if (number, previous) != (head_number, head_seal):
        found.append("the newest entries are missing")
    return found
