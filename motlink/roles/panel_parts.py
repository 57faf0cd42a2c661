"""The panel of the chosen role: what it is, what it costs, who has it; and the dialogs to give and take it."""

import reflex as rx

from motlink.roles.design_state import DesignState
from motlink.roles.matrix_state import MatrixState
from motlink.roles.panel_state import PanelState
from motlink.web.components import (
    checkbox,
    choosing,
    danger_button,
    danger_opener,
    dialog_title,
    icon,
    main_button,
    quiet_button,
    refusal,
    second_button,
)
from motlink.web.shell import address

ROLE = MatrixState.role
CHOSEN = MatrixState.chosen


def role_panel() -> rx.Component:
    """Beside the matrix, or below it where there is no room."""
    close = rx.icon_button(
        icon("x"),
        size="2",
        variant="ghost",
        color_scheme="gray",
        high_contrast=True,
        aria_label="Close " + ROLE["name"],
        on_click=MatrixState.show(""),
    )
    return rx.el.aside(
        rx.el.div(
            rx.el.h2(ROLE["name"], id="role-panel", tab_index=-1, class_name="sheet-title", dir="auto"),
            rx.el.span(close, class_name="push"),
            class_name="page-head",
        ),
        rx.el.p(
            rx.el.span(ROLE["description"], dir="auto"),
            rx.cond(MatrixState.builtin, ". Built in: copy it to change it.", ""),
            class_name="muted",
        ),
        rx.el.div(_verbs(), class_name="line wrap"),
        rx.cond(MatrixState.refusal != "", rx.el.p(MatrixState.refusal, class_name="muted")),
        rx.el.div(
            rx.el.span(MatrixState.seats),
            rx.el.strong(MatrixState.seats_cost, class_name="num push"),
            class_name="seats",
        ),
        _holders(),
        class_name="role-panel",
        aria_label=ROLE["name"],
    )


def _verbs() -> rx.Component:
    give = second_button(
        icon("user-plus"), "Grant", on_click=PanelState.give(CHOSEN), disabled=MatrixState.refusal != ""
    )
    copy = second_button(icon("copy"), "Copy role", on_click=DesignState.copy(CHOSEN))
    edit = second_button(icon("pencil"), "Edit", on_click=DesignState.edit(CHOSEN))
    delete = danger_opener(icon("trash-2"), "Delete", on_click=MatrixState.delete(ROLE["id"]))
    return rx.fragment(give, copy, rx.cond(MatrixState.builtin, rx.fragment(), rx.fragment(edit, delete)))


def _holders() -> rx.Component:
    shown = MatrixState.holders.length()
    picked = MatrixState.picked.length()
    every = (picked == shown) & (shown > 0)
    more = rx.cond(
        (MatrixState.people > shown) & ~MatrixState.more,
        rx.el.button(
            (MatrixState.people - shown).to_string() + " more",
            type="button",
            class_name="link-quiet",
            on_click=MatrixState.show_more,
        ),
        rx.link(
            "Show them in Staff",
            href=address("settings/staff?role=" + CHOSEN),
            class_name="link-quiet",
        ),
    )
    return rx.fragment(
        rx.el.div(
            rx.el.h3(MatrixState.held),
            rx.cond(
                shown > 0,
                rx.el.button(
                    rx.cond(every, "Select none", "Select all"),
                    type="button",
                    class_name="link-quiet push",
                    on_click=MatrixState.pick_all(~every),
                ),
            ),
            class_name="line",
        ),
        rx.el.ul(rx.foreach(MatrixState.holders, _holder), class_name="holders"),
        rx.cond(shown > 0, more),
        rx.cond(
            picked > 0,
            danger_opener(
                icon("toggle-left"),
                "Turn off for " + people_words(picked),
                on_click=PanelState.take(CHOSEN),
            ),
        ),
    )


def people_words(number: rx.Var) -> rx.Var:
    """Return "1 person", "3 people"."""
    return rx.cond(number == 1, "1 person", number.to_string() + " people")


