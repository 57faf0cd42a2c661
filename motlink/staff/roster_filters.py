"""The roster's filter bar: a search that answers as one types, one chip a filter; every change is in the address."""

from typing import Any

import reflex as rx

from motlink.staff.roster_state import RosterState
from motlink.web.components import icon, quiet_button


def filters() -> rx.Component:
    """Search, role, tag, and how many are shown."""
    return rx.el.div(
        _search(),
        _filter(
            "Role",
            "role",
            RosterState.role_words,
            RosterState.role_choices,
            RosterState.roles,
            RosterState.filter_role,
        ),
        _filter(
            "Tag",
            "tag",
            RosterState.tag_words,
            RosterState.tag_choices,
            RosterState.tags,
            RosterState.filter_tag,
        ),
        rx.el.span(RosterState.shown, class_name="muted num push", role="status"),
        class_name="filters",
    )


def _search() -> rx.Component:
    return rx.input(
        rx.input.slot(icon("search")),
        rx.input.slot(rx.text.kbd("/", size="1"), side="right", class_name="not-phone"),
        default_value=RosterState.q,
        key=RosterState.q_round.to_string(),
        on_change=RosterState.search.debounce(150),
        placeholder="Name, email, phone or tag",
        aria_label="Search staff by name, email, phone or tag",
        type="search",
        width=["100%", "100%", "240px", "290px"],
        custom_attrs={"data-search": ""},
    )


def _filter(word: str, key: str, said: Any, choices: Any, chosen: Any, put: Any) -> rx.Component:
    opener = rx.cond(
        said != "",
        rx.el.span(
            rx.popover.trigger(rx.el.button(rx.el.span(word, class_name="key"), said, type="button")),
            rx.el.button(
                icon("x"),
                type="button",
                aria_label=f"Clear the {key} filter",
                on_click=RosterState.clear(key),
            ),
            class_name="filter",
        ),
        rx.popover.trigger(quiet_button(icon("list-filter"), word, aria_label=f"Filter by {key}")),
    )
    boxes = rx.foreach(
        choices,
        lambda choice: rx.el.label(
            rx.checkbox(
                checked=chosen.contains(choice["key"]),
                on_change=lambda on: put(choice["key"], on),
                aria_label=choice["name"],
            ),
            choice["name"],
            key=choice["key"],
        ),
    )
    none = rx.el.p("No tags yet.", class_name="muted")
    return rx.popover.root(
        opener,
        rx.popover.content(
            rx.el.div(
                rx.cond(choices.length() > 0, boxes, none),
                class_name="filter-list",
                role="group",
                aria_label=word,
            ),
            size="1",
        ),
    )
