"""What an operator does by mistake, or what fails half way: nothing wrong is taken silently."""

import importlib.util
import logging
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from motlink import worker
from motlink.accounts.agent_keys import key_of
from motlink.accounts.models import Account
from motlink.accounts.passwords import verify_password
from motlink.cli_people import make_owner
from motlink.cli_serve import make_demo
from motlink.demo.people import HARBOR, RIVERBEND
from motlink.demo.practice import make_practices
from motlink.errors import Conflict
from motlink.mail.actions import enqueue
from motlink.migrations import migrate
from motlink.orgs.actions import found_organization
from motlink.orgs.models import Organization
from motlink.sign_in.queries import practices_of
from motlink.work import begin_work, system
from tests.people import add_person

ROOT = Path(__file__).parents[2]
NO_HARBOR = """
    CREATE TRIGGER no_harbor BEFORE INSERT ON organization WHEN NEW.name = 'Harbor Speech'
    BEGIN SELECT RAISE(ABORT, 'no harbor'); END
"""


@pytest.fixture
def installation(home: Path) -> Path:
    """An installation with its tables and nobody in it."""
    migrate()
    return home


def found(name: str) -> None:
    with begin_work(system()) as work:
        found_organization(work, name=name)


def owner_of(name: str) -> str:
    return make_owner(
        name=name, email="ana@real.example", first_name="Ana", last_name="R", time_zone="America/New_York"
    )


def slugs() -> list[str]:
    with begin_work(system(), writes=False) as work:
        return list(work.session.exec(select(Organization.slug).order_by(col(Organization.slug))))


@pytest.mark.req("AC-03")
def test_a_name_that_two_practices_have_makes_nobody_an_owner(installation: Path) -> None:
    found("Harbor")
    found("Harbor")

    with pytest.raises(Conflict, match="harbor, harbor-2"):
        owner_of("Harbor")

    assert "is an owner of" in owner_of("harbor-2")
    assert slugs() == ["harbor", "harbor-2"]


def test_an_address_wins_over_another_practices_name(installation: Path) -> None:
    found("Harbor")
    with begin_work(system()) as work:
        found_organization(work, name="harbor", slug="elsewhere")

    owner_of("harbor")

    with begin_work(system(), org="harbor", writes=False) as work:
        query = select(Account).where(Account.email == "ana@real.example")
        assert work.session.exec(query).one()


@pytest.mark.req("AC-03")
def test_a_demo_whose_second_practice_fails_has_printed_the_first_and_is_finished_later(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with begin_work(system()) as work:
        work.session.execute(text(NO_HARBOR))

    with pytest.raises(Exception, match="no harbor"):
        make_demo(staff=0, as_json=False)
    first = capsys.readouterr().out
    with begin_work(system()) as work:
        work.session.execute(text("DROP TRIGGER no_harbor"))
    make_demo(staff=0, as_json=False)
    second = capsys.readouterr().out

    assert "ana" in first and "dov" not in first
    assert "dov" in second and "ana " not in second
    assert HARBOR in second and len(slugs()) == 2


def test_a_username_of_the_demo_that_somebody_has_is_replaced_and_printed(installation: Path) -> None:
    with begin_work(system()) as work:
        found_organization(work, name="Real")
        add_person(work, "Dov", "R", "owner", email="dov@real.example")
    with begin_work(system()) as work:
        account = work.session.exec(select(Account)).one()
        account.username = "dov"
        work.add(account)

    made = make_practices()

    dov = next(one for one in made if one.name == "Dov Adler")
    assert dov.username.startswith("dov-")
    with begin_work(system(), writes=False) as work:
        known = work.session.exec(select(Account).where(Account.username == dov.username)).one()
        assert verify_password(dov.password, known.password_hash).fits


@pytest.mark.req("TA-24")
def test_the_demo_has_an_agent_who_works_for_both_practices_with_one_login(installation: Path) -> None:
    made = make_practices()

    (zora,) = (one for one in made if one.username == "zora")
    assert zora.role == "Biller (External Agent)"
    with begin_work(system(), writes=False) as work:
        account = work.session.exec(select(Account).where(Account.username == "zora")).one()
        assert [org.name for org in practices_of(work.session, account.id, work.now)] == [HARBOR, RIVERBEND]
        assert key_of(work.session, account.id)


def test_a_bug_in_a_letter_is_logged_with_its_place_and_without_its_words(
    installation: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with begin_work(system()) as work:
        letter = enqueue(
            work, kind="no such kind, but a secret", to="a@b.example", values={"link": "a secret"}
        )

    with caplog.at_level(logging.ERROR):
        assert worker.deliver_letter(letter.id) is False

    assert "mail/letters.py" in caplog.text and "KeyError" in caplog.text
    assert "a secret" not in caplog.text


@pytest.fixture
def frontend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool, in a folder of its own."""
    spec = importlib.util.spec_from_file_location("frontend", ROOT / "tools" / "frontend.py")
    assert spec and spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    tool.PACKAGES, tool.BUN_LOCK = tmp_path / "package.json", tmp_path / "bun.lock"
    return tool


def half_a_build(frontend: ModuleType, end: type[BaseException]) -> None:
    with frontend.locks_kept_if_it_fails():
        frontend.BUN_LOCK.write_text("half")
        frontend.PACKAGES.write_text("new")
        raise end


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, OSError])
def test_a_build_that_ends_early_leaves_the_locks_as_they_were(
    frontend: ModuleType, end: type[BaseException]
) -> None:
    frontend.BUN_LOCK.write_text("whole")

    with pytest.raises(end):
        half_a_build(frontend, end)

    assert frontend.BUN_LOCK.read_text() == "whole"
    assert not frontend.PACKAGES.exists()
