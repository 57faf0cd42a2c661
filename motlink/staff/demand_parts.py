"""The panel of the Security screen about the second step at sign-in."""

from typing import Any

import reflex as rx

from motlink.staff.demand_state import CHOICES, DemandState
from motlink.staff.limits_parts import password_again
from motlink.web.components import icon, panel, save_button

NAMES: Any = DemandState.names


def second_step_panel(people: Any) -> rx.Component:
    """Of whom it is demanded; `people` draws a list of names."""
    why = (
        "A second step is a code from an app on the phone, or a passkey, asked for after the password. "
        "Whoever must have one and has none is led to set it up, and sees nothing of the practice before."
    )
    choices = rx.radio_group.root(
        *(
            rx.el.label(rx.radio_group.item(value=key), word, class_name="when-choice")
            for key, word in CHOICES
        ),
        value=DemandState.choice,
        on_change=DemandState.choose,
        size="2",
        aria_label="Demand a second step of",
    )
    says = rx.el.div(
        rx.cond(DemandState.says != "", rx.el.p(DemandState.says, class_name="num")),
        rx.cond(NAMES.length() > 0, people(NAMES, DemandState.more)),
        role="status",
    )
    return panel(
        "Second step at sign-in",
        rx.el.div(
            rx.el.p(why, class_name="muted"),
            choices,
            says,
            rx.cond(DemandState.wrong != "", _warning(rx.el.span(DemandState.wrong), role="alert")),
            rx.cond(DemandState.own_missing & (DemandState.wrong == ""), _own_first()),
            password_again(DemandState.again),
            rx.el.div(
                save_button(
                    DemandState.choice != DemandState.saved, of="second step", on_click=DemandState.save
                ),
                class_name="save-bar",
            ),
            class_name="lock-form",
        ),
        id="second-step",
    )


def _own_first() -> rx.Component:
    link = rx.el.a(
        "Set yours up first",
        href="/account/second-step",
        text_decoration="underline",
        custom_attrs={"reloadDocument": True},
    )
    return _warning(rx.el.span("You have none yourself: you would be shut out at once. ", link, "."))


def _warning(words: rx.Component, **props: Any) -> rx.Component:
    return rx.el.div(icon("circle-alert", "warn"), words, class_name="ask warn-bg", **props)
