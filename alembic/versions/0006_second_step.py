"""A second step after the password: the app, recovery codes, passkeys, what stands between; of whom a practice demands it.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add; nothing is taken away. Nobody has a second step, every password is long, and nothing is demanded."""
    op.add_column("account", sa.Column("second_step_at", MOMENT))
    op.add_column(
        "account", sa.Column("short_password", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "organization",
        sa.Column("second_step_of", sa.String(20), nullable=False, server_default="nobody"),
    )
    op.create_table(
        "authenticatorapp",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.String(400), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("session_id", sa.Uuid()),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("last_count", sa.Integer()),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("waits_until", MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id"),
    )
    op.create_table(
        "recoverycode",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_recoverycode_account", "recoverycode", ["account_id", "used_at", "ended_at"])
    op.create_table(
        "halfsession",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Uuid()),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_halfsession_account", "halfsession", ["account_id"])
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("credential_id", sa.String(1400), nullable=False),
        sa.Column("public_key", sa.String(2000), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("credential_id"),
    )
    op.create_index("ix_passkey_account", "passkey", ["account_id"])


def downgrade() -> None:
    """Take it away again. A short password stood only together with a step: its holder chooses a new one by a link."""
    op.execute("UPDATE account SET password_hash = NULL WHERE short_password")
    for table in ("passkey", "halfsession", "recoverycode", "authenticatorapp"):
        op.drop_table(table)
    op.drop_column("organization", "second_step_of")
    op.drop_column("account", "short_password")
    op.drop_column("account", "second_step_at")
