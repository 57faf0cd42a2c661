"""A person's Profile: account, then "Deactivate" above Roles at the right, then one switch a role."""

import reflex as rx

from motlink.staff.agreement_parts import agreement_dialog, agreement_note, agreement_panel
from motlink.staff.days_parts import days_notes, leave_button, leave_dialog, place_facts
from motlink.staff.edit_dialog import edit_dialog
from motlink.staff.email_parts import email_dialog, email_fact
from motlink.staff.leaving_page import leaving_dialog
from motlink.staff.leaving_state import LeavingState
from motlink.staff.parts import HISTORY_ICONS, agent_badge, avatar, chosen_icon, state_badge, tag_chip
from motlink.staff.profile_roles import owner_question, role_sections
from motlink.staff.profile_state import EditState, ProfileState
from motlink.staff.sign_in_parts import sign_in_section
from motlink.staff.tag_editor_parts import MAY, add_tags, pencil, tag_editor
from motlink.staff.terms_dialog import terms_dialog
from motlink.staff.timeline_parts import access_over_time
from motlink.web.components import (
    FULL_LOAD,
    danger_opener,
    empty_list,
    icon,
    panel,
    quiet_button,
    quiet_link,
    second_button,
    second_link,
)
from motlink.web.shell import address, settings_page

PERSON = ProfileState.person
IS_AGENT = PERSON["agent"] != ""


def profile_page() -> rx.Component:
    """/p/{practice}/settings/staff/{member_id}"""
    return settings_page(
        rx.link(
            icon("chevron-left"), "Staff", href=address("settings/staff"), class_name="back", underline="none"
        ),
        rx.cond(ProfileState.missing, _missing(), _person()),
        tab="Staff",
        ready=ProfileState.loaded | ProfileState.missing,
    )


def _missing() -> rx.Component:
    back = second_link("Back to Staff", href=address("settings/staff"))
    return empty_list(
        "This person is not here", "The address is not complete, or belongs to another practice.", back
    )


def _person() -> rx.Component:
    return rx.fragment(
        _head(),
        days_notes(),
        rx.cond(IS_AGENT, agreement_note()),
        rx.el.div(
            rx.el.div(_account(), sign_in_section(), _roles(), access_over_time(), class_name="stack"),
            rx.el.aside(rx.cond(IS_AGENT, agreement_panel()), _tags(), _history(), class_name="stack"),
            class_name="split",
        ),
        edit_dialog(),
        leave_dialog(),
        agreement_dialog(),
        email_dialog(),
        owner_question(),
        terms_dialog(),
        leaving_dialog(),
        tag_editor(),
    )


def _head() -> rx.Component:
    under = rx.el.span(
        rx.cond(PERSON["preferred_name"] != "", "Called " + PERSON["preferred_name"] + " · ", ""),
        rx.cond(PERSON["designation"] != "", PERSON["designation"] + " · ", ""),
        rx.cond(IS_AGENT, "Free", ProfileState.monthly + " a month"),
        class_name="muted num",
    )
    return rx.el.div(
        avatar(PERSON["initials"], "4"),
        rx.el.div(
            rx.el.div(
                rx.el.h1(PERSON["name"], dir="auto"),
                rx.cond(ProfileState.you, rx.el.span("you", class_name="muted")),
                state_badge(ProfileState.state, ProfileState.left, pill=True),
                rx.cond(IS_AGENT, agent_badge()),
                class_name="line",
            ),
            under,
        ),
        class_name="person-head",
    )


def _to_desk() -> rx.Component:
    invited = (ProfileState.state == "invited") | (ProfileState.state == "expired")
    link = quiet_link(icon("mail"), "All invitations", href=address("settings/staff/invitations"))
    return rx.cond(invited, link)


