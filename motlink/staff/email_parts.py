"""The email on the Profile: with a pencil as long as nobody has come in by it (PC-01)."""

import reflex as rx

from motlink.staff.email_state import EmailState
from motlink.staff.profile_state import ProfileState
from motlink.web.components import field, icon, main_button, quiet_button

PERSON = ProfileState.person


def email_fact() -> rx.Component:
    """The email, and the way to correct it while it may be a mere slip."""
    pencil = quiet_button(icon("pencil"), on_click=EmailState.start, aria_label="Correct the email")
    return rx.el.div(
        rx.el.span(PERSON["email"]), rx.cond(ProfileState.may_correct_email, pencil), class_name="line"
    )


def email_dialog() -> rx.Component:
    """Asks for the right email."""
    form = rx.form.root(
        field(
            "Email",
            "email",
            error=EmailState.errors.get("email", ""),
            type="email",
            default_value=EmailState.was,
            auto_complete="off",
        ),
        rx.el.div(
            quiet_button("Cancel", type="button", on_click=EmailState.close(False)),
            main_button(rx.cond(EmailState.invites, "Save and invite", "Save"), type="submit"),
            class_name="save-bar",
            style={"margin-top": "16px"},
        ),
        on_submit=lambda form: EmailState.save(ProfileState.id, form),
        reset_on_submit=False,
        custom_attrs={"noValidate": True},
    )
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Correct the email", size="4", class_name="sheet-title"),
            rx.dialog.description(
                rx.cond(
                    EmailState.invites,
                    "The link sent to the old address stops working. "
                    "A new invitation goes to the address you save. ",
                    "",
                ),
                "Once ",
                PERSON["name"],
                " has come in, nobody else can change it.",
                size="2",
                class_name="muted",
            ),
            rx.el.div(form, style={"padding-top": "12px"}),
            max_width="420px",
        ),
        open=EmailState.open,
        on_open_change=EmailState.close,
    )
