"""Column kinds that every slice's tables share."""

from typing import Any

from sqlalchemy import JSON, Column, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

# JSON on SQLite, JSONB on PostgreSQL.
Json = JSON().with_variant(JSONB(), "postgresql")


def key() -> Any:
    """A UUIDv7 primary key, given by work.new_id()."""
    return Field(primary_key=True)


def tenant() -> Any:
    """The organization a row belongs to."""
    return Field(foreign_key="organization.id", index=False)


def same_org(column: str, table: str) -> ForeignKeyConstraint:
    """Tie `column` to `table` within one organization: the database refuses rows across practices."""
    return ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


def org_key(table: str) -> UniqueConstraint:
    """The (org_id, id) pair that same_org points at."""
    return UniqueConstraint("org_id", "id", name=f"uq_{table}_org_id")


def sorted_text(length: int, default: str = "") -> Any:
    """A text that lists are sorted by: both databases compare its bytes, in whatever language PostgreSQL was set up."""
    kind = String(length).with_variant(String(length, collation="C"), "postgresql")
    return Field(default=default, sa_column=Column(kind, nullable=False))


def json_column() -> Any:
    """A JSON object that may be absent."""
    return Field(default=None, sa_column=Column(Json))
