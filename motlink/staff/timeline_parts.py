"""Access over time on the Profile: a bar for each stretch of a role, its days in words, and the same as a table."""

from typing import Any

import reflex as rx

from motlink.staff.profile_state import ProfileState
from motlink.web.components import panel

PICTURE: Any = ProfileState.picture


def access_over_time() -> rx.Component:
    """The panel; nothing for someone who never had a role."""
    rows = rx.foreach(ProfileState.timeline, lambda row: timeline_row(row=row, key=row["name"]))
    scale = rx.el.div(
        rx.el.span(PICTURE["begins"]), rx.el.span(PICTURE["ends"]), class_name="time-scale muted num"
    )
    whole = panel(
        "Access over time",
        rx.el.div(rows, scale, class_name="timeline", style={"--now": PICTURE["now"]}),
        _table(),
        id="access-over-time",
    )
    return rx.cond(ProfileState.timeline.length() > 0, whole)


@rx.memo
def timeline_row(rest: rx.RestProp, *, row: rx.Var[dict]) -> rx.Component:
    """A role: its name, its bars, and from when to when in words."""
    bars = rx.foreach(
        row["bars"].to(list[dict[str, str]]),
        lambda bar: rx.el.span(
            class_name="stretch",
            style={"left": bar["left"], "width": bar["width"]},
            custom_attrs={"data-kind": bar["kind"]},
        ),
    )
    return rx.el.div(
        rest,
        rx.el.span(row["name"], class_name="role-name"),
        rx.el.span(bars, class_name="track", aria_hidden="true"),
        rx.el.span(row["words"], class_name="words muted num"),
        class_name="time-row",
    )


def _table() -> rx.Component:
    heads = ("Role", "From", "To")
    rows = rx.foreach(
        ProfileState.stretches,
        lambda one: rx.el.tr(rx.el.th(one["name"], scope="row"), rx.el.td(one["from"]), rx.el.td(one["to"])),
    )
    table = rx.el.table(
        rx.el.caption("Access over time", class_name="hide"),
        rx.el.thead(rx.el.tr(*(rx.el.th(head, scope="col") for head in heads))),
        rx.el.tbody(rows),
        class_name="figures num",
    )
    return rx.el.details(rx.el.summary("As a table"), table, class_name="as-table")
