"""Alembic's way in: our tables, our engine. `motlink migrate` hands its locked connection over."""

from sqlalchemy import Connection

from alembic import context
from motlink.database import engine
from motlink.models import metadata


def run(connection: Connection) -> None:
    """Run the revisions in one transaction, so that a kill in the middle leaves nothing behind."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        # SQLite can't alter a table: Alembic copies it into a new one.
        render_as_batch=True,
        # SQLite's DDL is transactional too, as we send BEGIN ourselves (database.py).
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with engine().connect() as opened:
        run(opened)
        opened.commit()
