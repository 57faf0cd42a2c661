"""Name, phone and job title. Where someone else saved meanwhile, both stand side by side (LV-02)."""

import reflex as rx

from motlink.staff.profile_state import FIELDS, EditState
from motlink.web.components import field, icon, main_button, quiet_button


def edit_dialog() -> rx.Component:
    """The dialog of the Edit button."""
    fields = (
        field(
            word,
            name,
            error=EditState.errors.get(name, ""),
            default_value=EditState.typed.get(name, ""),
            optional=name in {"phone", "designation"},
        )
        for name, word in FIELDS.items()
    )
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Edit details", size="4", class_name="sheet-title"),
            rx.dialog.description(
                "Name, phone and job title belong to this practice only.", size="2", class_name="muted"
            ),
            rx.form.root(
                rx.el.div(*fields, class_name="form-grid", style={"padding": "12px 0"}),
                rx.cond(EditState.theirs.length() > 0, _theirs()),
                rx.el.div(
                    quiet_button("Cancel", type="button", on_click=EditState.close(False)),
                    main_button("Save", type="submit"),
                    class_name="save-bar",
                ),
                on_submit=EditState.save,
                reset_on_submit=False,
                custom_attrs={"noValidate": True},
            ),
            max_width="520px",
        ),
        open=EditState.open,
        on_open_change=EditState.close,
    )


def _theirs() -> rx.Component:
    lines = rx.foreach(
        EditState.theirs,
        lambda one: rx.el.li(one["field"], " is now ", rx.el.strong(one["value"], dir="auto")),
    )
    words = rx.el.span(
        "Someone else saved while you were typing. Saving again replaces:",
        rx.el.ul(lines, style={"margin": "4px 0 0", "padding": "0", "list-style": "none"}),
    )
    return rx.el.div(
        icon("users", "warn"), words, class_name="ask warn-bg", role="alert", style={"margin-bottom": "12px"}
    )
