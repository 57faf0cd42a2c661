"""The questions before something is done for many: what is chosen, what it would do, then the verb."""

from typing import Any

import reflex as rx

from motlink.staff.batch_parts import refusal_list
from motlink.staff.bulk_state import BulkState
from motlink.staff.parts import chosen_icon
from motlink.web.components import danger_button, icon

LINE_ICONS = ("users", "circle_check", "user_x", "log_out", "mail_x", "send", "receipt")


def bulk_dialogs() -> rx.Component:
    """One for what is chosen first, one for what cannot be shrugged off."""
    return rx.fragment(_choosing(), _asking())


def _choosing() -> rx.Component:
    is_tag = BulkState.kind == "tag"
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(
                rx.cond(is_tag, "Tag ", "Role for ") + BulkState.people, size="4", class_name="sheet-title"
            ),
            rx.cond(is_tag, _tags(), _roles()),
            _preview(),
            _buttons(_main(BulkState.verb), "Cancel"),
            max_width="480px",
            aria_describedby=rx.Var("undefined"),
            class_name="bulk-ask",
        ),
        open=BulkState.open & ((BulkState.kind == "tag") | (BulkState.kind == "role")),
        on_open_change=BulkState.close,
    )


def _asking() -> rx.Component:
    leaving = BulkState.kind == "deactivate"
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            rx.alert_dialog.title(
                rx.cond(leaving, "Deactivate ", "Invite ") + BulkState.people + "?",
                size="4",
                class_name="sheet-title",
            ),
            rx.alert_dialog.description(
                rx.cond(
                    leaving,
                    "All their roles turn off and sign-in stops at once. You can reactivate each of them at any time.",
                    "Each gets an email with a link of their own. What is sent cannot be undone.",
                ),
                size="2",
                class_name="muted",
            ),
            _preview(),
            rx.cond(
                leaving,
                _buttons(danger_button(icon("user-x"), BulkState.verb, **_verb()), "Keep active"),
                _buttons(_main(icon("send"), BulkState.verb), "Not now"),
            ),
            max_width="480px",
            class_name="bulk-ask",
        ),
        open=BulkState.open & ((BulkState.kind == "deactivate") | (BulkState.kind == "invite")),
        on_open_change=BulkState.close,
    )


def _main(*children: Any) -> rx.Component:
    return rx.button(*children, size="3", variant="solid", **_verb())


def _verb() -> dict[str, Any]:
    return {"on_click": BulkState.act(BulkState.verb), "disabled": ~BulkState.possible}


def _buttons(verb: rx.Component, harmless: str) -> rx.Component:
    """The verb, once something is chosen; the focus of a question starts on the harmless one."""
    return rx.el.div(
        rx.cond(BulkState.verb != "", verb),
        rx.button(
            harmless,
            size="3",
            variant="soft",
            color_scheme="gray",
            high_contrast=True,
            auto_focus=harmless != "Cancel",
            on_click=BulkState.close(False),
        ),
        class_name="dialog-actions",
    )


def _tags() -> rx.Component:
    field = rx.input(
        default_value="",
        on_change=BulkState.type_tag.debounce(120),
        placeholder="Find a tag, or type a new one",
        aria_label="Tag",
        auto_focus=True,
        max_length=80,
    )
    new = _option(
        "new", rx.el.span("New tag “", BulkState.new, "”", dir="auto", class_name="cut"), rx.fragment()
    )
    return rx.el.div(
        field,
        rx.el.div(
            rx.foreach(BulkState.choices, lambda one: _option(one["id"], _tag_name(one), rx.fragment())),
            rx.cond(BulkState.new != "", new),
            class_name="bulk-options",
            role="radiogroup",
            aria_label="Tags",
        ),
    )


def _tag_name(one: rx.Var) -> rx.Component:
    dot = rx.el.span(
        class_name="dot", style={"--dot": "var(--" + one["color"].to(str) + "-9)"}, aria_hidden="true"
    )
    return rx.el.span(dot, rx.el.span(one["name"], class_name="cut", dir="auto"), class_name="chip tag")


def _roles() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _turn("Turn on", True),
            _turn("Turn off", False),
            class_name="line",
            role="radiogroup",
            aria_label="On or off",
        ),
        rx.el.div(
            rx.foreach(
                BulkState.choices,
                lambda one: _option(
                    one["id"],
                    rx.el.span(one["name"], class_name="cut"),
                    rx.el.span(one["price"], class_name="muted num push"),
                ),
            ),
            class_name="bulk-options",
            role="radiogroup",
            aria_label="Role",
        ),
    )


def _turn(words: str, on: bool) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="bulk-turn",
            checked=BulkState.on == on,
            on_change=BulkState.turn(on).prevent_default,
        ),
        words,
        class_name="bulk-option",
    )


def _option(key: Any, name: rx.Component, price: rx.Component) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio", name="bulk-choice", checked=BulkState.chosen == key, on_change=BulkState.choose(key)
        ),
        name,
        price,
        class_name="bulk-option",
        key=key,
    )


def _preview() -> rx.Component:
    """What would happen, once it is known what."""
    number = BulkState.refused.to_string()
    refused = rx.el.details(
        rx.el.summary(
            icon("shield-x", "warn"), number + rx.cond(BulkState.refused == 1, " is refused", " are refused")
        ),
        refusal_list(BulkState.refusals),
        rx.cond(
            BulkState.refused > BulkState.refusals.length(),
            rx.el.p(
                "and " + (BulkState.refused - BulkState.refusals.length()).to_string() + " more",
                class_name="muted",
            ),
        ),
        open=BulkState.refused <= 3,
        class_name="bulk-refused",
    )
    nothing = rx.el.p("There is nothing to do for these people.", class_name="muted")
    return rx.cond(
        BulkState.verb != "",
        rx.el.div(
            rx.foreach(BulkState.lines, _line),
            rx.cond(BulkState.refused > 0, refused),
            rx.cond(BulkState.possible, rx.fragment(), nothing),
            class_name="bulk-preview",
            aria_live="polite",
        ),
    )


def _line(line: rx.Var) -> rx.Component:
    kept = rx.cond(
        BulkState.revoke, "The links end as well", "The links stay: whoever has one can still accept"
    )
    switch = rx.switch(
        checked=BulkState.revoke, on_change=BulkState.decide, size="2", aria_label="End these invitations too"
    )
    decides = (line["choice"] != "") & (BulkState.kind == "deactivate")
    return rx.el.div(
        chosen_icon(line["icon"], LINE_ICONS),
        rx.el.div(
            rx.el.div(line["fact"], class_name="what"),
            rx.cond(line["detail"] != "", rx.el.div(line["detail"], class_name="detail", dir="auto")),
            rx.cond(decides, rx.el.div(kept, class_name="detail")),
        ),
        rx.cond(decides, switch),
        class_name="check",
    )
