"""The parts of an import's screen: how the file is read, its rows and what becomes of each."""

from typing import Any

import reflex as rx

from motlink.staff.import_columns import FIELDS, NEEDED
from motlink.staff.import_state import NONE, ImportState
from motlink.staff.import_text import DELIMITERS, ENCODINGS
from motlink.web.components import icon, pager

# fate: word, icon, its colour; the first four before the import, the others after it
FATES = {
    "create": ("new", "user-plus", "ok"),
    "update": ("changed", "pencil", "info"),
    "unchanged": ("unchanged", "equal", "muted"),
    "refused": ("refused", "shield-x", "warn"),
    "done": ("imported", "check", "ok"),
    "left": ("left out", "circle-slash", "muted"),
}


def progress(doing: str) -> rx.Component:
    """How far it is."""
    done, total = ImportState.done, ImportState.total
    words = rx.cond(total > 0, done.to_string() + " of " + total.to_string() + " rows", "…")
    return rx.el.div(
        rx.el.span(doing, ", ", words, class_name="num"),
        rx.el.progress(value=done, max=rx.cond(total > 0, total, 1), aria_label=doing),
        class_name="panel import-progress",
    )


def problem_box() -> rx.Component:
    """Why a file cannot be read, or why an import stopped."""
    return rx.el.div(
        icon("shield-x", "warn"),
        rx.el.span(ImportState.problem),
        class_name="ask warn-bg import-problem",
        role="alert",
    )


def how_read() -> rx.Component:
    """How the file is read: guessed, and put right here."""
    fields = (
        _choice(
            f"{word}{' (needed)' if field in NEEDED else ''}",
            ImportState.columns[field],
            ImportState.choices,
            lambda value, field=field: ImportState.take_column(ImportState.id, field, value),
            none="Not in the file",
        )
        for field, word in FIELDS.items()
    )
    encodings = [{"value": key, "word": word} for key, word in ENCODINGS.items()]
    delimiters = [{"value": key, "word": word} for key, word in DELIMITERS.items()]
    return rx.el.details(
        rx.el.summary(
            rx.el.span("How the file is read", class_name="title"),
            rx.cond(
                ImportState.not_taken != "",
                rx.el.span("Not taken: ", ImportState.not_taken, class_name="muted cut", dir="auto"),
            ),
        ),
        rx.el.div(
            *fields,
            rx.cond(
                ImportState.kind != "xlsx",
                rx.fragment(
                    _choice("Encoding", ImportState.encoding, encodings, _take("encoding")),
                    _choice("Cells end with", ImportState.delimiter, delimiters, _take("delimiter")),
                ),
            ),
            rx.cond(
                ImportState.sheets.length() > 1,
                _native(
                    "Sheet",
                    ImportState.sheet,
                    rx.foreach(ImportState.sheets, lambda one: rx.el.option(one, value=one)),
                    _take("sheet"),
                ),
            ),
            class_name="reading-grid",
        ),
        class_name="panel reading",
        open=rx.cond(ImportState.problem != "", True, rx.Var("undefined")),
    )


def _take(what: str) -> Any:
    return lambda value: ImportState.take_reading(ImportState.id, what, value)


def _choice(word: str, value: Any, choices: Any, put: Any, none: str = "") -> rx.Component:
    if isinstance(choices, list):
        options: Any = [rx.el.option(one["word"], value=one["value"]) for one in choices]
    else:
        options = [rx.foreach(choices, lambda one: rx.el.option(one["word"], value=one["value"]))]
    first = [rx.el.option(none, value=NONE)] if none else []
    return _native(word, value, rx.fragment(*first, *options), put)


def _native(word: str, value: Any, options: rx.Component, put: Any) -> rx.Component:
    """The browser's own list: a dozen of Radix's would be a page of portals."""
    return rx.el.label(
        rx.el.span(word, class_name="muted"),
        rx.el.select(options, value=value, on_change=put, class_name="native-select"),
        class_name="reading-field",
    )


def fate_counts() -> rx.Component:
    """How many rows have which fate; each is a filter."""
    return rx.el.div(
        *(_count(fate, *words) for fate, words in FATES.items()),
        rx.cond(
            (ImportState.seats != "") & (ImportState.state == "ready"),
            rx.el.span("Adds ", ImportState.seats, class_name="muted num push"),
        ),
        class_name="filters fates",
        role="group",
        aria_label="Rows by what becomes of them",
    )


def _count(fate: str, word: str, icon_name: str, color: str) -> rx.Component:
    on = ImportState.fate == fate
    button = rx.el.button(
        icon(icon_name, color),
        rx.el.span(ImportState.counts[fate], class_name="num"),
        word,
        type="button",
        on_click=ImportState.show_fate(rx.cond(on, "", fate)),
        class_name="fate",
        custom_attrs={"aria-pressed": rx.cond(on, "true", "false")},
    )
    return rx.cond(ImportState.counts.contains(fate), button)


def file_rows() -> rx.Component:
    """A page of the file's rows, as a table and, on a phone, as cards."""
    heads = ("Row", "Name", "Email", "What becomes of it")
    table = rx.table.root(
        rx.table.header(rx.table.row(*(rx.table.column_header_cell(head) for head in heads))),
        rx.table.body(rx.foreach(ImportState.rows, lambda row: import_row(row=row, key=row["number"]))),
        size="1",
        class_name="grid import-rows",
    )
    cards = rx.foreach(ImportState.rows, lambda row: import_card(row=row, key=row["number"]))
    return rx.fragment(
        rx.el.div(table, class_name="not-phone"),
        rx.el.div(cards, role="list", aria_label="Rows", class_name="on-phone"),
        pager(ImportState.page, ImportState.pages, ImportState.turn_to),
    )


@rx.memo
def import_row(rest: rx.RestProp, *, row: rx.Var[dict]) -> rx.Component:
    """One row of the file in the table."""
    return rx.table.row(
        rest,
        rx.table.cell(row["number"], class_name="num muted"),
        rx.table.row_header_cell(
            rx.el.div(row["name"], class_name="name cut", title=row["name"], dir="auto")
        ),
        rx.table.cell(rx.el.div(row["email"], class_name="cut", title=row["email"])),
        rx.table.cell(_fate(row)),
        align="center",
    )


@rx.memo
def import_card(rest: rx.RestProp, *, row: rx.Var[dict]) -> rx.Component:
    """One row of the file on a phone."""
    return rx.el.div(
        rest,
        rx.el.div(
            rx.el.span(row["name"], class_name="name", dir="auto"),
            rx.el.span("Row ", row["number"], class_name="muted num push"),
            class_name="line",
        ),
        rx.el.div(row["email"], class_name="muted cut"),
        _fate(row),
        class_name="import-card",
        role="listitem",
    )


def _fate(row: rx.Var) -> rx.Component:
    signs = (
        (fate, rx.el.span(icon(name, color), word.capitalize(), class_name="state"))
        for fate, (word, name, color) in FATES.items()
    )
    return rx.el.div(
        rx.match(row["fate"], *signs, rx.fragment()),
        rx.el.span(row["words"], class_name="muted", dir="auto"),
        class_name="fate-words",
    )
