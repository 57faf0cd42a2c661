"""motlink as it runs, in a process of its own, with 10,000 people; every benchmark of a screen begins here."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import psutil
from sqlmodel import select

from benchmarks.seed import seed
from motlink import database as db
from motlink import settings as settings_module
from motlink.accounts.actions import open_session
from motlink.accounts.models import Account
from motlink.accounts.passwords import hash_password
from motlink.roles.models import Role
from motlink.staff.models import StaffMember
from motlink.work import Work, begin_work, system
from tests.people import add_person
from tests.web.site import free_port

ROOT = Path(__file__).resolve().parent.parent
MEMBERS = 10_000
MANAGERS = 10
PASSWORD = "four quiet words here"
SLUG = "benchmark-therapy"
STAFF = f"/p/{SLUG}/settings/staff"


@dataclass(frozen=True)
class People:
    """The practice, the cookies of its managers, and someone who stands first in the roster."""

    org: UUID
    cookies: tuple[str, ...]
    first: UUID
    roles: dict[str, UUID]

    @property
    def profile(self) -> str:
        """Return the address of the first one's Profile."""
        return f"{STAFF}/{self.first}"


@dataclass(frozen=True)
class Town:
    """A running motlink and its people."""

    url: str
    people: People
    server: psutil.Process

    @property
    def worker(self) -> psutil.Process:
        """Return the process that serves (granian's other one watches it)."""
        return max(
            self.server.children(recursive=True) or [self.server], key=lambda one: one.memory_info().rss
        )

    def resident(self) -> int:
        """Return the bytes of memory that the serving process holds."""
        return int(self.worker.memory_info().rss)

    def busy(self) -> float:
        """Return the seconds of a core that the serving process has used; other load shows little in it."""
        times = self.worker.cpu_times()
        return float(times.user + times.system)


@contextmanager
def installation(url: str = "") -> Iterator[Path]:
    """Use a data folder of its own, and `url` in place of SQLite, until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="motlink-bench-") as folder:
        home = Path(folder)
        named = {
            "MOTLINK_DATA": folder,
            "MOTLINK_SECRET": "a secret of the benchmarks, long enough",
            "MOTLINK_DATABASE_URL": url or f"sqlite:///{home / 'motlink.db'}",
        }
        before = {name: os.environ.get(name) for name in named}
        os.environ.update(named)
        _forget()
        try:
            yield home
        finally:
            db.engine().dispose()
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
            _forget()


@contextmanager
def town(members: int = MEMBERS) -> Iterator[Town]:
    """Serve motlink with so many people on a free port."""
    with installation() as home:
        people = populate(members)
        db.engine().dispose()
        with _serving(home) as (url, process):
            yield Town(url, people, psutil.Process(process.pid))


def populate(members: int) -> People:
    """Fill the database: people by bulk insert, managers and the first of the roster by the app's own actions."""
    org = seed(members)
    with begin_work(system(), org=org) as work:
        cookies = tuple(_manager(work, number) for number in range(MANAGERS))
        first = add_person(work, "Aaron", "Aaberg", "therapist", email="aaron@benchmark.example")
        roles = {role.key: role.id for role in work.session.exec(select(Role).where(Role.org_id == org))}
    return People(org, cookies, first, roles)


def _manager(work: Work, number: int) -> str:
    member_id = add_person(
        work, "Manager", f"Number{number}", "manager", email=f"manager{number}@benchmark.example"
    )
    account = work.session.get_one(Account, work.get(StaffMember, member_id).account_id)
    account.username = f"manager{number}"
    if number == 0:
        account.password_hash = hash_password(PASSWORD)
    work.session.add(account)
    return open_session(work, account_id=account.id)


@contextmanager
def _serving(home: Path) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    port = free_port()
    url = f"http://localhost:{port}"
    env = {**os.environ, "MOTLINK_PORT": str(port), "MOTLINK_PUBLIC_URL": url}
    # The same server with the same settings as `motlink serve`, without its migrations.
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "motlink.asgi:create"]
    options = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--log-level", "warning"]
    with (home / "server.log").open("w") as out:
        process = subprocess.Popen([*command, *options], cwd=ROOT, env=env, stdout=out, stderr=out)
    try:
        wait_for(f"{url}/health", 30, process)
        yield url, process
    finally:
        process.terminate()
        process.wait(15)
        log = (home / "server.log").read_text()
        if "Traceback" in log:
            print(log[-4000:], file=sys.stderr)


def wait_for(url: str, seconds: float, process: "subprocess.Popen[bytes]") -> float:
    """Wait until an address answers 200; returns how long it took."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if process.poll() is not None:
            raise RuntimeError(f"it ended with {process.returncode} before {url} answered")
        with suppress(httpx.TransportError):
            if httpx.get(url, timeout=5).status_code == 200:
                return time.monotonic() - began
        time.sleep(0.02)
    raise TimeoutError(url)


def _forget() -> None:
    for cached in (settings_module.settings, settings_module.secret, db.engine):
        cached.cache_clear()