def _account() -> rx.Component:
    """Username on the left, the one action on the right (TA-17)."""
    invite = second_button(icon("send"), "Send New Invitation", on_click=ProfileState.invite(ProfileState.id))
    may_invite = ~ProfileState.joined & (ProfileState.touch_reason == "") & (ProfileState.state != "inactive")
    reset = second_button(
        icon("key-round"), "Reset Password", on_click=ProfileState.reset_password(ProfileState.id)
    )
    may_reset = ProfileState.joined & (ProfileState.touch_reason == "") & (ProfileState.state != "inactive")
    own = second_link(icon("key-round"), "Your account", href="/account", custom_attrs=FULL_LOAD)
    may_be_away = ProfileState.may_edit & (ProfileState.state != "inactive")
    edit = quiet_button(
        icon("pencil"),
        "Edit",
        on_click=EditState.start(ProfileState.id),
        aria_label="Edit name, phone and job title",
    )
    return panel(
        "Account information",
        rx.el.dl(
            _fact(
                "Username",
                rx.cond(
                    PERSON["username"] != "",
                    PERSON["username"],
                    rx.el.span("Not set up yet", class_name="muted"),
                ),
            ),
            _fact("Email", email_fact()),
            _fact(
                "Phone",
                rx.cond(PERSON["phone"] != "", PERSON["phone"], rx.el.span("No phone", class_name="muted")),
            ),
            *place_facts(_fact),
            class_name="facts",
        ),
        action=rx.el.div(
            rx.cond(may_be_away, leave_button()),
            edit,
            rx.cond(may_invite, rx.fragment(_to_desk(), invite)),
            rx.cond(may_reset, reset),
            rx.cond(ProfileState.you, own),
            class_name="line",
        ),
    )


def _fact(word: str, value: rx.Var | rx.Component) -> rx.Component:
    return rx.el.div(rx.el.dt(word), rx.el.dd(value))


def _roles() -> rx.Component:
    inactive = ProfileState.state == "inactive"
    forbidden = ProfileState.touch_reason != ""
    leave = danger_opener(
        icon("user-x"), "Deactivate", on_click=LeavingState.ask(ProfileState.id), disabled=forbidden
    )
    back = second_button(
        icon("user-check"),
        "Reactivate",
        on_click=ProfileState.reactivate(ProfileState.id),
        disabled=forbidden,
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Roles", class_name="sheet-title"),
            rx.el.span(
                rx.cond(
                    forbidden,
                    ProfileState.touch_reason,
                    rx.cond(inactive, "Inactive: no role works", "A switch acts at once"),
                ),
                class_name="muted",
            ),
            rx.el.span(rx.cond(inactive, back, leave), class_name="push"),
            class_name="page-head",
        ),
        rx.cond(ProfileState.can_restore, _restore()),
        role_sections(),
        rx.link("What each role may do", href=address("settings/roles"), class_name="link-quiet below"),
        aria_label="Roles",
    )


def _restore() -> rx.Component:
    return rx.el.div(
        icon("history"),
        rx.el.span("Active, but no role is on: sign-in works once one is."),
        second_button("Restore previous roles", on_click=ProfileState.restore(ProfileState.id)),
        class_name="ask",
        style={"margin-bottom": "12px"},
    )


def _tags() -> rx.Component:
    tags = rx.foreach(ProfileState.tags, lambda tag: tag_chip(worn=tag, key=tag["name"]))
    some = ProfileState.tags.length() > 0
    none = rx.cond(MAY, add_tags(ProfileState.id, PERSON["name"]), rx.el.span("None yet", class_name="muted"))
    edit = rx.cond(some & MAY, pencil(ProfileState.id, PERSON["name"]))
    return panel(
        "Therapist Tags",
        rx.el.div(rx.cond(some, tags, none), class_name="line", style={"padding": "12px 16px", "gap": "6px"}),
        action=edit,
    )


def _history() -> rx.Component:
    line = rx.foreach(
        ProfileState.history,
        lambda one: rx.el.li(
            chosen_icon(one["icon"], HISTORY_ICONS),
            rx.el.span(one["what"], rx.el.br(), rx.el.small(one["who"], " · ", one["at"])),
        ),
    )
    return panel("History", rx.el.ul(line, class_name="history"))
