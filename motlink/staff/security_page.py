"""Practice Settings, Security: the second step at sign-in, and lock-out, said first, with whom they touch (TA-22)."""

from typing import Any

import reflex as rx

from motlink.staff.demand_parts import second_step_panel
from motlink.staff.limits_parts import password_again, session_limits_panel
from motlink.staff.security_state import CHOICES, SecurityState
from motlink.web.components import field, icon, panel, save_button, second_button
from motlink.web.shell import address, settings_page

WINDOWS: Any = SecurityState.windows
NAMES: Any = SecurityState.names


def security_page() -> rx.Component:
    """/p/{practice}/settings/security"""
    return settings_page(
        rx.el.div(rx.el.h1("Security"), class_name="page-head"),
        rx.el.div(
            rx.el.div(second_step_panel(_people), _lock_out(), session_limits_panel(), class_name="stack"),
            rx.el.aside(_forecast(), class_name="stack"),
            class_name="split",
        ),
        tab="Security",
        ready=SecurityState.loaded,
    )


def _lock_out() -> rx.Component:
    why = (
        "Whoever does not sign in for this long is locked out until somebody enables them on their Profile. "
        "It counts from the last sign-in, or from accepting, reactivating or coming back from leave. "
        "Nobody on leave is locked out, and one owner never is."
    )
    choices = rx.radio_group.root(
        *(
            rx.el.label(rx.radio_group.item(value=key), word, class_name="when-choice")
            for key, word in CHOICES
        ),
        value=SecurityState.choice,
        on_change=SecurityState.choose,
        size="2",
        aria_label="Lock out after",
    )
    errors: Any = SecurityState.errors
    return panel(
        "Lock-out after days without sign-in",
        rx.el.div(
            rx.el.p(why, class_name="muted"),
            choices,
            rx.cond(SecurityState.choice == "custom", _custom(errors)),
            rx.cond(
                errors.get("choice", "") != "",
                rx.el.div(
                    icon("circle-alert", "warn"),
                    rx.el.span(errors.get("choice", "")),
                    class_name="ask warn-bg",
                    role="alert",
                ),
            ),
            _says(),
            password_again(SecurityState.again),
            rx.el.div(
                save_button(_differs(), of="lock-out", on_click=SecurityState.save), class_name="save-bar"
            ),
            class_name="lock-form",
        ),
        id="lock-out",
    )


def _differs() -> Any:
    other_days = (SecurityState.choice == "custom") & (SecurityState.days != SecurityState.saved_days)
    return (SecurityState.choice != SecurityState.saved) | other_days


def _custom(errors: Any) -> rx.Component:
    return field(
        "Days",
        "days",
        error=errors.get("days", ""),
        default_value=SecurityState.days,
        on_change=SecurityState.type_days.debounce(200),
        input_mode="numeric",
        auto_complete="off",
    )


def _says() -> rx.Component:
    """What the choice would do, before it is saved."""
    return rx.el.div(
        rx.cond(SecurityState.says != "", rx.el.p(SecurityState.says, class_name="num")),
        rx.cond(NAMES.length() > 0, _people(NAMES, SecurityState.more)),
        role="status",
    )


def _people(names: Any, more: Any) -> rx.Component:
    return rx.el.ul(
        rx.foreach(names, lambda one: locked_name(one=one, key=one["id"])),
        rx.cond(more != "", rx.el.li(more, class_name="muted num")),
        class_name="lock-names",
    )


@rx.memo
def locked_name(rest: rx.RestProp, *, one: rx.Var[dict[str, str]]) -> rx.Component:
    """A name that leads to the Profile, and the day."""
    name = rx.link(
        one["name"],
        href=address("settings/staff/" + one["id"].to(str)),
        title=one["name"],
        class_name="name cut",
        dir="auto",
        underline="always",
    )
    return rx.el.li(rest, name, " ", rx.el.span(one["on"], class_name="muted num"))


def _forecast() -> rx.Component:
    none = rx.el.p("Nobody will be locked out in the next 30 days.", class_name="muted bill-note first")
    return panel(
        "Locked out soon", rx.cond(WINDOWS.length() > 0, rx.foreach(WINDOWS, _window), none), id="soon"
    )


def _window(one: Any) -> rx.Component:
    remind = second_button(
        icon("send"),
        "Remind",
        on_click=SecurityState.remind(one["within"]),
        disabled=(SecurityState.choice != SecurityState.saved),
        aria_label="Remind: " + one["title"].to(str),
    )
    return rx.el.div(
        rx.el.div(rx.el.h3(one["title"]), rx.el.span(one["words"], class_name="muted num")),
        remind,
        _people(one["names"].to(list[dict[str, str]]), one["more"]),
        class_name="window",
        key=one["title"],
    )
