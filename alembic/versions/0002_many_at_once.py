"""Batches and imports, locations, what a person's place says, options of roles, tags that end.

Revision: 0002, after 0001.
"""

from uuid import UUID

import sqlalchemy as sa
import uuid_utils
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NOT_ENDED = sa.text("ended_at IS NULL")
WITHDRAWN = sa.text("withdrawn_at IS NOT NULL")
LEAVES = sa.text("leaves_at IS NOT NULL")
NOT_JOINED = sa.text("joined_at IS NULL")
UNDER_WAY = sa.text("state IN ('preparing', 'running')")
WAITING = sa.text("outcome = ''")
WILL_END = sa.text("ends_on IS NOT NULL AND ended_at IS NULL")
# What SQLite's unnamed constraints are called while their table is copied.
NAMES = {"uq": "uq_%(table_name)s_%(column_0_N_name)s"}
ENDS = sa.text("ends_at IS NOT NULL AND ended_at IS NULL")
# The options of Therapist as they were then: key, name, description, item of the price list, privileges over own work.
OPTIONS = (
    ("telehealth", "Telehealth", "Sessions by video", "telehealth", ("book",)),
    (
        "accept_client_payments",
        "Accept Client Payments",
        "Takes payments from own clients",
        "",
        ("claims",),
    ),
    (
        "client_financials",
        "Client Financials",
        "Sees balances and statements of own clients",
        "",
        ("view_clients", "claims"),
    ),
    ("own_reports", "Own Reports", "Reports about own work", "", ("reports",)),
)
OWN = 1
FIRST_OPTION = 100


def upgrade() -> None:
    """Add; nothing is taken away but the rule that a tag's word is never free again."""
    _locations()
    _staff()
    _roles()
    _options()
    _tags()
    _batches()
    _imports()


def _locations() -> None:
    op.create_table(
        "location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("org_id", "id", name="uq_location_org_id"),
        sa.UniqueConstraint("org_id", "key"),
    )


def _staff() -> None:
    with op.batch_alter_table("staffmember") as table:
        table.add_column(sa.Column("withdrawn_at", MOMENT))
        table.add_column(sa.Column("preferred_name", sa.String(100), nullable=False, server_default=""))
        table.add_column(sa.Column("starts_on", sa.Date()))
        table.add_column(sa.Column("location_id", sa.Uuid()))
        table.add_column(sa.Column("supervisor_id", sa.Uuid()))
        table.add_column(sa.Column("leaves_at", MOMENT))
        table.add_column(sa.Column("leaves_by", sa.Uuid()))
        table.add_column(sa.Column("leaves_with", JSON))
        table.add_column(sa.Column("on_leave_until", sa.Date()))
        table.create_foreign_key(
            "fk_staffmember_location", "location", ["org_id", "location_id"], ["org_id", "id"]
        )
        table.create_foreign_key(
            "fk_staffmember_supervisor", "staffmember", ["org_id", "supervisor_id"], ["org_id", "id"]
        )
    op.create_index(
        "ix_staffmember_location", "staffmember", ["org_id", "location_id", "id", "deactivated_at"]
    )
    op.create_index(
        "ix_staffmember_supervisor", "staffmember", ["org_id", "supervisor_id", "id", "deactivated_at"]
    )
    op.create_index(
        "ix_staffmember_withdrawn",
        "staffmember",
        ["org_id"],
        sqlite_where=WITHDRAWN,
        postgresql_where=WITHDRAWN,
    )
    op.create_index(
        "ix_staffmember_leaves", "staffmember", ["leaves_at"], sqlite_where=LEAVES, postgresql_where=LEAVES
    )
    op.create_index(
        "ix_staffmember_not_joined",
        "staffmember",
        ["org_id", "id", "deactivated_at"],
        sqlite_where=NOT_JOINED,
        postgresql_where=NOT_JOINED,
    )


