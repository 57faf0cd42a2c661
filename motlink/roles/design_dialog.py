"""The form of a role of the practice's own: name, section with its price, how far each privilege reaches (TA-25)."""

import reflex as rx

from motlink.roles.catalogue import SECTIONS
from motlink.roles.design_state import DesignState
from motlink.roles.words import GROUPS
from motlink.web.components import field, icon, main_button, quiet_button

REACHES = {"no": "No", "own": "Own work", "chosen": "Chosen providers", "yes": "Yes"}


def design_dialog() -> rx.Component:
    """One dialog for making, copying and editing."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(DesignState.title, size="4", class_name="sheet-title", dir="auto"),
            rx.dialog.description(
                "You can put in what you may do yourself, and no more.", size="2", class_name="muted"
            ),
            rx.cond(
                DesignState.hits != "",
                rx.el.div(icon("users", "info"), rx.el.span(DesignState.hits), class_name="ask"),
            ),
            rx.form.root(
                rx.el.div(
                    *_words(),
                    _section(),
                    *(_group(title) for title, _ in GROUPS),
                    class_name="design",
                ),
                rx.cond(DesignState.theirs.length() > 0, _theirs()),
                rx.el.div(
                    quiet_button("Cancel", type="button", on_click=DesignState.close(False)),
                    main_button(rx.cond(DesignState.role_id != "", "Save", "Make role"), type="submit"),
                    class_name="save-bar",
                ),
                on_submit=DesignState.save,
                reset_on_submit=False,
                custom_attrs={"noValidate": True},
            ),
            max_width="560px",
            class_name="stacked",
        ),
        open=DesignState.open,
        on_open_change=DesignState.close,
    )


def _words() -> tuple[rx.Component, ...]:
    return (
        field(
            "Name",
            "name",
            error=DesignState.errors.get("name", ""),
            default_value=DesignState.typed.get("name", ""),
            auto_complete="off",
        ),
        field(
            "Description",
            "description",
            optional=True,
            error=DesignState.errors.get("description", ""),
            default_value=DesignState.typed.get("description", ""),
            auto_complete="off",
        ),
    )


def _section() -> rx.Component:
    prices = {"provider": "a seat, $10.00 a month", "administrative": "free", "auditing": "free"}
    options = (
        rx.el.option(f"{title}: {prices[key]}", value=key) for key, (title, _price) in SECTIONS.items()
    )
    return rx.el.div(
        rx.el.label("Section", html_for="section"),
        rx.el.select(
            *options,
            id="section",
            name="section",
            default_value=DesignState.typed.get("section", ""),
            class_name="plain-select",
        ),
        class_name="field",
    )


def _group(title: str) -> rx.Component:
    rows = rx.foreach(DesignState.rows, lambda row: rx.cond(row["group"] == title, _row(row)))
    is_there = DesignState.rows.foreach(lambda row: row["group"]).contains(title)
    return rx.cond(
        is_there,
        rx.el.fieldset(rx.el.legend(title), rows, class_name="design-group"),
    )


def _row(row: rx.Var) -> rx.Component:
    options = rx.foreach(
        row["reaches"].to(list[str]),
        lambda reach: rx.el.option(rx.match(reach, *REACHES.items(), reach), value=reach),
    )
    return rx.el.div(
        rx.el.label(row["words"], html_for="may-" + row["permission"]),
        rx.el.select(
            options,
            id="may-" + row["permission"],
            name=row["permission"],
            default_value=row["reach"],
            class_name="plain-select",
        ),
        class_name="design-row",
    )


def _theirs() -> rx.Component:
    lines = rx.foreach(
        DesignState.theirs,
        lambda one: rx.el.li(one["field"], " is now ", rx.el.strong(one["value"], dir="auto")),
    )
    words = rx.el.span(
        "Someone else saved this role meanwhile. Saving again replaces:",
        rx.el.ul(lines, class_name="theirs"),
    )
    return rx.el.div(icon("users", "warn"), words, class_name="ask warn-bg", role="alert")
