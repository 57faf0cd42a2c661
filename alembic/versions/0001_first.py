"""The first tables, with composite foreign keys (org_id, id): the database refuses rows across practices.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make every table; both SQLite and PostgreSQL know partial unique indexes."""
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("username", sa.String(40)),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("set_up_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "audithead",
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("chain"),
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("cycle_day", sa.Integer(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_table(
        "accountsession",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_accountsession_open", "accountsession", ["account_id", "ended_at"])

    op.create_table(
        "auditentry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Uuid()),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_kind", sa.String(10), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(120), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid()),
        sa.Column("undoes", sa.Uuid()),
        sa.Column("payload", JSON),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("chain", "number"),
    )
    op.create_index("ix_auditentry_org_action", "auditentry", ["org_id", "action"])
    op.create_index("ix_auditentry_subject", "auditentry", ["org_id", "subject_id"])

    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid()),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("to", sa.String(320), nullable=False),
        sa.Column("values", JSON),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("leased_until", MOMENT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("failed_at", MOMENT),
        sa.Column("last_error", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_letter_waiting", "letter", ["sent_at", "failed_at", "due_at"])

    op.create_table(
        "role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("module", sa.String(20), nullable=False),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("builtin", sa.Boolean(), nullable=False),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("org_id", "id", name="uq_role_org_id"),
        sa.UniqueConstraint("org_id", "key"),
    )
    op.create_table(
        "setuplink",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "staffmember",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("first_name", sa.String(100), nullable=False),
        sa.Column("last_name", sa.String(100), nullable=False),
        sa.Column(
            "phone",
            sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("designation", sa.String(100), nullable=False),
        sa.Column(
            "sort_name",
            sa.String(length=202).with_variant(sa.String(length=202, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("search_text", sa.String(700), nullable=False),
        sa.Column(
            "email",
            sa.String(length=320).with_variant(sa.String(length=320, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("role_order", sa.Integer(), nullable=False),
        sa.Column(
            "tag_order",
            sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("joined_at", MOMENT),
        sa.Column("deactivated_at", MOMENT),
        sa.Column("deactivated_by", sa.Uuid()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("org_id", "account_id"),
        sa.UniqueConstraint("org_id", "id", name="uq_staffmember_org_id"),
    )
    op.create_index("ix_staffmember_account", "staffmember", ["account_id"])
    op.create_index("ix_staffmember_active", "staffmember", ["org_id", "id", "deactivated_at"])
    op.create_index(
        "ix_staffmember_by_email", "staffmember", ["org_id", "email", "sort_name", "id", "deactivated_at"]
    )
    op.create_index("ix_staffmember_by_name", "staffmember", ["org_id", "sort_name", "id", "deactivated_at"])
    op.create_index(
        "ix_staffmember_by_phone", "staffmember", ["org_id", "phone", "sort_name", "id", "deactivated_at"]
    )
    op.create_index(
        "ix_staffmember_by_role_order",
        "staffmember",
        ["org_id", "role_order", "sort_name", "id", "deactivated_at"],
    )
    op.create_index(
        "ix_staffmember_by_tag_order",
        "staffmember",
        ["org_id", "tag_order", "sort_name", "id", "deactivated_at"],
    )
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_staffmember_search", "staffmember", ["org_id", "deactivated_at", "search_text", "id"])

    op.create_table(
        "tag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("color", sa.String(20), nullable=False),
        sa.Column("group", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("org_id", "id", name="uq_tag_org_id"),
        sa.UniqueConstraint("org_id", "key"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("sent_by", sa.Uuid()),
        sa.Column("accepted_at", MOMENT),
        sa.Column("superseded_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.ForeignKeyConstraint(["org_id", "member_id"], ["staffmember.org_id", "staffmember.id"]),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_invitation_member", "invitation", ["member_id", "sent_at"])
    op.create_index(
        "uq_invitation_open",
        "invitation",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text("accepted_at IS NULL AND superseded_at IS NULL AND revoked_at IS NULL"),
        postgresql_where=sa.text("accepted_at IS NULL AND superseded_at IS NULL AND revoked_at IS NULL"),
    )

    op.create_table(
        "rolegrant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("granted_by", sa.Uuid()),
        sa.Column("ended_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["org_id", "member_id"], ["staffmember.org_id", "staffmember.id"]),
        sa.ForeignKeyConstraint(["org_id", "role_id"], ["role.org_id", "role.id"]),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rolegrant_member", "rolegrant", ["member_id"])
    op.create_index("ix_rolegrant_role", "rolegrant", ["org_id", "role_id", "ended_at", "member_id", "starts_at", "ends_at"])
    op.create_index(
        "uq_rolegrant_open",
        "rolegrant",
        ["member_id", "role_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "rolepermission",
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.String(40), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["org_id", "role_id"], ["role.org_id", "role.id"]),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("role_id", "permission"),
    )
    op.create_table(
        "tagging",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.ForeignKeyConstraint(["org_id", "member_id"], ["staffmember.org_id", "staffmember.id"]),
        sa.ForeignKeyConstraint(["org_id", "tag_id"], ["tag.org_id", "tag.id"]),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_tagging_tag", "tagging", ["org_id", "tag_id", "ended_at", "member_id"])
    op.create_index(
        "uq_tagging_open",
        "tagging",
        ["member_id", "tag_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
