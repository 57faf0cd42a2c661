"""What a list's address is about to be: the second of two quick clicks must not forget the first.

A filter redirects; until the browser has followed, its events still carry the old address.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import reflex as rx


class Asking(rx.State, mixin=True):
    """Remember the addresses that were sent to the browser and have not come back."""

    # Queries, the oldest first: "?q=li", "?q=li&sort=email".
    _asked: list[str] = []

    def _asking(self) -> Mapping[str, str]:
        """Return the query that the next click builds on."""
        if self._asked:
            return dict(parse_qsl(self._asked[-1].removeprefix("?")))
        return self._here()

    def _here(self) -> Mapping[str, str]:
        """Return the query of the address that the browser is at."""
        return self.router.url.query_parameters

    def _ask(self, query: str) -> None:
        """Remember a query that a redirect is taking to the browser."""
        self._asked = [*self._asked[-9:], query]

    def _arrive(self, query: str) -> None:
        """The browser is at this query: what was asked before it is over, and everything if it went elsewhere."""
        asked = self._asked
        self._asked = asked[asked.index(query) + 1 :] if query in asked else []
