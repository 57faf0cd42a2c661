"""The off-boarding dialog: what it touches, line by line, then the verb in red; focus starts on the harmless one."""

import reflex as rx

from motlink.staff.days_parts import when_to_leave
from motlink.staff.leaving_state import LeavingState
from motlink.staff.parts import CHECK_ICONS, chosen_icon
from motlink.web.components import danger_button, dialog_title, icon, refusal

# What becomes of the invitations they sent, by the switch beside it.
KEPT_OR_NOT = rx.cond(
    LeavingState.revoke, "The links end as well", "The links stay: whoever has one can still accept"
)


def leaving_dialog() -> rx.Component:
    """The checklist for whoever LeavingState is about; a sheet from the bottom on a phone."""
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            dialog_title("Deactivate " + LeavingState.name + "?"),
            rx.alert_dialog.description(
                "All roles turn off and sign-in stops "
                + rx.cond(LeavingState.when == "now", "at once", "at that moment")
                + ". You can reactivate "
                + LeavingState.first_name
                + " at any time.",
                size="2",
                class_name="muted",
            ),
            rx.el.div(rx.foreach(LeavingState.checks, _check), style={"margin-top": "12px"}),
            when_to_leave(),
            rx.cond(LeavingState.refusal != "", refusal(LeavingState.refusal)),
            _buttons(),
            max_width="480px",
        ),
        open=LeavingState.open,
        on_open_change=LeavingState.close,
    )


def _check(check: rx.Var) -> rx.Component:
    switch = rx.switch(
        checked=LeavingState.revoke,
        on_change=LeavingState.choose,
        size="2",
        aria_label="End these invitations too",
    )
    return rx.el.div(
        chosen_icon(check["icon"], CHECK_ICONS),
        rx.el.div(
            rx.el.div(check["fact"], class_name="what"),
            rx.el.div(check["detail"], class_name="detail", dir="auto"),
            rx.cond(check["choice"] != "", rx.el.div(KEPT_OR_NOT, class_name="detail")),
        ),
        rx.cond(check["choice"] != "", switch),
        class_name="check",
    )


def _buttons() -> rx.Component:
    who, revoke, refused = LeavingState.member_id, LeavingState.revoke, LeavingState.refusal != ""
    now = danger_button(
        icon("user-x"), "Deactivate", on_click=LeavingState.deactivate(who, revoke), disabled=refused
    )
    planned = LeavingState.plan(who, LeavingState.day, LeavingState.time, revoke)
    later = danger_button(icon("calendar-x-2"), "Plan the last day", on_click=planned, disabled=refused)
    verb = rx.cond(LeavingState.when == "now", now, later)
    keep = rx.button(
        "Keep active",
        size="3",
        variant="soft",
        color_scheme="gray",
        high_contrast=True,
        auto_focus=True,
        on_click=LeavingState.close(False),
    )
    return rx.el.div(verb, keep, class_name="dialog-actions")
