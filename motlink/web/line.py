"""The line to the server: whether it is down, how many changes wait for it. The browser's half is assets/line.js."""

import json

import reflex as rx
from reflex_base.registry import RegistrationContext
from reflex_base.utils.imports import ImportVar
from reflex_base.vars import VarData

from motlink.web.rules import plain_function

# Whoever changes something does it by one of these.
WRITES = {"_perform", "_attempt", "writing"}


def changing_events() -> list[str]:
    """Return the names of the events that change something on the server, for those that wait to be counted."""
    handlers = RegistrationContext.get().event_handlers
    return sorted(
        name for name, one in handlers.items() if WRITES & set(plain_function(one).__code__.co_names)
    )


def is_down() -> rx.vars.BooleanVar:
    """Whether the browser or the socket has noticed that the line is down."""
    return _hooked("down", "useDown()").to(bool)


def waiting() -> rx.vars.NumberVar:
    """How many changes wait."""
    return _hooked("waiting", f"useWaiting({json.dumps(changing_events())})").to(int)


def _hooked(name: str, call: str) -> rx.Var:
    hook = ImportVar(tag=call.partition("(")[0])
    module = rx.asset("line.js").importable_path
    return rx.Var(name, _var_data=VarData(imports={module: [hook]}, hooks={f"const {name} = {call}": None}))
