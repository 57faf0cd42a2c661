"""Who acts: a person in an organization, the system, or nobody. Read inside the transaction in which they act."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlmodel import Session

from motlink.permissions import Permission, Scope


@dataclass(frozen=True)
class Actor:
    """Who acts: a person in an organization, the system, or nobody (someone at the door)."""

    kind: str
    org_id: UUID | None = None
    account_id: UUID | None = None
    member_id: UUID | None = None
    name: str = ""
    privileges: Mapping[Permission, Scope] = field(default_factory=dict)
    session_id: UUID | None = None
    address: str = ""
    browser: str = ""


class FindActor(Protocol):
    """Reads who acts, inside the transaction, so that a privilege taken meanwhile is gone."""

    def __call__(self, session: Session, org_id: UUID | None, now: datetime) -> Actor: ...


def system(name: str = "System") -> FindActor:
    """The worker or the command line."""

    def find(session: Session, org_id: UUID | None, now: datetime) -> Actor:
        return Actor("system", org_id=org_id, name=name)

    return find


def nobody(address: str = "", browser: str = "") -> FindActor:
    """Someone at the door: a sign-in, a link."""

    def find(session: Session, org_id: UUID | None, now: datetime) -> Actor:
        return Actor("nobody", org_id=org_id, address=address, browser=browser)

    return find
