"""Roles, what they allow, and who has them from when to when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from motlink.columns import key, org_key, same_org, tenant

NOT_ENDED = text("ended_at IS NULL")
ENDS = text("ends_at IS NOT NULL AND ended_at IS NULL")


class Role(SQLModel, table=True):
    """A role of one organization; built-in ones come from catalogue.py."""

    __table_args__ = (org_key("role"), UniqueConstraint("org_id", "key"))

    id: UUID = key()
    org_id: UUID = tenant()
    key: str = Field(max_length=60)
    name: str = Field(max_length=80)
    description: str = Field(default="", max_length=200)
    module: str = Field(max_length=20)
    section: str = Field(max_length=40)
    builtin: bool = True
    paid: bool = False
    # An option (TA-26) is a role that stands under another one and is on only with it: that one's key.
    option_of: str = Field(default="", max_length=60)
    # What it costs on top of the seat: an item of prices.py, "" for nothing.
    addon: str = Field(default="", max_length=20)
    position: int = 0
    version: int = 1
    ended_at: datetime | None = None


class RolePermission(SQLModel, table=True):
    """One privilege of a role and its reach (permissions.Scope)."""

    __table_args__ = (same_org("role_id", "role"),)

    role_id: UUID = Field(primary_key=True)
    permission: str = Field(primary_key=True, max_length=40)
    org_id: UUID = tenant()
    scope: int


class RoleGrant(SQLModel, table=True):
    """A role held by a member. `ends_at` is planned and checked at use; `ended_at` says it was taken."""

    __table_args__ = (
        org_key("rolegrant"),
        same_org("role_id", "role"),
        same_org("member_id", "staffmember"),
        Index(
            "uq_rolegrant_open",
            "member_id",
            "role_id",
            unique=True,
            sqlite_where=NOT_ENDED,
            postgresql_where=NOT_ENDED,
        ),
        # All that in_force() asks: the holders of a role are found without their rows.
        Index("ix_rolegrant_role", "org_id", "role_id", "ended_at", "member_id", "starts_at", "ends_at"),
        Index("ix_rolegrant_member", "member_id"),
        # What ends by its date is looked for every few seconds.
        Index("ix_rolegrant_ends", "ends_at", sqlite_where=ENDS, postgresql_where=ENDS),
    )

    id: UUID = key()
    org_id: UUID = tenant()
    member_id: UUID
    role_id: UUID
    starts_at: datetime
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    granted_by: UUID | None = None
    ended_by: UUID | None = None
    # Records Custodian reads the notes of all providers, or of those in GrantProvider (TA-27).
    all_providers: bool = True


class GrantProvider(SQLModel, table=True):
    """A provider whose records a grant reaches, where it does not reach all."""

    __table_args__ = (same_org("grant_id", "rolegrant"), same_org("member_id", "staffmember"))

    grant_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    org_id: UUID = tenant()
