"""What each role may do, and what it costs: the catalogue as a matrix. Nothing to change here yet."""

import reflex as rx

from motlink.permissions import Permission, Scope
from motlink.roles.catalogue import BUILTIN, BuiltinRole
from motlink.roles.words import GROUPS, PRICING, REACH
from motlink.web.components import icon, panel
from motlink.web.shell import settings_page


def roles_page() -> rx.Component:
    """/p/{practice}/settings/roles"""
    prices = rx.el.ul(*(rx.el.li(line) for line in PRICING), class_name="plain-list")
    return settings_page(
        rx.el.div(
            rx.el.h1("Roles"),
            rx.el.span(f"{len(BUILTIN)} built in", class_name="muted"),
            class_name="page-head",
        ),
        rx.el.div(
            _matrix(),
            class_name="matrix-scroll panel",
            tab_index=0,
            role="region",
            aria_label="Roles and privileges",
        ),
        panel("Pricing", prices, id="pricing", style={"margin-top": "20px"}),
        tab="Roles",
        ready=True,
    )


def _matrix() -> rx.Component:
    heads = (rx.el.th(role.name, rx.el.br(), _price(role), scope="col") for role in BUILTIN)
    rows = (
        row for title, permissions in GROUPS for row in (_group(title), *(_row(*one) for one in permissions))
    )
    return rx.el.table(
        rx.el.thead(rx.el.tr(rx.el.th(rx.el.span("Privilege", class_name="hide"), scope="col"), *heads)),
        rx.el.tbody(*rows),
        class_name="matrix",
    )


def _price(role: BuiltinRole) -> rx.Component:
    return rx.el.span("$10" if role.paid else "free", class_name="muted")


def _group(title: str) -> rx.Component:
    return rx.el.tr(rx.el.th(title, scope="colgroup", col_span=len(BUILTIN) + 1), class_name="grp")


def _row(permission: Permission, words: str) -> rx.Component:
    cells = (_cell(role.privileges.get(permission, Scope.NONE)) for role in BUILTIN)
    return rx.el.tr(rx.el.th(words, scope="row"), *cells)


def _cell(scope: Scope) -> rx.Component:
    if scope == Scope.NONE:
        return rx.el.td(
            rx.el.span("–", class_name="no", aria_hidden="true"), rx.el.span("no", class_name="hide")
        )
    if scope == Scope.ALL:
        return rx.el.td(icon("check", "info"), rx.el.span("yes", class_name="hide"))
    return rx.el.td(rx.el.span(REACH[scope], class_name="own"))