def _holder(one: rx.Var) -> rx.Component:
    return rx.el.li(
        checkbox(
            checked=MatrixState.picked.get(one["id"], False),
            on_change=lambda on: MatrixState.pick(one["id"], on),
            aria_label="Select " + one["name"],
        ),
        rx.avatar(
            fallback=one["initials"],
            size="1",
            radius="full",
            color_scheme="gray",
            high_contrast=True,
            aria_hidden="true",
        ),
        rx.link(
            one["name"],
            href=address("settings/staff/" + one["id"]),
            class_name="name cut",
            underline="none",
            dir="auto",
            title=one["name"],
        ),
    )


def give_dialog() -> rx.Component:
    """Whom to give the role; what it adds to the bill stands beside the verb."""
    note = rx.cond(
        PanelState.owner,
        rx.el.p(
            "An owner may do everything here, and decide about other owners, you included.",
            class_name="muted",
        ),
        rx.cond(
            PanelState.records,
            rx.el.p(
                "They read the records of all providers. On each Profile you can choose fewer.",
                class_name="muted",
            ),
        ),
    )
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Grant " + PanelState.role, size="4", class_name="sheet-title", dir="auto"),
            rx.dialog.description(
                "Choose the people it is turned on for, at once.", size="2", class_name="muted"
            ),
            note,
            choosing(
                "Chosen people",
                PanelState.people,
                _given,
                "Find a person",
                PanelState.q,
                PanelState.look_for,
                PanelState.found,
                _candidate,
                "People without this role",
            ),
            rx.el.div(
                rx.cond(PanelState.cost != "", rx.el.span(PanelState.cost, class_name="num")),
                quiet_button("Cancel", on_click=PanelState.close(False)),
                main_button(
                    "Turn on for " + people_words(PanelState.people.length()),
                    on_click=PanelState.give_to_all(PanelState.role_id),
                    disabled=PanelState.people.length() == 0,
                ),
                class_name="save-bar",
            ),
            class_name="stacked",
            max_width="480px",
        ),
        open=PanelState.giving,
        on_open_change=PanelState.close,
    )


def _candidate(one: rx.Var) -> rx.Component:
    chosen = PanelState.people.foreach(lambda other: other["id"]).contains(one["id"])
    return rx.el.label(
        checkbox(checked=chosen, on_change=lambda on: PanelState.choose(one["id"], on)),
        rx.el.span(one["name"], dir="auto"),
        # A box of its own for each: a click on its way stays with the person it was meant for.
        key=one["id"],
    )


def _given(one: rx.Var) -> rx.Component:
    return rx.el.span(
        rx.el.span(one["name"], class_name="cut", dir="auto"),
        rx.el.button(
            icon("x"),
            type="button",
            aria_label="Leave " + one["name"] + " out",
            on_click=PanelState.choose(one["id"], False),
        ),
        class_name="chip tag",
    )


def take_question() -> rx.Component:
    """Taking from many asks first, and says for whom it ends the place."""
    number = PanelState.wanted.length()
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            dialog_title("Turn " + PanelState.role + " off for " + people_words(number) + "?"),
            rx.alert_dialog.description(
                "It turns off at once. You can undo it.", size="2", class_name="muted"
            ),
            rx.cond(
                PanelState.hits.length() > 0,
                refusal(
                    "It is the last role of "
                    + PanelState.hits.join(", ")
                    + ". Without it they are deactivated and signed out."
                ),
            ),
            rx.el.div(
                danger_button(
                    icon("toggle-left"), "Turn off", on_click=PanelState.take_from_all(PanelState.role_id)
                ),
                rx.button(
                    "Keep it on",
                    size="3",
                    variant="soft",
                    color_scheme="gray",
                    high_contrast=True,
                    auto_focus=True,
                    on_click=PanelState.close(False),
                ),
                class_name="dialog-actions",
            ),
            max_width="480px",
        ),
        open=PanelState.taking,
        on_open_change=PanelState.close,
    )
