"""A database that keeps somebody waiting: a calm refusal in time, and everybody else goes on (ASVS 13.1.3, 13.2.6)."""

import asyncio
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from motlink import cli
from motlink import database as db
from motlink.batch_runner import sweep_batches
from motlink.errors import Busy
from motlink.mail.actions import enqueue
from motlink.mail.models import Letter
from motlink.migrations import _locked
from motlink.sign_in import entering
from motlink.sign_in.routes import routes
from motlink.staff.batches import CHUNK
from motlink.staff.models import Batch
from motlink.tags.actions import make_tag
from motlink.tags.models import Tag
from motlink.web.guard import rule_on
from motlink.web.threads import writing
from motlink.web.visitor import Visitor
from motlink.work import begin_work, system
from motlink.worker import deliver_letter
from tests.acts import count, do
from tests.loops import run
from tests.people import PASSWORD, Practice, add_person
from tests.staff.test_batches import batch_of, role_on
from tests.web.conftest import give_passwords

pytestmark = pytest.mark.asvs("13.1.3", "13.2.6")


@contextmanager
def held(practice: Practice, server: Engine | None = None, *, tables: str = "") -> Iterator[None]:
    """Hold the practice's row (whole tables, SQLite's one lock) as a process does that hangs while it writes."""
    if server is None:
        with closing(sqlite3.connect(str(db.engine().url.database), check_same_thread=False)) as hung:
            hung.execute("BEGIN IMMEDIATE")
            yield
        return
    wanted = f"LOCK TABLE {tables}" if tables else "SELECT 1 FROM organization WHERE id = :id FOR UPDATE"
    with server.connect() as connection:
        connection.execute(text(wanted), {} if tables else {"id": practice.org})
        yield


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return what lets the database wait for other numbers of seconds than it does."""

    def hurry(**seconds: int) -> None:
        for name, value in seconds.items():
            monkeypatch.setattr(db, name, value)
        db.engine().dispose()
        db.engine.cache_clear()

    yield hurry
    db.engine().dispose()
    db.engine.cache_clear()


@pytest.fixture
def beside(request: pytest.FixtureRequest, database: str) -> Engine | None:
    """PostgreSQL's way in beside the app's; None on SQLite."""
    is_file = database.startswith("sqlite")
    return None if is_file else request.getfixturevalue("postgres_database")  # type: ignore[no-any-return]


def in_time(seconds: float, act: Callable[[], Any]) -> Any:
    """Return what an act gives, or its refusal; it may not last longer."""
    start = time.monotonic()
    try:
        return act()
    except Busy as refusal:
        return refusal
    finally:
        assert time.monotonic() - start < seconds


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_practice_whose_row_is_held_keeps_nobody_else_from_writing_or_signing_in(
    practice: Practice, beside: Engine
) -> None:
    give_passwords()
    dov = Visitor("", "10.9.0.1", "Firefox")

    async def eight_clicks_and_two_others() -> tuple[list[Any], Any, Any]:
        clicks = [
            asyncio.ensure_future(writing(do, practice, practice.ben, make_tag, name=f"T{n}"))
            for n in range(8)
        ]
        await asyncio.sleep(0.1)
        others = await asyncio.wait_for(
            asyncio.gather(
                writing(_tag_elsewhere, practice), entering.enter(dov, login="dov", password=PASSWORD)
            ),
            db.LOCK_SECONDS + 2,
        )
        return (await asyncio.gather(*clicks, return_exceptions=True), *others)

    with held(practice, beside):
        # Who is next in line when the first gives up waits anew.
        both_waits = 2 * db.LOCK_SECONDS + 2
        clicks, elsewhere, (entry, _) = in_time(both_waits, lambda: run(eight_clicks_and_two_others()))

    assert [type(click) for click in clicks] == [Busy] * 8
    assert elsewhere == "Elsewhere" and entry and not entry.is_half
    assert count(Tag, Tag.org_id == practice.org) == 0


def _tag_elsewhere(practice: Practice) -> str:
    with begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
        return make_tag(work, name="Elsewhere").name


def test_a_click_is_refused_calmly_and_works_the_next_time(
    practice: Practice, beside: Engine | None, hurried: Callable[..., None]
) -> None:
    hurried(SQLITE_LOCK_SECONDS=1)

    def click() -> Any:
        return do(practice, practice.ben, make_tag, name="Spanish")

    with held(practice, beside):
        refused = in_time(db.LOCK_SECONDS + 1, click)
    made = in_time(1, click)

    assert str(refused) == "The database is busy just now, so nothing was changed. Try again in a moment."
    assert made.name == "Spanish" and count(Tag, Tag.org_id == practice.org) == 1


def test_the_door_and_the_command_line_say_so_too(
    practice: Practice,
    beside: Engine | None,
    hurried: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hurried(SQLITE_LOCK_SECONDS=1)
    give_passwords()
    # The tables of the tests are made without a revision.
    monkeypatch.setattr("motlink.cli_people.ready", lambda: None)

    with held(practice, beside), TestClient(routes(), base_url="http://localhost:3000") as door:
        answer = door.post("/sign-in", data={"login": "ana", "password": PASSWORD})
        monkeypatch.setattr("sys.argv", ["motlink", "sessions", "end", "ana.castellanos@riverbend.example"])
        with pytest.raises(SystemExit) as code:
            cli.main()

    assert (answer.status_code, "set-cookie" in answer.headers) == (503, False)
    assert Busy.sentence in answer.text and "Traceback" not in answer.text
    assert code.value.code == 7 and Busy.sentence in capsys.readouterr().err


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_where_even_reading_waits_nobody_is_let_in(practice: Practice, beside: Engine) -> None:
    someone = Visitor("x", "10.9.0.1", "Firefox", practice="riverbend-therapy")

    with held(practice, beside, tables="accountsession, organization"):
        ruling = in_time(db.LOCK_SECONDS + 1, lambda: rule_on(someone, None))

    assert ruling.actor is None and isinstance(ruling.refusal, Busy)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_writer_that_falls_silent_loses_the_row(practice: Practice, hurried: Callable[..., None]) -> None:
    hurried(SILENT_SECONDS=1)

    def hangs() -> None:
        with begin_work(system(), org=practice.org) as work:
            make_tag(work, name="Never")
            time.sleep(1.5)

    refused = in_time(3, hangs)

    assert isinstance(refused, Busy) and count(Tag) == 0
    assert in_time(1, lambda: do(practice, practice.ben, make_tag, name="Spanish")).name == "Spanish"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_statement_without_an_end_is_cut(practice: Practice, hurried: Callable[..., None]) -> None:
    hurried(STATEMENT_SECONDS=1)

    def endless() -> None:
        with begin_work(system(), writes=False) as work:
            work.session.execute(text("SELECT pg_sleep(60)"))

    assert isinstance(in_time(3, endless), Busy)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_migration_takes_as_long_as_it_takes(practice: Practice, hurried: Callable[..., None]) -> None:
    hurried(LOCK_SECONDS=1, SILENT_SECONDS=1, STATEMENT_SECONDS=1)
    waited: list[str] = []

    def second() -> None:
        with _locked() as connection:
            waited.append(connection.execute(text("SELECT pg_sleep(1.2)::text || 'done'")).scalar_one())

    with _locked() as first:
        thread = Thread(target=second)
        thread.start()
        first.execute(text("SELECT 1"))
        time.sleep(1.5)
    thread.join()

    assert waited == ["done"]
    with db.engine().connect() as afterwards:
        waits = [
            afterwards.execute(text(f"SHOW {name}")).scalar()
            for name in ("lock_timeout", "statement_timeout")
        ]
    assert waits == ["1s", "1s"]


def test_a_server_that_never_answers_is_not_waited_for(
    home: Any, hurried: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from motlink.settings import settings

    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgresql://motlink@127.0.0.1:{silent.getsockname()[1]}/motlink"
        monkeypatch.setenv("MOTLINK_DATABASE_URL", address)
        settings.cache_clear()
        hurried(CONNECT_SECONDS=2)

        def ask() -> None:
            with begin_work(system(), writes=False):
                pass

        assert isinstance(in_time(4, ask), Busy)


def test_a_batch_that_finds_the_database_busy_goes_on_later(
    practice: Practice, beside: Engine | None, hurried: Callable[..., None]
) -> None:
    hurried(LOCK_SECONDS=1, SQLITE_LOCK_SECONDS=1)
    with begin_work(system(), org=practice.org) as work:
        people = [add_person(work, f"P{n}", "Many", "therapist") for n in range(CHUNK + 2)]
    from motlink.staff.batches import start_batch

    do(practice, practice.ben, start_batch, **role_on(practice, people))

    with held(practice, beside):
        sweep_batches()
    meanwhile = batch_of(practice)
    sweep_batches()

    assert (meanwhile.state, meanwhile.done) == ("running", CHUNK)
    assert count(Batch, Batch.state == "done") == 1


def test_a_letter_that_left_while_the_database_was_busy_goes_once(
    practice: Practice, beside: Engine | None, hurried: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried(LOCK_SECONDS=1, SQLITE_LOCK_SECONDS=1)
    with begin_work(system(), org=practice.org) as work:
        letter_id = enqueue(work, kind="test", to="jo@riverbend.example", values={}).id
    holding = held(practice, beside)

    def leaves_and_then_it_is_busy(*_: object) -> None:
        holding.__enter__()
        thread = Thread(target=lambda: (time.sleep(1.5), holding.__exit__(None, None, None)))
        thread.start()

    monkeypatch.setattr("motlink.worker.deliver", leaves_and_then_it_is_busy)

    assert deliver_letter(letter_id)
    assert count(Letter, Letter.id == letter_id, Letter.sent_at.is_not(None)) == 1
