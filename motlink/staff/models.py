"""StaffMember: an account's place in an organization; Invitation: the way into it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from motlink.columns import key, org_key, same_org, sorted_text, tenant

# How a person without a role, or without a tag, stands in the order of the roster: after all others.
NO_ROLE = 999
NO_TAG = "\U0010ffff"

OPEN = text("accepted_at IS NULL AND superseded_at IS NULL AND revoked_at IS NULL")


class StaffMember(SQLModel, table=True):
    """A person in a practice.

    The columns from `sort_name` to `tag_order` serve the roster only and are kept by indexing.py. Each order has an
    index that is read from either end; `deactivated_at` is in it, so that no row is fetched to be left out.
    """

    __table_args__ = (
        org_key("staffmember"),
        UniqueConstraint("org_id", "account_id"),
        Index("ix_staffmember_by_name", "org_id", "sort_name", "id", "deactivated_at"),
        *(
            Index(f"ix_staffmember_by_{column}", "org_id", column, "sort_name", "id", "deactivated_at")
            for column in ("phone", "email", "role_order", "tag_order")
        ),
        # Who holds a role or wears a tag is looked up here, without their rows.
        Index("ix_staffmember_active", "org_id", "id", "deactivated_at"),
        # A search reads this instead of the whole rows; PostgreSQL reads those fast, and its indexes take no long text.
        Index(
            "ix_staffmember_search", "org_id", "deactivated_at", "search_text", "id", info={"only": "sqlite"}
        ).ddl_if(dialect="sqlite"),
        Index("ix_staffmember_account", "account_id"),
    )

    id: UUID = key()
    org_id: UUID = tenant()
    account_id: UUID = Field(foreign_key="account.id")
    first_name: str = Field(max_length=100)
    last_name: str = Field(max_length=100)
    phone: str = sorted_text(40)
    designation: str = Field(default="", max_length=100)
    sort_name: str = sorted_text(202)
    search_text: str = Field(default="", max_length=700)
    email: str = sorted_text(320)
    role_order: int = NO_ROLE
    tag_order: str = sorted_text(80, NO_TAG)
    joined_at: datetime | None = None
    deactivated_at: datetime | None = None
    deactivated_by: UUID | None = None
    created_at: datetime
    created_by: UUID | None = None
    version: int = 1

    @property
    def name(self) -> str:
        """The whole name, as on the screen."""
        return f"{self.first_name} {self.last_name}".strip()


class Invitation(SQLModel, table=True):
    """A one-hour link; open until accepted, superseded by a newer one, revoked or past `expires_at`."""

    __table_args__ = (
        same_org("member_id", "staffmember"),
        Index("uq_invitation_open", "member_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_invitation_member", "member_id", "sent_at"),
    )

    id: UUID = key()
    org_id: UUID = tenant()
    member_id: UUID
    digest: str = Field(max_length=64, unique=True)
    sent_at: datetime
    expires_at: datetime
    sent_by: UUID | None = None
    accepted_at: datetime | None = None
    superseded_at: datetime | None = None
    revoked_at: datetime | None = None
