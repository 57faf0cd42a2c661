"""A field that finds as one types, with its choices below: assets/typeahead.js moves and takes them by key."""

from typing import Any

import reflex as rx

from motlink.web.components import icon

NOTHING = rx.Var.create("")


def typeahead(
    name: str,
    *,
    label: str | rx.Var,
    placeholder: str,
    on_type: Any,
    answers: rx.Var,
    choices: rx.Component,
    show: rx.Var | bool = True,
    more: rx.Var = NOTHING,
    icon_name: str = "search",
    auto_focus: bool = False,
) -> rx.Component:
    """`choices` are of `choice`; `answers` is the word they answer, so that Enter never takes an older one's."""
    list_id = f"{name}-choices"
    field = rx.input(
        rx.input.slot(icon(icon_name)),
        on_change=on_type.debounce(120),
        placeholder=placeholder,
        aria_label=label,
        auto_complete="off",
        auto_focus=auto_focus,
        custom_attrs={
            "data-typeahead": "",
            "role": "combobox",
            "aria-expanded": "true",
            "aria-autocomplete": "list",
            "aria-controls": list_id,
            "autoCapitalize": "none",
            "spellCheck": False,
        },
    )
    found = rx.el.div(
        choices,
        id=list_id,
        role="listbox",
        aria_label=label,
        class_name="choices",
        custom_attrs={"data-answers": answers},
        hidden=~show if isinstance(show, rx.Var) else not show,
    )
    rest = rx.cond(more != "", rx.el.p(more, class_name="muted more-choices"))
    return rx.el.div(field, found, rest, class_name="typeahead")


def choice(*content: Any, key: Any, on_take: Any, list_name: str) -> rx.Component:
    """One choice; taken by click, or by Enter in the field."""
    return rx.el.div(
        *content,
        id=f"{list_name}-" + key.to(str),
        role="option",
        aria_selected="false",
        class_name="choice",
        on_click=on_take,
        custom_attrs={"data-choice": ""},
    )
