"""The agreement (BAA) with an External Agent on the Profile: a notice where it is missing or old, its day, a dialog."""

import reflex as rx

from motlink.staff.agreement_state import AgreementState
from motlink.staff.agreements import CURRENT_YEARS
from motlink.staff.profile_state import ProfileState
from motlink.web.components import field, icon, main_button, panel, quiet_button, second_button

PERSON = ProfileState.person
MAY = (ProfileState.touch_reason == "") & ~ProfileState.you


def agreement_note() -> rx.Component:
    """What is missing, and the one click that mends it."""
    words = rx.cond(
        PERSON["baa_fault"] == "none",
        "No business associate agreement (BAA) is noted. Have one signed before this agent sees records.",
        f"The business associate agreement (BAA) is more than {CURRENT_YEARS} years old. Look whether it still holds.",
    )
    note = rx.el.div(
        icon("file-warning", "warn"),
        rx.el.span(words),
        rx.cond(MAY, second_button("Enter the date", on_click=AgreementState.start)),
        class_name="ask warn-bg day-note",
        role="note",
    )
    return rx.cond(PERSON["baa_fault"] != "", note)


def agreement_panel() -> rx.Component:
    """The day it was signed and where it is kept."""
    none = rx.el.span("No date yet", class_name="muted")
    edit = quiet_button(
        icon("pencil"), "Edit", on_click=AgreementState.start, aria_label="Edit the agreement (BAA)"
    )
    kept = rx.el.div(rx.el.dt("Kept"), rx.el.dd(PERSON["baa_note"], dir="auto"))
    return panel(
        "Agreement (BAA)",
        rx.el.dl(
            rx.el.div(rx.el.dt("Signed"), rx.el.dd(rx.cond(PERSON["baa"] != "", PERSON["baa"], none))),
            rx.cond(PERSON["baa_note"] != "", kept),
            class_name="facts one-column",
        ),
        action=rx.cond(MAY, edit),
    )


def agreement_dialog() -> rx.Component:
    """Asks for the day and a note."""
    errors = AgreementState.errors
    form = rx.form.root(
        rx.el.div(
            field(
                "Signed on",
                "signed_on",
                error=errors.get("signed_on", ""),
                type="date",
                max=PERSON["today"],
                default_value=AgreementState.signed_on,
                optional=True,
            ),
            field(
                "Where it is kept",
                "note",
                error=errors.get("note", ""),
                default_value=AgreementState.note,
                optional=True,
                auto_complete="off",
            ),
            class_name="stack",
        ),
        rx.el.div(
            quiet_button("Cancel", type="button", on_click=AgreementState.close(False)),
            main_button("Save", type="submit"),
            class_name="save-bar",
            style={"margin-top": "16px"},
        ),
        on_submit=lambda form: AgreementState.save(ProfileState.id, form),
        reset_on_submit=False,
        custom_attrs={"noValidate": True},
    )
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(
                "Agreement with ", PERSON["name"], size="4", class_name="sheet-title", dir="auto"
            ),
            rx.dialog.description(
                "The day on which the business associate agreement (BAA) was signed. "
                f"After {CURRENT_YEARS} years the list asks you to look at it again.",
                size="2",
                class_name="muted",
            ),
            rx.el.div(form, style={"padding-top": "12px"}),
            max_width="420px",
        ),
        open=AgreementState.open,
        on_open_change=AgreementState.close,
    )
