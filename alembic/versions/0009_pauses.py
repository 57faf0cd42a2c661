"""The longest time a session was not used.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add; what is open now has had no pause."""
    with op.batch_alter_table("accountsession") as table:
        table.add_column(sa.Column("longest_pause", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """A session that a practice's own limit had ended is open there again if it is used."""
    op.drop_column("accountsession", "longest_pause")
