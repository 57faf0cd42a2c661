"""The roster's filter bar: a search that answers as one types, one chip a filter; every change is in the address."""

from typing import Any, NamedTuple

import reflex as rx

from motlink.staff.roster_state import STATE_CHOICES, RosterState
from motlink.web.components import (
    checkbox,
    icon,
    main_button,
    quiet_button,
    quiet_link,
    second_button,
)
from motlink.web.download import download
from motlink.web.shell import address


class Filter(NamedTuple):
    """A filter of the list: its word and key, what it says when set, its choices, and who hears of a choice."""

    word: str
    key: str
    said: Any
    choices: Any
    chosen: Any
    put: Any


ROLE = Filter(
    "Role",
    "role",
    RosterState.role_words,
    RosterState.role_choices,
    RosterState.roles,
    RosterState.filter_role,
)
TAG = Filter(
    "Tag",
    "tag",
    RosterState.tag_words,
    RosterState.tag_choices,
    RosterState.tags,
    RosterState.filter_tag,
)
STATE = Filter(
    "State",
    "state",
    RosterState.state_words,
    [{"key": choice.key, "name": choice.name} for choice in STATE_CHOICES],
    RosterState.states,
    RosterState.filter_state,
)
LOCATION = Filter(
    "Location",
    "location",
    RosterState.place_words,
    RosterState.place_choices,
    RosterState.places,
    RosterState.filter_place,
)
SUPERVISOR = Filter(
    "Supervisor",
    "supervisor",
    RosterState.supervisor_words,
    RosterState.supervisor_choices,
    RosterState.supervisors,
    RosterState.filter_supervisor,
)
FILTERS = (ROLE, TAG, STATE, LOCATION, SUPERVISOR)
# A practice without locations, or without supervisors, is not offered an empty list of them.
RARE = (LOCATION, SUPERVISOR)


def filters() -> rx.Component:
    """Search, role, tag, state, location, supervisor, and how many are shown."""
    return rx.el.div(
        _search(),
        rx.el.span(
            _in_place(ROLE),
            _in_place(TAG),
            _in_place(STATE),
            *(_offered(one, _in_place(one)) for one in RARE),
            class_name="line not-phone",
        ),
        _sheet(),
        rx.el.span(*map(_set, FILTERS), class_name="phone-only set"),
        rx.el.span(RosterState.shown, class_name="muted num push", role="status"),
        rx.el.span(_files(), class_name="line wrap files"),
        class_name="filters",
    )


def _offered(one: Filter, part: rx.Component) -> rx.Component:
    return rx.cond((one.choices.length() > 0) | (one.said != ""), part)


def _files() -> rx.Component:
    """In from a file, out into one: the people of this view."""
    asked = rx.cond(RosterState.asked == 1, " asks for a new link", " ask for a new link")
    count = rx.el.span(
        RosterState.asked.to_string(), rx.el.span(asked, class_name="hide"), class_name="count num"
    )
    invited = quiet_link(
        icon("mail"),
        "Invitations",
        rx.cond(RosterState.asked > 0, count),
        href=address("settings/staff/invitations"),
    )
    bring = quiet_link(icon("upload"), "Import", href=address("settings/staff/import"))
    return rx.fragment(
        invited,
        bring,
        download("Export", address=RosterState.export),
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
        width=["calc(100% - 52px)", "calc(100% - 52px)", "240px", "290px"],
        custom_attrs={"data-search": ""},
    )


def _in_place(one: Filter) -> rx.Component:
    """A button that opens the choices below it; once set, it says them."""
    opener = rx.cond(
        one.said != "",
        rx.el.span(
            rx.popover.trigger(rx.el.button(rx.el.span(one.word, class_name="key"), one.said, type="button")),
            _clear(one),
            class_name="filter",
        ),
        rx.popover.trigger(quiet_button(icon("list-filter"), one.word, aria_label=f"Filter by {one.key}")),
    )
    return rx.popover.root(opener, rx.popover.content(_choices(one), size="1"))


def _sheet() -> rx.Component:
    """On a phone one button opens all filters."""
    count = sum((one.chosen.length() for one in FILTERS[1:]), ROLE.chosen.length())
    opener = rx.icon_button(
        icon("list-filter", size=18),
        rx.cond(count > 0, rx.el.span(count, class_name="count num", aria_hidden="true")),
        variant="surface",
        color_scheme="gray",
        high_contrast=True,
        aria_label="Filter by role, tag or state" + rx.cond(count > 0, ", " + count.to_string() + " set", ""),
        class_name="phone-only filter-opener",
    )
    show = rx.cond(RosterState.shown != "", "Show " + RosterState.shown.to(str).split(" ")[0], "Show all")
    return rx.dialog.root(
        rx.dialog.trigger(opener),
        rx.dialog.content(
            rx.dialog.title("Filter", class_name="sheet-title"),
            *(rx.fragment(rx.el.h3(one.word), _choices(one)) for one in (ROLE, TAG, STATE)),
            *(_offered(one, rx.fragment(rx.el.h3(one.word), _choices(one))) for one in RARE),
            rx.el.div(
                rx.cond(count > 0, second_button("Clear", on_click=RosterState.clear("filters"))),
                rx.dialog.close(main_button(show)),
                class_name="filter-foot",
            ),
            class_name="filter-sheet",
            aria_describedby=rx.Var("undefined"),
        ),
    )


def _set(one: Filter) -> rx.Component:
    words = rx.el.span(rx.el.span(one.word, class_name="key"), rx.el.span(one.said, class_name="cut"))
    return rx.cond(one.said != "", rx.el.span(words, _clear(one), class_name="filter"))


def _clear(one: Filter) -> rx.Component:
    return rx.el.button(
        icon("x"),
        type="button",
        aria_label=f"Clear the {one.key} filter",
        on_click=RosterState.clear(one.key),
    )


def _choices(one: Filter) -> rx.Component:
    def box(choice: Any) -> rx.Component:
        return rx.el.label(
            checkbox(
                checked=one.chosen.contains(choice["key"]),
                on_change=lambda on: one.put(choice["key"], on),
                aria_label=choice["name"],
            ),
            choice["name"],
            key=choice["key"],
        )

    none = rx.el.p("No tags yet.", class_name="muted")
    boxes = (
        rx.fragment(*map(box, one.choices))
        if isinstance(one.choices, list)
        else rx.cond(one.choices.length() > 0, rx.foreach(one.choices, box), none)
    )
    return rx.el.div(
        boxes,
        class_name="filter-list",
        role="group",
        aria_label=one.word,
    )
