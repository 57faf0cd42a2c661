"""The invitation desk: who is invited and not in yet, how far each mail has come, and what can be done about it."""

import reflex as rx

from motlink.staff.desk_rows import LinkState
from motlink.staff.desk_state import DeskState, ShownInvitation
from motlink.staff.words import LINK_WORDS
from motlink.web.components import (
    checkbox,
    danger_button,
    dialog_title,
    empty_list,
    icon,
    main_button,
    main_link,
    pager,
    quiet_button,
    second_button,
    second_link,
)
from motlink.web.shell import address, settings_page

HALF: rx.Var[bool] = rx.Var('"indeterminate"', _var_type=bool)
LINK_ICONS = {
    "bounced": ("mail-x", "bad"),
    "failed": ("mail-warning", "bad"),
    "withdrawn": ("ban", "muted"),
    "expired": ("hourglass", "warn"),
    "opened": ("mail-open", "ok"),
    "delivered": ("mail-check", "ok"),
    "sent": ("send", "info"),
    "waiting": ("clock", "muted"),
}


def desk_page() -> rx.Component:
    """/p/{practice}/settings/staff/invitations"""
    back = rx.link(
        icon("chevron-left"), "Staff", href=address("settings/staff"), class_name="back", underline="none"
    )
    return settings_page(
        back,
        rx.el.div(
            rx.el.h1("Invitations"),
            rx.el.span(DeskState.counts, class_name="muted num"),
            class_name="page-head",
        ),
        rx.cond((DeskState.counts != "") | (DeskState.state != ""), _bar()),
        rx.cond(
            DeskState.rows.length() > 0,
            rx.fragment(_table(), _cards(), pager(DeskState.page, DeskState.pages, DeskState.turn_to)),
            _nobody(),
        ),
        _withdrawing(),
        tab="Staff",
        ready=DeskState.loaded,
    )


def _bar() -> rx.Component:
    choose = rx.select.root(
        rx.select.trigger(aria_label="State"),
        rx.select.content(
            rx.select.item("All states", value="all"),
            rx.foreach(DeskState.choices, lambda one: rx.select.item(one["name"], value=one["key"])),
        ),
        value=rx.cond(DeskState.state != "", DeskState.state, "all"),
        on_change=DeskState.show,
        size="2",
    )
    number = DeskState.ticked.length()
    many = main_button(
        icon("send"),
        "Send new link to " + number.to_string() + rx.cond(number == 1, " person", " people"),
        on_click=DeskState.resend_ticked,
    )
    asked = rx.el.span(icon("bell", "warn"), DeskState.asked, class_name="state num")
    return rx.el.div(
        choose,
        rx.el.span(rx.cond(DeskState.asked != "", asked), role="status"),
        rx.el.label(_head_box("Select everyone on this page"), "Everyone", class_name="phone-only desk-all"),
        rx.el.span(rx.cond(number > 0, many), class_name="push"),
        class_name="filters",
    )


def _head_box(label: str) -> rx.Component:
    return checkbox(
        checked=rx.cond(DeskState.head == "some", HALF, DeskState.head == "all"),
        on_click=DeskState.tick_all(DeskState.head != "all"),
        aria_label=label,
        class_name="tick",
    )


def _table() -> rx.Component:
    heads = (("Person", "26%"), ("State", "18%"), ("Sent", "20%"))
    cells = (rx.table.column_header_cell(head, width=width) for head, width in heads)
    box = rx.table.column_header_cell(_head_box("Select everyone on this page"), class_name="ticks")
    actions = rx.table.column_header_cell(rx.el.span("Actions", class_name="hide"))
    rows = rx.foreach(DeskState.rows, lambda row: desk_line(row=row, chosen=_is_ticked(row), key=row["id"]))
    return rx.el.div(
        rx.table.root(
            rx.table.header(rx.table.row(box, *cells, actions, align="center")),
            rx.table.body(rows),
            size="1",
            class_name="grid desk",
        ),
        class_name="not-phone",
    )


def _is_ticked(row: rx.Var) -> rx.Var:
    return DeskState.ticked.contains(row["id"])


@rx.memo
def desk_line(rest: rx.RestProp, *, row: rx.Var[ShownInvitation], chosen: rx.Var[bool]) -> rx.Component:
    """One invited person in the table."""
    return rx.table.row(
        rest,
        rx.table.cell(_box(row, chosen), class_name="ticks"),
        rx.table.row_header_cell(
            _name(row), rx.el.div(row["email"], class_name="cut muted", title=row["email"])
        ),
        rx.table.cell(_how_far(row)),
        rx.table.cell(row["sent"], class_name="num"),
        rx.table.cell(rx.el.div(*_actions(row), class_name="line desk-actions")),
        align="center",
        custom_attrs={"aria-selected": chosen},
    )


