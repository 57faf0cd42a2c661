"""The dialog behind "End date": a day, and for a role that reads records whose (TA-27)."""

import reflex as rx

from motlink.staff.terms_state import TermsState
from motlink.web.components import checkbox, choosing, field, icon, main_button, quiet_button


def terms_dialog() -> rx.Component:
    """One dialog for whatever role TermsState is about."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(
                TermsState.role + " for " + TermsState.name, size="4", class_name="sheet-title", dir="auto"
            ),
            rx.dialog.description(
                "With a last day, the role turns off by itself at the end of it, in the practice’s time zone.",
                size="2",
                class_name="muted",
            ),
            rx.form.root(
                rx.cond(TermsState.records, _whose()),
                rx.el.div(
                    rx.cond(TermsState.records, _end(optional=True), _end(optional=False)),
                    class_name="terms-end",
                ),
                _buttons(),
                on_submit=TermsState.save,
                reset_on_submit=False,
                custom_attrs={"noValidate": True},
            ),
            max_width="480px",
        ),
        open=TermsState.open,
        on_open_change=TermsState.close,
    )


def _end(*, optional: bool) -> rx.Component:
    return field(
        "Last day",
        "ends_on",
        error=TermsState.errors.get("ends_on", ""),
        optional=optional,
        type="date",
        min=TermsState.today,
        max="2099-12-31",
        default_value=TermsState.ends_on,
        # The field itself holds what is typed: a new one begins with a day that somebody else has set.
        key=TermsState.ends_on,
    )


def _whose() -> rx.Component:
    wrong = TermsState.errors.get("providers", "")
    return rx.el.div(
        rx.el.label(
            checkbox(checked=TermsState.everyone, on_change=TermsState.choose_all),
            "Reads the records of all providers",
            class_name="tick-line",
        ),
        rx.cond(~TermsState.everyone, _choosing()),
        rx.cond(
            wrong != "", rx.el.div(icon("circle-alert"), rx.el.span(wrong), class_name="error", role="alert")
        ),
        class_name="field whose",
    )


def _choosing() -> rx.Component:
    return choosing(
        "Chosen providers",
        TermsState.chosen,
        _chosen,
        "Find a provider",
        TermsState.q,
        TermsState.look_for,
        TermsState.found,
        _found,
        "Providers",
    )


def _found(one: rx.Var) -> rx.Component:
    is_chosen = TermsState.chosen.foreach(lambda other: other["id"]).contains(one["id"])
    return rx.el.label(
        checkbox(checked=is_chosen, on_change=lambda on: TermsState.choose(one["id"], one["name"], on)),
        rx.el.span(one["name"], dir="auto"),
        # A box of its own for each: a click on its way stays with the person it was meant for.
        key=one["id"],
    )


def _chosen(one: rx.Var) -> rx.Component:
    return rx.el.span(
        rx.el.span(one["name"], class_name="cut", dir="auto"),
        rx.el.button(
            icon("x"),
            type="button",
            aria_label="Leave " + one["name"] + " out",
            on_click=TermsState.choose(one["id"], one["name"], False),
        ),
        class_name="chip tag",
    )


def _buttons() -> rx.Component:
    verb = rx.cond(TermsState.on, "Save", "Turn on")
    return rx.el.div(
        rx.cond(
            TermsState.on & (TermsState.ends_on != ""),
            quiet_button("No end date", type="button", on_click=TermsState.no_end),
        ),
        quiet_button("Cancel", type="button", on_click=TermsState.close(False)),
        main_button(verb, type="submit"),
        class_name="save-bar",
    )
