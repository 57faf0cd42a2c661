"""The roster: head, filters, then the same people as a table and, on a phone, as cards."""

import reflex as rx

from motlink.staff.agent_page import agent_question, more_menu, new_agent_button
from motlink.staff.bulk_page import bulk_dialogs
from motlink.staff.bulk_parts import bulk_bar, head_box, pick_row, tick_box, tick_card
from motlink.staff.leaving_page import leaving_dialog
from motlink.staff.leaving_state import LeavingState
from motlink.staff.parts import agent_mark, avatar, list_state, lock_mark, role_chips
from motlink.staff.roster_filters import filters
from motlink.staff.roster_state import RosterState
from motlink.staff.selection_state import RosterSelectionState
from motlink.staff.shown import ShownRow
from motlink.staff.tag_editor_parts import MAY, editable_tags, here, tag_editor
from motlink.staff.tag_editor_state import TagEditorState
from motlink.web.components import empty_list, icon, keys, main_link, pager, second_button
from motlink.web.shell import address, settings_page

COLUMNS = (
    ("name", "Name", ""),
    ("phone", "Phone", "wide"),
    ("email", "Email", "wide"),
    ("roles", "Roles", ""),
    ("tags", "Therapist Tags", ""),
)
# A number with its country needs so many pixels on one line, however wide the table is.
WIDTHS = {"name": "23%", "phone": "146px", "email": "16%", "roles": "22%", "tags": "26%"}


def roster_page() -> rx.Component:
    """/p/{practice}/settings/staff"""
    return settings_page(
        _head(),
        filters(),
        rx.cond(
            RosterState.rows.length() > 0,
            rx.fragment(_table(), _cards(), pager(RosterState.page, RosterState.pages, RosterState.turn_to)),
            _nobody(),
        ),
        _sheet(),
        leaving_dialog(),
        tag_editor(),
        bulk_dialogs(),
        agent_question(),
        tab="Staff",
        ready=RosterState.loaded,
        bottom=rx.fragment(keys(("/", "search"), ("u", "undo")), _bottom_bar(), bulk_bar()),
    )


def _head() -> rx.Component:
    return rx.el.div(
        rx.el.h1("Staff", class_name="list-title"),
        rx.el.span(RosterState.counts, class_name="muted num"),
        rx.el.label(
            "Show inactive",
            rx.switch(checked=RosterState.inactive, on_change=RosterState.show_inactive, size="2"),
            class_name="line push touch",
        ),
        rx.el.span(class_name="rule not-phone"),
        rx.el.span(
            new_agent_button(),
            rx.el.span(class_name="rule"),
            _new_member(),
            class_name="line not-phone new-ones",
        ),
        class_name="page-head",
    )


def _new_member() -> rx.Component:
    return main_link(icon("user-plus"), "New Staff Member", href=address("settings/staff/new"))


def _table() -> rx.Component:
    return rx.el.div(
        rx.table.root(
            rx.table.header(_head_row()),
            rx.table.body(
                rx.foreach(
                    RosterState.rows, lambda row: staff_row(row=row, chosen=_chosen(row), key=row["id"])
                )
            ),
            size="1",
            class_name="grid people",
        ),
        class_name="not-phone",
    )


def _chosen(row: rx.Var) -> rx.Var:
    return RosterSelectionState.here.contains(row["id"])


def _head_row() -> rx.Component:
    box = rx.table.column_header_cell(head_box(), class_name="ticks")
    return rx.table.row(box, *(_head_cell(*column) for column in COLUMNS), align="center")


def _head_cell(key: str, word: str, class_name: str) -> rx.Component:
    on = RosterState.sort == key
    arrow = rx.cond(on, rx.cond(RosterState.down, icon("arrow-down", size=14), icon("arrow-up", size=14)))
    return rx.table.column_header_cell(
        rx.el.button(
            word,
            arrow,
            class_name="sort",
            type="button",
            on_click=RosterState.sort_by(key),
            custom_attrs={"data-on": rx.cond(on, "1", rx.Var("undefined"))},
        ),
        width=WIDTHS[key],
        class_name=class_name,
        custom_attrs={"aria-sort": rx.cond(on, rx.cond(RosterState.down, "descending", "ascending"), "none")},
    )


@rx.memo
def staff_row(rest: rx.RestProp, *, row: rx.Var[ShownRow], chosen: rx.Var[bool]) -> rx.Component:
    """One person in the table."""
    return rx.table.row(
        rest,
        rx.table.cell(tick_box(row, chosen), class_name="ticks"),
        rx.table.row_header_cell(_who(row)),
        rx.table.cell(
            rx.cond(row["phone"] != "", row["phone"], rx.el.span("No phone", class_name="muted")),
            class_name="wide num",
        ),
        rx.table.cell(rx.el.div(row["email"], class_name="cut", title=row["email"]), class_name="wide"),
        rx.table.cell(
            rx.cond(row["roles"].length() > 0, role_chips(row), rx.el.span("None", class_name="muted"))
        ),
        rx.table.cell(
            editable_tags(row),
        ),
        align="center",
        class_name=rx.cond(row["gone"], "gone", ""),
        custom_attrs={"aria-selected": chosen},
    )