def _box(row: rx.Var, chosen: rx.Var) -> rx.Component:
    return checkbox(
        checked=chosen,
        on_click=DeskState.tick(row["id"], ~chosen),
        aria_label="Select " + row["name"].to(str),
        class_name="tick",
    )


def _name(row: rx.Var) -> rx.Component:
    return rx.link(
        row["name"],
        href=address("settings/staff/" + row["id"].to(str)),
        title=row["name"],
        class_name="name cut",
        dir="auto",
    )


def _how_far(row: rx.Var) -> rx.Component:
    """The state, why it is so, and what the holder of the link has done."""
    state = rx.match(
        row["state"],
        *((key, _state(key, row["left"])) for key in LINK_ICONS),
        rx.fragment(),
    )
    return rx.el.div(
        rx.cond(
            row["asked"] != "", rx.el.span(icon("bell", "warn"), row["asked"], class_name="state num strong")
        ),
        state,
        rx.cond(row["why"] != "", rx.el.span(row["why"], class_name="muted")),
        rx.cond(row["seen"] != "", rx.el.span(row["seen"], class_name="muted num")),
        class_name="how-far",
    )


def _state(key: str, left: rx.Var) -> rx.Component:
    name, color = LINK_ICONS[key]
    return rx.el.span(
        icon(name, color), LINK_WORDS[key], rx.el.span(left, class_name="muted num"), class_name="state"
    )


def _actions(row: rx.Var) -> tuple[rx.Component, rx.Component]:
    """Send it again; and where it still opens something, withdraw it."""
    name = row["name"].to(str)
    again = second_button(
        icon("send"),
        "Send new link",
        aria_label="Send new link to " + name,
        on_click=DeskState.resend(row["id"]),
    )
    withdraw = quiet_button(
        "Withdraw", aria_label="Withdraw the invitation of " + name, on_click=DeskState.ask(row["id"])
    )
    is_over = (row["state"] == LinkState.EXPIRED.value) | (row["state"] == LinkState.WITHDRAWN.value)
    return again, rx.cond(is_over, rx.fragment(), withdraw)


def _cards() -> rx.Component:
    cards = rx.foreach(DeskState.rows, lambda row: desk_card(row=row, chosen=_is_ticked(row), key=row["id"]))
    return rx.el.div(cards, role="list", aria_label="Invitations", class_name="on-phone")


@rx.memo
def desk_card(rest: rx.RestProp, *, row: rx.Var[ShownInvitation], chosen: rx.Var[bool]) -> rx.Component:
    """One invited person on a phone."""
    return rx.el.div(
        rest,
        rx.el.label(_box(row, chosen), class_name="desk-tick"),
        rx.el.div(
            _name(row),
            rx.el.span(row["email"], class_name="muted cut"),
            _how_far(row),
            rx.el.span("Sent ", row["sent"], class_name="muted num"),
            rx.el.div(*_actions(row), class_name="line desk-actions"),
            class_name="who",
        ),
        class_name="desk-card",
        role="listitem",
        custom_attrs={"data-chosen": rx.cond(chosen, "true", "")},
    )


def _nobody() -> rx.Component:
    return rx.cond(
        DeskState.state != "",
        empty_list(
            "Nobody is in this state",
            "It may have changed a moment ago.",
            second_button("Show all invitations", on_click=DeskState.show("all")),
        ),
        empty_list(
            "No invitation is open",
            "Everyone who was invited has come in. Whoever was never invited stands in the staff list.",
            second_link("Staff not invited yet", href=address("settings/staff?state=not_invited")),
            main_link(icon("user-plus"), "New Staff Member", href=address("settings/staff/new")),
        ),
    )


def _withdrawing() -> rx.Component:
    keep = rx.button(
        "Keep it",
        size="3",
        variant="soft",
        color_scheme="gray",
        high_contrast=True,
        auto_focus=True,
        on_click=DeskState.close(False),
    )
    verb = danger_button(icon("ban"), "Withdraw", on_click=DeskState.withdraw(DeskState.leaving_id))
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            dialog_title("Withdraw the invitation of " + DeskState.leaving_name + "?"),
            rx.alert_dialog.description(
                "The link stops working at once. This cannot be undone, because a link never comes back: "
                "send a new invitation instead. The person stays in the staff list.",
                size="2",
                class_name="muted",
            ),
            rx.el.div(verb, keep, class_name="dialog-actions"),
            max_width="480px",
        ),
        open=DeskState.leaving_id != "",
        on_open_change=DeskState.close,
    )
