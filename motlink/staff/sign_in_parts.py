"""The section "Sign-in" of the Profile: last sign-in, those before it, and "Account Disabled" with "Enable" (TA-23)."""

from typing import Any

import reflex as rx

from motlink.staff.profile_state import ProfileState
from motlink.staff.step_parts import step_row
from motlink.web.components import icon, main_button, panel

PERSON = ProfileState.person
SIGN_INS: Any = ProfileState.sign_ins


def sign_in_section() -> rx.Component:
    """The panel; locked comes first, because it is what a manager opens it for."""
    last = rx.cond(
        PERSON["last_sign_in"] != "", "Last sign-in " + PERSON["last_sign_in"], "Has not signed in yet"
    )
    return panel(
        "Sign-in",
        rx.cond(ProfileState.locked != "", _disabled()),
        rx.el.div(rx.el.span(last, class_name="muted num"), class_name="panel-row"),
        step_row(),
        rx.cond(SIGN_INS.length() > 0, _before()),
        id="sign-in",
    )


def _disabled() -> rx.Component:
    enable = main_button(
        icon("lock-open"),
        "Enable",
        on_click=ProfileState.unlock(ProfileState.id),
        disabled=ProfileState.touch_reason != "",
        aria_label="Enable the account of " + PERSON["name"],
    )
    return rx.el.div(
        icon("lock", "warn"),
        rx.el.span(
            rx.el.strong("Account Disabled"),
            rx.el.br(),
            rx.el.span(ProfileState.locked, class_name="muted num"),
        ),
        enable,
        class_name="panel-row disabled",
    )


def _before() -> rx.Component:
    heads = ("Time", "Address", "Browser")
    rows = rx.foreach(
        SIGN_INS,
        lambda one: rx.el.tr(
            rx.el.th(one["at"], scope="row"), rx.el.td(one["address"]), rx.el.td(one["browser"])
        ),
    )
    table = rx.el.table(
        rx.el.caption("Sign-ins", class_name="hide"),
        rx.el.thead(rx.el.tr(*(rx.el.th(head, scope="col") for head in heads))),
        rx.el.tbody(rows),
        class_name="figures num sign-ins",
    )
    return rx.el.details(rx.el.summary("Sign-ins"), table, class_name="as-table")
