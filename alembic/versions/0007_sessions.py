"""Changes of an account's email; how long a practice lets a session last, how many at once, and what was proved.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OF_PRACTICE = ("idle_minutes", "session_hours", "most_sessions")
MOMENT = sa.DateTime(timezone=True)
WAITING = sa.text(
    "confirmed_at IS NULL AND superseded_at IS NULL AND revoked_at IS NULL AND cancelled_at IS NULL"
)


def upgrade() -> None:
    """Add; nothing is taken away."""
    op.create_table(
        "emailchange",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("old_email", sa.String(320), nullable=False),
        sa.Column("new_email", sa.String(320), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("cancel_digest", sa.String(64), nullable=False),
        sa.Column("back_digest", sa.String(64)),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("superseded_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Column("cancelled_at", MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("cancel_digest"),
        sa.UniqueConstraint("back_digest"),
    )
    op.create_index(
        "uq_emailchange_waiting",
        "emailchange",
        ["account_id"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_emailchange_account", "emailchange", ["account_id", "asked_at"])
    op.create_index("ix_emailchange_old", "emailchange", ["old_email", "confirmed_at"])
    op.create_index("ix_mailevent_heard", "mailevent", ["heard_at"])
    with op.batch_alter_table("organization") as table:
        for name in OF_PRACTICE:
            table.add_column(sa.Column(name, sa.Integer()))
    with op.batch_alter_table("accountsession") as table:
        table.add_column(sa.Column("ended_why", sa.String(12), nullable=False, server_default=""))
        table.add_column(sa.Column("proved_at", MOMENT))


def downgrade() -> None:
    """Changes that wait, and the week in which one can be taken back, are lost with their table."""
    op.drop_index("ix_mailevent_heard", table_name="mailevent")
    for name in ("proved_at", "ended_why"):
        op.drop_column("accountsession", name)
    for name in OF_PRACTICE:
        op.drop_column("organization", name)
    op.drop_index("ix_emailchange_old", table_name="emailchange")
    op.drop_index("ix_emailchange_account", table_name="emailchange")
    op.drop_index("uq_emailchange_waiting", table_name="emailchange")
    op.drop_table("emailchange")
