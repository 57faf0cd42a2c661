"""The days of a place on the Profile: a planned last working day, leave, and when in the off-boarding dialog."""

from typing import Any

import reflex as rx

from motlink.staff.leave_state import LeaveState
from motlink.staff.leaving_state import LeavingState
from motlink.staff.profile_state import ProfileState
from motlink.web.components import field, icon, main_button, quiet_button, second_button
from motlink.web.shell import address

PERSON = ProfileState.person


def days_notes() -> rx.Component:
    """What is planned for this person, each with its one click."""
    return rx.fragment(
        rx.cond(PERSON["leaves"] != "", _leaves()), rx.cond(PERSON["away_until"] != "", _away())
    )


def _leaves() -> rx.Component:
    may = ProfileState.touch_reason == ""
    ways = rx.el.span(
        second_button("Bring forward", on_click=LeavingState.bring_forward(ProfileState.id)),
        second_button(
            "Cancel", aria_label="Cancel the last working day", on_click=LeavingState.cancel(ProfileState.id)
        ),
        class_name="line",
    )
    return rx.el.div(
        icon("calendar-x-2"),
        rx.el.span("Leaves ", PERSON["leaves"], ". Until then nothing changes.", class_name="num"),
        rx.cond(may, ways),
        class_name="ask day-note",
    )


def _away() -> rx.Component:
    return rx.el.div(
        icon("plane"),
        rx.el.span("On leave until ", PERSON["away_until"], ", the first day back.", class_name="num"),
        rx.cond(
            ProfileState.may_edit,
            second_button("Back already", on_click=LeaveState.end(ProfileState.id)),
        ),
        class_name="ask day-note",
    )


def leave_button() -> rx.Component:
    """Opens the dialog about leave."""
    return quiet_button(
        icon("plane"), "On leave…", aria_label="On leave… until a date", on_click=LeaveState.start
    )


def leave_dialog() -> rx.Component:
    """Asks for the first day back."""
    form = rx.form.root(
        field(
            "Back on", "back_on", error=LeaveState.errors.get("back_on", ""), type="date", min=PERSON["today"]
        ),
        rx.el.div(
            quiet_button("Not now", type="button", on_click=LeaveState.close(False)),
            main_button("Note leave", type="submit"),
            class_name="save-bar",
            style={"margin-top": "16px"},
        ),
        on_submit=lambda form: LeaveState.save(ProfileState.id, form),
        reset_on_submit=False,
        custom_attrs={"noValidate": True},
    )
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Leave of ", PERSON["name"], size="4", class_name="sheet-title", dir="auto"),
            rx.dialog.description(
                "Choose the first day back. Roles and sign-in stay as they are; "
                "long leave locks nobody out, and Find Availability does not offer who is away.",
                size="2",
                class_name="muted",
            ),
            rx.el.div(form, style={"padding-top": "12px"}),
            max_width="420px",
        ),
        open=LeaveState.open,
        on_open_change=LeaveState.close,
    )


def when_to_leave() -> rx.Component:
    """ "Now" or "On their last working day", in the off-boarding dialog."""
    return rx.el.fieldset(
        rx.el.legend("When", class_name="hide"),
        rx.radio_group.root(
            rx.el.label(rx.radio_group.item(value="now"), "Now", class_name="when-choice"),
            rx.el.label(
                rx.radio_group.item(value="later"), "On their last working day", class_name="when-choice"
            ),
            value=LeavingState.when,
            on_change=LeavingState.choose_when,
            size="2",
            aria_label="When",
        ),
        rx.cond(LeavingState.when == "later", _day_and_time()),
        class_name="when-to-leave",
    )


def _day_and_time() -> rx.Component:
    errors = LeavingState.errors
    return rx.fragment(
        rx.el.div(
            field(
                "Last day",
                "leaves_on",
                error=errors.get("leaves_on", ""),
                type="date",
                default_value=LeavingState.day,
                min=LeavingState.today,
                on_change=LeavingState.type_day,
            ),
            field(
                "Time",
                "leaves_time",
                error=errors.get("leaves_time", ""),
                optional=True,
                type="time",
                default_value=LeavingState.time,
                on_change=LeavingState.type_time,
            ),
            class_name="day-and-time",
        ),
        rx.el.p(
            "Without a time it is the end of that day. Clocks of ",
            LeavingState.zone,
            ".",
            class_name="muted day-hint",
        ),
    )


def place_facts(fact: Any) -> tuple[rx.Component, ...]:
    """Location, supervisor and start date, where they are known."""
    supervisor = rx.link(
        PERSON["supervisor"],
        href=address("settings/staff/" + PERSON["supervisor_id"]),
        class_name="name",
        underline="always",
        dir="auto",
    )
    return (
        rx.cond(PERSON["location"] != "", fact("Location", PERSON["location"])),
        rx.cond(PERSON["supervisor"] != "", fact("Supervisor", supervisor)),
        rx.cond(PERSON["starts"] != "", fact("Start date", PERSON["starts"])),
    )
