"""The practice's tags: groups, how many wear each, what runs out, what looks alike; the chosen one beside it."""

import reflex as rx

from motlink.staff.parts import tag_chip
from motlink.tags.new_dialog import assign_dialog, new_dialog
from motlink.tags.new_state import AssignState, NewTagState
from motlink.tags.panel_dialog import tag_dialogs
from motlink.tags.panel_page import tag_panel
from motlink.tags.panel_state import TagPanelState
from motlink.tags.shown import ShownTagRow
from motlink.tags.state import TagsState
from motlink.web.components import empty_list, icon, keys, main_button, pager, quiet_button, second_button
from motlink.web.shell import settings_page


def tags_page() -> rx.Component:
    """/p/{practice}/settings/tags"""
    list_of_tags = rx.el.div(
        _head(),
        _filters(),
        rx.cond(TagsState.alike.is_not_none(), _alike()),
        rx.cond(TagsState.rows.length() > 0, _table(), _none()),
        pager(TagsState.page, TagsState.pages, TagsState.turn_to),
        class_name="tags-list",
    )
    return settings_page(
        rx.el.div(
            list_of_tags,
            rx.cond(TagPanelState.id != "", tag_panel()),
            class_name=rx.cond(TagPanelState.id != "", "with-panel", ""),
        ),
        new_dialog(),
        assign_dialog(),
        tag_dialogs(),
        tab="Tags",
        ready=TagsState.loaded,
        bottom=keys(("/", "search"), ("u", "undo")),
        class_name="tags-page",
    )


def _head() -> rx.Component:
    return rx.el.div(
        rx.el.h1("Tags"),
        rx.el.span(TagsState.counts, class_name="muted num"),
        rx.el.span(
            quiet_button(icon("users"), "Assign to many", on_click=AssignState.start("")),
            main_button(icon("plus"), "New tag", on_click=NewTagState.start),
            class_name="line push",
        ),
        class_name="page-head",
    )


def _filters() -> rx.Component:
    search = rx.input(
        rx.input.slot(icon("search")),
        rx.input.slot(rx.text.kbd("/", size="1"), side="right", class_name="not-phone"),
        default_value=TagsState.q,
        key=TagsState.q_round.to_string(),
        on_change=TagsState.search.debounce(150),
        placeholder="Find a tag",
        aria_label="Search tags",
        type="search",
        width=["100%", "100%", "240px"],
        custom_attrs={"data-search": ""},
    )
    group = rx.select.root(
        rx.select.trigger(aria_label="Group"),
        rx.select.content(
            rx.select.item("All groups", value="all"),
            rx.foreach(TagsState.groups, lambda one: rx.select.item(one["name"], value=one["key"])),
        ),
        value=rx.cond(TagsState.group != "", TagsState.group, "all"),
        on_change=TagsState.show_group,
        size="2",
    )
    shown = rx.el.span(TagsState.shown, class_name="muted num push", role="status")
    return rx.el.div(search, rx.cond(TagsState.groups.length() > 1, group), shown, class_name="filters")


def _alike() -> rx.Component:
    """Two words for one thing, perhaps: merge them, or say that they are two."""
    pair = TagsState.alike
    ids = (pair["id"].to(str), pair["other_id"].to(str))
    return rx.el.section(
        icon("sparkles", "info"),
        rx.el.span(
            tag_chip(worn=rx.Var.create({"name": pair["name"], "color": pair["color"], "until": ""})),
            " and ",
            tag_chip(worn=rx.Var.create({"name": pair["other"], "color": pair["other_color"], "until": ""})),
            " ",
            pair["words"],
            class_name="line",
        ),
        quiet_button("Keep both", on_click=TagsState.keep_both(*ids)),
        second_button("Merge", on_click=TagPanelState.ask_merge(*ids)),
        class_name="ask alike",
        aria_label="Tags that look alike",
    )


def _table() -> rx.Component:
    heads = (("Tag", "36%"), ("Worn by", "24%"), ("Expiring", "24%"), ("Last changed", "16%"))
    cells = (
        rx.table.column_header_cell(head, width=width, class_name="" if n < 2 else "not-phone")
        for n, (head, width) in enumerate(heads)
    )
    return rx.table.root(
        rx.table.header(rx.table.row(*cells, align="center")),
        rx.table.body(rx.foreach(TagsState.rows, lambda row: tag_line(row=row, key=row["id"]))),
        size="1",
        class_name="grid tags-table",
    )


@rx.memo
def tag_line(rest: rx.RestProp, *, row: rx.Var[ShownTagRow]) -> rx.Component:
    """A group's name, or a tag."""
    heading = rx.table.row(
        rx.table.row_header_cell(
            rx.el.strong(row["heading"]),
            rx.el.span(row["count"], class_name="muted num"),
            col_span=4,
            class_name="group-line",
        ),
        align="center",
    )
    return rx.cond(row["heading"] != "", heading, _tag(row, rest))


def _tag(row: rx.Var, rest: rx.Var) -> rx.Component:
    name = rx.link(
        tag_chip(worn=rx.Var.create({"name": row["name"], "color": row["color"], "until": ""})),
        href=row["href"].to(str),
        class_name="tag-link",
        underline="none",
        custom_attrs={"aria-current": rx.cond(row["chosen"], "true", "false")},
    )
    worn = rx.el.div(
        rx.el.span(row["people"], class_name="num"),
        rx.el.span(rx.el.span(style={"width": row["share"]}), class_name="share", aria_hidden="true"),
        class_name="worn-by",
    )
    expiring = rx.cond(
        row["expiring"] != "",
        rx.el.span(icon("hourglass", "warn"), row["expiring"], class_name="state num"),
    )
    return rx.table.row(
        rest,
        rx.table.row_header_cell(name),
        rx.table.cell(worn),
        rx.table.cell(expiring, class_name="not-phone"),
        rx.table.cell(row["changed"], class_name="muted num not-phone"),
        align="center",
        custom_attrs={"aria-selected": rx.cond(row["chosen"], "true", "false")},
    )


def _none() -> rx.Component:
    return rx.cond(
        TagsState.shown != "",
        empty_list(
            "No tag fits",
            "No tag fits the search and the group.",
            second_button("Show all tags", on_click=TagsState.clear),
        ),
        empty_list(
            "No tags yet",
            "Tags say what somebody is for: an insurance, a language, a specialty. People are found by them.",
            second_button("New tag", on_click=NewTagState.start),
        ),
    )
