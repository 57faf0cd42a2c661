"""The outbox from the act to the mailbox: once, again after a failure, never with a token left behind."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from uuid import UUID

import pytest

from motlink import jobs, worker
from motlink import settings as settings_module
from motlink.errors import Conflict
from motlink.mail import delivery
from motlink.mail.actions import enqueue, lease, mark_failed, waiting
from motlink.mail.models import Letter
from motlink.work import begin_work, system

TOKEN = "a-token-that-nobody-may-find-later"


def put(at: datetime | None = None) -> UUID:
    now = at or datetime.now(UTC)
    values = {
        "person": "Mina", "practice": "Riverbend", "sender": "Ben", "zone": "America/New_York",
        "link": f"https://motlink.example/invitation?t={TOKEN}",
        "sent_at": now.isoformat(), "valid_until": (now + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    with begin_work(system(), at=at) as work:
        return enqueue(work, kind="invitation", to="mina@x.example", values=values).id


def read(letter_id: UUID) -> Letter:
    with begin_work(system(), writes=False) as work:
        return work.session.get_one(Letter, letter_id)


def files(home: Path) -> list[Path]:
    return sorted((home / "mail").glob("*.eml"))


@pytest.mark.req("TA-09")
def test_a_letter_lands_in_the_folder_and_its_link_is_wiped(database: str, home: Path) -> None:
    letter_id = put()

    assert worker.sweep() == 1

    (file,) = files(home)
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert mail["To"] == "mina@x.example"
    assert TOKEN in mail.get_body(("plain",)).get_content()
    assert file.stat().st_mode & 0o077 == 0
    sent = read(letter_id)
    assert sent.sent_at is not None
    assert TOKEN not in str(sent.values)


def test_work_that_rolls_back_sends_nothing(database: str, home: Path) -> None:
    def change_of_mind() -> None:
        with begin_work(system()) as work:
            enqueue(work, kind="invitation", to="x@x.example", values={})
            raise Conflict

    with pytest.raises(Conflict):
        change_of_mind()

    assert worker.sweep() == 0
    assert files(home) == []


def test_many_at_once_deliver_a_letter_once(database: str, home: Path) -> None:
    letter_id = put()
    start = threading.Barrier(8)

    def one(_: int) -> bool:
        start.wait()
        return worker.deliver_letter(letter_id)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(8))).count(True) == 1
    assert len(files(home)) == 1


@pytest.mark.asvs("16.2.5")
def test_a_failed_try_comes_back_later_and_keeps_the_link_out_of_the_log(
    database: str, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (home / "mail").write_text("a file where the folder should be")
    letter_id = put()

    assert worker.sweep() == 0

    tried = read(letter_id)
    assert (tried.attempts, tried.sent_at, tried.failed_at) == (1, None, None)
    assert tried.due_at > datetime.now(UTC) + timedelta(seconds=20)
    assert worker.sweep() == 0
    (home / "mail").unlink()
    with begin_work(system(), at=tried.due_at) as work:
        assert waiting(work) == [letter_id]
    assert TOKEN not in caplog.text


def test_a_process_that_died_with_a_letter_in_hand_loses_nothing(database: str, home: Path) -> None:
    letter_id = put()
    with begin_work(system()) as work:
        assert lease(work, letter_id=letter_id)
    with begin_work(system()) as work:
        assert lease(work, letter_id=letter_id) is None

    with begin_work(system(), at=datetime.now(UTC) + timedelta(minutes=6)) as work:
        assert lease(work, letter_id=letter_id)


def test_a_letter_is_given_up_after_its_link_has_run_out(database: str, home: Path) -> None:
    letter_id = put(at=datetime.now(UTC) - timedelta(hours=2))

    assert worker.sweep() == 0

    given_up = read(letter_id)
    assert given_up.failed_at is not None
    assert TOKEN not in str(given_up.values)
    assert files(home) == []


def test_a_refusal_for_good_is_not_tried_again(sqlite: str) -> None:
    letter_id = put()
    with begin_work(system()) as work:
        lease(work, letter_id=letter_id)
        mark_failed(work, letter_id=letter_id, error="The mail server refuses the address", for_good=True)

    assert read(letter_id).failed_at is not None


def test_the_bell_delivers_without_waiting_for_the_sweep(
    sqlite: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.queue.cache_clear()
    monkeypatch.setattr(worker, "SWEEP_SECONDS", 600.0)
    delivered = threading.Event()
    monkeypatch.setattr(
        worker, "deliver", lambda letter, given: (delivery.deliver(letter, given), delivered.set())
    )
    worker.start_jobs()
    try:
        put()
        assert delivered.wait(5)
    finally:
        worker.stop_jobs()
    assert len(files(home)) == 1


def test_a_process_without_a_bell_leaves_the_letter_to_the_sweep(sqlite: str, home: Path) -> None:
    put()

    assert files(home) == []
    assert worker.sweep() == 1


def test_a_mail_server_that_is_away_is_a_sentence(sqlite: str) -> None:
    letter = read(put())
    given = settings_module.settings().model_copy(update={"mail": "smtp", "smtp_url": "smtp://127.0.0.1:1"})

    with pytest.raises(delivery.DeliveryFailed, match="cannot be reached"):
        delivery.deliver(letter, given)


def test_every_kind_of_letter_has_its_templates() -> None:
    from motlink.mail.letters import SUBJECTS, TEMPLATES

    assert {path.stem for path in TEMPLATES.glob("*.txt")} == set(SUBJECTS)
    assert {path.stem for path in TEMPLATES.glob("*.html")} == set(SUBJECTS)
