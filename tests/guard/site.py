"""The real app under attack: a witness behind the guard, one person of each kind, and the tables' digest."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import reflex as rx
from sqlmodel import Session, select

from motlink import settings as settings_module
from motlink.accounts.actions import open_session
from motlink.accounts.models import Account, AccountSession
from motlink.accounts.passwords import hash_password
from motlink.audit.models import AuditEntry
from motlink.models import metadata
from motlink.orgs.actions import found_organization
from motlink.roles.catalogue import BUILTIN
from motlink.roles.models import Role
from motlink.staff.batches import make_batch
from motlink.staff.models import StaffMember
from motlink.work import Work, begin_work, system
from tests.installation import installed
from tests.people import PASSWORD, add_person
from tests.web.site import Site, Tab, running

RIVERBEND, ELSEWHERE = "riverbend-therapy", "elsewhere"
# Says that a tab's events are done; anyone may send it, and it touches nothing.
SENTINEL = "reflex___state____state.motlink___web___acting____notice_state.failed"


def short(name: str) -> str:
    """Return "state.handler" of a handler's full name."""
    return name.rsplit("____", 1)[-1]


class Witness(rx.Middleware):
    """Stands behind the guard: what it sees is about to run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def preprocess(self, app: Any, state: Any, event: Any) -> None:
        with self.path.open("a") as file:
            file.write(f"{state.router_data.get('token', '')[:36]} {short(event.name)}\n")


def create() -> Any:
    """Return the app of production with the witness in it; served by granian in a process of its own."""
    from motlink.asgi import create as real
    from motlink.motlink import app

    app.add_middleware(Witness(settings_module.settings().data / "witness.log"))
    return real()


@dataclass(frozen=True)
class Someone:
    """Who tries: role at Riverbend, cookie, whose ids and which practice they send, and where a refusal is kept."""

    name: str
    cookie: str = ""
    role: str = ""
    account: UUID | None = None
    path: str = RIVERBEND
    ids: str = "ours"
    chain: str = "ours"

    @property
    def is_in(self) -> bool:
        """Whether the session is open, whatever it may enter."""
        return self.account is not None and self.name not in ("expired", "ended")


@dataclass
class Town:
    """The running site, Riverbend (ours) and Elsewhere (theirs), and everyone who tries."""

    site: Site
    home: Path
    org: UUID
    other_org: UUID
    targets: dict[str, UUID]
    roles: dict[str, UUID]
    people: list[Someone] = field(default_factory=list)
    # An import of each practice.
    batches: dict[str, UUID] = field(default_factory=dict)

    def who(self, name: str) -> Someone:
        """Return someone by name."""
        return next(one for one in self.people if one.name == name)

    def witnessed(self, tab: Tab) -> list[str]:
        """Return the handlers that the guard let this tab run."""
        lines = (
            (self.home / "witness.log").read_text().splitlines()
            if (self.home / "witness.log").exists()
            else []
        )
        return [line[37:] for line in lines if line[:36] == tab.token]


@contextmanager
def town_at(home: Path, template: Path, **environment: str) -> Iterator[Town]:
    """Serve both practices; the address of a client is what the last X-Forwarded-For says."""
    with installed(home, template, MOTLINK_TRUSTED_PROXIES="1", **environment):
        town = _settle(home)
        with running(home, "tests.guard.site:create") as town.site:
            yield town


def _settle(home: Path) -> Town:
    hashed = hash_password(PASSWORD)
    with begin_work(system()) as work:
        found_organization(work, name="Elsewhere")
        there = work.org_id
        dov, theirs = (
            add_person(work, "Dov", "Stranger", "owner"),
            add_person(work, "Tom", "Farfield", "therapist"),
        )
        add_person(work, "Ines", "Waiting", "owner")
        batches = {"theirs": make_batch(work, kind="import", given={"name": "x.csv"}, state="ready").id}
    with begin_work(system()) as work:
        found_organization(work, name="Riverbend Therapy")
        town = Town(None, home, work.org_id, there, {"theirs": theirs}, {})  # type: ignore[arg-type]
        town.batches = batches | {
            "ours": make_batch(work, kind="import", given={"name": "x.csv"}, state="ready").id
        }
        town.targets["ours"] = add_person(work, "Tara", "Marchetti", "therapist")
        add_person(work, "Olga", "Secunda", "owner")
        for role in work.session.exec(select(Role)):
            town.roles[("ours:" if role.org_id == work.org_id else "theirs:") + role.key] = role.id
        members = {
            role.key: add_person(work, role.name.replace(" ", ""), "Builtin", role.key) for role in BUILTIN
        }
        members |= {"no role": add_person(work, "Nora", "Roleless"), "dov": dov}
        members["deactivated"] = add_person(work, "Gus", "Gone", "owner")
        # A password that is good only with a second step, and none: the practice is shut until one of them changes.
        members["no second step"] = add_person(work, "Stella", "Stepless", "owner")
        members["ended"] = add_person(work, "Enid", "Ended", "owner")
        # An account that is used elsewhere, invited here as an owner: not accepted, so not in.
        members["invited"] = add_person(
            work, "Ines", "Waiting", "owner", email="ines.waiting@riverbend.example", joined=False
        )
        work.session.get_one(StaffMember, members["deactivated"]).deactivated_at = work.now
        for account in work.session.exec(select(Account)):
            account.username, account.password_hash = account.email.split("@")[0], hashed
            account.short_password = account.username.startswith("stella.")
        town.people = _everyone(work, members)
    return town


def _everyone(work: Work, members: dict[str, UUID]) -> list[Someone]:
    def someone(name: str, key: str = "", **more: Any) -> Someone:
        account = work.session.get_one(StaffMember, members[key or name]).account_id
        return Someone(name, open_session(work, account_id=account), account=account, **more)

    people = [
        Someone("signed out"), Someone("made-up cookie", "x" * 43),
        someone("no role"), someone("deactivated", chain="installation"), someone("invited", chain="installation"),
        someone("no second step"),
        someone("dov", chain="installation"), someone("dov, no practice", "dov", path="", chain="installation"),
        someone("owner, no such practice", "owner", path="no-such-practice", chain="installation"),
        someone("expired", "ended"), someone("ended"),
        *(someone(role.key, role=role.key) for role in BUILTIN),
        someone("manager with their ids", "manager", role="manager", ids="theirs"),
        someone("dov at home with our ids", "dov", role="owner", path=ELSEWHERE, ids="ours", chain="theirs"),
    ]  # fmt: skip
    work.session.flush()
    _end(work.session, people)
    return people


def _end(session: Session, people: list[Someone]) -> None:
    for one in people:
        if one.name not in ("expired", "ended"):
            continue
        digest = hashlib.sha256(one.cookie.encode()).hexdigest()
        row = session.exec(select(AccountSession).where(AccountSession.digest == digest)).one()
        if one.name == "ended":
            row.ended_at = row.created_at
        else:
            row.expires_at = row.created_at - timedelta(seconds=1)
        session.add(row)


APART = {"auditentry", "audithead"}
SEEN = {"last_seen_at", "longest_pause", "signed_in_at"}


def tables() -> dict[str, str]:
    """Return a digest of each table, but for the audit log and when a session or a place was last in use."""
    with begin_work(system(), writes=False) as work:
        connection = work.session.connection()
        found = {}
        for table in metadata.sorted_tables:
            if table.name in APART:
                continue
            columns = [column for column in table.columns if column.name not in SEEN]
            rows = sorted(
                json.dumps([str(value) for value in row])
                for row in connection.execute(table.select().with_only_columns(*columns))
            )
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found


def refusals() -> list[AuditEntry]:
    """Return what the audit log says about refusals."""
    with begin_work(system(), writes=False) as work:
        return list(work.session.exec(select(AuditEntry).where(AuditEntry.action == "refused")))


def row_data(town: Town) -> list[str]:
    """Return words that only someone of Riverbend may read: names, emails and ids of its people."""
    with begin_work(system(), org=town.org, writes=False) as work:
        found = work.session.exec(select(StaffMember).where(StaffMember.org_id == town.org)).all()
        # Ines is known at Elsewhere, too.
        members = [member for member in found if member.joined_at]
        emails = [work.session.get_one(Account, member.account_id).email for member in members]
    return [
        *(str(member.id) for member in members),
        *(member.last_name for member in members),
        *emails,
        "Riverbend Therapy",
    ]


def forwarded(address: str) -> dict[str, str]:
    """Return the header by which our proxy names a client."""
    return {"x-forwarded-for": address}


def browser_at(town: Town, address: str, cookie: str = "") -> httpx.Client:
    """Return a browser without JavaScript at an address."""
    browser = town.site.client(cookies={"motlink": cookie} if cookie else {})
    browser.headers.update(forwarded(address))
    return browser
