"""A batch of one's own, at the foot of every screen: a quiet panel with a bar, Stop, and who was refused."""

import reflex as rx

from motlink.staff.batch_state import BatchState
from motlink.web.components import icon, second_button
from motlink.web.who import WhoState


def batch_panel() -> rx.Component:
    """While my batch runs, and afterwards where somebody was refused."""
    return rx.fragment(
        rx.cond(
            BatchState.running,
            _under_way(),
            rx.cond(BatchState.refused > 0, _refused()),
        ),
        _list(),
    )


def _under_way() -> rx.Component:
    number = BatchState.done.to_string() + " of " + BatchState.total.to_string()
    bar = rx.el.div(
        rx.el.div(style={"width": (BatchState.done * 100 / BatchState.total).to_string() + "%"}),
        class_name="batch-bar",
        role="progressbar",
        aria_label=BatchState.doing,
        custom_attrs={
            "aria-valuemin": "0",
            "aria-valuenow": BatchState.done.to_string(),
            "aria-valuemax": BatchState.total.to_string(),
            "aria-valuetext": number,
        },
    )
    return rx.el.section(
        rx.el.div(
            rx.el.span(BatchState.doing, class_name="cut", dir="auto"),
            rx.el.span(number, class_name="muted num push"),
            class_name="batch-line",
        ),
        rx.el.div(
            bar, second_button("Stop", on_click=BatchState.stop(BatchState.batch_id)), class_name="batch-line"
        ),
        class_name="batch",
        aria_label="Under way",
    )


def _refused() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            icon("shield-x", "warn"),
            rx.el.span(BatchState.refused.to_string() + " refused", class_name="num"),
            rx.el.span(class_name="push"),
            second_button("Show", on_click=BatchState.list_refused(BatchState.batch_id)),
            rx.icon_button(
                icon("x"),
                variant="ghost",
                color_scheme="gray",
                high_contrast=True,
                aria_label="Close: who was refused",
                on_click=BatchState.close,
            ),
            class_name="batch-line",
        ),
        class_name="batch",
        aria_label="Refused",
    )


def _list() -> rx.Component:
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(BatchState.refused.to_string() + " refused", size="4", class_name="sheet-title"),
            rx.dialog.description("Nothing was changed for these people.", size="2", class_name="muted"),
            refusal_list(BatchState.refusals),
            rx.el.div(
                rx.dialog.close(
                    rx.button("Close", size="3", variant="soft", color_scheme="gray", high_contrast=True)
                ),
                class_name="dialog-actions",
            ),
            max_width="480px",
        ),
        open=BatchState.listing,
        on_open_change=BatchState.shut_list,
    )


def refusal_list(refusals: rx.Var) -> rx.Component:
    """Who, and why; the name leads to the Profile."""
    return rx.el.ul(
        rx.foreach(
            refusals,
            lambda one: rx.el.li(
                rx.link(
                    one["name"],
                    href="/p/" + WhoState.slug.to(str) + "/settings/staff/" + one["id"].to(str),
                    class_name="name",
                    dir="auto",
                ),
                rx.el.div(one["reason"], class_name="muted"),
                key=one["id"],
            ),
        ),
        class_name="refusals",
    )
