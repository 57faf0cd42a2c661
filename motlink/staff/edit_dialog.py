"""Name, phone, job title and facts. Where someone else saved meanwhile, both stand side by side (LV-02)."""

from typing import Any

import reflex as rx

from motlink.staff.profile_state import FIELDS, EditState
from motlink.web.components import field, icon, main_button, quiet_button

# What some fields have besides. Both lists answer while one types; the supervisor's asks the server.
MORE: dict[str, dict[str, Any]] = {
    "starts_on": {"type": "date"},
    "location": {"list": "places-offered", "auto_complete": "off"},
    "supervisor": {
        "list": "people-offered",
        "auto_complete": "off",
        "on_change": EditState.find_supervisor.debounce(150),
    },
}


def _offers(name: str, words: Any) -> rx.Component:
    return rx.el.datalist(rx.foreach(words, lambda word: rx.el.option(value=word, key=word)), id=name)


def edit_dialog() -> rx.Component:
    """The dialog of the Edit button."""
    fields = (
        field(
            word,
            name,
            error=EditState.errors.get(name, ""),
            default_value=EditState.typed.get(name, ""),
            optional=name not in {"first_name", "last_name"},
            **MORE.get(name, {}),
        )
        for name, word in FIELDS.items()
    )
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Edit details", size="4", class_name="sheet-title"),
            rx.dialog.description(
                "This belongs to this practice only. The list shows the preferred name.",
                size="2",
                class_name="muted",
            ),
            rx.form.root(
                _offers("places-offered", EditState.places),
                _offers("people-offered", EditState.people),
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
