"""What SendGrid tells of letters: signed, heard once, in any order, a day late (R5)."""

import json
import logging
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import delete
from starlette.applications import Starlette
from starlette.testclient import TestClient

from motlink import worker
from motlink.audit.models import AuditEntry
from motlink.mail.events import AT_ONCE, KEPT_FOR
from motlink.mail.models import Letter, MailEvent
from motlink.mail.routes import LARGEST_NEWS, mail_routes
from motlink.mail.rules import UNCLEAR_PAUSE
from motlink.sweeps import forget_news
from motlink.web import rate
from motlink.work import begin_work, system
from tests.acts import count
from tests.installation import forget
from tests.mail.stub import SendGrid, Signer, bounce, event, hangs
from tests.mail.test_outbox import TOKEN, put, read
from tests.test_races import ROUNDS

pytestmark = pytest.mark.req("TA-09")
HOOK = "/hooks/sendgrid"


@pytest.fixture
def hook() -> Iterator[TestClient]:
    """Where SendGrid posts to."""
    rate.limiter.cache_clear()
    with TestClient(Starlette(routes=mail_routes())) as client:
        yield client


@pytest.fixture
def letter(database: str, sendgrid: SendGrid) -> UUID:
    """A letter that SendGrid has taken."""
    letter_id = put()
    assert worker.sweep() == 1
    return letter_id


def tell(hook: TestClient, signer: Signer, *events: dict[str, Any], at: datetime | None = None) -> int:
    body = json.dumps(events).encode()
    return int(hook.post(HOOK, content=body, headers=signer.headers(body, at)).status_code)


def story(letter_id: UUID, start: datetime) -> list[dict[str, Any]]:
    kinds = ("processed", "deferred", "delivered", "open")
    return [event(kind, letter_id, start + timedelta(seconds=n)) for n, kind in enumerate(kinds)]


def known_of(letter_id: UUID) -> tuple[Any, ...]:
    one = read(letter_id)
    return (one.delivered_at, one.opened_at, one.bounced_at, one.bounce_reason)


def forget_what_was_told(letter: UUID) -> None:
    """Put the letter back to before any news."""
    with begin_work(system()) as work:
        row = work.session.get_one(Letter, letter)
        row.delivered_at = row.opened_at = row.bounced_at = None
        row.bounce_reason = ""
        work.add(row)
        work.session.execute(delete(MailEvent))


@pytest.mark.asvs("2.3.4")
def test_r5_news_told_46_times_in_any_order_have_one_effect(
    hook: TestClient, signer: Signer, letter: UUID
) -> None:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    told = [*story(letter, start), bounce(letter, start + timedelta(seconds=9))]
    deck = told * 46
    random.Random(5).shuffle(deck)

    assert {tell(hook, signer, *deck[n : n + 10]) for n in range(0, len(deck), 10)} == {204}

    assert known_of(letter) == (
        start + timedelta(seconds=2),
        start + timedelta(seconds=3),
        start + timedelta(seconds=9),
        "there is no such address",
    )
    assert count(MailEvent) == len(told)
    assert count(AuditEntry, AuditEntry.action == "letter.bounced") == 1


@pytest.mark.soak
def test_r5_every_order_ends_in_the_same_state(hook: TestClient, signer: Signer, letter: UUID) -> None:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    first = bounce(letter, start + timedelta(seconds=9), "late bounce")
    second = event("dropped", letter, start + timedelta(seconds=4), "drop", reason="Bounced Address")
    told, ends = [*story(letter, start), first, second], set()
    for seed in range(ROUNDS + 1):
        random.Random(seed).shuffle(told)
        for one in told:
            tell(hook, signer, one)
        ends.add(known_of(letter))
        forget_what_was_told(letter)

    assert len(ends) == 1
    assert ends.pop()[3] == "an earlier email to this address came back"


def test_r5_news_29_hours_late_still_count(hook: TestClient, signer: Signer, letter: UUID) -> None:
    then = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=29)

    assert tell(hook, signer, event("delivered", letter, then), at=then) == 204

    assert read(letter).delivered_at == then


@pytest.mark.asvs("16.3.3")
def test_r5_a_bad_signature_is_refused_and_written_down(
    hook: TestClient, signer: Signer, letter: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    body = json.dumps([event("delivered", letter, datetime.now(UTC))]).encode()
    good, strange = signer.headers(body), Signer().headers(body)
    changed = {**good, "X-Twilio-Email-Event-Webhook-Timestamp": "1"}
    nonsense = {**good, "X-Twilio-Email-Event-Webhook-Signature": "no base64 at all"}

    with caplog.at_level(logging.WARNING):
        for headers in (strange, changed, nonsense, {}):
            assert hook.post(HOOK, content=body, headers=headers).status_code == 403
        assert hook.post(HOOK, content=body + b" ", headers=good).status_code == 403
        assert hook.post(HOOK, content=b"\xff" + body, headers=good).status_code == 403

    assert read(letter).delivered_at is None
    assert caplog.text.count("was refused") == 6


def test_r5_a_replayed_post_changes_nothing(hook: TestClient, signer: Signer, letter: UUID) -> None:
    now = datetime.now(UTC)
    body = json.dumps([bounce(letter, now)]).encode()
    headers = signer.headers(body)
    assert hook.post(HOOK, content=body, headers=headers).status_code == 204
    before = known_of(letter)

    for _ in range(3):
        assert hook.post(HOOK, content=body, headers=headers).status_code == 204

    assert known_of(letter) == before
    assert count(AuditEntry, AuditEntry.action == "letter.bounced") == 1


@pytest.mark.soak
def test_r5_the_same_news_at_once_have_one_effect(hook: TestClient, signer: Signer, letter: UUID) -> None:
    for number in range(1, ROUNDS + 1):
        told = [bounce(letter, datetime.now(UTC)), *story(letter, datetime.now(UTC))]

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n, told=told: tell(hook, signer, *told[:: (-1) ** n]), range(8)))

        assert set(answers) == {204}
        assert count(MailEvent) == len(told)
        assert count(AuditEntry, AuditEntry.action == "letter.bounced") == number
        forget_what_was_told(letter)


