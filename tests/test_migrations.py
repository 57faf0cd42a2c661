"""The migrations make what the models say, on both databases, also when two start at once."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, bindparam, insert, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from alembic import command
from motlink import database as db
from motlink import migrations
from motlink.audit.models import AuditEntry
from motlink.models import metadata
from motlink.orgs.actions import found_organization
from motlink.orgs.zones import practice_of
from motlink.roles.catalogue import FIRST_OPTION, OPTIONS
from motlink.roles.models import RoleGrant, RolePermission
from motlink.roles.queries import all_in_force, privileges_of_role, role_by_key, roles_and_options
from motlink.staff.actions import switch_role
from motlink.staff.models import StaffMember
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


@pytest.mark.req("TA-26")
def test_a_practice_of_the_first_version_keeps_its_rows_and_gets_the_options(empty_database: str) -> None:
    upgrade_to("0001")
    ids = fill_as_0001_did()

    assert migrations.migrate()

    wire()
    with begin_work(system(), org=ids["org"], writes=False) as work:
        cleo = work.get(StaffMember, ids["member"])
        options = {role.key: role for role in roles_and_options(work) if role.option_of}
        assert (cleo.name, cleo.preferred_name, cleo.leaves_at) == ("Cleo Marchetti", "", None)
        assert [role.key for role in all_in_force(work.session, work.org_id, cleo.id, work.now)] == [
            "therapist"
        ]
        assert set(options) == {option.key for option in OPTIONS}
        for option in OPTIONS:
            made = options[option.key]
            assert privileges_of_role(work, made.id) == option.privileges
            assert (made.name, made.description, made.addon, made.section, made.paid, made.builtin) == (
                option.name,
                option.description,
                option.addon,
                option.section,
                False,
                True,
            )
        assert options["telehealth"].position == FIRST_OPTION
    with begin_work(system(), org=ids["org"]) as work:
        telehealth = options["telehealth"].id
        switch_role(work, member_id=ids["member"], role_id=telehealth, on=True)
    # The rule that a role is on once is still the database's.
    with Session(db.engine()) as session:
        twice = {"org_id": ids["org"], "member_id": ids["member"], "role_id": telehealth}
        session.add(RoleGrant(id=uuid4(), starts_at=datetime.now(UTC), **twice))
        with pytest.raises(IntegrityError):
            session.commit()
    with db.engine().connect() as connection:
        names = {
            one["name"]
            for table in ("rolegrant", "staffmember", "tag")
            for one in inspect(connection).get_indexes(table)
        }
        assert {
            "uq_rolegrant_open",
            "ix_rolegrant_role",
            "ix_rolegrant_ends",
            "ix_staffmember_by_name",
            "uq_tag_open",
        } <= names


@pytest.mark.req("TA-22")
def test_whoever_has_signed_in_before_there_was_a_lock_out_keeps_that_moment(empty_database: str) -> None:
    upgrade_to("0001")
    ids, seen = fill_as_0001_did(), datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    entry = dict.fromkeys(("actor_kind", "address", "browser", "subject_kind", "salt", "digest", "seal"), "")
    with db.engine().begin() as connection:
        for number, (action, subject) in enumerate(
            (("signed_in", "account"), ("staff.reactivated", "member"))
        ):
            connection.execute(
                insert(AuditEntry).values(
                    id=uuid4(), chain=str(ids["org"]), number=number, org_id=ids["org"], at=seen, action=action,
                    subject_id=ids[subject], previous="", **entry,
                )
            )  # fmt: skip

    assert migrations.migrate()

    wire()
    with begin_work(system(), org=ids["org"], writes=False) as work:
        cleo = work.get(StaffMember, ids["member"])
        assert (cleo.signed_in_at, cleo.back_at, cleo.unlocked_at) == (seen, seen, None)
        assert practice_of(work).lock_after_days is None
    downgrade_to("0002")
    with db.engine().connect() as connection:
        names = {column["name"] for column in inspect(connection).get_columns("staffmember")}
    assert "signed_in_at" not in names and "on_leave_until" in names
    assert migrations.migrate()


def downgrade_to(revision: str) -> None:
    """Take a database back to an older revision."""
    config = Config(migrations.ROOT / "alembic.ini")
    with db.engine().connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
        connection.commit()


def upgrade_to(revision: str) -> None:
    """Bring an empty database to an older revision."""
    config = Config(migrations.ROOT / "alembic.ini")
    with db.engine().connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def fill_as_0001_did() -> dict[str, UUID]:
    """Write two practices, one with a therapist, one without anybody, in the columns of then."""
    ids = {name: uuid4() for name in ("org", "other", "account", "member", "role", "role2", "grant")}
    now = datetime.now(UTC)
    org = {
        "time_zone": "UTC",
        "locale": "en-US",
        "country": "US",
        "currency": "USD",
        "cycle_day": 1,
        "is_demo": False,
        "version": 1,
        "created_at": now,
    }
    role = {
        "key": "therapist",
        "name": "Therapist",
        "description": "",
        "module": "pm",
        "section": "provider",
        "builtin": True,
        "paid": True,
        "position": 0,
        "version": 1,
    }
    rows: list[tuple[str, dict[str, Any]]] = [
        ("organization", {"id": ids["org"], "slug": "old", "name": "Old", **org}),
        ("organization", {"id": ids["other"], "slug": "empty", "name": "Empty", **org}),
        ("role", {"id": ids["role"], "org_id": ids["org"], **role}),
        ("role", {"id": ids["role2"], "org_id": ids["other"], **role}),
        (
            "rolepermission",
            {"role_id": ids["role"], "org_id": ids["org"], "permission": "read_notes", "scope": 1},
        ),
        ("account", {"id": ids["account"], "email": "cleo@old.example", "created_at": now}),
        (
            "staffmember",
            {
                "id": ids["member"],
                "org_id": ids["org"],
                "account_id": ids["account"],
                "first_name": "Cleo",
                "last_name": "Marchetti",
                "phone": "",
                "designation": "",
                "sort_name": "marchetti cleo",
                "search_text": "cleo",
                "email": "cleo@old.example",
                "role_order": 0,
                "tag_order": "z",
                "created_at": now,
                "version": 1,
            },
        ),
        (
            "rolegrant",
            {
                "id": ids["grant"],
                "org_id": ids["org"],
                "member_id": ids["member"],
                "role_id": ids["role"],
                "starts_at": now,
            },
        ),
    ]
    with db.engine().begin() as connection:
        for name, row in rows:
            table = Table(name, MetaData(), autoload_with=connection)
            kinds = {column.name: column.type for column in metadata.tables[name].columns}
            values = {key: bindparam(key, value, type_=kinds[key]) for key, value in row.items()}
            connection.execute(insert(table).values(**values))
    return ids


@pytest.mark.asvs("6.2.1")
def test_a_short_password_does_not_stand_alone_after_a_way_back(empty_database: str) -> None:
    migrations.migrate()
    fill_as_0001_did()
    with db.engine().begin() as connection:
        # One has eight characters and a second step, the other one is long enough by itself.
        for email, short in (("cleo@old.example", True), ("long@old.example", False)):
            if not short:
                add_account(connection, email)
            words = "UPDATE account SET password_hash = 'kept', short_password = :short WHERE email = :email"
            connection.execute(text(words), {"short": short, "email": email})

    downgrade_to("0005")
    migrations.migrate()

    with db.engine().connect() as connection:
        kept = dict(connection.execute(text("SELECT email, password_hash FROM account")).all())
    assert kept == {"cleo@old.example": None, "long@old.example": "kept"}


def add_account(connection: Connection, email: str) -> None:
    row = {"id": uuid4(), "email": email, "created_at": datetime.now(UTC)}
    connection.execute(insert(metadata.tables["account"]).values(**row, short_password=False))


@pytest.mark.req("TA-24")
def test_no_way_back_makes_an_external_agent_staff(empty_database: str) -> None:
    migrations.migrate()
    fill_as_0001_did()
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE staffmember SET is_agent = true"))

    with pytest.raises(RuntimeError, match="External Agents"):
        downgrade_to("0007")
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE staffmember SET is_agent = false"))
    downgrade_to("0007")

    assert migrations.current() == "0007"


@pytest.mark.parametrize("empty_database", ["sqlite"], indirect=True)
def test_a_migration_that_leaves_a_row_pointing_nowhere_is_rolled_back(empty_database: str) -> None:
    upgrade_to("0001")
    ids = fill_as_0001_did()
    with sqlite3.connect(str(db.engine().url.database)) as hand:
        # As a copied and dropped table would: the keys are switched off.
        hand.execute("DELETE FROM account WHERE id = ?", (ids["account"].hex,))

    with pytest.raises(migrations.PointsNowhere, match="staffmember"):
        migrations.migrate()

    assert migrations.current() == "0001"
    with db.engine().connect() as connection:
        assert "leaves_at" not in {one["name"] for one in inspect(connection).get_columns("staffmember")}


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
