"""Sends a tab away by a full page load, compiled in because the policy allows no eval.

Reflex's own redirects are either inside the page or open a new tab.
"""

import reflex as rx

from motlink.web.who import WhoState


@rx.memo
def gone(rest: rx.RestProp, *, to: rx.Var[str]) -> rx.Component:
    """Leave for `to` as soon as it is on the page."""
    leave: rx.vars.FunctionVar = rx.vars.FunctionStringVar(_js_expr=f"(() => window.location.replace({to}))")
    return rx.el.span(rest, on_mount=rx.call_function(leave), hidden=True)


def leaver(stateful: bool) -> rx.Component | None:
    """Wrap the app, so that no page can forget it."""
    if not stateful:
        return None
    return rx.fragment(rx.cond(WhoState.leave_to != "", gone(to=WhoState.leave_to)))
