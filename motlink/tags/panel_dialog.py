"""The questions about a tag: its name, its group, merging it, deleting it."""

from typing import Any

import reflex as rx

from motlink.staff.parts import tag_chip
from motlink.tags.panel_state import TagPanelState
from motlink.tags.state import TagsState
from motlink.web.components import (
    danger_button,
    dialog_title,
    field,
    icon,
    main_button,
    quiet_button,
    second_button,
)
from motlink.web.typeahead_parts import choice, typeahead

ABOUT, OTHER = TagPanelState.about, TagPanelState.other


def tag_dialogs() -> rx.Component:
    """All four; one is open at most."""
    return rx.fragment(_rename(), _group(), _merge(), _delete())


def form_dialog(
    title: Any, words: Any, *content: Any, open: Any, close: Any, save: Any, verb: Any
) -> rx.Component:
    """A small form: its fields, Cancel, and the verb."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(title, size="4", class_name="sheet-title", dir="auto"),
            rx.dialog.description(words, size="2", class_name="muted"),
            rx.form.root(
                rx.el.div(*content, class_name="stack form-rows"),
                rx.el.div(
                    quiet_button("Cancel", type="button", on_click=close(False)),
                    main_button(verb, type="submit"),
                    class_name="save-bar",
                ),
                on_submit=save,
                reset_on_submit=False,
                custom_attrs={"noValidate": True},
            ),
            max_width="480px",
        ),
        open=open,
        on_open_change=close,
    )


def group_field(value: Any) -> rx.Component:
    """A group by its name: one there is, or a new one."""
    names = rx.el.datalist(
        rx.foreach(TagsState.groups, lambda one: rx.cond(one["key"] != "-", rx.el.option(value=one["key"]))),
        id="groups",
    )
    return rx.el.div(
        field("Group", "group", optional=True, default_value=value, list="groups", auto_complete="off"), names
    )


def _rename() -> rx.Component:
    merge = rx.cond(
        OTHER.contains("id"),
        second_button(
            icon("merge"),
            "Merge into “" + OTHER["name"] + "”",
            type="button",
            on_click=TagPanelState.ask_merge(ABOUT["id"], OTHER["id"]),
        ),
    )
    return form_dialog(
        "Rename “" + ABOUT["name"] + "”",
        "Everyone who wears it wears it under the new name.",
        field("Name", "tag", error=TagPanelState.errors.get("tag", ""), default_value=TagPanelState.typed),
        merge,
        open=TagPanelState.asks == "rename",
        close=TagPanelState.close,
        save=TagPanelState.rename,
        verb="Rename",
    )


def _group() -> rx.Component:
    return form_dialog(
        "Group of “" + ABOUT["name"] + "”",
        "Tags of one group stand together, such as Insurance, Language or Specialty.",
        group_field(ABOUT["group"]),
        open=TagPanelState.asks == "group",
        close=TagPanelState.close,
        save=TagPanelState.set_group,
        verb="Save",
    )


def _merge() -> rx.Component:
    chosen = OTHER.contains("id")
    verb = danger_button(icon("merge"), "Merge", on_click=TagPanelState.merge(ABOUT["id"], OTHER["id"]))
    one = "Merge “" + ABOUT["name"] + "”"
    title = rx.cond(chosen, one + " into “" + OTHER["name"] + "”?", one)
    content = rx.cond(chosen, _what_a_merge_does(), _pick_other())
    return _question(title, "One of the two stays.", content, rx.cond(chosen, verb), "Keep both", "merge")


def _what_a_merge_does() -> rx.Component:
    one, other = ABOUT["name"], OTHER["name"]
    return rx.el.div(
        _line("users", one + ": " + ABOUT["count"], "Whoever wears it wears “" + other + "” afterwards."),
        _line("tag", other + ": " + OTHER["count"], "Who wears both keeps the later end date, or none."),
        _line(
            "trash-2", "“" + one + "” is no longer a tag", "Its name is free again. Undo brings both back."
        ),
    )


def _pick_other() -> rx.Component:
    found = rx.foreach(
        TagPanelState.tags_found,
        lambda one: choice(
            tag_chip(worn=rx.Var.create({"name": one["name"], "color": one["color"], "until": ""})),
            rx.el.span(one["detail"], class_name="muted push"),
            key=one["id"],
            on_take=TagPanelState.choose_other(one["id"].to(str)),
            list_name="others",
        ),
    )
    return typeahead(
        "others",
        label="Merge into which tag",
        placeholder="Find the tag to keep",
        on_type=TagPanelState.search_tags,
        answers=TagPanelState.tags_answers,
        choices=found,
        more=TagPanelState.tags_more,
        icon_name="tag",
    )


def _delete() -> rx.Component:
    lines = rx.el.div(
        _line(
            "users",
            ABOUT["people"] + " " + ABOUT["inactive"],
            "It is taken off all of them. Undo puts it back.",
        ),
    )
    verb = danger_button(icon("trash-2"), "Delete", on_click=TagPanelState.delete(ABOUT["id"]))
    title = "Delete “" + ABOUT["name"] + "”?"
    return _question(title, "The tag is gone for the whole practice.", lines, verb, "Keep it", "delete")


def _question(title: Any, words: str, content: Any, verb: Any, keep: str, what: str) -> rx.Component:
    stay = rx.button(
        keep,
        size="3",
        variant="soft",
        color_scheme="gray",
        high_contrast=True,
        on_click=TagPanelState.close(False),
    )
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            dialog_title(title),
            rx.alert_dialog.description(words, size="2", class_name="muted"),
            rx.el.div(content, style={"margin-top": "12px"}),
            rx.el.div(verb, stay, class_name="dialog-actions"),
            max_width="480px",
        ),
        open=TagPanelState.asks == what,
        on_open_change=TagPanelState.close,
    )


def _line(icon_name: str, what: Any, detail: Any) -> rx.Component:
    return rx.el.div(
        icon(icon_name),
        rx.el.div(
            rx.el.div(what, class_name="what", dir="auto"), rx.el.div(detail, class_name="detail", dir="auto")
        ),
        class_name="check",
    )
