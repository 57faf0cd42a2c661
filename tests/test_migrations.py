"""The migrations make what the models say, on both databases, also when two start at once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from motlink import database as db
from motlink import migrations
from motlink.models import metadata
from motlink.orgs.actions import found_organization
from motlink.roles.models import RolePermission
from motlink.roles.queries import role_by_key
from motlink.wiring import wire
from motlink.work import begin_work, system
from tests.installation import forget
from tests.servers import fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(
    request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{home / 'motlink.db'}"
        db.engine().dispose()
        return
    with fresh_database(f"motlink_migrate_{uuid4().hex[:12]}") as url:
        monkeypatch.setenv("MOTLINK_DATABASE_URL", url)
        forget()
        yield url
        db.engine().dispose()


def test_models_and_migrations_agree(empty_database: str) -> None:
    assert migrations.migrate()

    with db.engine().connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": _is_of_here}
        )
        assert compare_metadata(context, metadata) == []
        rules = {index["name"]: index for index in inspect(connection).get_indexes("rolegrant")}
        keys = inspect(connection).get_foreign_keys("rolegrant")

    assert rules["uq_rolegrant_open"]["unique"]
    assert any(
        "ended_at IS NULL" in str(part) for part in rules["uq_rolegrant_open"]["dialect_options"].values()
    )
    assert ["org_id", "member_id"] in [key["constrained_columns"] for key in keys]


def _is_of_here(thing: object, *_: object) -> bool:
    # Alembic does not read ddl_if, which keeps an index of one database out of the other.
    return getattr(thing, "info", {}).get("only") in {None, db.engine().dialect.name}


def test_a_second_migration_has_nothing_to_do(empty_database: str) -> None:
    migrations.migrate()

    assert not migrations.migrate()
    assert migrations.current() == migrations.head()


def test_the_database_refuses_a_row_across_practices(empty_database: str) -> None:
    migrations.migrate()
    wire()
    with begin_work(system()) as work:
        found_organization(work, name="Here")
        owner = role_by_key(work, "owner")
    with begin_work(system()) as work:
        there = found_organization(work, name="There")

    with Session(db.engine()) as session:
        session.add(RolePermission(role_id=owner.id, permission="another", org_id=there.id, scope=1))
        with pytest.raises(IntegrityError):
            session.commit()


def test_two_that_start_at_once_migrate_once(empty_database: str, home: Path) -> None:
    command = [sys.executable, "-m", "motlink.cli", "migrate"]

    running = [subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = sorted(one.communicate(timeout=60)[0] for one in running)

    assert [one.returncode for one in running] == [0, 0, 0]
    assert [("is now" in words) for words in said].count(True) == 1


def test_a_database_of_a_newer_version_is_left_alone(empty_database: str) -> None:
    migrations.migrate()
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(migrations.TooNew):
        migrations.migrate()


def test_revisions_are_numbered_in_one_line() -> None:
    script = ScriptDirectory(str(migrations.ROOT / "alembic"))
    numbers = [revision.revision for revision in script.walk_revisions()]

    assert script.get_heads() == [migrations.head()]
    assert numbers == sorted(numbers, reverse=True)
