"""The outbox: a letter is a row in the same transaction as the act that wants it sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from motlink.columns import json_column, key


class Letter(SQLModel, table=True):
    """Mail waiting, sent or given up. `values` may hold a link's token until delivery, then it is wiped."""

    __table_args__ = (Index("ix_letter_waiting", "sent_at", "failed_at", "due_at"),)

    id: UUID = key()
    org_id: UUID | None = Field(default=None, foreign_key="organization.id")
    kind: str = Field(max_length=40)
    to: str = Field(max_length=320)
    values: dict[str, Any] | None = json_column()
    created_at: datetime
    due_at: datetime
    leased_until: datetime | None = None
    attempts: int = 0
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    last_error: str = Field(default="", max_length=200)
    # A try whose answer never came: the letter may have left.
    unclear_at: datetime | None = None
    # What the mail service says of it afterwards, in whatever order.
    delivered_at: datetime | None = None
    opened_at: datetime | None = None
    bounced_at: datetime | None = None
    bounce_reason: str = Field(default="", max_length=200)


class MailEvent(SQLModel, table=True):
    """News of a letter from the mail service, by its own id: what was heard once has no effect again."""

    __table_args__ = (Index("ix_mailevent_heard", "heard_at"),)

    id: str = Field(primary_key=True, max_length=120)
    letter_id: UUID
    kind: str = Field(max_length=20)
    happened_at: datetime
    heard_at: datetime
