"""The audit log: who did what to whom, when, from where."""

from typing import Any

import reflex as rx

from motlink.audit.state import AuditState
from motlink.web.components import empty_list, pager
from motlink.web.download import download
from motlink.web.shell import address, settings_page


def audit_page() -> rx.Component:
    """/p/{practice}/settings/audit"""
    return settings_page(
        rx.el.div(
            rx.el.h1("Audit log"),
            rx.el.span(AuditState.shown, class_name="muted num", role="status"),
            class_name="page-head",
        ),
        rx.el.div(
            _choice("Act", "All acts", AuditState.action, AuditState.actions, AuditState.filter_action),
            _choice("Person", "Everyone", AuditState.who, AuditState.people, AuditState.filter_who),
            download("Export", address=AuditState.export, class_name="push"),
            class_name="filters",
        ),
        rx.cond(
            AuditState.rows.length() > 0, _log(), empty_list("Nothing yet", "No entry fits these filters.")
        ),
        pager(AuditState.page, AuditState.pages, AuditState.turn_to),
        tab="Audit log",
        ready=AuditState.loaded,
    )


def _choice(word: str, everything: str, chosen: Any, choices: Any, put: Any) -> rx.Component:
    return rx.select.root(
        rx.select.trigger(aria_label=word),
        rx.select.content(
            rx.select.item(everything, value="all"),
            rx.foreach(choices, lambda one: rx.select.item(one["name"], value=one["key"])),
        ),
        value=rx.cond(chosen != "", chosen, "all"),
        on_change=put,
        size="2",
    )


def _log() -> rx.Component:
    heads = ("When", "Who", "What", "Whom", "Details")
    table = rx.table.root(
        rx.table.header(rx.table.row(*(rx.table.column_header_cell(head) for head in heads))),
        rx.table.body(rx.foreach(AuditState.rows, lambda row: audit_row(row=row, key=row["id"]))),
        size="1",
        class_name="grid audit",
    )
    cards = rx.foreach(AuditState.rows, lambda row: audit_card(row=row, key=row["id"]))
    return rx.fragment(
        rx.el.div(table, class_name="not-phone"),
        rx.el.div(cards, role="list", aria_label="Audit log", class_name="on-phone"),
    )


@rx.memo
def audit_row(rest: rx.RestProp, *, row: rx.Var[dict]) -> rx.Component:
    """One act in the table."""
    return rx.table.row(
        rest,
        rx.table.cell(row["at"], class_name="num"),
        rx.table.cell(row["who"], rx.el.div(row["place"], class_name="muted"), dir="auto"),
        rx.table.cell(row["what"]),
        rx.table.cell(_whom(row)),
        rx.table.cell(row["details"], dir="auto"),
        align="center",
    )


@rx.memo
def audit_card(rest: rx.RestProp, *, row: rx.Var[dict]) -> rx.Component:
    """One act on a phone."""
    return rx.el.div(
        rest,
        rx.el.div(rx.el.strong(row["what"]), " ", _whom(row, underline="always")),
        rx.el.div(row["details"], dir="auto"),
        rx.el.div(row["who"], " · ", row["at"], class_name="muted num"),
        class_name="panel-row",
        style={"display": "block", "padding": "10px 0"},
        role="listitem",
    )


def _whom(row: rx.Var, underline: str = "auto") -> rx.Component:
    link = rx.link(
        row["whom"],
        href=address("settings/staff/" + row["whom_id"].to(str)),
        class_name="name",
        dir="auto",
        underline=underline,
    )
    return rx.cond(row["whom_id"] != "", link, rx.el.span(row["whom"]))
