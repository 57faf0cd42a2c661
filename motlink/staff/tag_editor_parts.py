"""What opens the tag editor, and the editor: a popover in place, a sheet from the bottom on a phone."""

from typing import Any, ClassVar

import reflex as rx
from reflex_components_radix.themes.base import RadixThemesComponent

from motlink.permissions import Permission
from motlink.staff.parts import tag_chip, tag_chips
from motlink.staff.tag_editor_state import TagEditorState
from motlink.web.components import icon, quiet_button, second_button
from motlink.web.typeahead_parts import choice, typeahead
from motlink.web.who import WhoState

MAY = WhoState.may[Permission.EDIT_TAGS.value]


class PopoverAnchor(RadixThemesComponent):
    """Where the popover stands: Reflex does not wrap it."""

    tag = "Popover.Anchor"
    _valid_parents: ClassVar = ["PopoverRoot"]


def here() -> dict[str, str]:
    """Return what lets the editor open where this button stands. Anew each time: Reflex writes into it."""
    return {"data-opens-here": ""}


def editable_tags(row: rx.Var) -> rx.Component:
    """The tags of a row with a pencil; where there are none, the words that open the editor."""
    none = rx.el.span("None", class_name="muted")
    return rx.cond(
        row["tags"].length() > 0,
        rx.el.div(tag_chips(row), rx.cond(MAY, pencil(row["id"], row["name"])), class_name="tags-cell"),
        rx.cond(MAY & ~row["gone"].to(bool), add_tags(row["id"], row["name"]), none),
    )


def add_tags(member_id: Any, name: Any) -> rx.Component:
    """ "[Add Therapist Tags]"."""
    return rx.el.button(
        "[Add Therapist Tags]",
        rx.el.span(" to " + name.to(str), class_name="hide"),
        type="button",
        class_name="link-quiet add-tags",
        on_click=TagEditorState.start(member_id),
        custom_attrs=here(),
    )


def pencil(member_id: Any, name: Any) -> rx.Component:
    """Opens the editor beside the chips."""
    return rx.el.button(
        icon("pencil"),
        type="button",
        class_name="pencil",
        aria_label="Edit tags of " + name.to(str),
        on_click=TagEditorState.start(member_id),
        custom_attrs=here(),
    )


def tag_editor() -> rx.Component:
    """One for the whole screen, wherever it was asked for."""
    who = TagEditorState.member_id
    new = rx.cond(
        TagEditorState.fresh != "",
        rx.el.div(
            icon("plus"),
            "Create “" + TagEditorState.fresh + "”",
            id="tags-create",
            role="option",
            aria_selected="false",
            class_name="choice",
            on_click=TagEditorState.create(who, TagEditorState.fresh),
            custom_attrs={"data-choice": ""},
        ),
    )
    field = typeahead(
        "tags",
        label="Add a tag to " + TagEditorState.name,
        placeholder="Add or create a tag",
        on_type=TagEditorState.search,
        answers=TagEditorState.answers,
        choices=rx.fragment(rx.foreach(TagEditorState.found, _found), new),
        more=TagEditorState.more,
        icon_name="tag",
        auto_focus=True,
    )
    content = rx.popover.content(
        rx.el.h2("Tags of ", rx.el.span(TagEditorState.name, dir="auto")),
        rx.cond(
            TagEditorState.worn.length() > 0,
            rx.el.ul(rx.foreach(TagEditorState.worn, _worn), class_name="worn"),
            rx.el.p("No tags yet. Type to find one, or to make a new one.", class_name="muted"),
        ),
        field,
        rx.el.div(quiet_button("Done", on_click=TagEditorState.close(False)), class_name="editor-foot"),
        size="1",
        side_offset=6,
        align="start",
        collision_padding=12,
        class_name="tag-editor",
        aria_label="Tags of " + TagEditorState.name,
    )
    return rx.popover.root(
        PopoverAnchor.create(class_name="editor-anchor"),
        content,
        open=TagEditorState.open,
        on_open_change=TagEditorState.close,
    )


def _found(tag: rx.Var) -> rx.Component:
    return choice(
        tag_chip(worn=_as_chip(tag)),
        rx.el.span(tag["detail"], class_name="muted push"),
        key=tag["id"],
        on_take=TagEditorState.put(TagEditorState.member_id, tag["id"].to(str)),
        list_name="tags",
    )


def _as_chip(tag: rx.Var) -> rx.Var:
    return rx.Var.create({"name": tag["name"], "color": tag["color"], "until": ""})


def _worn(tag: rx.Var) -> rx.Component:
    """One tag that the person wears: its last day, everyone else who wears it, and ×."""
    name = tag["name"].to(str)
    day = rx.el.button(
        rx.cond(tag["until"] != "", tag["until"], "No end date"),
        type="button",
        class_name="link-quiet num",
        aria_label="Last day of "
        + name
        + ": "
        + rx.cond(tag["until"] != "", tag["until"].to(str), "no end date"),
        on_click=TagEditorState.ask_day(rx.cond(TagEditorState.dating == tag["id"], "", tag["id"].to(str))),
    )
    people = rx.link(
        icon("users"), href=tag["people"].to(str), class_name="pencil", aria_label="Everyone with " + name
    )
    off = rx.el.button(
        icon("x"),
        type="button",
        class_name="pencil",
        aria_label="Take " + name + " off",
        on_click=TagEditorState.take(TagEditorState.member_id, tag["id"].to(str)),
    )
    return rx.el.li(
        rx.el.div(
            tag_chip(worn=_as_chip(tag)),
            rx.el.span(day, class_name="push"),
            people,
            off,
            class_name="worn-line",
        ),
        rx.cond(
            TagEditorState.dating == tag["id"],
            day_form(
                tag["ends_on"], TagEditorState.today, TagEditorState.set_day, TagEditorState.ask_day("")
            ),
        ),
        key=tag["id"],
    )


def day_form(ends_on: rx.Var, today: rx.Var, save: Any, cancel: Any) -> rx.Component:
    """The last day on which a tag is worn; empty for no end."""
    return rx.form.root(
        rx.el.label("Last day, empty for none", html_for="until"),
        rx.el.div(
            rx.el.input(
                type="date",
                id="until",
                name="until",
                default_value=ends_on,
                min=today,
                auto_focus=True,
                class_name="date",
            ),
            second_button("Save", type="submit"),
            quiet_button("Cancel", type="button", on_click=cancel),
            class_name="line",
        ),
        on_submit=save,
        reset_on_submit=False,
        class_name="day-form",
        custom_attrs={"noValidate": True},
    )