def _roles() -> None:
    with op.batch_alter_table("role") as table:
        table.add_column(sa.Column("option_of", sa.String(60), nullable=False, server_default=""))
        table.add_column(sa.Column("addon", sa.String(20), nullable=False, server_default=""))
    with op.batch_alter_table("rolegrant") as table:
        table.add_column(sa.Column("all_providers", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.create_unique_constraint("uq_rolegrant_org_id", ["org_id", "id"])
    op.create_table(
        "grantprovider",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["org_id", "grant_id"], ["rolegrant.org_id", "rolegrant.id"]),
        sa.ForeignKeyConstraint(["org_id", "member_id"], ["staffmember.org_id", "staffmember.id"]),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("grant_id", "member_id"),
    )


    op.create_index("ix_rolegrant_ends", "rolegrant", ["ends_at"], sqlite_where=ENDS, postgresql_where=ENDS)


def _options() -> None:
    """Give the practices that exist what new ones start with."""
    role = sa.table(
        "role",
        *(sa.column(name, sa.Uuid()) for name in ("id", "org_id")),
        *(sa.column(name) for name in ("key", "name", "description", "module", "section", "builtin")),
        *(sa.column(name) for name in ("paid", "option_of", "addon", "position", "version")),
    )
    allowed = sa.table(
        "rolepermission",
        *(sa.column(name, sa.Uuid()) for name in ("role_id", "org_id")),
        *(sa.column(name) for name in ("permission", "scope")),
    )
    connection = op.get_bind()
    practices = sa.select(role.c.org_id).where(role.c.key == "therapist")
    for org_id in connection.execute(practices).scalars().all():
        for position, (key, name, description, addon, own) in enumerate(OPTIONS, FIRST_OPTION):
            role_id = UUID(str(uuid_utils.uuid7()))
            fixed = {"module": "pm", "section": "provider", "builtin": True, "paid": False, "version": 1}
            words = {"key": key, "name": name, "description": description, "addon": addon}
            place = {"id": role_id, "org_id": org_id, "option_of": "therapist", "position": position}
            connection.execute(role.insert().values(**fixed, **words, **place))
            for permission in own:
                given = {"role_id": role_id, "org_id": org_id, "permission": permission, "scope": OWN}
                connection.execute(allowed.insert().values(**given))


def _tags() -> None:
    with op.batch_alter_table("tag", naming_convention=NAMES) as table:
        table.add_column(sa.Column("created_at", MOMENT))
        table.add_column(sa.Column("changed_at", MOMENT))
        table.add_column(sa.Column("ended_at", MOMENT))
        table.add_column(sa.Column("merged_into", sa.Uuid()))
        table.add_column(sa.Column("kept_apart", JSON))
        is_sqlite = op.get_bind().dialect.name == "sqlite"
        table.drop_constraint("uq_tag_org_id_key" if is_sqlite else "tag_org_id_key_key", type_="unique")
    op.create_index(
        "uq_tag_open",
        "tag",
        ["org_id", "key"],
        unique=True,
        sqlite_where=NOT_ENDED,
        postgresql_where=NOT_ENDED,
    )
    with op.batch_alter_table("tagging") as table:
        table.add_column(sa.Column("ended_by", sa.Uuid()))
        table.add_column(sa.Column("merged_by", sa.Uuid()))
        table.drop_index("ix_tagging_tag")
        table.create_index("ix_tagging_tag", ["org_id", "tag_id", "ended_at", "member_id", "ends_on"])
        table.create_index("ix_tagging_ends", ["ends_on"], sqlite_where=WILL_END, postgresql_where=WILL_END)


def _batches() -> None:
    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("given", JSON),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("started_by", sa.Uuid()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        sa.Column("leased_until", MOMENT),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("undoes", sa.Uuid()),
        sa.Column("undone_at", MOMENT),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("org_id", "id", name="uq_batch_org_id"),
    )
    op.create_index("ix_batch_org", "batch", ["org_id", "kind", "created_at"])
    op.create_index(
        "ix_batch_due", "batch", ["leased_until"], sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY
    )
    op.create_table(
        "batchitem",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid()),
        sa.Column("given", JSON),
        sa.Column("fate", sa.String(12), nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("before", JSON),
        sa.ForeignKeyConstraint(["org_id", "batch_id"], ["batch.org_id", "batch.id"]),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("batch_id", "number"),
    )
    op.create_index(
        "ix_batchitem_waiting",
        "batchitem",
        ["batch_id", "number"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def _imports() -> None:
    op.create_table(
        "importfile",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("reading", JSON),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["org_id", "batch_id"], ["batch.org_id", "batch.id"]),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("batch_id"),
    )
    op.create_table(
        "importmapping",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("header_digest", sa.String(64), nullable=False),
        sa.Column("columns", JSON),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organization.id"]),
        sa.PrimaryKeyConstraint("org_id", "header_digest"),
    )
