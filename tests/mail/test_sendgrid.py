"""SendGrid that is slow, down, busy or gone in the middle: nothing is lost, nothing doubled blindly (R3, R4)."""

import logging
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

import pytest

from motlink import worker
from motlink.audit.models import AuditEntry
from motlink.mail.actions import lease, mark_unclear, waiting
from motlink.mail.models import Letter
from motlink.mail.rules import LEASE, UNCLEAR_PAUSE
from motlink.work import begin_work, system
from tests.acts import count
from tests.mail.stub import (
    KEY,
    SendGrid,
    drips,
    hangs,
    reset_mid_body,
    says,
    takes_and_loses_its_words,
    takes_late,
)
from tests.mail.test_outbox import TOKEN, put, read
from tests.test_races import ROUNDS

pytestmark = pytest.mark.req("TA-09")
Behaviour = Callable[..., None]


def due_in(letter: Letter) -> timedelta:
    return letter.due_at - datetime.now(UTC)


def is_due(letter_id: UUID, at: datetime) -> bool:
    with begin_work(system(), writes=False, at=at) as work:
        return letter_id in waiting(work)


def make_due(letter_id: UUID) -> None:
    with begin_work(system()) as work:
        letter = work.session.get_one(Letter, letter_id)
        letter.due_at, letter.leased_until = work.now, None
        work.add(letter)


def test_sendgrid_gets_the_letter_as_its_api_wants_it(database: str, sendgrid: SendGrid) -> None:
    letter_id = put()

    assert worker.sweep() == 1

    ((path, headers, body),) = sendgrid.came
    assert (path, headers["Authorization"]) == ("/v3/mail/send", f"Bearer {KEY}")
    assert body["custom_args"] == {"letter": str(letter_id)}
    assert body["headers"]["Message-ID"].startswith(f"<{letter_id}@")
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert all(TOKEN in part["value"] for part in body["content"])
    assert body["tracking_settings"]["click_tracking"] == {"enable": False}
    sent = read(letter_id)
    assert sent.sent_at and TOKEN not in str(sent.values)


@pytest.mark.asvs("13.1.3", "13.2.6", "16.2.5")
@pytest.mark.parametrize(
    ("behaviour", "for_good"),
    [
        (says(400), True),
        (says(413), True),
        (says(401), False),
        (says(403), False),
        (says(500), False),
        (says(502), False),
    ],
)
def test_r4_what_sendgrid_refuses_is_tried_again_unless_for_good(
    sqlite: str, sendgrid: SendGrid, caplog: pytest.LogCaptureFixture, behaviour: Behaviour, for_good: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    letter_id = put()
    sendgrid.will(behaviour)

    assert worker.sweep() == 0

    tried = read(letter_id)
    assert bool(tried.failed_at) is for_good
    assert tried.sent_at is None and "SendGrid answered" in tried.last_error
    assert timedelta(seconds=20) < due_in(tried) < timedelta(seconds=31)
    assert TOKEN not in caplog.text and KEY not in caplog.text


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("120", 120), ("86400", 3600), ("date", 300), ("later, dear", 30), ("0", 30), ("epoch", 90)],
)
def test_r4_too_many_at_once_waits_as_long_as_sendgrid_asks(
    sqlite: str, sendgrid: SendGrid, asked: str, seconds: int
) -> None:
    letter_id = put()
    now = datetime.now(UTC)
    if asked == "epoch":
        sendgrid.will(says(429, X_RateLimit_Reset=str(int(now.timestamp()) + 90)))
    else:
        date = format_datetime(now + timedelta(minutes=5), usegmt=True)
        sendgrid.will(says(429, Retry_After=date if asked == "date" else asked))

    worker.sweep()

    assert abs(due_in(read(letter_id)).total_seconds() - seconds) < 5
    assert read(letter_id).failed_at is None


