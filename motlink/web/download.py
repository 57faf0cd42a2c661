"""A button that sends for a file. Whatever leaves stands in the audit log: so it is a POST, and no link.

The browser's half is assets/download.js.
"""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportVar
from reflex_base.vars import VarData

from motlink.web.components import icon, quiet_button


def download(*children: Any, address: rx.Var[str], **props: Any) -> rx.Component:
    """A quiet button that lets the browser keep what a POST to `address` answers; a refusal is shown as its page."""
    imports = VarData(imports={rx.asset("download.js").importable_path: [ImportVar(tag="sendFor")]})
    send: Any = rx.Var(
        f"(() => sendFor({address}))", _var_data=VarData.merge(imports, address._get_all_var_data())
    )
    act = rx.call_function(send.to(rx.vars.FunctionVar))
    return quiet_button(icon("download"), *children, on_click=act, **props)
