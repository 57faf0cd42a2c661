"""New External Agent: what an agent is, asked before; then an invitation by email, or the agent's Token and Code."""

from typing import Any

import reflex as rx

from motlink.staff.agent_state import AgentState
from motlink.staff.parts import icon
from motlink.web.components import (
    dialog_title,
    field,
    main_button,
    panel,
    quiet_button,
    quiet_link,
    second_button,
)
from motlink.web.shell import address, settings_page

WORD = "New External Agent"
# What one should know before and while one adds an agent: icon, fact, detail.
FACTS = (
    (
        "building-2",
        "Someone outside who works for several practices",
        "Such as a remote biller. Nobody of your own team: that is a staff member.",
    ),
    (
        "circle-check",
        "Free",
        "No seat, no place on the bill; and so no Provider / Therapy role, and never Owner.",
    ),
    (
        "lock",
        "Sees your practice only as far as the roles you turn on",
        "Nothing of yours shows in their other practices, and nothing of those here.",
    ),
    (
        "pencil",
        "Have a business associate agreement (BAA) signed first",
        "Anyone outside who bills for you or reads records needs one. Enter its date on their Profile.",
    ),
)


def new_agent_button() -> rx.Component:
    """The button apart from "New Staff Member"."""
    return quiet_button(icon("building-2"), WORD, on_click=AgentState.ask)


def more_menu() -> rx.Component:
    """On a phone: ⋯ beside the main button."""
    dots = rx.icon_button(
        rx.icon("ellipsis", size=18, aria_hidden="true"),
        variant="surface",
        color_scheme="gray",
        high_contrast=True,
        size="3",
        aria_label="More ways to add",
    )
    entry = rx.dropdown_menu.item(icon("building-2"), WORD, on_select=AgentState.ask)
    # The menu gives the focus back once it has faded: by then the question has it.
    menu = rx.dropdown_menu.content(entry, on_close_auto_focus=rx.prevent_default)
    return rx.dropdown_menu.root(rx.dropdown_menu.trigger(dots), menu, modal=False)


def agent_question() -> rx.Component:
    """What an External Agent is, and whether one goes on."""
    keep = rx.button(
        "Cancel",
        size="3",
        variant="soft",
        color_scheme="gray",
        high_contrast=True,
        auto_focus=True,
        on_click=AgentState.close(False),
    )
    go_on = rx.button("Go on with an External Agent", size="3", on_click=AgentState.go_on)
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            dialog_title("Add an External Agent?"),
            rx.alert_dialog.description(
                "Most people you add are staff members. What an External Agent is:",
                size="2",
                class_name="muted",
            ),
            rx.el.div(*(_fact(*one) for one in FACTS), style={"margin-top": "12px"}),
            rx.el.div(go_on, keep, class_name="dialog-actions"),
            max_width="480px",
        ),
        open=AgentState.asking,
        on_open_change=AgentState.close,
    )


def _fact(name: str, fact: str, detail: str) -> rx.Component:
    return rx.el.div(
        icon(name),
        rx.el.div(rx.el.div(fact, class_name="what"), rx.el.div(detail, class_name="detail")),
        class_name="check",
    )


def agent_page() -> rx.Component:
    """/p/{practice}/settings/staff/new-agent"""
    return settings_page(
        rx.link(
            rx.icon("chevron-left", size=15, aria_hidden="true"),
            "Staff",
            href=address("settings/staff"),
            class_name="back",
            underline="none",
        ),
        rx.el.div(
            rx.el.h1(WORD),
            rx.el.span("Free. Roles are turned on afterwards, on the Profile.", class_name="muted"),
            class_name="page-head",
        ),
        rx.el.div(
            rx.el.div(_by_key(), _by_email(), class_name="stack"),
            rx.el.aside(
                panel(
                    "What an External Agent is",
                    rx.el.div(*(_fact(*one) for one in FACTS), class_name="agent-facts"),
                ),
                class_name="stack",
            ),
            class_name="split",
        ),
        tab="Staff",
        ready=AgentState.loaded,
    )


def _by_key() -> rx.Component:
    errors: Any = AgentState.errors
    return _form(
        "They are an agent already: add them now",
        rx.el.p(
            "Ask the agent for the Token and Code on their account page. They are in at once and get an email.",
            class_name="muted bill-note first",
        ),
        rx.el.div(
            field(
                "Token", "token", error=errors.get("token", ""), auto_complete="off",
                placeholder="8 letters", max_length=60,
            ),
            field(
                "Code", "code", error=errors.get("code", ""), auto_complete="off", input_mode="numeric",
                placeholder="8 digits", max_length=60,
            ),
            class_name="form-grid",
        ),
        _notice(AgentState.here, AgentState.here.get("sentence", "")),
        button=main_button("Add", type="submit"),
        on_submit=AgentState.add,
    )  # fmt: skip


def _by_email() -> rx.Component:
    errors: Any = AgentState.errors
    taken = AgentState.taken
    is_taken = taken.get("id", "") != ""
    words = rx.fragment(rx.el.strong(taken.get("name", ""), dir="auto"), " ", taken.get("sentence", ""))
    return _form(
        "They are new, or you have only an email: invite them",
        rx.el.p(
            "From ", AgentState.sender, ", by a link valid for 1 hour.", class_name="muted bill-note first"
        ),
        rx.el.div(
            field("First name", "first_name", error=errors.get("first_name", ""), auto_complete="off"),
            field("Last name", "last_name", error=errors.get("last_name", ""), auto_complete="off"),
            field(
                "Email",
                "email",
                error=errors.get("email", ""),
                on_change=AgentState.typed_email.debounce(250),
                type="email",
                auto_complete="off",
            ),
            class_name="form-grid",
        ),
        _notice(taken, words, _way(taken)),
        button=second_button("Invite", type="submit", disabled=is_taken),
        on_submit=AgentState.invite,
    )


def _form(title: str, *parts: Any, button: rx.Component, on_submit: Any) -> rx.Component:
    bar = rx.el.div(
        quiet_link("Cancel", href=address("settings/staff")), button, class_name="save-bar agent-bar"
    )
    return rx.form.root(
        panel(title, *parts, bar),
        on_submit=on_submit,
        reset_on_submit=False,
        aria_label=title,
        custom_attrs={"noValidate": True},
    )


def _way(taken: Any) -> rx.Component:
    """The ways out of an email that is taken, as on New Staff Member."""

    def way(word: str, key: str) -> rx.Component:
        return second_button(word, type="button", on_click=AgentState.way_out(key, taken.get("id", "")))

    return rx.match(
        taken.get("way", ""),
        ("reactivate", way("Reactivate", "reactivate")),
        ("invite", way("Send New Invitation", "invite")),
        rx.fragment(),
    )


def _notice(found: Any, words: Any, *ways: rx.Component) -> rx.Component:
    """Who has a place here already."""
    profile = rx.link(
        "Open profile", href=address("settings/staff/" + found.get("id", "")), class_name="link-quiet"
    )
    box = rx.el.div(
        rx.icon("user-search", size=15, class_name="warn", aria_hidden="true"),
        rx.el.span(words),
        profile,
        *ways,
        class_name="ask warn-bg",
        style={"margin": "0 16px 16px"},
    )
    return rx.el.div(rx.cond(found.get("id", "") != "", box), role="status")
