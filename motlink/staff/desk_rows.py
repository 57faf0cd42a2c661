"""What the invitation desk shows: small frozen records, and the states an invitation can be in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from motlink.digits import MOST_PAGES, whole_number

DESK_SIZE = 50


class LinkState(StrEnum):
    """How far an invitation has come: one, the most urgent."""

    BOUNCED = "bounced"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OPENED = "opened"
    DELIVERED = "delivered"
    SENT = "sent"
    WAITING = "waiting"


# Who asked for a new link is a fact beside the state, and can be filtered by as well.
ASKED = "asked"
FILTERS = (ASKED, *(state.value for state in LinkState))


@dataclass(frozen=True)
class DeskView:
    """What the address of the desk says."""

    state: str = ""
    page: int = 1


@dataclass(frozen=True)
class DeskRow:
    """One invited person."""

    member_id: UUID
    name: str
    email: str
    state: LinkState
    # Why it came back, could not leave or has not left yet.
    why: str
    minutes_left: int
    # "10:42 AM by Ben Okafor"; "today" is left out, other days are named.
    sent: str
    # Whoever sent it is inactive since.
    sender_left: bool
    seen: str
    asked: str


@dataclass(frozen=True)
class DeskPage:
    """One page of the desk, and how many are in which state."""

    rows: tuple[DeskRow, ...]
    counts: tuple[tuple[str, int], ...]
    total: int
    asked: int
    page: int
    pages: int


def desk_view_of(query: Mapping[str, str]) -> DeskView:
    """Read a view out of an address's query; what makes no sense is left out."""
    state, page = query.get("state", ""), query.get("page", "1")
    return DeskView(
        state=state if state in FILTERS else "",
        page=whole_number(page, most=MOST_PAGES) or 1,
    )


def desk_query_of(view: DeskView) -> str:
    """Return the query of a view: "" or "?state=bounced&page=2"."""
    parts = {"state": view.state, "page": str(view.page) if view.page > 1 else ""}
    said = urlencode({key: value for key, value in parts.items() if value})
    return f"?{said}" if said else ""
