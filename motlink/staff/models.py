"""StaffMember: an account's place in an organization; Invitation: the way into it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from motlink.columns import json_column, key, org_key, same_org, sorted_text, tenant

# How a person without a role, or without a tag, stands in the order of the roster: after all others.
NO_ROLE = 999
NO_TAG = "\U0010ffff"

# What decides whether a place is locked.
CLOCK = ("joined_at", "signed_in_at", "unlocked_at", "back_at", "on_leave_until", "leaves_at")
WITHDRAWN = text("withdrawn_at IS NOT NULL")
LEAVES = text("leaves_at IS NOT NULL")
NOT_JOINED = text("joined_at IS NULL")
# As each database writes the condition that asks for it.
AGENTS, AGENTS_IN_SQLITE = text("is_agent"), text("is_agent = 1")
UNDER_WAY = text("state IN ('preparing', 'running')")
WAITING = text("outcome = ''")
OPEN = text("accepted_at IS NULL AND superseded_at IS NULL AND revoked_at IS NULL")
ASKED = text("asked_again_at IS NOT NULL")


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
        same_org("location_id", "location"),
        same_org("supervisor_id", "staffmember"),
        Index("ix_staffmember_location", "org_id", "location_id", "id", "deactivated_at"),
        Index("ix_staffmember_supervisor", "org_id", "supervisor_id", "id", "deactivated_at"),
        Index("ix_staffmember_withdrawn", "org_id", sqlite_where=WITHDRAWN, postgresql_where=WITHDRAWN),
        Index("ix_staffmember_leaves", "leaves_at", sqlite_where=LEAVES, postgresql_where=LEAVES),
        # Who is locked, or soon will be, without their rows.
        Index("ix_staffmember_clock", "org_id", "deactivated_at", *CLOCK, "lock_noted_at", "id"),
        # Who is still to come in: few, but after an import.
        Index(
            "ix_staffmember_not_joined",
            "org_id",
            "id",
            "deactivated_at",
            sqlite_where=NOT_JOINED,
            postgresql_where=NOT_JOINED,
        ),
        # External Agents: a handful in any practice.
        Index(
            "ix_staffmember_agents",
            "org_id",
            "id",
            "deactivated_at",
            sqlite_where=AGENTS_IN_SQLITE,
            postgresql_where=AGENTS,
        ),
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
    # An import that was taken back: nobody sees the place any more, and the next one with this email begins anew.
    withdrawn_at: datetime | None = None
    created_at: datetime
    created_by: UUID | None = None
    preferred_name: str = Field(default="", max_length=100)
    starts_on: date | None = None
    location_id: UUID | None = None
    supervisor_id: UUID | None = None
    # The last working day (TA-30): from this moment on the place is shut; a sweep tidies up after it.
    leaves_at: datetime | None = None
    leaves_by: UUID | None = None
    leaves_with: dict[str, Any] | None = json_column()
    # Back on this day of the practice's zone (TA-32).
    on_leave_until: date | None = None
    # From the latest of these and `joined_at` the clock of the lock-out runs (locks.py): in use last; enabled; back,
    # be it reactivated or from leave.
    signed_in_at: datetime | None = None
    unlocked_at: datetime | None = None
    back_at: datetime | None = None
    # When the sweep wrote a lock down. Whether somebody is locked is never read from here.
    lock_noted_at: datetime | None = None
    reminded_at: datetime | None = None
    # Whether this is an External Agent's place (TA-24). It stays what it was made as: past bills rest on it.
    is_agent: bool = False
    # The business associate agreement with an agent: its day, where it is kept; when managers were last written to
    # about it.
    baa_signed_on: date | None = None
    baa_note: str = Field(default="", max_length=200)
    baa_asked_at: datetime | None = None
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
        # The desk: who has an invitation now, and who has asked for another.
        Index("ix_invitation_desk", "org_id", "expires_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_invitation_asked", "org_id", "member_id", sqlite_where=ASKED, postgresql_where=ASKED),
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
    # The mail it went out with.
    letter_id: UUID | None = None
    # When its page was first looked at, by whoever holds the link.
    first_seen_at: datetime | None = None
    # When whoever holds a link of this person's asked for a new one.
    asked_again_at: datetime | None = None


class Batch(SQLModel, table=True):
    """One act on many people, or one file of them: kept row by row, so that it can go on after a kill and be undone.

    `kind` is a name of batch_kinds.KINDS; `given` what all its items share. States: "preparing" (an import reads its
    file), "ready" (a preview waits for its confirmation), "running", "done", "stopped".
    """

    __table_args__ = (
        org_key("batch"),
        Index("ix_batch_org", "org_id", "kind", "created_at"),
        Index("ix_batch_due", "leased_until", sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY),
    )

    id: UUID = key()
    org_id: UUID = tenant()
    kind: str = Field(max_length=30)
    given: dict[str, Any] | None = json_column()
    state: str = Field(default="running", max_length=12)
    started_by: UUID | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    # While a process works on it; another takes over once this has passed.
    leased_until: datetime | None = None
    total: int = 0
    done: int = 0
    # The batch this one takes back.
    undoes: UUID | None = None
    undone_at: datetime | None = None


class BatchItem(SQLModel, table=True):
    """One person or row of a batch. `outcome` is "" until it has been done."""

    __table_args__ = (
        same_org("batch_id", "batch"),
        Index("ix_batchitem_waiting", "batch_id", "number", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    batch_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    org_id: UUID = tenant()
    # Without a key of its own: whoever writes it has looked the person up in this practice, in the same transaction.
    member_id: UUID | None = None
    given: dict[str, Any] | None = json_column()
    # What a preview says will become of it: "create", "update", "unchanged", "refused".
    fate: str = Field(default="", max_length=12)
    # What became of it: "done", "unchanged", "refused", "left".
    outcome: str = Field(default="", max_length=12)
    reason: str = Field(default="", max_length=1000)
    # What an undo has to know.
    before: dict[str, Any] | None = json_column()


class ImportFile(SQLModel, table=True):
    """The file of an import, as it came, for 30 days, and how its columns are read."""

    __table_args__ = (same_org("batch_id", "batch"),)

    batch_id: UUID = Field(primary_key=True)
    org_id: UUID = tenant()
    name: str = Field(max_length=200)
    content: bytes
    # encoding, delimiter, columns: {our field: place}, header
    reading: dict[str, Any] | None = json_column()
    created_at: datetime


class ImportMapping(SQLModel, table=True):
    """How the columns of files with this header were read last time."""

    org_id: UUID = Field(primary_key=True, foreign_key="organization.id")
    header_digest: str = Field(primary_key=True, max_length=64)
    columns: dict[str, Any] | None = json_column()
    saved_at: datetime
