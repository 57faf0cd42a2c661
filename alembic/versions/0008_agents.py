"""External Agents: whose place is an agent's, what the agent shows a practice, and the agreement with them.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
IS_AGENT = sa.text("is_agent")
OF_PLACE = ("baa_asked_at", "baa_note", "baa_signed_on", "is_agent")


def upgrade() -> None:
    """Add; nothing is taken away, and nobody who is here becomes an agent."""
    with op.batch_alter_table("staffmember") as table:
        table.add_column(sa.Column("is_agent", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("baa_signed_on", sa.Date()))
        table.add_column(sa.Column("baa_note", sa.String(200), nullable=False, server_default=""))
        table.add_column(sa.Column("baa_asked_at", MOMENT))
    op.create_index(
        "ix_staffmember_agents",
        "staffmember",
        ["org_id", "id", "deactivated_at"],
        sqlite_where=sa.text("is_agent = 1"),
        postgresql_where=IS_AGENT,
    )
    op.create_table(
        "agentkey",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(12), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("first_name", sa.String(100), nullable=False),
        sa.Column("last_name", sa.String(100), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("renewed_at", MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("account_id"),
        sa.UniqueConstraint("token"),
    )


def downgrade() -> None:
    """Take it away again, where there is no External Agent, who would become a staff member unseen."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM staffmember WHERE is_agent LIMIT 1")).first():
        raise RuntimeError(
            "There are External Agents here, who would become staff: put back the copy from before this revision."
        )
    op.drop_table("agentkey")
    op.drop_index("ix_staffmember_agents", "staffmember")
    for name in OF_PLACE:
        op.drop_column("staffmember", name)
