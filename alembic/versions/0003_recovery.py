"""Links to a new password.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("used_at IS NULL AND superseded_at IS NULL AND revoked_at IS NULL")


def upgrade() -> None:
    """A new table; nothing of the old ones changes."""
    op.create_table(
        "resetlink",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("superseded_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index(
        "uq_resetlink_open",
        "resetlink",
        ["account_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_resetlink_account", "resetlink", ["account_id", "sent_at"])


def downgrade() -> None:
    """Open links are lost with their table."""
    op.drop_index("ix_resetlink_account", table_name="resetlink")
    op.drop_index("uq_resetlink_open", table_name="resetlink")
    op.drop_table("resetlink")
