"""The audit log: append-only, chained, one chain per organization and one for the installation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from motlink.columns import json_column, key


class AuditEntry(SQLModel, table=True):
    """One act. `digest` seals the payload with `salt`; `seal` chains it to the entry before."""

    __table_args__ = (
        UniqueConstraint("chain", "number"),
        Index("ix_auditentry_subject", "org_id", "subject_id"),
        Index("ix_auditentry_org_action", "org_id", "action"),
    )

    id: UUID = key()
    chain: str = Field(max_length=40)
    number: int
    org_id: UUID | None = Field(default=None, foreign_key="organization.id")
    at: datetime
    actor_kind: str = Field(max_length=10)
    actor_id: UUID | None = None
    address: str = Field(default="", max_length=64)
    browser: str = Field(default="", max_length=120)
    action: str = Field(max_length=60)
    subject_kind: str = Field(default="", max_length=40)
    subject_id: UUID | None = None
    undoes: UUID | None = None
    payload: dict[str, Any] | None = json_column()
    salt: str = Field(max_length=32)
    digest: str = Field(max_length=64)
    previous: str = Field(max_length=64)
    seal: str = Field(max_length=64)


class AuditHead(SQLModel, table=True):
    """The newest number and seal of a chain; locked last, at commit."""

    chain: str = Field(primary_key=True, max_length=40)
    number: int = 0
    seal: str = Field(default="", max_length=64)
