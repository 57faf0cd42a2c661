"""News travels upward: a lower slice announces a typed fact, slices above react in the same transaction.

Pre-checks are the questions asked before an act (the off-boarding checklist); handlers the consequences after it.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Fact:
    """Something that has happened, inside the transaction that made it happen."""


@dataclass(frozen=True)
class OrganizationFounded(Fact):
    """A new tenant exists; its built-in roles are made on this news."""

    org_id: UUID


@dataclass(frozen=True)
class StaffDeactivated(Fact):
    """A member's access has ended."""

    member_id: UUID
    account_id: UUID


@dataclass(frozen=True)
class StaffReactivated(Fact):
    """A member is active again, with no roles."""

    member_id: UUID


@dataclass(frozen=True)
class TagPut(Fact):
    """A member wears one tag more."""

    member_id: UUID
    tag_id: UUID


@dataclass(frozen=True)
class TagTaken(Fact):
    """A member wears one tag less."""

    member_id: UUID
    tag_id: UUID


@dataclass(frozen=True)
class TagChanged(Fact):
    """A tag's word, or who wears it, has changed for everybody at once."""

    tag_id: UUID


@dataclass(frozen=True)
class Check:
    """One line of a checklist: an icon, what is so, its detail."""

    icon: str
    fact: str
    detail: str = ""
    choice: str = ""


_handlers: dict[type, list[Callable[..., None]]] = defaultdict(list)
_checks: dict[type, list[Callable[..., list[Check]]]] = defaultdict(list)


def on(fact_type: type[Fact], handler: Callable[..., None]) -> None:
    """Register `handler(work, fact)`; wiring.py is the only caller."""
    if handler not in _handlers[fact_type]:
        _handlers[fact_type].append(handler)


def announce(work: Any, fact: Fact) -> None:
    """Tell every handler, in order of registration, inside the current transaction."""
    for handler in _handlers[type(fact)]:
        handler(work, fact)


def pre_check(fact_type: type[Fact], check: Callable[..., list[Check]]) -> None:
    """Register `check(work, member_id)`, asked before the act that would announce `fact_type`."""
    if check not in _checks[fact_type]:
        _checks[fact_type].append(check)


def checks_before(work: Any, fact_type: type[Fact], about: UUID) -> list[Check]:
    """Return what the act would touch, in the order of registration."""
    return [line for check in _checks[fact_type] for line in check(work, about)]
