"""The panel "How long a sign-in lasts" of the Security screen, and what asks for the password again."""

from functools import reduce
from operator import or_
from typing import Any

import reflex as rx

from motlink.staff.limits_state import FIELDS, NONE, LimitsState
from motlink.web.components import icon, panel, save_button

IDLE = (
    ("15", "15 minutes"), ("30", "30 minutes"), ("60", "1 hour"), ("120", "2 hours"), ("240", "4 hours"),
    ("480", "8 hours"), ("1440", "1 day"), ("10080", "7 days"),
)  # fmt: skip
WHOLE = (
    ("1", "1 hour"), ("4", "4 hours"), ("8", "8 hours"), ("12", "12 hours"), ("24", "1 day"), ("168", "7 days"),
    ("720", "30 days"),
)  # fmt: skip
MOST = (("1", "1"), ("2", "2"), ("3", "3"), ("5", "5"), ("10", "10"))


def session_limits_panel() -> rx.Component:
    """Three lists, what they mean, and Save."""
    why = "Desks stand near patients: a sign-in that nobody uses should end. Two minutes before, an open page says so."
    standard = ("Standard: ", LimitsState.default_idle), ("Standard: ", LimitsState.default_whole)
    return panel(
        "How long a sign-in lasts",
        rx.el.div(
            rx.el.p(why, class_name="muted"),
            _list("Ends without use after", "idle", IDLE, *standard[0]),
            _list("Ends in any case after", "whole", WHOLE, *standard[1]),
            _list("Sign-ins one person may have at once", "most", MOST, "Any number", ""),
            rx.el.p(
                "With a number here a new sign-in ends the person’s oldest one, and says so there.",
                class_name="muted",
            ),
            rx.el.p(LimitsState.says, " ", LimitsState.ahead, class_name="num", role="status"),
            _fault(),
            password_again(LimitsState.again),
            rx.el.div(
                save_button(_differs(), of="how long a sign-in lasts", on_click=LimitsState.save),
                class_name="save-bar",
            ),
            class_name="lock-form",
        ),
        id="limits",
    )


def _differs() -> rx.Var[bool]:
    chosen: Any = LimitsState.chosen
    saved: Any = LimitsState.saved
    # Each by itself: the browser would compare two dicts as things, not by what is in them.
    return reduce(or_, (chosen.get(name, NONE) != saved.get(name, NONE) for name in FIELDS))


def _list(
    label: str, which: str, choices: tuple[tuple[str, str], ...], usual: Any, more: Any
) -> rx.Component:
    chosen: Any = LimitsState.chosen
    return rx.el.div(
        rx.el.span(label, class_name="limit-name", aria_hidden="true"),
        rx.select.root(
            rx.select.trigger(aria_label=label),
            rx.select.content(
                rx.select.item(usual, more, value=NONE),
                *(rx.select.item(word, value=key) for key, word in choices),
            ),
            value=chosen.get(which, NONE),
            on_change=lambda wanted: LimitsState.choose(which, wanted),
            size="2",
        ),
        class_name="limit",
    )


def _fault() -> rx.Component:
    words = rx.el.div(
        icon("circle-alert", "warn"), rx.el.span(LimitsState.fault), class_name="ask warn-bg", role="alert"
    )
    return rx.cond(LimitsState.fault != "", words)


def password_again(way: Any) -> rx.Component:
    """The small step before a grave act: the link to a page of the door, by a full page load."""
    ask = rx.el.div(
        icon("key-round", "warn"),
        rx.el.span("Changing this asks for your password again. What you chose stays."),
        rx.el.a(
            "Type your password",
            href=way,
            class_name="again-way",
            custom_attrs={"reloadDocument": True},
        ),
        class_name="ask warn-bg",
        role="alert",
    )
    return rx.cond(way != "", ask)