@pytest.mark.parametrize("behaviour", [hangs, reset_mid_body, takes_late, drips])
def test_r4_an_unclear_answer_is_waited_for_before_the_letter_goes_again(
    database: str, sendgrid: SendGrid, behaviour: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    letter_id, start = put(), time.monotonic()
    sendgrid.will(behaviour)

    assert worker.sweep() == 0

    assert time.monotonic() - start < 3, "a hanging server held the thread"
    unclear = read(letter_id)
    assert unclear.unclear_at and not unclear.failed_at and TOKEN in str(unclear.values)
    assert not is_due(letter_id, unclear.unclear_at + UNCLEAR_PAUSE - timedelta(seconds=1))
    assert is_due(letter_id, unclear.unclear_at + UNCLEAR_PAUSE)
    assert TOKEN not in caplog.text
    make_due(letter_id)
    assert worker.sweep() == 1
    assert len({body["headers"]["Message-ID"] for _, _, body in sendgrid.came}) == 1


def test_r4_a_202_whose_words_are_lost_is_a_202(sqlite: str, sendgrid: SendGrid) -> None:
    letter_id = put()
    sendgrid.will(takes_and_loses_its_words)

    assert worker.sweep() == 1

    assert read(letter_id).sent_at


def test_r4_a_sendgrid_that_is_away_or_speaks_no_tls_has_certainly_not_taken_it(
    sqlite: str, sendgrid: SendGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.installation import forget

    for url in ("http://127.0.0.1:1", sendgrid.url.replace("http:", "https:")):
        monkeypatch.setenv("MOTLINK_SENDGRID_URL", url)
        forget()
        letter_id = put()
        worker.deliver_letter(letter_id)

        tried = read(letter_id)
        assert tried.unclear_at is None and "cannot be reached" in tried.last_error
        assert due_in(tried) < timedelta(seconds=31)


@pytest.mark.asvs("13.1.2")
def test_r4_a_stuck_sendgrid_holds_the_sweep_for_one_letter_only(sqlite: str, sendgrid: SendGrid) -> None:
    letters = [put() for _ in range(5)]
    sendgrid.will(*[hangs] * 5)

    start = time.monotonic()
    worker.sweep()

    assert time.monotonic() - start < 3
    assert sum(read(one).attempts for one in letters) == 1


def test_r3_a_worker_killed_after_the_202_sends_at_most_one_more_with_the_same_link(
    database: str, sendgrid: SendGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter_id = put()

    class Killed(BaseException):
        pass

    def dies(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as killed:
        killed.setattr("motlink.worker.mail.mark_sent", dies)
        with pytest.raises(Killed):
            worker.sweep()
    assert len(sendgrid.came) == 1
    assert worker.sweep() == 0, "the lease keeps others away"

    with begin_work(system()) as work:
        letter = work.session.get_one(Letter, letter_id)
        assert letter.leased_until and letter.leased_until <= work.now + LEASE
        letter.leased_until = work.now
        work.add(letter)
    assert worker.sweep() == 1
    assert worker.sweep() == 0

    assert len(sendgrid.came) == 2
    assert len(set(sendgrid.links())) == 1
    assert read(letter_id).sent_at


@pytest.mark.soak
def test_r3_of_many_workers_one_sends(database: str, sendgrid: SendGrid) -> None:
    for number in range(1, ROUNDS + 1):
        put()
        start = threading.Barrier(4)

        def one(start: threading.Barrier = start) -> None:
            start.wait()
            worker.sweep()

        threads = [threading.Thread(target=one) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(sendgrid.came) == number


@pytest.mark.soak
def test_r4_however_it_misbehaves_each_letter_leaves_once_with_its_own_link(
    database: str, sendgrid: SendGrid
) -> None:
    dice, refused = random.Random(4), 0
    for number in range(1, ROUNDS + 1):
        letter_id = put()
        for _ in range(dice.randint(0, 3)):
            sendgrid.will(says(dice.choice((429, 500, 502, 503, 401))))
            assert worker.sweep() == 0
            make_due(letter_id)
            refused += 1

        assert worker.sweep() == 1
        assert worker.sweep() == 0

        assert read(letter_id).sent_at and len(sendgrid.came) == refused + number


def test_an_unclear_letter_whose_link_runs_out_is_given_up_and_said(
    database: str, sendgrid: SendGrid
) -> None:
    letter_id = put()
    with begin_work(system()) as work:
        lease(work, letter_id=letter_id)

    with begin_work(system(), at=datetime.now(UTC) + timedelta(hours=1, minutes=1)) as work:
        mark_unclear(work, letter_id=letter_id, error="SendGrid did not say")

    given_up = read(letter_id)
    assert given_up.failed_at and TOKEN not in str(given_up.values)
    assert count(AuditEntry, AuditEntry.action == "letter.failed") == 1
