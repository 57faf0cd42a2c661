"""Two roles, or two people, side by side: what differs says so in words (TA-25)."""

import reflex as rx

from motlink.roles.compare_state import CompareState
from motlink.web.components import checkbox, icon, quiet_button


def compare_dialog() -> rx.Component:
    """The dialog behind "Compare"."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Compare", size="4", class_name="sheet-title"),
            rx.dialog.description("What each may do, and where they differ.", size="2", class_name="muted"),
            rx.el.div(_kind("roles", "Two roles"), _kind("people", "Two people"), class_name="line"),
            rx.cond(CompareState.kind == "roles", _roles(), _people()),
            rx.cond(CompareState.lines.length() > 0, _table()),
            rx.el.div(quiet_button("Close", on_click=CompareState.close(False)), class_name="save-bar"),
            max_width="640px",
            class_name="stacked",
        ),
        open=CompareState.open,
        on_open_change=CompareState.close,
    )


def _kind(kind: str, words: str) -> rx.Component:
    return rx.el.button(
        words,
        type="button",
        class_name="chip more",
        on_click=CompareState.switch_to(kind),
        custom_attrs={"aria-pressed": rx.cond(CompareState.kind == kind, "true", "false")},
    )


def _roles() -> rx.Component:
    return rx.el.div(
        _select("Left", CompareState.left, CompareState.put_left),
        _select("Right", CompareState.right, CompareState.put_right),
        class_name="two-sides",
    )


def _select(label: str, value: rx.Var, put: rx.EventHandler) -> rx.Component:
    name = f"compare-{label.lower()}"
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.select(
            rx.foreach(CompareState.roles, lambda role: rx.el.option(role["name"], value=role["id"])),
            id=name,
            value=value,
            on_change=put,
            class_name="plain-select",
        ),
        class_name="field",
    )


def _people() -> rx.Component:
    return rx.fragment(
        rx.input(
            value=CompareState.q,
            on_change=CompareState.look_for.debounce(150),
            placeholder="Find two people",
            aria_label="Find two people",
            size="2",
            auto_complete="off",
            type="search",
        ),
        rx.el.div(
            rx.foreach(CompareState.people, lambda one: _person(one, True)),
            rx.foreach(
                CompareState.found,
                lambda one: rx.cond(
                    CompareState.people.foreach(lambda other: other["id"]).contains(one["id"]),
                    rx.fragment(),
                    _person(one, False),
                ),
            ),
            class_name="filter-list short",
            role="group",
            aria_label="People",
        ),
    )


def _person(one: rx.Var, chosen: bool) -> rx.Component:
    return rx.el.label(
        checkbox(checked=chosen, on_change=lambda on: CompareState.choose(one["id"], on)),
        rx.el.span(one["name"], dir="auto"),
    )


def _table() -> rx.Component:
    line = rx.foreach(
        CompareState.lines,
        lambda one: rx.el.tr(
            rx.el.th(one["words"], scope="row"),
            rx.el.td(one["left"]),
            rx.el.td(one["right"]),
            rx.el.td(
                rx.cond(one["differs"], rx.fragment(icon("diff", "info"), " differs"), ""),
                class_name="differs",
            ),
        ),
    )
    heads = rx.foreach(CompareState.heads, lambda name: rx.el.th(name, scope="col", dir="auto"))
    return rx.fragment(
        rx.el.p(CompareState.summary, class_name="muted", role="status"),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(rx.el.span("Privilege", class_name="hide"), scope="col"),
                    heads,
                    rx.el.th(rx.el.span("Difference", class_name="hide"), scope="col"),
                )
            ),
            rx.el.tbody(line),
            class_name="compare",
        ),
    )