def test_unknown_letters_and_what_is_no_news_are_passed_over(
    hook: TestClient, signer: Signer, letter: UUID
) -> None:
    now = datetime.now(UTC)
    strange = [
        event("delivered", uuid4(), now), event("delivered", "x", now), event("group_resubscribe", letter, now),
        event("delivered", letter, now) | {"timestamp": "soon"}, event("delivered", letter, now, "k" * 121),
        event("delivered", letter, now) | {"timestamp": 10**30}, event("delivered", letter, now, "a\0b"),
        event("delivered", letter, now, "\ud800"),
        {"event": ["delivered"], "sg_event_id": "x"}, {},
    ]  # fmt: skip

    assert tell(hook, signer, *strange) == 204
    for body in (b"{}", b"7", b'["x"]'):
        assert hook.post(HOOK, content=body, headers=signer.headers(body)).status_code == 204
    assert hook.post(HOOK, content=b"{", headers=signer.headers(b"{")).status_code == 400

    assert known_of(letter) == (None, None, None, "")
    assert count(MailEvent) == 0


def test_more_than_sendgrid_ever_sends_is_refused_unread(
    sqlite: str, hook: TestClient, signer: Signer
) -> None:
    body = b" " * (LARGEST_NEWS + 1)

    assert hook.post(HOOK, content=body, headers=signer.headers(body)).status_code == 413


def test_without_a_key_there_is_no_hook(sqlite: str, hook: TestClient) -> None:
    forget()

    assert hook.post(HOOK, content=b"[]").status_code == 404


@pytest.mark.asvs("13.2.6")
def test_r3_news_of_a_letter_whose_answer_was_lost_send_it_no_second_time(
    hook: TestClient, signer: Signer, database: str, sendgrid: SendGrid
) -> None:
    letter_id = put()
    sendgrid.will(hangs)
    assert worker.sweep() == 0
    assert read(letter_id).unclear_at

    tell(hook, signer, event("processed", letter_id, datetime.now(UTC)))

    left = read(letter_id)
    assert left.sent_at and TOKEN not in str(left.values) and left.last_error == ""
    with begin_work(system(), at=datetime.now(UTC) + UNCLEAR_PAUSE) as work:
        assert worker.mail.waiting(work) == []
    assert len(sendgrid.came) == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"bounce_classification": "Mailbox Unavailable"}, "the mailbox is full or shut"),
        ({"status": "5.1.10"}, "there is no such address (5.1.10)"),
        ({"status": "5.7.1", "reason": "<script>"}, "their mail server refused it (5.7.1)"),
        ({"status": "5.7.1; call me"}, "their mail server refused it"),
        ({"reason": "Unsubscribed Address"}, "this address has unsubscribed from our mail"),
        ({}, "their mail server refused it"),
    ],
)
def test_why_a_letter_came_back_is_said_in_our_words(said: dict[str, Any], words: str) -> None:
    from motlink.mail.rules import bounce_words

    assert bounce_words(said) == words


def test_news_is_forgotten_after_thirty_days_and_the_letter_stays_as_it_was(
    hook: TestClient, signer: Signer, letter: UUID
) -> None:
    told = story(letter, datetime.now(UTC) - timedelta(minutes=5))
    assert tell(hook, signer, *told) == 204
    known, heard = known_of(letter), datetime.now(UTC)

    with time_machine.travel(heard + KEPT_FOR - timedelta(minutes=1), tick=False):
        forget_news()
    assert count(MailEvent) == len(told)
    with time_machine.travel(heard + KEPT_FOR + timedelta(minutes=1), tick=False):
        worker.sweep_quietly()
    assert count(MailEvent) == 0

    # Told once more after that, it finds everything so already.
    assert tell(hook, signer, *told) == 204
    assert known_of(letter) == known


def test_many_are_forgotten_some_at_a_time(database: str) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=31)
    with begin_work(system()) as work:
        work.session.add_all(
            MailEvent(id=f"e{n}", letter_id=uuid4(), kind="open", happened_at=long_ago, heard_at=long_ago)
            for n in range(2 * AT_ONCE + 1)
        )

    forget_news()

    assert count(MailEvent) == 0
