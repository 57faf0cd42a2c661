"""Bring people in: choose a file, put its columns right, see each row's fate, import, take it back."""

import reflex as rx

from motlink.staff.import_parts import fate_counts, file_rows, how_read, problem_box, progress
from motlink.staff.import_state import ImportsState, ImportState
from motlink.web.components import (
    danger_opener,
    empty_list,
    icon,
    main_button,
    panel,
    quiet_button,
    second_link,
)
from motlink.web.download import download
from motlink.web.shell import address, settings_page


def imports_page() -> rx.Component:
    """/p/{practice}/settings/staff/import"""
    return settings_page(
        _back("Staff", "settings/staff"),
        rx.el.div(rx.el.h1("Bring people in"), class_name="page-head"),
        rx.el.div(
            rx.el.div(_upload(), _earlier(), class_name="stack"),
            rx.el.aside(_rules(), class_name="stack"),
            class_name="split",
        ),
        tab="Staff",
        ready=ImportsState.loaded,
    )


def import_page() -> rx.Component:
    """/p/{practice}/settings/staff/import/{batch_id}"""
    gone = empty_list(
        "This import is not here",
        "The address is not complete, or belongs to another practice.",
        second_link("Back to Bring people in", href=address("settings/staff/import")),
    )
    return settings_page(
        _back("Bring people in", "settings/staff/import"),
        rx.cond(ImportState.missing, gone, _import()),
        tab="Staff",
        ready=ImportState.loaded,
    )


def _back(word: str, path: str) -> rx.Component:
    return rx.link(icon("chevron-left"), word, href=address(path), class_name="back", underline="none")


def _upload() -> rx.Component:
    """A plain form, since Reflex's own would not post: the file goes over HTTP, never over the socket."""
    form = rx.html(
        '<form id="bring-in" method="post" enctype="multipart/form-data" action="'
        + ImportsState.target
        + '"></form>'
    )
    chooser = rx.el.input(
        type="file",
        name="file",
        id="file",
        form="bring-in",
        required=True,
        accept=".csv,.txt,.tsv,.xlsx",
        class_name="file-field",
    )
    return rx.el.div(
        form,
        rx.el.label("Staff list, as CSV or .xlsx", html_for="file", class_name="title"),
        chooser,
        rx.el.p("Up to 20 MB. Nothing happens before you have seen every row.", class_name="muted"),
        rx.el.div(
            main_button(icon("upload"), "Read the file", type="submit", form="bring-in"), class_name="line"
        ),
        class_name="panel upload",
    )


def _rules() -> rx.Component:
    lines = (
        "Nobody is invited by an import. Invite afterwards, when you are ready.",
        "A row without a good email, with an unknown role or with an impossible phone stays out, with the reason.",
        "One email on two rows: both stay out.",
        "Whoever is here already keeps roles and tags; a file only adds. An empty cell changes nothing.",
        "“Active: no” deactivates. Nobody inactive is let in again by a file.",
        "One click takes a whole import back.",
    )
    return panel("What a file can do", rx.el.ul(*map(rx.el.li, lines), class_name="plain-list"))


def _earlier() -> rx.Component:
    lines = rx.foreach(
        ImportsState.imports,
        lambda one: rx.el.li(
            rx.link(one["name"], href=one["href"], class_name="name cut", dir="auto"),
            rx.el.span(one["words"], class_name="num"),
            rx.el.span(one["who"], " · ", one["at"], class_name="muted num push"),
            key=one["id"],
            class_name="panel-row earlier",
        ),
    )
    return rx.cond(
        ImportsState.imports.length() > 0,
        panel("Earlier files", rx.el.ul(lines, class_name="bare-list")),
    )


def _import() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.h1(ImportState.name, dir="auto", class_name="cut"),
            rx.el.span(_state_words(), class_name="muted num", role="status"),
            class_name="page-head",
        ),
        rx.match(
            ImportState.state,
            ("preparing", progress("Reading the file")),
            ("ready", _decision()),
            ("running", rx.fragment(progress("Importing"), _take_back())),
            _result(),
        ),
    )


def _state_words() -> rx.Var:
    return rx.match(
        ImportState.state,
        ("preparing", "being read"),
        ("ready", "waits for your decision"),
        ("running", "under way; you can leave this page"),
        ("stopped", "stopped"),
        rx.cond(ImportState.undone, "taken back", "imported"),
    )


def _decision() -> rx.Component:
    return rx.fragment(
        rx.cond(ImportState.problem != "", problem_box()),
        how_read(),
        rx.cond(ImportState.problem == "", rx.fragment(_bar(), fate_counts(), file_rows())),
        rx.cond(ImportState.problem != "", _put_away()),
    )


def _bar() -> rx.Component:
    good = ImportState.good_words
    rows = rx.cond(ImportState.good == 1, " row", " rows")
    label = rx.cond(
        ImportState.refused_href != "", "Import the " + good + " good" + rows, "Import all " + good + rows
    )
    nothing = rx.el.span("No row of this file would change anything.", class_name="muted")
    return rx.el.div(
        rx.cond(
            ImportState.good > 0,
            main_button(label, on_click=ImportState.start(ImportState.id)),
            nothing,
        ),
        _mend(),
        _put_away(),
        class_name="import-bar",
    )


def _mend() -> rx.Component:
    """The refused rows as a file, to be mended and brought again."""
    return rx.cond(
        ImportState.refused_href != "", download("Refused rows, to mend", address=ImportState.refused_href)
    )


def _put_away() -> rx.Component:
    return quiet_button("Put away", on_click=ImportState.put_away(ImportState.id))


def _take_back() -> rx.Component:
    return rx.cond(
        ImportState.can_undo,
        danger_opener(
            icon("undo-2"), "Take this import back", on_click=ImportState.take_back(ImportState.id)
        ),
    )


def _result() -> rx.Component:
    invited = rx.cond(
        ImportState.undone,
        rx.el.p(ImportState.back_words, class_name="muted"),
        rx.el.p("Nobody has been invited.", class_name="muted"),
    )
    return rx.fragment(
        rx.cond(ImportState.problem != "", problem_box(), invited),
        rx.el.div(
            second_link(icon("users"), "Staff", href=address("settings/staff")),
            _mend(),
            _take_back(),
            class_name="import-bar",
        ),
        fate_counts(),
        file_rows(),
    )
