"""A practice with very many people, made by bulk insert: only benchmarks write around the actions."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import uuid_utils
from sqlalchemy import text
from sqlmodel import select

from motlink.accounts.models import Account
from motlink.database import engine, is_sqlite
from motlink.models import metadata
from motlink.orgs.actions import found_organization
from motlink.orgs.models import Organization
from motlink.roles.models import Role, RoleGrant
from motlink.staff.models import NO_ROLE, NO_TAG, StaffMember
from motlink.staff.rules import search_text, sort_name
from motlink.tags.actions import make_tag
from motlink.tags.models import Tag, Tagging
from motlink.wiring import wire
from motlink.work import begin_work, system

FIRST = [
    "Ana",
    "Ben",
    "Cleo",
    "Dov",
    "Elena",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jamal",
    "Kim",
    "Lena",
    "Marek",
    "Nadia",
    "Omar",
    "Priya",
    "Quinn",
    "Rosa",
    "Søren",
    "Tomás",
]
SYLLABLES = [
    "cas",
    "tel",
    "la",
    "nos",
    "oka",
    "for",
    "mar",
    "chet",
    "ti",
    "whit",
    "field",
    "san",
    "to",
    "ro",
    "ber",
    "lin",
    "da",
    "vis",
    "gru",
    "ner",
    "ko",
    "val",
]
TAGS = [
    "Aetna",
    "Cigna",
    "Medicaid",
    "Spanish",
    "Français",
    "ASL",
    "Play therapy",
    "Feeding",
    "AAC",
    "Autism 0–3",
]


def seed(members: int) -> UUID:
    """Make all tables and one practice of so many people; returns its id."""
    wire()
    metadata.create_all(engine())
    with begin_work(system()) as work:
        found_organization(work, name="Benchmark Therapy")
        org = work.org_id
        work.session.get_one(Organization, org).lock_after_days = 30
        tags = [make_tag(work, name=name) for name in TAGS]
        roles = {role.key: role for role in work.session.exec(select(Role).where(Role.org_id == org))}
    people = _people(random.Random(2), org, roles, tags, members)
    while batch := list(islice(people, 2_000)):
        _insert(batch)
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if is_sqlite() else "VACUUM ANALYZE"))
    return org


def _insert(batch: list[dict[type, list[dict[str, Any]]]]) -> None:
    with engine().begin() as connection:
        for table in (Account, StaffMember, RoleGrant, Tagging):
            rows = [row for person in batch for row in person[table]]
            connection.execute(table.__table__.insert(), rows)  # type: ignore[attr-defined]


def _people(
    chance: random.Random, org: UUID, roles: dict[str, Role], tags: list[Tag], members: int
) -> Iterator[dict[type, list[dict[str, Any]]]]:
    now = datetime.now(UTC) - timedelta(days=1)
    keys = ["therapist"] * 6 + ["supervisor", "intern", "scheduler", "biller", "reporting"]
    for number in range(members):
        first, last = chance.choice(FIRST), "".join(chance.choices(SYLLABLES, k=3)).capitalize()
        email, phone = (
            f"{first}.{last}{number}@benchmark.example".lower(),
            f"+1 212-{chance.randrange(200, 999)}-{number % 10_000:04}",
        )
        member, account = _id(), _id()
        held = chance.sample(keys, k=chance.choice((0, 1, 1, 1, 2)))
        worn = chance.sample(tags, k=3)
        yield {
            Account: [{"id": account, "email": email, "created_at": now}],
            StaffMember: [
                {
                    "id": member, "org_id": org, "account_id": account, "first_name": first, "last_name": last,
                    "phone": phone, "designation": "", "sort_name": sort_name(first, last),
                    "search_text": search_text(first, last, email, phone), "email": email,
                    "joined_at": now - timedelta(days=400),
                    "signed_in_at": now - timedelta(days=number % 60),
                    "role_order": min((roles[key].position for key in held), default=NO_ROLE),
                    "tag_order": min((tag.key for tag in worn), default=NO_TAG), "created_at": now,
                    "deactivated_at": now if number % 20 == 0 else None, "version": 1,
                }
            ],
            RoleGrant: [
                {"id": _id(), "org_id": org, "member_id": member, "role_id": roles[key].id, "starts_at": now}
                for key in dict.fromkeys(held)
            ],
            Tagging: [
                {"id": _id(), "org_id": org, "member_id": member, "tag_id": tag.id, "created_at": now}
                for tag in worn
            ],
        }  # fmt: skip


def _id() -> UUID:
    return uuid.UUID(str(uuid_utils.uuid7()))
