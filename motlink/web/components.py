"""Parts that every screen is made of. Colour, space and type stand in assets/motlink.css, nowhere else."""

from typing import Any

import reflex as rx
from reflex_components_radix.themes.components.checkbox import Checkbox

# A page of the door: the router must not look for it among the screens.
FULL_LOAD = {"reloadDocument": True}


def icon(name: str, class_name: str = "", size: int = 15) -> rx.Component:
    """An outline icon, silent for screen readers: the word beside it speaks."""
    return rx.icon(name, size=size, stroke_width=1.75, class_name=class_name, aria_hidden="true")


def main_button(*children: Any, **props: Any) -> rx.Component:
    """The one solid button of a page."""
    return rx.button(*children, size="2", variant="solid", **props)


def save_button(differs: Any, *, of: str, **props: Any) -> rx.Component:
    """ "Save" of one panel among several: solid once there is something to save."""
    return rx.button(
        "Save",
        size="2",
        variant=rx.cond(differs, "solid", "surface"),
        color_scheme=rx.cond(differs, "iris", "gray"),
        high_contrast=~differs,
        aria_label=f"Save: {of}",
        **props,
    )


def second_button(*children: Any, **props: Any) -> rx.Component:
    """A button with an edge."""
    return rx.button(*children, size="2", variant="surface", color_scheme="gray", high_contrast=True, **props)


def quiet_button(*children: Any, **props: Any) -> rx.Component:
    """A button without an edge, for bars."""
    return rx.button(*children, size="2", variant="ghost", color_scheme="gray", high_contrast=True, **props)


def main_link(*children: Any, href: Any, **props: Any) -> rx.Component:
    """The one solid button of a page where it leads to another screen: a link that looks like it."""
    return rx.button(rx.el.a(*children, href=href), size="2", variant="solid", as_child=True, **props)


def second_link(*children: Any, href: Any, **props: Any) -> rx.Component:
    """A link that looks like a button with an edge."""
    return second_button(rx.el.a(*children, href=href, **props), as_child=True)


def quiet_link(*children: Any, href: Any, **props: Any) -> rx.Component:
    """A link that looks like a button without an edge."""
    link = rx.el.a(*children, href=href)
    return rx.button(
        link, size="2", variant="ghost", color_scheme="gray", high_contrast=True, as_child=True, **props
    )


def danger_opener(*children: Any, **props: Any) -> rx.Component:
    """Opens something that cannot be shrugged off; red word, gray edge."""
    return rx.button(
        *children, size="2", variant="outline", color_scheme="gray", class_name="quiet-danger", **props
    )


def danger_button(*children: Any, **props: Any) -> rx.Component:
    """The verb in red, at the end of a dialog."""
    return rx.button(*children, size="3", class_name="danger", **props)


def panel(
    title: str | rx.Var, *children: Any, action: rx.Component | None = None, **props: Any
) -> rx.Component:
    """A hairline box: title left, its one action right."""
    aside = rx.el.div(action, class_name="push") if action else rx.fragment()
    return rx.el.section(rx.el.header(rx.el.h2(title), aside), *children, class_name="panel", **props)


def field(
    label: str,
    name: str,
    *,
    error: Any = "",
    optional: bool = False,
    **props: Any,
) -> rx.Component:
    """A labelled text field with its message below; what was typed stays, as the field is the browser's own."""
    hint = rx.el.span(" (optional)", class_name="muted") if optional else rx.fragment()
    message = rx.el.div(
        icon("circle-alert"), rx.el.span(error), id=f"{name}-error", class_name="error", role="alert"
    )
    wrong = error != ""
    return rx.el.div(
        rx.el.label(label, hint, html_for=name),
        rx.input(
            id=name,
            name=name,
            size="2",
            dir="auto",
            custom_attrs={
                "aria-invalid": rx.cond(wrong, "true", "false"),
                "aria-describedby": rx.cond(wrong, f"{name}-error", ""),
            },
            **props,
        ),
        rx.cond(wrong, message),
        class_name="field",
    )


