"""The role switches of the Profile, in the three sections; the whole row is the label."""

import reflex as rx

from motlink.roles.catalogue import SECTIONS
from motlink.staff.profile_state import ProfileState
from motlink.staff.shown import ShownSwitch
from motlink.staff.terms_state import TermsState
from motlink.web.components import dialog_title, icon, main_button


def role_sections() -> rx.Component:
    """Provider / Therapy, Administrative, Auditing / Compliance: those in which this person can have a role."""
    sections = (
        rx.cond(ProfileState.sections.contains(key), _section(key, title, price))
        for key, (title, price) in SECTIONS.items()
    )
    return rx.el.div(
        *sections,
        rx.cond(ProfileState.staff_only != "", rx.el.p(ProfileState.staff_only, class_name="muted")),
        class_name="sections",
    )


def _section(key: str, title: str, price: str) -> rx.Component:
    rows = rx.foreach(
        ProfileState.switches,
        lambda switch: rx.cond(switch["section"] == key, role_row(switch=switch, key=switch["id"])),
    )
    return rx.el.div(
        rx.el.div(rx.el.h3(title), rx.el.span(price, class_name="muted push"), class_name="section-line"),
        rows,
        class_name="panel",
        role="group",
        aria_label=title,
    )


@rx.memo
def role_row(rest: rx.RestProp, *, switch: rx.Var[ShownSwitch]) -> rx.Component:
    """Name, note, what it allows or why it cannot be moved, price, switch; options stand indented under their role."""
    reason = ProfileState.reasons.get(switch["id"], "")
    off = (reason != "") | (ProfileState.state == "inactive")
    is_on = ProfileState.on.get(switch["id"], False)
    return rx.el.div(
        rest,
        rx.el.label(
            rx.el.span(switch["name"], class_name="title"),
            " ",
            rx.el.span(ProfileState.notes.get(switch["id"], ""), class_name="why"),
            rx.el.br(),
            rx.el.span(rx.cond(reason != "", reason, switch["description"]), class_name="why"),
            html_for="role-" + switch["id"],
        ),
        rx.cond(is_on & (switch["parent"] == "") & ~off, _terms(switch), rx.el.span()),
        rx.el.span(ProfileState.prices.get(switch["key"], ""), class_name="muted num"),
        rx.switch(
            id="role-" + switch["id"],
            checked=is_on,
            on_change=lambda on: rx.cond(
                switch["records"] & on,
                TermsState.start(ProfileState.id, switch["id"]),
                ProfileState.set_role(ProfileState.id, switch["id"], on),
            ),
            disabled=off,
            size="2",
            aria_label=switch["name"],
        ),
        class_name=rx.cond(switch["parent"] != "", "role-row with-terms sub", "role-row with-terms"),
        custom_attrs={"data-off": rx.cond(off, "1", rx.Var("undefined"))},
    )


def _terms(switch: rx.Var) -> rx.Component:
    """Until when, and whose records: quiet, as few roles have an end (TA-27)."""
    words = rx.cond(switch["records"], "Providers and end date", "End date")
    return rx.el.button(
        icon("calendar-clock"),
        words,
        type="button",
        class_name="terms",
        aria_label=words + " of " + switch["name"],
        on_click=TermsState.start(ProfileState.id, switch["id"]),
    )


def owner_question() -> rx.Component:
    """Giving Owner asks first (TA-12)."""
    give = main_button(
        "Make owner", on_click=ProfileState.make_owner(ProfileState.id, ProfileState.owner_question)
    )
    keep = rx.button(
        "Not now",
        size="2",
        variant="soft",
        color_scheme="gray",
        high_contrast=True,
        auto_focus=True,
        on_click=ProfileState.not_owner(False),
    )
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            dialog_title("Make " + ProfileState.person["name"] + " an owner?"),
            rx.alert_dialog.description(
                "An owner may do everything here, and decide about other owners, you included.",
                size="2",
                class_name="muted",
            ),
            rx.el.div(give, keep, class_name="dialog-actions"),
            max_width="480px",
        ),
        open=ProfileState.owner_question != "",
        on_open_change=ProfileState.not_owner,
    )
