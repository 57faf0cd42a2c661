"""What a person is told at the foot of the screen: the notice with Undo, and the one that says that the line is down.

`aria-live` is spelt out: dialogs hide the page behind them from screen readers, but not what carries this word.
"""

import reflex as rx

from motlink.web.acting import NoticeState
from motlink.web.components import icon
from motlink.web.line import is_down, waiting


def notices(*more: rx.Component) -> rx.Component:
    """One of each at most, below what else floats there; assets/motlink.js runs the clock."""
    # What was done must not stand beside "offline": neither Undo nor closing it would be heard.
    shown = (NoticeState.text != "") & ~(is_down() & (NoticeState.kind == "done"))
    return rx.el.div(
        *more,
        rx.el.div(rx.cond(shown, _notice()), role="status", aria_live="polite"),
        rx.el.div(rx.cond(is_down(), _offline()), role="status", aria_live="polite"),
        class_name="notices",
    )


def _notice() -> rx.Component:
    icons = rx.match(
        NoticeState.kind, ("refused", icon("shield-x")), ("failed", icon("triangle-alert")), rx.fragment()
    )
    undo = rx.el.button(
        "Undo",
        rx.el.span(custom_attrs={"data-left": ""}, aria_hidden="true"),
        on_click=NoticeState.press_undo,
        custom_attrs={"data-undo": ""},
        type="button",
    )
    close = rx.el.button(
        icon("x"),
        on_click=NoticeState.dismiss,
        aria_label="Close the notice",
        custom_attrs={"data-dismiss": ""},
        class_name="close",
        type="button",
    )
    said = rx.el.span(
        NoticeState.text,
        " ",
        rx.el.span(NoticeState.next_step, class_name="muted"),
        class_name="say",
        dir="auto",
    )
    return rx.el.div(
        icons,
        said,
        rx.cond(NoticeState.undo != "", undo),
        close,
        class_name="notice",
        custom_attrs={"data-notice": NoticeState.number.to_string()},
    )


def _offline() -> rx.Component:
    more = rx.match(
        waiting(),
        (0, "."),
        (1, "; one change waits."),
        "; " + waiting().to_string() + " changes wait.",
    )
    return rx.el.div(
        icon("wifi-off"),
        rx.el.span("You’re offline. Nothing is lost", more, class_name="say"),
        class_name="notice",
    )
