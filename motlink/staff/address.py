"""The roster's address: everything that can be searched, filtered, sorted and paged stands in it (TA-03)."""

from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urlencode

from motlink.digits import MOST_PAGES, whole_number
from motlink.staff.rows import SORTS, STATES, RosterView


def view_of(query: Mapping[str, str]) -> RosterView:
    """Read a view out of an address's query; what makes no sense is left out."""
    page = query.get("page", "1")
    return RosterView(
        q=query.get("q", "")[:200],
        roles=_many(query.get("role", "")),
        tags=_many(query.get("tag", "")),
        states=tuple(one for one in _many(query.get("state", "")) if one in STATES),
        locations=_many(query.get("location", "")),
        supervisors=_many(query.get("supervisor", "")),
        sort=query.get("sort", "name") if query.get("sort") in SORTS else "name",
        down=query.get("dir") == "desc",
        page=whole_number(page, most=MOST_PAGES) or 1,
        inactive=query.get("inactive") == "1",
    )


def query_of(view: RosterView) -> str:
    """Return the query of a view, with nothing in it that is the default: "" or "?q=li&page=2"."""
    parts = {
        "q": view.q,
        "role": joined(view.roles),
        "tag": joined(view.tags),
        "state": joined(view.states),
        "location": joined(view.locations),
        "supervisor": joined(view.supervisors),
        "sort": "" if view.sort == "name" else view.sort,
        "dir": "desc" if view.down else "",
        "page": str(view.page) if view.page > 1 else "",
        "inactive": "1" if view.inactive else "",
    }
    said = urlencode({key: value for key, value in parts.items() if value})
    return f"?{said}" if said else ""


def joined(keys: Iterable[str]) -> str:
    """Return several keys as one value of the address; a tag may have the sign in its name that stands between them."""
    return "~".join(key.replace("%", "%25").replace("~", "%7E") for key in keys)


def _many(text: str) -> tuple[str, ...]:
    return tuple(unquote(part)[:80] for part in text.split("~") if part)[:50]
