"""What an open tab says shortly before its session ends (ASVS 7.3.1, 7.3.2)."""

import reflex as rx

from motlink.sign_in.timing import Ending, session_ending, stay_signed_in
from motlink.web.acting import Acting
from motlink.web.components import icon
from motlink.web.rules import member_only


class TimeState(Acting, rx.State):
    """When the session ends, where that is soon."""

    ends_at: str = ""
    lasts: str = ""
    for_want_of_use: bool = False

    @rx.event
    @member_only
    async def look(self) -> None:
        """Pushed when the end has come near, or is far again."""
        await self._look()

    @rx.event
    @member_only
    async def stay(self) -> None:
        """Somebody is there."""
        await self._attempt(stay_signed_in)
        await self._look()

    async def _look(self) -> None:
        found: Ending = await self._read(session_ending)
        self.ends_at, self.lasts, self.for_want_of_use = found.at, found.lasts, found.for_want_of_use


def ending_soon() -> rx.Component:
    """The notice of it, among the others at the foot of the screen."""
    idle = rx.fragment(
        rx.el.span(
            "Nobody has used motlink here for a while. At ",
            TimeState.ends_at,
            " you will be signed out.",
            class_name="say",
        ),
        rx.el.button("Stay signed in", on_click=TimeState.stay, type="button"),
    )
    whole = rx.el.span(
        "A sign-in lasts ",
        TimeState.lasts,
        " here. At ",
        TimeState.ends_at,
        " you will be signed out: save what you are typing.",
        class_name="say",
    )
    shown = rx.el.div(icon("clock"), rx.cond(TimeState.for_want_of_use, idle, whole), class_name="notice")
    return rx.el.div(rx.cond(TimeState.ends_at != "", shown), role="status", aria_live="polite")
