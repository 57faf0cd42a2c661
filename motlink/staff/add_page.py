"""New Staff Member: who, then the three role sections, top to bottom; the cost at the side, Save at the end."""

import reflex as rx

from motlink.roles.catalogue import SECTIONS
from motlink.roles.prices import SEAT, listed
from motlink.roles.rules import money
from motlink.staff.add_state import AddState
from motlink.web.components import checkbox, field, icon, main_button, panel, quiet_link, second_button
from motlink.web.shell import address, settings_page


def add_page() -> rx.Component:
    """/p/{practice}/settings/staff/new"""
    return settings_page(
        rx.link(
            icon("chevron-left"), "Staff", href=address("settings/staff"), class_name="back", underline="none"
        ),
        rx.el.div(
            rx.el.h1("New Staff Member"),
            rx.el.span("Invited from ", AddState.sender, ", by a link valid for 1 hour.", class_name="muted"),
            class_name="page-head",
        ),
        rx.el.div(
            _form(),
            rx.el.aside(
                _totals(),
                rx.link("What each role may do", href=address("settings/roles"), class_name="link-quiet"),
                rx.link("Pricing", href=address("settings/roles#pricing"), class_name="link-quiet"),
                class_name="stack links",
            ),
            class_name="split",
        ),
        tab="Staff",
        ready=AddState.loaded,
    )


def _form() -> rx.Component:
    return rx.form.root(
        rx.el.div(
            rx.el.div(_fields(), _taken(), class_name="panel"),
            *(_section(key, title, price) for key, (title, price) in SECTIONS.items()),
            _save_bar(),
            class_name="stack",
        ),
        on_submit=AddState.save,
        reset_on_submit=False,
        custom_attrs={"noValidate": True},
    )


def _fields() -> rx.Component:
    errors = AddState.errors
    return rx.el.div(
        field(
            "First name",
            "first_name",
            error=errors.get("first_name", ""),
            on_change=AddState.typed_name.debounce(200),
            auto_complete="off",
        ),
        field("Last name", "last_name", error=errors.get("last_name", ""), auto_complete="off"),
        field(
            "Email",
            "email",
            error=errors.get("email", ""),
            on_change=AddState.typed_email.debounce(250),
            type="email",
            auto_complete="off",
        ),
        field(
            "Phone", "phone", error=errors.get("phone", ""), optional=True, type="tel", auto_complete="off"
        ),
        class_name="form-grid",
    )


def _taken() -> rx.Component:
    """Who has this email already, and the ways out (TA-18)."""
    taken = AddState.taken
    way = rx.match(
        taken.get("way", ""),
        (
            "reactivate",
            second_button(
                "Reactivate", type="button", on_click=AddState.way_out("reactivate", taken.get("id", ""))
            ),
        ),
        (
            "invite",
            second_button(
                "Send New Invitation", type="button", on_click=AddState.way_out("invite", taken.get("id", ""))
            ),
        ),
        rx.fragment(),
    )
    notice = rx.el.div(
        icon("user-search", "warn"),
        rx.el.span(
            rx.el.strong(taken.get("name", ""), dir="auto"),
            " ",
            taken.get("sentence", ""),
        ),
        rx.link(
            "Open profile", href=address("settings/staff/" + taken.get("id", "")), class_name="link-quiet"
        ),
        way,
        class_name="ask warn-bg",
        style={"margin": "0 16px 16px"},
    )
    return rx.el.div(rx.cond(taken.get("id", "") != "", notice), role="status")


def _section(key: str, title: str, price: str) -> rx.Component:
    rows = rx.foreach(AddState.roles, lambda role: rx.cond(role["section"] == key, _role(role)))
    return rx.el.fieldset(
        rx.el.legend(title, class_name="hide"),
        rx.el.div(
            rx.el.h2(title, class_name="panel-title"),
            rx.el.span(price, class_name="muted push"),
            class_name="section-line",
            aria_hidden="true",
        ),
        rows,
        class_name="panel plain",
    )


def _role(role: rx.Var) -> rx.Component:
    """An option of a role can be ticked once its role is."""
    waits = (role["parent"] != "") & ~AddState.ticked.get(role["parent"], False)
    reason = AddState.reasons.get(role["id"], "")
    return rx.el.label(
        checkbox(
            checked=AddState.ticked.get(role["id"], False),
            on_change=lambda on: AddState.tick(role["id"], on),
            disabled=(reason != "") | waits,
            aria_label=role["name"],
        ),
        rx.el.span(
            rx.el.span(role["name"], class_name="title"),
            rx.el.br(),
            rx.el.span(rx.cond(reason != "", reason, role["description"]), class_name="why"),
        ),
        rx.el.span(AddState.prices.get(role["key"], ""), class_name="muted num"),
        class_name=rx.cond(role["parent"] != "", "role-row tick sub", "role-row tick"),
        custom_attrs={"data-off": rx.cond((reason != "") | waits, "1", rx.Var("undefined"))},
    )


def _save_bar() -> rx.Component:
    taken = AddState.taken.get("id", "") != ""
    return rx.el.div(
        rx.el.span("Each month ", AddState.total, class_name="beside-save num"),
        rx.cond(taken, rx.el.span("This email is taken. Use another.", class_name="muted", id="why-not")),
        quiet_link("Cancel", href=address("settings/staff")),
        main_button("Save", type="submit", disabled=taken),
        class_name="save-bar",
    )


def _totals() -> rx.Component:
    lines = rx.foreach(
        AddState.roles,
        lambda role: rx.cond(
            AddState.ticked.get(role["id"], False),
            rx.el.div(
                rx.el.span(role["name"]),
                rx.el.span(AddState.costs.get(role["key"], "free"), class_name="muted num"),
            ),
        ),
    )
    who = rx.cond(AddState.first_name != "", AddState.first_name, "this person")
    total = rx.el.div(
        rx.el.span("Each month"), rx.el.span(AddState.total, class_name="num"), class_name="sum"
    )
    note = rx.el.span(
        f"One seat, {money(listed(SEAT))}, however many Provider / Therapy roles.", class_name="muted"
    )
    return panel("What " + who + " adds", rx.el.div(lines, total, note, class_name="totals", role="status"))
