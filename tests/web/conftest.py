"""A running site with people who can sign in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select

from motlink.accounts.models import Account
from motlink.accounts.passwords import hash_password
from motlink.work import begin_work, system
from tests.installation import installed
from tests.people import PASSWORD, Practice, stranger_and_practice
from tests.web.site import Site, running


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
    with installed(home, sqlite_template):
        practice = stranger_and_practice()
        give_passwords()
        with running(home) as site:
            yield Town(site, practice)


def give_passwords() -> None:
    """Let everyone sign in with their first name."""
    hashed = hash_password(PASSWORD)
    with begin_work(system()) as work:
        for account in work.session.exec(select(Account)):
            account.username = account.email.split(".")[0]
            account.password_hash = hashed
            work.session.add(account)
