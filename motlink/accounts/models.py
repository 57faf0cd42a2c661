"""Account: one person, one email, one set of secrets, over all organizations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from motlink.columns import key

OPEN = text("used_at IS NULL AND superseded_at IS NULL AND revoked_at IS NULL")
WAITING = text(
    "confirmed_at IS NULL AND superseded_at IS NULL AND revoked_at IS NULL AND cancelled_at IS NULL"
)


class Account(SQLModel, table=True):
    """Who signs in. `email` is the canonical form (NFKC, trimmed, case folded) and the one key of a person."""

    id: UUID = key()
    email: str = Field(max_length=320, unique=True)
    username: str | None = Field(default=None, max_length=40, unique=True)
    password_hash: str | None = Field(default=None, max_length=200)
    set_up_at: datetime | None = None
    created_at: datetime


class AccountSession(SQLModel, table=True):
    """One browser's sign-in; only the digest of the cookie is kept."""

    __table_args__ = (Index("ix_accountsession_open", "account_id", "ended_at"),)

    id: UUID = key()
    account_id: UUID = Field(foreign_key="account.id")
    digest: str = Field(max_length=64, unique=True)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    # "newer": another sign-in took its place, because only so many may be open. The door says so.
    ended_why: str = Field(default="", max_length=12)
    # When its holder last proved who they are; before grave acts that must not be long ago (ASVS 7.5.1).
    proved_at: datetime | None = None
    address: str = Field(default="", max_length=64)
    browser: str = Field(default="", max_length=120)


class SetUpLink(SQLModel, table=True):
    """A one-hour link from the command line to an owner's account; the token only as a digest."""

    id: UUID = key()
    account_id: UUID = Field(foreign_key="account.id")
    digest: str = Field(max_length=64, unique=True)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class ResetLink(SQLModel, table=True):
    """A one-hour link to a new password; open until used, superseded, revoked or past `expires_at`."""

    __table_args__ = (
        Index("uq_resetlink_open", "account_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_resetlink_account", "account_id", "sent_at"),
    )

    id: UUID = key()
    account_id: UUID = Field(foreign_key="account.id")
    digest: str = Field(max_length=64, unique=True)
    sent_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    superseded_at: datetime | None = None
    # The account's last place was shut, or its password was changed in another way.
    revoked_at: datetime | None = None


class EmailChange(SQLModel, table=True):
    """A change of an account's email (PC-01): asked for, confirmed from the new address, taken back from the old one.

    What a link is for says the column that its digest stands in, so none can be used as another.
    """

    __table_args__ = (
        Index(
            "uq_emailchange_waiting",
            "account_id",
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index("ix_emailchange_account", "account_id", "asked_at"),
        Index("ix_emailchange_old", "old_email", "confirmed_at"),
    )

    id: UUID = key()
    account_id: UUID = Field(foreign_key="account.id")
    old_email: str = Field(max_length=320)
    new_email: str = Field(max_length=320)
    # In the letter to the new address.
    digest: str = Field(max_length=64, unique=True)
    # In the letters to the old one: that a change is asked for, and that it has been made.
    cancel_digest: str = Field(max_length=64, unique=True)
    back_digest: str | None = Field(default=None, max_length=64, unique=True)
    asked_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None = None
    superseded_at: datetime | None = None
    # The account's last place was shut.
    revoked_at: datetime | None = None
    # Called off before it was confirmed, or taken back afterwards.
    cancelled_at: datetime | None = None