def checkbox(**props: Any) -> rx.Component:
    """A box to tick inside a label: Reflex's own brings a second label."""
    return Checkbox.create(**props)


def empty_list(title: Any, why: Any, *actions: rx.Component) -> rx.Component:
    """An empty screen is an answer: why it is empty, what opens it, one button."""
    return rx.el.div(
        rx.el.h2(title), rx.el.p(why), rx.el.div(*actions, class_name="line"), class_name="empty"
    )


def skeleton(rows: int, label: str) -> rx.Component:
    """Gray bars in the shape of the rows; the stylesheet holds them back for 150 ms."""
    bars = (
        rx.el.div(
            rx.skeleton(width="24px", height="24px", border_radius="50%"),
            rx.skeleton(width=f"{26 + 7 * (n % 4)}%", height="12px"),
            rx.skeleton(width="14%", height="12px", margin_left="auto"),
            rx.skeleton(width="10%", height="20px"),
            class_name="skeleton-row",
        )
        for n in range(rows)
    )
    return rx.el.div(rx.el.span(label, class_name="hide"), *bars, class_name="skeleton", role="status")


def refusal(sentence: Any, *ways: rx.Component) -> rx.Component:
    """Why it is not possible, and what next."""
    return rx.el.div(
        icon("shield-x", "warn"),
        rx.el.span(sentence),
        *ways,
        class_name="ask warn-bg",
        role="alert",
    )


def pager(page: rx.Var, pages: rx.Var, turn: Any) -> rx.Component:
    """Previous and next; nothing where one page is all."""
    return rx.cond(
        pages > 1,
        rx.el.nav(
            second_button(icon("chevron-left"), "Previous", disabled=page <= 1, on_click=turn(page - 1)),
            rx.el.span("Page " + page.to_string() + " of " + pages.to_string(), class_name="num"),
            second_button("Next", icon("chevron-right"), disabled=page >= pages, on_click=turn(page + 1)),
            class_name="pager",
            aria_label="Pages",
        ),
    )


def keys(*keys_and_words: tuple[str, str]) -> rx.Component:
    """What the keyboard can do here, in one line at the foot; not where there is none."""
    hints = (rx.el.span(rx.text.kbd(key, size="1"), word) for key, word in keys_and_words)
    return rx.el.p(*hints, class_name="keys")


def dialog_title(*children: Any) -> rx.Component:
    """The question at the head of a dialog."""
    return rx.alert_dialog.title(*children, size="4", class_name="sheet-title", dir="auto")


def calm(title: str, words: str, *more: rx.Component) -> rx.Component:
    """A page of one sentence, and the way on."""
    return rx.el.div(
        rx.el.h1(title),
        rx.el.p(words),
        rx.el.div(
            second_link("Choose a practice", href="/choose-practice", custom_attrs=FULL_LOAD),
            *more,
            class_name="line",
        ),
        class_name="calm",
    )


def choosing(
    title: str,
    chosen: rx.Var,
    chip: Any,
    find: str,
    typed: Any,
    look_for: Any,
    found: rx.Var,
    box: Any,
    of: str,
) -> rx.Component:
    """Who is chosen so far, the field that finds more, and who is found, each with a box: "of" says among whom."""
    return rx.fragment(
        rx.el.div(rx.foreach(chosen, chip), class_name="chips wrap", role="group", aria_label=title),
        rx.input(
            value=typed,
            on_change=look_for.debounce(150),
            placeholder=find,
            aria_label=find,
            size="2",
            auto_complete="off",
            type="search",
        ),
        rx.el.div(
            rx.foreach(found, box),
            rx.cond(found.length() == 0, rx.el.p("Nobody else found.", class_name="muted")),
            class_name="filter-list short",
            role="group",
            aria_label=of,
        ),
    )
