"""Every way in, with the rule that guards it: HTTP routes and event handlers, read from the app's own tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reflex_base.registry import RegistrationContext

from motlink.motlink import app
from motlink.web.rules import Rule, framework_events, plain_function, rule_of


@dataclass(frozen=True)
class WayIn:
    """One route or handler; `kind` is the HTTP method or "event"."""

    kind: str
    name: str
    rule: str


def all_routes() -> list[WayIn]:
    """Return every HTTP route, then every event handler that can be called."""
    return [*_http(), *_events()]


def _http() -> Iterator[WayIn]:
    transformers = (
        app.api_transformer if isinstance(app.api_transformer, list | tuple) else [app.api_transformer]
    )
    own = [route for one in transformers for route in getattr(one, "routes", ())]
    for route in own:
        yield from _route(route, _http_rule(route))
    for route in getattr(app._api, "routes", ()):
        yield from _route(route, "Reflex’s own")


def _route(route: Any, rule: str) -> Iterator[WayIn]:
    methods = sorted((getattr(route, "methods", None) or {"ANY"}) - {"HEAD"})
    for method in methods:
        yield WayIn(method, str(getattr(route, "path", "") or "/"), rule)


def _http_rule(route: Any) -> str:
    marked = getattr(getattr(route, "endpoint", None), "_rule", None)
    return words(marked) if isinstance(marked, Rule) else "NONE"


def _events() -> Iterator[WayIn]:
    passing = framework_events()
    for name, registered in sorted(RegistrationContext.get().event_handlers.items()):
        module = str(getattr(plain_function(registered), "__module__", ""))
        rule = rule_of(registered)
        if rule:
            yield WayIn("event", name, words(rule))
        elif name in passing:
            yield WayIn("event", name, "Reflex’s own")
        else:
            yield WayIn("event", name, "NONE" if module.startswith("motlink.") else "refused")


def words(rule: Rule) -> str:
    """Return a rule as it is printed."""
    return (
        "public"
        if rule.public
        else f"requires {rule.permission}"
        if rule.permission
        else "any member with a role"
    )
