"""The Roles page: role by privilege; the chosen role tints its column and opens its panel (TA-25)."""

import reflex as rx

from motlink.roles.compare_page import compare_dialog
from motlink.roles.compare_state import CompareState
from motlink.roles.design_dialog import design_dialog
from motlink.roles.design_state import DesignState
from motlink.roles.matrix_state import MatrixState
from motlink.roles.panel_parts import give_dialog, role_panel, take_question
from motlink.roles.words import PRICING
from motlink.web.components import icon, main_button, panel, quiet_button
from motlink.web.shell import settings_page

CHOSEN = MatrixState.chosen
# The longest word of a built-in role is wider than a column: it breaks where a printer would break it.
HYPHENATED = ("Administrator", "Admin\u00adistrator")


def matrix_page() -> rx.Component:
    """/p/{practice}/settings/roles"""
    return settings_page(
        rx.el.div(
            rx.el.div(_head(), _scroll(), class_name="roles-main"),
            rx.cond(CHOSEN != "", role_panel()),
            rx.el.div(_options(), _prices(), class_name="roles-rest"),
            class_name=rx.cond(CHOSEN != "", "roles-split chosen", "roles-split"),
        ),
        give_dialog(),
        take_question(),
        design_dialog(),
        compare_dialog(),
        tab="Roles",
        ready=MatrixState.loaded,
    )


def _head() -> rx.Component:
    return rx.el.div(
        rx.el.h1("Roles"),
        rx.el.span(MatrixState.summary, class_name="muted"),
        rx.el.div(
            quiet_button(icon("columns-2"), "Compare", on_click=CompareState.start),
            main_button(icon("plus"), "New role", on_click=DesignState.new),
            class_name="push line",
        ),
        class_name="page-head",
    )


def _scroll() -> rx.Component:
    heads = rx.foreach(MatrixState.roles, _column_head)
    rows = rx.foreach(MatrixState.rows, lambda row: rx.cond(row["group"], _group(row), _row(row)))
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(rx.el.th(rx.el.span("Privilege", class_name="hide"), scope="col"), heads)),
            rx.el.tbody(rows),
            class_name="matrix",
        ),
        class_name="matrix-scroll panel",
        tab_index=0,
        role="region",
        aria_label="Roles and privileges",
    )


def _column_head(role: rx.Var) -> rx.Component:
    is_chosen = role["key"] == CHOSEN
    return rx.el.th(
        rx.el.button(
            rx.el.span(role["name"].to(str).replace(*HYPHENATED), class_name="role-name"),
            rx.el.span(role["price"], class_name="muted num"),
            rx.el.span(role["people"], class_name="muted num"),
            type="button",
            on_click=MatrixState.show(rx.cond(is_chosen, "", role["key"])),
            custom_attrs={"aria-pressed": rx.cond(is_chosen, "true", "false")},
        ),
        scope="col",
        class_name=rx.cond(is_chosen, "sel", ""),
    )


def _group(row: rx.Var) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row["words"], scope="colgroup", col_span=MatrixState.roles.length() + 1), class_name="grp"
    )


def _row(row: rx.Var) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row["words"], scope="row"), rx.foreach(row["cells"].to(list[dict[str, str]]), _cell)
    )


def _cell(cell: rx.Var) -> rx.Component:
    return rx.el.td(reach_mark(cell["reach"]), class_name=rx.cond(cell["key"] == CHOSEN, "sel", ""))


def reach_mark(reach: rx.Var) -> rx.Component:
    """A check, a dash, or the word; "yes" and "no" are hidden words."""
    no = rx.fragment(
        rx.el.span("–", class_name="no", aria_hidden="true"), rx.el.span("no", class_name="hide")
    )
    yes = rx.fragment(icon("check", "info"), rx.el.span("yes", class_name="hide"))
    return rx.match(reach, ("no", no), ("yes", yes), rx.el.span(reach, class_name="own"))


def _options() -> rx.Component:
    """What stands under Therapist: its options with their privileges, all about own work (TA-26)."""
    heads = rx.foreach(
        MatrixState.options,
        lambda one: rx.el.th(
            rx.el.span(one["name"], class_name="role-name"),
            rx.el.span(one["price"], class_name="muted num"),
            rx.el.span(one["people"], class_name="muted num"),
            scope="col",
        ),
    )
    return panel(
        "Options of Therapist",
        rx.el.p(
            "Switches under Therapist on a Profile: on only while Therapist is. They reach own work alone.",
            class_name="muted panel-note",
        ),
        rx.el.div(
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(rx.el.th(rx.el.span("Privilege", class_name="hide"), scope="col"), heads)
                ),
                rx.el.tbody(rx.foreach(MatrixState.option_rows, _row)),
                class_name="matrix small",
            ),
            class_name="matrix-scroll",
            tab_index=0,
            role="region",
            aria_label="Options of Therapist and their privileges",
        ),
        style={"margin-top": "20px"},
    )


def _prices() -> rx.Component:
    prices = rx.el.ul(*(rx.el.li(line) for line in PRICING), class_name="plain-list")
    return panel("Pricing", prices, id="pricing", tab_index=-1, style={"margin-top": "20px"})