def _who(row: rx.Var) -> rx.Component:
    return rx.el.div(
        lock_mark(row["state"]),
        avatar(row["initials"], "1"),
        rx.el.div(
            rx.el.div(
                agent_mark(row),
                _name(row),
                rx.cond(row["you"], rx.el.span("you", class_name="muted")),
                list_state(row["state"], row["left"]),
                class_name="first-line",
            ),
            rx.el.div(row["under"], class_name="under cut muted", title=row["under"]),
            class_name="under-name",
        ),
        class_name="who",
    )


def _name(row: rx.Var) -> rx.Component:
    return rx.link(
        row["name"],
        href=address("settings/staff/" + row["id"].to(str)),
        class_name="name cut",
        title=row["whole"],
        dir="auto",
    )


def _cards() -> rx.Component:
    cards = rx.foreach(
        RosterState.rows,
        lambda row: staff_card(
            row=row, chosen=_chosen(row), picking=RosterSelectionState.picking, key=row["id"]
        ),
    )
    return rx.el.div(pick_row(), rx.el.div(cards, role="list", aria_label="Staff"), class_name="on-phone")


@rx.memo
def staff_card(
    rest: rx.RestProp, *, row: rx.Var[ShownRow], chosen: rx.Var[bool], picking: rx.Var[bool]
) -> rx.Component:
    """One person on a phone; ⋯ opens what can be done. While one selects, the whole card is a box to tick."""
    more = rx.icon_button(
        icon("ellipsis", size=18),
        variant="ghost",
        color_scheme="gray",
        high_contrast=True,
        aria_label="Actions for " + row["name"].to(str),
        on_click=RosterState.pick(row["id"]),
    )
    return rx.el.div(
        rest,
        rx.cond(picking, tick_card(row, chosen), avatar(row["initials"], "3")),
        rx.el.div(
            rx.el.div(lock_mark(row["state"]), agent_mark(row), _name(row), class_name="first-line"),
            list_state(row["state"], row["left"]),
            role_chips(row),
            editable_tags(row),
            class_name="who",
        ),
        rx.cond(picking, rx.fragment(), more),
        class_name="pcard" + rx.cond(row["gone"], " gone", "") + rx.cond(picking, " pick", ""),
        role="listitem",
        custom_attrs={"data-chosen": rx.cond(chosen, "true", "")},
    )


def _sheet() -> rx.Component:
    """What can be done with the picked person; the third tap of letting someone go (TA-29)."""
    who = RosterState.picked
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(who["name"], size="4", class_name="sheet-title", dir="auto"),
            rx.dialog.description(who["under"], size="2", class_name="muted"),
            rx.link(
                icon("user", size=18),
                "Open profile",
                href=address("settings/staff/" + who["id"].to(str)),
                class_name="sheet-action",
                underline="none",
            ),
            rx.cond(
                who["phone"] != "",
                rx.link(
                    icon("phone", size=18),
                    "Call " + who["phone"].to(str),
                    href="tel:" + who["phone"].to(str),
                    class_name="sheet-action",
                    underline="none",
                ),
            ),
            rx.cond(
                MAY,
                rx.el.button(
                    icon("tag", size=18),
                    "Edit tags",
                    type="button",
                    class_name="sheet-action",
                    on_click=[RosterState.put_down(False), TagEditorState.start(who["id"].to(str))],
                    custom_attrs=here(),
                ),
            ),
            rx.cond(
                ~who["gone"].to(bool),
                rx.el.button(
                    icon("user-x", "bad", size=18),
                    rx.el.span("Deactivate", class_name="bad"),
                    type="button",
                    class_name="sheet-action",
                    on_click=[RosterState.put_down(False), LeavingState.ask(who["id"].to(str))],
                ),
            ),
            max_width="420px",
        ),
        open=RosterState.picked.is_not_none(),
        on_open_change=RosterState.put_down,
    )


def _nobody() -> rx.Component:
    narrowed = empty_list(
        "Nobody matches",
        rx.cond(
            RosterState.q == "",
            "No one fits the filters.",
            rx.cond(
                RosterState.role_words
                + RosterState.tag_words
                + RosterState.state_words
                + RosterState.place_words
                + RosterState.supervisor_words
                == "",
                "No one fits the search.",
                "No one fits the search and the filters together.",
            ),
        )
        + " Inactive people show with “Show inactive”.",
        second_button("Clear search and filters", on_click=RosterState.clear("all")),
    )
    return rx.cond(
        RosterState.shown != "",
        narrowed,
        empty_list("No staff yet", "Add the first person; the invitation goes out by email.", _new_member()),
    )


def _bottom_bar() -> rx.Component:
    return rx.el.div(rx.el.div(_new_member(), more_menu(), class_name="bottom-bar"), class_name="on-phone")
