"""The line about the second step in the Profile's Sign-in section, and the question before it is removed."""

import reflex as rx

from motlink.staff.profile_state import ProfileState
from motlink.staff.step_state import StepState
from motlink.web.components import danger_button, dialog_title, second_button

PERSON = ProfileState.person


def step_row() -> rx.Component:
    """Whether there is a second step; whoever may reset the password may remove it."""
    words = rx.cond(
        PERSON["second_step"] != "",
        "Second step: on since " + PERSON["second_step"],
        "Second step: none",
    )
    may = (
        (PERSON["second_step"] != "")
        & (ProfileState.touch_reason == "")
        & (ProfileState.state != "inactive")
        & ~ProfileState.you
    )
    remove = second_button(
        "Remove",
        on_click=StepState.ask,
        margin_left="auto",
        aria_label="Remove the second step of " + PERSON["name"],
    )
    return rx.cond(
        ProfileState.joined,
        rx.fragment(
            rx.el.div(
                rx.el.span(words, class_name="muted num"), rx.cond(may, remove), class_name="panel-row"
            ),
            _question(),
        ),
    )


def _question() -> rx.Component:
    why = (
        "Only if the phone and the recovery codes are lost: make sure that it is really them who asks. "
        "They sign in with the password alone until they set up a new one, every session of theirs ends, "
        "and an email tells them."
    )
    keep = rx.button(
        "Keep it",
        size="3",
        variant="soft",
        color_scheme="gray",
        high_contrast=True,
        auto_focus=True,
        on_click=StepState.close(False),
    )
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            dialog_title("Remove the second step of " + PERSON["name"] + "?"),
            rx.alert_dialog.description(why, size="2", class_name="muted"),
            rx.el.div(
                danger_button("Remove it", on_click=StepState.remove(ProfileState.id)),
                keep,
                class_name="dialog-actions",
            ),
            max_width="480px",
        ),
        open=StepState.asking,
        on_open_change=StepState.close,
    )
