"""What becomes of a letter afterwards; what an invitation's mail was, who looked at it, who asked for another.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("accepted_at IS NULL AND superseded_at IS NULL AND revoked_at IS NULL")
ASKED = sa.text("asked_again_at IS NOT NULL")
OF_LETTER = ("unclear_at", "delivered_at", "opened_at", "bounced_at")


def upgrade() -> None:
    """Add; nothing is taken away."""
    with op.batch_alter_table("letter") as table:
        for name in OF_LETTER:
            table.add_column(sa.Column(name, MOMENT))
        table.add_column(sa.Column("bounce_reason", sa.String(200), nullable=False, server_default=""))
    op.create_table(
        "mailevent",
        sa.Column("id", sa.String(120), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("heard_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("letter_id", sa.Uuid()))
        table.add_column(sa.Column("first_seen_at", MOMENT))
        table.add_column(sa.Column("asked_again_at", MOMENT))
    op.create_index(
        "ix_invitation_desk",
        "invitation",
        ["org_id", "expires_at"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_invitation_asked",
        "invitation",
        ["org_id", "member_id"],
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_invitation_asked", "invitation")
    op.drop_index("ix_invitation_desk", "invitation")
    for name in ("asked_again_at", "first_seen_at", "letter_id"):
        op.drop_column("invitation", name)
    op.drop_table("mailevent")
    for name in ("bounce_reason", *OF_LETTER):
        op.drop_column("letter", name)
