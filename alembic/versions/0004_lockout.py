"""Lock-out after days without sign-in: the practice's choice, and from when each place's clock runs.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MOMENTS = ("signed_in_at", "unlocked_at", "back_at", "lock_noted_at", "reminded_at")


def upgrade() -> None:
    """Add the columns, and fill them from the log: whoever has signed in is not to be locked for having joined long ago."""
    op.add_column("organization", sa.Column("lock_after_days", sa.Integer()))
    for name in MOMENTS:
        op.add_column("staffmember", sa.Column(name, MOMENT))
    op.create_index(
        "ix_staffmember_clock",
        "staffmember",
        [
            "org_id",
            "deactivated_at",
            "joined_at",
            "signed_in_at",
            "unlocked_at",
            "back_at",
            "on_leave_until",
            "leaves_at",
            "lock_noted_at",
            "id",
        ],
    )
    _fill("signed_in_at", "signed_in", "account_id")
    _fill("back_at", "staff.reactivated", "id")


def _fill(column: str, action: str, subject: str) -> None:
    op.execute(
        f"UPDATE staffmember SET {column} = (SELECT max(at) FROM auditentry"
        f" WHERE auditentry.org_id = staffmember.org_id AND auditentry.subject_id = staffmember.{subject}"
        f" AND auditentry.action = '{action}')"
    )


def downgrade() -> None:
    """Take the columns away again: nobody is locked any more."""
    op.drop_index("ix_staffmember_clock", "staffmember")
    # Both databases drop a column by themselves; a copied table would lose the rows that point at it.
    for name in reversed(MOMENTS):
        op.drop_column("staffmember", name)
    op.drop_column("organization", "lock_after_days")
