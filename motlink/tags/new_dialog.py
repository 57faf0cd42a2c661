"""A new tag; and one tag for many people: which, until when, whom."""

import reflex as rx

from motlink.staff.parts import avatar, tag_chip
from motlink.tags.new_state import AssignState, NewTagState
from motlink.tags.panel_dialog import form_dialog, group_field
from motlink.tags.panel_page import swatches
from motlink.web.components import field, icon, main_button, quiet_button
from motlink.web.typeahead_parts import choice, typeahead


def new_dialog() -> rx.Component:
    """Name, group and colour."""
    return form_dialog(
        "New tag",
        "A word of your own: an insurance, a language, a specialty.",
        field("Name", "tag", error=NewTagState.errors.get("tag", "")),
        group_field(""),
        swatches(NewTagState.color, NewTagState.choose),
        open=NewTagState.open,
        close=NewTagState.close,
        save=NewTagState.save,
        verb="Make tag",
    )


def assign_dialog() -> rx.Component:
    """One tag for everyone who is chosen here."""
    number = AssignState.chosen.length()
    verb = rx.cond(number == 1, "Assign to 1 person", "Assign to " + number.to_string() + " people")
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Assign to many", size="4", class_name="sheet-title"),
            rx.dialog.description(
                "One tag for all of them, with one Undo. Who wears it already is left as they are.",
                size="2",
                class_name="muted",
            ),
            rx.form.root(
                rx.el.div(
                    rx.cond(AssignState.tag.contains("id"), _chosen_tag(), _pick_tag()),
                    _people(),
                    class_name="stack form-rows",
                ),
                rx.el.div(
                    quiet_button("Cancel", type="button", on_click=AssignState.close(False)),
                    main_button(
                        verb, type="submit", disabled=(number == 0) | ~AssignState.tag.contains("id")
                    ),
                    class_name="save-bar",
                ),
                on_submit=AssignState.assign,
                reset_on_submit=False,
                custom_attrs={"noValidate": True},
            ),
            max_width="520px",
        ),
        open=AssignState.open,
        on_open_change=AssignState.close,
    )


def _pick_tag() -> rx.Component:
    found = rx.foreach(
        AssignState.tags_found,
        lambda one: choice(
            tag_chip(worn=rx.Var.create({"name": one["name"], "color": one["color"], "until": ""})),
            rx.el.span(one["detail"], class_name="muted push"),
            key=one["id"],
            on_take=AssignState.choose_tag(one["id"].to(str)),
            list_name="which",
        ),
    )
    return typeahead(
        "which",
        label="Which tag",
        placeholder="Find the tag",
        on_type=AssignState.search_tags,
        answers=AssignState.tags_answers,
        choices=found,
        more=AssignState.tags_more,
        icon_name="tag",
    )


def _chosen_tag() -> rx.Component:
    error = AssignState.errors.get("until", "")
    return rx.fragment(
        rx.el.div(
            tag_chip(worn=AssignState.tag),
            quiet_button("Another tag", type="button", on_click=AssignState.choose_tag("")),
            class_name="line",
        ),
        field("Last day", "until", optional=True, error=error, type="date", min=AssignState.tag["today"]),
    )


def _people() -> rx.Component:
    found = rx.foreach(
        AssignState.found,
        lambda one: choice(
            avatar(one["initials"], "1"),
            rx.el.span(one["name"], class_name="cut", dir="auto"),
            rx.el.span(one["detail"], class_name="muted cut push"),
            key=one["id"],
            on_take=AssignState.add(one["id"].to(str)),
            list_name="whom",
        ),
    )
    nobody = (AssignState.answers != "") & (AssignState.found.length() == 0)
    field_ = typeahead(
        "whom",
        label="Whom",
        placeholder="Add people",
        on_type=AssignState.search_people,
        answers=AssignState.answers,
        choices=found,
        more=rx.cond(nobody, "Nobody without this tag has this name", ""),
        show=AssignState.found.length() > 0,
        icon_name="user-plus",
    )
    chosen = rx.el.ul(rx.foreach(AssignState.chosen, _chosen), class_name="wearers")
    return rx.el.div(field_, chosen)


def _chosen(one: rx.Var) -> rx.Component:
    off = rx.el.button(
        icon("x"),
        type="button",
        class_name="pencil push",
        aria_label="Leave out " + one["name"].to(str),
        on_click=AssignState.leave_out(one["id"].to(str)),
    )
    return rx.el.li(
        rx.el.div(
            avatar(one["initials"], "1"),
            rx.el.span(one["name"], class_name="cut", dir="auto"),
            off,
            class_name="worn-line",
        ),
        key=one["id"],
    )
