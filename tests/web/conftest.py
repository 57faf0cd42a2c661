"""A running site with people who can sign in."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select

from motlink import database as db
from motlink import settings as settings_module
from motlink.accounts.models import Account
from motlink.accounts.passwords import hash_password
from motlink.wiring import wire
from motlink.work import begin_work, system
from tests.people import Practice, stranger_and_practice
from tests.web.site import Site, running

PASSWORD = "four quiet words here"


@dataclass
class Town:
    """The running site and the people in it; everyone has the same password."""

    site: Site
    practice: Practice

    def cookie(self, who: str) -> str:
        """Sign someone in."""
        return self.site.sign_in(who, PASSWORD)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    """A site on a database that this process can read and write, too."""
    home = tmp_path_factory.mktemp("site")
    shutil.copy(sqlite_template, home / "motlink.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTLINK_DATA", str(home))
        patch.setenv("MOTLINK_SECRET", "a secret of the tests")
        patch.setenv("MOTLINK_DATABASE_URL", f"sqlite:///{home / 'motlink.db'}")
        _forget()
        wire()
        practice = stranger_and_practice()
        give_passwords()
        with running(home) as site:
            yield Town(site, practice)
        db.engine().dispose()
    _forget()


def give_passwords() -> None:
    """Let everyone sign in with their first name."""
    hashed = hash_password(PASSWORD)
    with begin_work(system()) as work:
        for account in work.session.exec(select(Account)):
            account.username = account.email.split(".")[0]
            account.password_hash = hashed
            work.session.add(account)


def _forget() -> None:
    settings_module.settings.cache_clear()
    settings_module.secret.cache_clear()
    db.engine.cache_clear()
