"""Billing: the next bill with its lines, who changed it, and the last year as bars and as a table (TA-28)."""

from typing import Any

import reflex as rx

from motlink.roles.billing_state import BillingState
from motlink.web.components import field, main_button, panel, quiet_button, second_button
from motlink.web.shell import address, settings_page

BILL = BillingState.bill
COMING: Any = BillingState.coming


def billing_page() -> rx.Component:
    """/p/{practice}/settings/billing"""
    return settings_page(
        rx.el.div(
            rx.el.h1("Billing"),
            rx.el.span("This cycle began on ", BILL["opens"], class_name="muted num"),
            class_name="page-head",
        ),
        rx.el.div(
            rx.el.div(_changes(), _year(), _rules(), class_name="stack"),
            rx.el.aside(_next_bill(), _cycle(), class_name="stack"),
            class_name="split bill-first",
        ),
        _ask_day(),
        tab="Billing",
        ready=BillingState.loaded,
    )


def _next_bill() -> rx.Component:
    total = rx.el.div(
        rx.el.strong(BILL["total"], class_name="sum num"),
        rx.el.span(BILL["then"], class_name="muted num"),
        class_name="bill-total",
    )
    heads = ("Item", "Count", "Each", "Sum")
    rows = rx.foreach(
        BillingState.lines,
        lambda line: rx.el.tr(
            rx.el.th(line["item"], scope="row"),
            rx.el.td(line["count"]),
            rx.el.td(line["each"]),
            rx.el.td(line["cents"]),
        ),
    )
    table = rx.el.table(
        rx.el.caption("Lines of the next bill", class_name="hide"),
        rx.el.thead(rx.el.tr(*(rx.el.th(head, scope="col") for head in heads))),
        rx.el.tbody(rows),
        class_name="figures num",
    )
    today = rx.el.p("Today: ", BILL["now"], ".", class_name="muted num bill-note")
    return panel(
        "Next bill",
        total,
        table,
        today,
        action=rx.el.span(BILL["on"], class_name="muted num bill-on"),
        id="next-bill",
    )


def _cycle() -> rx.Component:
    return panel(
        "Cycle",
        rx.el.p(BILL["day"], ", as the day begins in ", BILL["zone"], ".", class_name="bill-note num first"),
        action=quiet_button(
            "Change", aria_label="Change the day of the bill", on_click=BillingState.change_day
        ),
    )


def _rules() -> rx.Component:
    lines = (
        "One seat for each person with any Provider / Therapy role on as the cycle closes, however many.",
        "Telehealth counts from the next bill on, whole; nothing is pro-rated.",
        "Administrative and Auditing / Compliance roles are free.",
    )
    return rx.el.div(
        rx.el.ul(*(rx.el.li(line) for line in lines), class_name="plain-list muted"),
        rx.link("Pricing", href=address("settings/roles#pricing"), class_name="link-quiet"),
    )


def _changes() -> rx.Component:
    lists = (
        ("Added this cycle", BillingState.added, "Nobody has been added since the last bill."),
        ("Removed this cycle", BillingState.removed, "Nobody has been removed since the last bill."),
        ("Ending before it closes", BillingState.leaving, "No last working day and no end date before then."),
    )
    later = _change_list("Begin before it closes", BillingState.coming, "")
    return rx.el.div(
        *(_change_list(*one) for one in lists),
        rx.cond(COMING["rows"].length() > 0, later),
        class_name="stack",
    )


def _change_list(title: str, found: Any, none: str) -> rx.Component:
    rows = rx.foreach(found["rows"], lambda row: change_row(row=row, key=row["key"]))
    return panel(
        title,
        rx.cond(
            found["rows"].length() > 0,
            rx.el.ul(rows, class_name="bill-list"),
            rx.el.p(none, class_name="muted bill-note first"),
        ),
        rx.cond(found["more"] != "", rx.el.p(found["more"], class_name="muted bill-note num")),
    )


@rx.memo
def change_row(rest: rx.RestProp, *, row: rx.Var[dict[str, str]]) -> rx.Component:
    """Who, what, when and by whom."""
    name = rx.link(
        row["name"],
        href=address("settings/staff/" + row["id"].to(str)),
        class_name="name",
        dir="auto",
        underline="none",
    )
    return rx.el.li(
        rest,
        rx.el.span(name, " ", rx.el.span(row["what"], class_name="muted")),
        rx.el.span(row["at"], " · ", row["by"], class_name="muted num", dir="auto"),
        class_name="panel-row",
    )


def _year() -> rx.Component:
    marks = rx.foreach(BillingState.months, _mark)
    chart = rx.el.div(
        marks, class_name="marks num", role="img", aria_label="Cost of each bill; the table says the same"
    )
    return panel("Seats and cost by month", chart, _table_of_year(), id="year")


def _mark(month: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.el.span(month["mark"], class_name="figure"),
        rx.el.span(class_name="bar-of", style={"--share": month["share"]}),
        rx.el.span(rx.el.span(month["month"]), " ", rx.el.span(month["year"]), class_name="when"),
        class_name="mark-of",
        custom_attrs={"data-kind": month["kind"]},
        key=month["name"],
    )


def _table_of_year() -> rx.Component:
    heads = ("Bill of", "Seats", "Telehealth", "Cost")
    forecast = rx.el.span(" forecast", class_name="muted")
    rows = rx.foreach(
        BillingState.months,
        lambda month: rx.el.tr(
            rx.el.th(month["name"], rx.cond(month["kind"] == "forecast", forecast), scope="row"),
            rx.el.td(month["seats"]),
            rx.el.td(month["telehealth"]),
            rx.el.td(month["cost"]),
            key=month["name"],
        ),
    )
    return rx.el.table(
        rx.el.caption("Seats and cost by month", class_name="hide"),
        rx.el.thead(rx.el.tr(*(rx.el.th(head, scope="col") for head in heads))),
        rx.el.tbody(rows),
        class_name="figures num",
    )


def _ask_day() -> rx.Component:
    form = rx.form.root(
        field(
            "Day of the month",
            "cycle_day",
            error=BillingState.errors.get("cycle_day", ""),
            default_value=BillingState.cycle_day,
            key=BillingState.version.to_string(),
            input_mode="numeric",
            auto_complete="off",
        ),
        rx.el.div(
            second_button("Cancel", type="button", on_click=BillingState.close(False)),
            main_button("Save", type="submit"),
            class_name="save-bar",
            style={"margin-top": "16px"},
        ),
        on_submit=BillingState.save_day,
        reset_on_submit=False,
        custom_attrs={"noValidate": True},
    )
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Day of the bill", size="4", class_name="sheet-title"),
            rx.dialog.description(
                "From 1 to 31. In a shorter month it is the last day.", size="2", class_name="muted"
            ),
            rx.el.div(form, style={"padding-top": "12px"}),
            max_width="420px",
        ),
        open=BillingState.asking_day,
        on_open_change=BillingState.close,
    )
