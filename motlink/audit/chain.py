"""The chain: each entry's seal covers the one before, keyed with a secret outside the database.

The payload itself is not in the seal, only its salted digest: protected values can be erased later and the
chain still holds (design.md, "Audit").
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any
from uuid import UUID

from motlink.audit.models import AuditEntry
from motlink.settings import secret

# The act that is recorded about an entry whose details are erased; its subject is that entry.
ERASED = "details.erased"


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


def faults(entries: Iterable[AuditEntry], head_number: int, head_seal: str) -> Iterator[str]:
    """Yield what is wrong with one chain, given in order of number; nothing means it holds.

    Details may be gone only where a later entry of the chain says that they were erased.
    """
    previous, number = "", 0
    gone: dict[UUID, int] = {}
    for entry in entries:
        number += 1
        if entry.number != number:
            yield f"entry {number} is missing"
            number = entry.number
        if entry.previous != previous or entry.seal != seal_of(entry):
            yield f"entry {entry.number} has been changed"
        if entry.payload is None:
            gone[entry.id] = entry.number
        elif entry.digest != digest_of(entry.payload, entry.salt):
            yield f"the details of entry {entry.number} have been changed"
        if entry.action == ERASED and entry.subject_id:
            gone.pop(entry.subject_id, None)
        previous = entry.seal
    if (number, previous) != (head_number, head_seal):
        yield "the newest entries are missing"
    yield from (f"the details of entry {one} are gone, and nobody has erased them" for one in gone.values())
