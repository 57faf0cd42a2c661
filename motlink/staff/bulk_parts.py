"""Boxes to tick, and the bar that floats over the list while somebody is selected."""

from typing import Any

import reflex as rx

from motlink.permissions import Permission
from motlink.staff.bulk_state import BulkState
from motlink.staff.selection_state import RosterSelectionState
from motlink.web.components import checkbox, icon, quiet_button
from motlink.web.who import WhoState

HALF: rx.Var[bool] = rx.Var('"indeterminate"', _var_type=bool)


def tick_box(row: rx.Var, chosen: rx.Var) -> rx.Component:
    """The box of one person; Shift ticks all from the last one to here."""
    return checkbox(
        checked=chosen,
        on_click=lambda event: RosterSelectionState.tick(row["id"], ~chosen, event["shift_key"]),
        aria_label="Select " + row["name"].to(str),
        class_name="tick",
    )


def head_box() -> rx.Component:
    """The box in the head: everybody on this page."""
    head = RosterSelectionState.head
    return checkbox(
        checked=rx.cond(head == "some", HALF, head == "all"),
        on_click=RosterSelectionState.tick_page(head != "all"),
        aria_label="Select everyone on this page",
        class_name="tick",
    )


def tick_card(row: rx.Var, chosen: rx.Var) -> rx.Component:
    """The same where the whole card is the box (bulk.css)."""
    return rx.el.label(tick_box(row, chosen), class_name="tick-card")


def pick_row() -> rx.Component:
    """On a phone boxes show only while one selects; the head's box stands here, since the cards have no head."""
    picking = RosterSelectionState.picking
    return rx.el.div(
        rx.cond(picking, rx.el.label(head_box(), "Everyone on this page", class_name="pick-page")),
        quiet_button(rx.cond(picking, "Done", "Select"), on_click=RosterSelectionState.pick_many(~picking)),
        class_name="pick-row",
    )


def bulk_bar() -> rx.Component:
    """What can be done with those who are selected."""
    bar = rx.el.div(
        rx.el.span(
            RosterSelectionState.count.to_string() + " selected", class_name="bulk-count num", role="status"
        ),
        _beyond(),
        rx.el.span(class_name="rule not-phone"),
        rx.el.span(
            rx.cond(WhoState.may[Permission.EDIT_TAGS.value], _action("tag", "tag", "Add tag", "Tag")),
            _action("role", "shield-plus", "Grant role", "Role"),
            _action("invite", "send", "Invite", "Invite"),
            _action("deactivate", "user-x", "Deactivate", "Deactivate", class_name="quiet-danger"),
            class_name="bulk-actions",
        ),
        rx.el.span(class_name="rule not-phone"),
        rx.icon_button(
            icon("x"),
            variant="ghost",
            color_scheme="gray",
            high_contrast=True,
            aria_label="Clear the selection",
            title="Clear the selection (Esc)",
            on_click=RosterSelectionState.clear,
            custom_attrs={"data-clear": ""},
            class_name="bulk-clear",
        ),
        class_name="bulk",
        role="group",
        aria_label="Selected people",
    )
    return rx.cond(RosterSelectionState.count > 0, bar)


def _beyond() -> rx.Component:
    return rx.cond(
        RosterSelectionState.beyond > 0,
        quiet_button(
            "Select all " + RosterSelectionState.beyond.to_string() + " that match",
            on_click=RosterSelectionState.tick_everyone,
            class_name="bulk-all",
        ),
    )


def _action(kind: str, glyph: str, words: str, short: str, **props: Any) -> rx.Component:
    return quiet_button(
        icon(glyph),
        rx.el.span(words, class_name="not-phone"),
        rx.el.span(short, class_name="phone-only", aria_hidden="true"),
        on_click=BulkState.ask(kind),
        aria_label=words,
        **props,
    )
