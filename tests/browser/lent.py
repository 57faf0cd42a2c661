"""Browsers that are lent to a test, wiped, and lent to the next one.

A fresh one compiles all scripts anew, in a new process: that is half of the time of a test that looks at one screen.
What a person could have left in it (cookies, storage, open tabs, permissions) goes before the next one gets it; what
is kept is the cache of files that never change.
"""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from tests.browser.hands import Screen

# All that a page can store by itself, but no file of the cache.
STORED = "cookies,local_storage,session_storage,indexeddb,cache_storage,service_workers,file_systems"


@dataclass
class Kept:
    """A browser, and a page in it that keeps its process alive."""

    context: BrowserContext
    anchor: Page
    line: CDPSession

    def wipe(self, origin: str) -> None:
        """Let nothing of the last test be found."""
        for page in self.context.pages:
            if page != self.anchor:
                page.close()
        self.line.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
        self.context.clear_cookies()
        self.context.clear_permissions()
        self.context.set_offline(False)


@dataclass
class Lender:
    """The browsers of one Chromium, by the size of their screen."""

    chromium: Browser
    url: str
    free: dict[str, list[Kept]] = field(default_factory=dict)
    lent: list[tuple[str, Kept]] = field(default_factory=list)
    fresh: list[BrowserContext] = field(default_factory=list)

    def lend(self, screen: Screen) -> BrowserContext:
        """Return a browser in which nobody has been."""
        idle = self.free.setdefault(screen.name, [])
        kept = idle.pop() if idle else self._kept(screen)
        self.lent.append((screen.name, kept))
        return kept.context

    def make(self, screen: Screen, **options: Any) -> BrowserContext:
        """Return a fresh browser, for a test that does to it what is not wiped away."""
        made = self._open(screen, **options)
        self.fresh.append(made)
        return made

    def take_back(self) -> None:
        """Wipe what was lent, and close what was made."""
        while self.fresh:
            self.fresh.pop().close()
        while self.lent:
            size, kept = self.lent.pop()
            kept.wipe(self.url)
            self.free[size].append(kept)

    def _kept(self, screen: Screen) -> Kept:
        context = self._open(screen)
        anchor = context.new_page()
        anchor.goto("/health")
        return Kept(context, anchor, context.new_cdp_session(anchor))

    def _open(self, screen: Screen, **options: Any) -> BrowserContext:
        context = self.chromium.new_context(
            base_url=self.url, reduced_motion="reduce", **{**screen.options, **options}
        )
        context.set_default_timeout(10_000)
        return context
