"""Tags for Find Availability, and who wears them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from motlink.columns import Json, key, org_key, same_org, tenant

NOT_ENDED = text("ended_at IS NULL")
WILL_END = text("ends_on IS NOT NULL AND ended_at IS NULL")


class Tag(SQLModel, table=True):
    """A word of the practice's own; `key` folds case and spacing, so that one word is one tag."""

    __table_args__ = (
        org_key("tag"),
        Index(
            "uq_tag_open",
            "org_id",
            "key",
            unique=True,
            sqlite_where=NOT_ENDED,
            postgresql_where=NOT_ENDED,
        ),
    )

    id: UUID = key()
    org_id: UUID = tenant()
    key: str = Field(max_length=80)
    name: str = Field(max_length=80)
    color: str = Field(default="gray", max_length=20)
    group: str = Field(default="", max_length=40)
    version: int = 1
    created_at: datetime | None = None
    changed_at: datetime | None = None
    # Deleted, or merged into another one.
    ended_at: datetime | None = None
    merged_into: UUID | None = None
    # Ids of tags that look like this one and are meant to stay apart.
    kept_apart: list[str] | None = Field(default=None, sa_column=Column(Json))


class Tagging(SQLModel, table=True):
    """A tag on a member, perhaps until a day."""

    __table_args__ = (
        same_org("tag_id", "tag"),
        same_org("member_id", "staffmember"),
        Index(
            "uq_tagging_open",
            "member_id",
            "tag_id",
            unique=True,
            sqlite_where=NOT_ENDED,
            postgresql_where=NOT_ENDED,
        ),
        Index("ix_tagging_tag", "org_id", "tag_id", "ended_at", "member_id", "ends_on"),
        Index("ix_tagging_ends", "ends_on", sqlite_where=WILL_END, postgresql_where=WILL_END),
    )

    id: UUID = key()
    org_id: UUID = tenant()
    member_id: UUID
    tag_id: UUID
    # The last day, of the practice's zone, on which it is worn.
    ends_on: date | None = None
    created_at: datetime
    ended_at: datetime | None = None
    # The audit entry of the deletion or merge that ended it together with its tag: the undo opens these and no others.
    ended_by: UUID | None = None
    # The audit entry of the merge that moved it here, or kept it instead of the other tag's.
    merged_by: UUID | None = None
