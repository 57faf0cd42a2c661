"""Pages of one sentence: the way in, and the one for someone without a role."""

import reflex as rx

from motlink.web.components import calm, skeleton
from motlink.web.notices import notices
from motlink.web.shell import SIGN_OUT_FORM, barred
from motlink.web.who import WhoState


def front_page() -> rx.Component:
    """/p/{practice}: goes on to the first screen the person may see."""
    return rx.el.main(
        rx.cond(
            WhoState.barred != "",
            barred(),
            skeleton(6, "Loading"),
        ),
        notices(),
        rx.html(SIGN_OUT_FORM),
        class_name="page",
    )


def no_role_page() -> rx.Component:
    """/p/{practice}/no-role: the practice has to give a role first (TA-10)."""
    return rx.el.main(
        calm(
            "No role is on for you yet",
            "Your account is set up. An owner or manager of the practice gives you a role; then this address works.",
        ),
        class_name="page",
    )


def lost_page() -> rx.Component:
    """Any address that leads nowhere."""
    return rx.el.main(
        calm("This page is not here", "The address is not complete, or the page has moved."),
        class_name="page",
    )
