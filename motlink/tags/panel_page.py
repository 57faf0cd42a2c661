"""The chosen tag, beside the list; a page of its own where there is no room beside it."""

import reflex as rx

from motlink.permissions import Permission
from motlink.staff.parts import avatar, tag_chip
from motlink.staff.tag_editor_parts import day_form
from motlink.tags.panel_state import TagPanelState
from motlink.tags.rules import MORE_COLORS
from motlink.tags.state import TagsState
from motlink.web.components import empty_list, icon, quiet_button
from motlink.web.shell import address
from motlink.web.typeahead_parts import choice, typeahead
from motlink.web.who import WhoState

TAG = TagPanelState.tag


def tag_panel() -> rx.Component:
    """What can be done to the tag, and who wears it."""
    missing = empty_list("This tag is not here", "It has been deleted, or merged into another one.")
    return rx.el.aside(
        rx.link(
            icon("chevron-left"),
            "Tags",
            href=TagsState.closed,
            class_name="back only-narrow",
            underline="none",
        ),
        rx.cond(TagPanelState.missing, missing, _panel()),
        class_name="tag-panel",
        aria_label="Tag",
    )


def _panel() -> rx.Component:
    group = rx.cond(TAG["group"] != "", TAG["group"], "No group")
    return rx.fragment(
        rx.el.div(
            rx.el.h2(tag_chip(worn=TAG), class_name="panel-tag"),
            rx.el.button(
                group,
                type="button",
                class_name="link-quiet",
                aria_label="Group: " + group,
                on_click=TagPanelState.ask("group"),
            ),
            rx.link(
                icon("x"),
                href=TagsState.closed,
                class_name="pencil push only-wide",
                aria_label="Close the tag",
            ),
            class_name="line",
        ),
        rx.el.div(
            quiet_button(icon("pencil"), "Rename", on_click=TagPanelState.ask("rename")),
            quiet_button(icon("merge"), "Merge", on_click=TagPanelState.ask("merge")),
            _colors(),
            quiet_button(
                icon("trash-2"), "Delete", class_name="quiet-danger", on_click=TagPanelState.ask("delete")
            ),
            class_name="tag-acts",
        ),
        rx.el.h3(
            TAG["people"], " ", rx.el.span(TAG["inactive"], class_name="muted"), class_name="panel-title"
        ),
        _add_people(),
        rx.el.ul(rx.foreach(TagPanelState.wearers, _wearer), class_name="wearers"),
        rx.cond(
            TagPanelState.more != "",
            rx.el.button(
                TagPanelState.more, type="button", class_name="link-quiet", on_click=TagPanelState.show_more
            ),
        ),
    )


def _colors() -> rx.Component:
    """One button a colour; the chosen one is pressed."""
    return rx.popover.root(
        rx.popover.trigger(quiet_button(icon("palette"), "Colour")),
        rx.popover.content(
            swatches(TAG["color"], lambda color: TagPanelState.set_color(TAG["id"], color)),
            size="1",
            aria_label="Colour",
        ),
    )


def swatches(chosen: rx.Var, put: object) -> rx.Component:
    """The colours a tag can have."""
    buttons = (
        rx.el.button(
            rx.el.span(class_name="dot", style={"--dot": f"var(--{color}-9)"}, aria_hidden="true"),
            color.capitalize(),
            type="button",
            class_name="swatch",
            on_click=put(color),  # type: ignore[operator]
            custom_attrs={"aria-pressed": rx.cond(chosen == color, "true", "false")},
        )
        for color in MORE_COLORS
    )
    return rx.el.div(*buttons, class_name="swatches", role="group", aria_label="Colour")


def _add_people() -> rx.Component:
    found = rx.foreach(
        TagPanelState.found,
        lambda one: choice(
            avatar(one["initials"], "1"),
            rx.el.span(one["name"], class_name="cut", dir="auto"),
            rx.el.span(one["detail"], class_name="muted cut push"),
            key=one["id"],
            on_take=TagPanelState.put(one["id"].to(str), TAG["id"]),
            list_name="people",
        ),
    )
    nobody = (TagPanelState.answers != "") & (TagPanelState.found.length() == 0)
    return typeahead(
        "people",
        label="Add people to " + TAG["name"],
        placeholder="Add people",
        on_type=TagPanelState.search_people,
        answers=TagPanelState.answers,
        choices=found,
        show=TagPanelState.found.length() > 0,
        more=rx.cond(nobody, "Nobody else of this name", ""),
        icon_name="user-plus",
    )


def _wearer(one: rx.Var) -> rx.Component:
    name = one["name"].to(str)
    words = rx.cond(one["until"] != "", one["until"].to(str), "No end date")
    linked = rx.link(
        name,
        href=address("settings/staff/" + one["id"].to(str)),
        class_name="name cut",
        dir="auto",
        title=name,
    )
    plain = rx.el.span(name, class_name="cut", dir="auto", title=name)
    day = rx.el.button(
        rx.cond(one["until"] != "", icon("hourglass", "warn")),
        words,
        type="button",
        class_name="link-quiet num",
        aria_label="Last day for " + name + ": " + words,
        on_click=TagPanelState.ask_day(rx.cond(TagPanelState.dating == one["id"], "", one["id"].to(str))),
    )
    off = rx.el.button(
        icon("x"),
        type="button",
        class_name="pencil",
        aria_label="Take " + TAG["name"] + " off " + name,
        on_click=TagPanelState.take(one["id"].to(str), TAG["id"]),
    )
    may = WhoState.may[Permission.MANAGE_STAFF.value]
    return rx.el.li(
        rx.el.div(
            avatar(one["initials"], "1"),
            rx.cond(may, linked, plain),
            rx.el.span(day, off, class_name="line push"),
            class_name="worn-line",
        ),
        rx.cond(
            TagPanelState.dating == one["id"],
            day_form(one["ends_on"], TagPanelState.today, TagPanelState.set_day, TagPanelState.ask_day("")),
        ),
        key=one["id"],
    )
