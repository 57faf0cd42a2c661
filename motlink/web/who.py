"""What the shell shows of the person and the practice, and where a tab that lost access goes."""

from typing import Any, TypedDict
from urllib.parse import quote

import reflex as rx

from motlink.permissions import Permission
from motlink.settings import settings
from motlink.sign_in.queries import Who, who
from motlink.web import live
from motlink.web.acting import Acting
from motlink.web.rules import member_only, public, requires

# Top tabs of Practice Settings: word, path, privilege. A tab stands here once its screen exists.
SETTINGS_TABS = (
    ("Staff", "settings/staff", Permission.MANAGE_STAFF),
    ("Roles", "settings/roles", Permission.MANAGE_STAFF),
    ("Tags", "settings/tags", Permission.EDIT_TAGS),
    ("Billing", "settings/billing", Permission.BILLING),
    ("Security", "settings/security", Permission.SECURITY),
    ("Audit log", "settings/audit", Permission.READ_AUDIT),
)


class PracticeRow(TypedDict):
    """A practice in the menu of practices."""

    name: str
    href: str
    current: bool


class WhoState(Acting, rx.State):
    """What the shell shows: the practice, the person, what they may, and where a tab that lost access goes."""

    practice_name: str = ""
    slug: str = ""
    person: str = ""
    initials: str = ""
    roles: str = ""
    # Privileges by their word, e.g. may["manage_staff"].
    may: dict[str, bool] = {}
    practices: list[PracticeRow] = []
    # Mail goes to a folder outside the demo: the standing banner.
    mail_to_folder: bool = False
    here: list[str] = []
    ready: bool = False
    # "", "not_here", "not_allowed" or "nothing_yet": the shell shows a calm page instead of the screen.
    barred: str = ""
    # An address of ours that the tab is sent to by a full page load.
    leave_to: str = ""
    # The screen that is open, and the one before it: the same one again is a filter, a page or an order.
    _screen: str = ""
    _screen_before: str = ""

    @rx.event
    @member_only
    async def load(self) -> Any:
        """First in each page's on_load: who is this, and what does the shell show."""
        live.quiet(self.router_data.get("token", ""))
        if self.slug not in ("", self._visitor.practice):
            # Into another practice without a full load: what the last one showed goes first (TA-24).
            self._clear()
        self._screen_before, self._screen = self._screen, self.router.url.path.rstrip("/")
        fresh = not self.ready
        await self._fill()
        return await self._batches(fresh)

    @property
    def _stays(self) -> bool:
        """Whether the tab was on this screen already."""
        return self._screen == self._screen_before

    async def _batches(self, fresh: bool) -> Any:
        """A tab that is new, or whose server is, goes on showing a batch that is under way."""
        from motlink.staff.batch_state import BatchState

        return BatchState.look if fresh or (await self.get_state(BatchState)).running else None

    @rx.event
    @member_only
    async def reread(self) -> None:
        """Pushed when this person's own access has changed."""
        await self._fill()

    @rx.event
    @requires(Permission.MANAGE_STAFF)
    async def stand(self) -> None:
        """For a screen without rows of its own: the guard has asked, nothing is left to read."""

    @rx.event
    @member_only
    async def enter(self) -> Any:
        """From the practice's bare address to the first screen this person may see, if there is one."""
        first = next((path for _, path, may in SETTINGS_TABS if self.may.get(may.value)), None)
        if first is None:
            self.barred = "nothing_yet"
            return None
        return rx.redirect(f"/p/{self._visitor.practice}/{first}", replace=True)

    @rx.event
    @member_only
    def look_around(self) -> None:
        """Pushed when somebody came to this screen or left it."""
        self.here = live.others_here(self.router_data.get("token", ""))

    async def _fill(self) -> None:
        found: Who = await self._read(who)
        slug = self._visitor.practice
        self.practice_name, self.slug, self.person = found.practice, slug, found.person
        self.initials, self.roles = initials(found.person), ", ".join(found.roles)
        self.may = found.may
        self.mail_to_folder = settings().mail == "folder" and not found.is_demo
        self.practices = [
            PracticeRow(name=one.name, href=f"/p/{one.slug}", current=one.slug == slug)
            for one in found.practices
        ]
        self.barred, self.ready = "", True

    @rx.event
    @public
    def leave(self) -> None:
        """Signed out: to the door, and back here afterwards."""
        self._clear()
        path = str(self.router_data.get("asPath", ""))
        self.leave_to = f"/sign-in?next={quote(path)}" if path.startswith("/p/") else "/sign-in"

    @rx.event
    @public
    def ended(self) -> None:
        """Put out while the page was open (TA-20)."""
        self._clear()
        self.leave_to = "/sign-in?ended=1"

    @rx.event
    @public
    def not_here(self) -> None:
        """A stranger to this practice, or there is no such practice."""
        self._clear()
        self.barred = "not_here"

    @rx.event
    @public
    def not_allowed(self) -> None:
        """A member whose roles do not open this screen."""
        self.barred = "not_allowed"

    @rx.event
    @public
    def no_role(self) -> Any:
        """A place in the practice and no role: a page says so."""
        practice = self._visitor.practice
        self._clear()
        return rx.redirect(f"/p/{practice}/no-role", replace=True)

    @rx.event
    @public
    def step_needed(self) -> None:
        """The practice wants a second step first: there, by a full page load."""
        self._clear()
        self.leave_to = "/account/second-step"

    def _clear(self) -> None:
        # Everything that was on the screen goes: all states of this tab.
        root = self._get_root_state()
        root.reset()
        root.is_hydrated = True


def initials(name: str) -> str:
    """Return the first letters of the first and last word."""
    words = name.split()
    return "".join(word[0] for word in (words[0], words[-1])).upper() if len(words) > 1 else name[:1].upper()
