"""What menus of Radix can do and Reflex does not wrap: a button with a tooltip, and entries of which one is chosen."""

from typing import ClassVar

import reflex as rx
from reflex.style import color_mode, set_color_mode
from reflex_components_radix.themes.base import RadixThemesComponent
from reflex_components_radix.themes.components.dropdown_menu import DropdownMenuTrigger

MODES = (("light", "Light"), ("dark", "Dark"), ("system", "As the system"))


class Opener(DropdownMenuTrigger):
    """The button of a menu; a tooltip may stand around it."""

    _valid_parents: ClassVar = ["DropdownMenuRoot", "Tooltip"]


class Choice(RadixThemesComponent):
    """Entries of which one is chosen."""

    tag = "DropdownMenu.RadioGroup"
    value: rx.Var[str]
    on_value_change: rx.EventHandler[rx.event.passthrough_event_spec(str)]


class ChoiceItem(RadixThemesComponent):
    """One of them."""

    tag = "DropdownMenu.RadioItem"
    value: rx.Var[str]


def appearance() -> rx.Component:
    """The three appearances, for a menu."""
    return Choice.create(
        *(ChoiceItem.create(word, value=mode) for mode, word in MODES),
        value=color_mode,
        on_value_change=lambda mode: set_color_mode(mode),
        custom_attrs={"aria-label": "Appearance"},
    )
