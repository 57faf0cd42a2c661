"""Who may send an event: the marker below each @rx.event, and what counts as a well-formed one."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, get_type_hints

from pydantic import PydanticUserError, TypeAdapter, ValidationError
from reflex_base.registry import RegisteredEventHandler, RegistrationContext
from reflex_base.utils.format import format_event_handler

from motlink.permissions import Permission

Handler = TypeVar("Handler", bound=Callable[..., Any])
LONGEST_TEXT = 10_000


@dataclass(frozen=True)
class Rule:
    """Public, any member with a role, or a privilege."""

    public: bool = False
    permission: Permission | None = None


def requires(permission: Permission) -> Callable[[Handler], Handler]:
    """Mark a handler: only members with this privilege. Stands below @rx.event."""
    return lambda handler: _mark(handler, Rule(permission=permission))


def public(handler: Handler) -> Handler:
    """Mark a handler: anyone at all, even signed out."""
    return _mark(handler, Rule(public=True))


def member_only(handler: Handler) -> Handler:
    """Mark a handler: any member of the practice with a role on."""
    return _mark(handler, Rule())


def _mark(handler: Handler, rule: Rule) -> Handler:
    handler._rule = rule
    return handler


def plain_function(registered: RegisteredEventHandler) -> Callable[..., Any]:
    """Return the function behind a registered handler."""
    fn = registered.handler.fn
    return getattr(fn, "func", fn)


def rule_of(registered: RegisteredEventHandler) -> Rule | None:
    """Return a handler's rule; None means nobody may."""
    return getattr(plain_function(registered), "_rule", None)


@lru_cache
def framework_events() -> frozenset[str]:
    """Return Reflex's own events that must pass, by exact name: `setvar` lives in the same modules."""
    from reflex.state import FrontendEventExceptionState, OnLoadInternalState, State, UpdateVarsInternalState

    named = (
        (State, "hydrate"), (State, "hydrate_and_load"), (State, "set_is_hydrated"),
        (OnLoadInternalState, "on_load_internal"), (OnLoadInternalState, "set_is_hydrated"),
        (UpdateVarsInternalState, "update_vars_internal"),
        (FrontendEventExceptionState, "handle_frontend_exception"),
    )  # fmt: skip
    return frozenset(format_event_handler(state.event_handlers[name]) for state, name in named)


def handlers_without_a_rule() -> list[str]:
    """Return the app's handlers that nobody has marked, and those with an argument of no type.

    Reflex's own (`setvar` on each state and such) have no marker either; the guard refuses them.
    """
    missing = []
    for name, registered in RegistrationContext.get().event_handlers.items():
        function = plain_function(registered)
        if not str(getattr(function, "__module__", "")).startswith("motlink."):
            continue
        untyped = [word for word in _parameters(function) if word not in get_type_hints(function)]
        if rule_of(registered) is None or untyped:
            missing.append(name)
    return missing


def fits(function: Callable[..., Any], payload: Mapping[str, Any]) -> bool:
    """Whether a payload is what the handler's annotations say, strictly (Reflex passes a dict through as an int)."""
    parameters = _parameters(function)
    if set(payload) - set(parameters) or any(
        word.default is inspect.Parameter.empty and name not in payload for name, word in parameters.items()
    ):
        return False
    return all(_is_plain(value) and _is(function, name, value) for name, value in payload.items())


# The guard asks before each event, and reading a signature takes longer than all else it does on the loop.
@lru_cache(maxsize=2000)
def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    found = list(inspect.signature(function).parameters.items())
    return dict(found[1:])


@lru_cache(maxsize=2000)
def _adapter(function: Callable[..., Any], name: str) -> TypeAdapter[Any] | None:
    hint = get_type_hints(function).get(name)
    try:
        return TypeAdapter(hint) if hint is not None else None
    except PydanticUserError:
        return None


def _is(function: Callable[..., Any], name: str, value: Any) -> bool:
    adapter = _adapter(function, name)
    if adapter is None:
        return False
    try:
        adapter.validate_python(value, strict=True)
    except (ValidationError, RecursionError):
        return False
    return True


def _is_plain(value: Any, depth: int = 0) -> bool:
    """No endless text, no half of a surrogate pair (no database takes one), no deep nesting."""
    if depth > 4:
        return False
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT and not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, Mapping):
        return len(value) <= 200 and all(
            _is_plain(k, depth + 1) and _is_plain(v, depth + 1) for k, v in value.items()
        )
    if isinstance(value, list):
        return len(value) <= 1000 and all(_is_plain(item, depth + 1) for item in value)
    return value is None or isinstance(value, bool | int | float)
