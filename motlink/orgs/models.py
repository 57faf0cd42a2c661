"""Organization: the tenant ("practice" on the screen); Location: a place where it works."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from motlink.columns import key, org_key, tenant


class Organization(SQLModel, table=True):
    """A practice; `slug` stands in its addresses."""

    id: UUID = key()
    slug: str = Field(max_length=60, unique=True)
    name: str = Field(max_length=200)
    time_zone: str = Field(default="America/New_York", max_length=64)
    locale: str = Field(default="en-US", max_length=16)
    country: str = Field(default="US", max_length=2)
    currency: str = Field(default="USD", max_length=3)
    cycle_day: int = 1
    # A place is locked after so many days without sign-in (TA-22); None: never.
    lock_after_days: int | None = None
    # Of whom a second step at sign-in is demanded: "nobody", "leading" or "everyone" (accounts/demand.py).
    second_step_of: str = Field(default="nobody", max_length=20)
    # A session ends after so long without use, and in any case; None: as the installation says. So many may be open at
    # once; None: any number.
    idle_minutes: int | None = None
    session_hours: int | None = None
    most_sessions: int | None = None
    is_demo: bool = False
    version: int = 1
    created_at: datetime


class Location(SQLModel, table=True):
    """A place of the practice's own; `key` folds case and spacing, so that one word is one place."""

    __table_args__ = (org_key("location"), UniqueConstraint("org_id", "key"))

    id: UUID = key()
    org_id: UUID = tenant()
    key: str = Field(max_length=80)
    name: str = Field(max_length=80)
    # An IANA zone, "" for the practice's.
    time_zone: str = Field(default="", max_length=64)
    created_at: datetime
