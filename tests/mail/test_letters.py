"""Letters: what they say, and that a name can't write into their headers."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from uuid import uuid4

import pytest

from motlink.mail.delivery import as_message
from motlink.mail.letters import local_words, render
from motlink.mail.models import Letter
from motlink.mail.rules import FIRST_PAUSE, LONGEST_PAUSE, has_run_out, one_line, pause_after, without_secrets
from motlink.settings import Settings

NOON = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
VALUES = {
    "person": "Mina",
    "practice": "Riverbend Therapy",
    "link": "https://motlink.example/invitation?t=abc",
    "sent_at": NOON.isoformat(),
    "valid_until": (NOON + timedelta(hours=1)).isoformat(),
    "zone": "America/New_York",
    "sender": "Ben Okafor",
}


def letter(**changed: str) -> Letter:
    return Letter(
        id=uuid4(),
        kind="invitation",
        to="mina@x.example",
        values=VALUES | changed,
        created_at=NOON,
        due_at=NOON,
    )


@pytest.mark.req("TA-17", "TA-09")
def test_an_invitation_says_date_time_and_zone_and_who_sends_it() -> None:
    rendered = render("invitation", VALUES, mail_from="no-reply@motlink.example")

    sent, until = "Sunday, November 22, 2026 at 9:05 AM EST", "Sunday, November 22, 2026 at 10:05 AM EST"
    assert sent in rendered.subject
    for part in (rendered.text, rendered.html):
        assert sent in part
        assert until in part
        assert "Ben Okafor" in part
        assert VALUES["link"] in part
        assert "no-reply@motlink.example" in part


def test_the_zone_follows_daylight_saving() -> None:
    assert local_words(datetime(2026, 7, 1, 4, 0, tzinfo=UTC), "America/New_York").endswith("12:00 AM EDT")


@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize(
    "evil", ["Mina\r\nBcc: all@x.example", "Mina\nSubject: free money", "Mina\u2028Bcc: x", "a\0b"]
)
def test_a_name_cannot_write_a_header(evil: str) -> None:
    message = as_message(letter(person=evil, practice=evil, sender=evil), Settings())
    parsed = message_from_bytes(bytes(message), policy=policy.default)

    assert parsed["Bcc"] is None
    assert len(parsed.get_all("Subject")) == 1
    assert "\n" not in one_line(evil)


@pytest.mark.asvs("1.3.11")
def test_markup_in_a_name_stays_text() -> None:
    rendered = render("invitation", VALUES | {"person": "<script>alert(1)</script>"}, mail_from="a@b.example")

    assert "<script>" not in rendered.html
    assert "&lt;script&gt;" in rendered.html


def test_a_letter_sent_twice_keeps_its_message_id() -> None:
    one = letter()

    assert as_message(one, Settings())["Message-ID"] == as_message(one, Settings())["Message-ID"]


def test_pauses_grow_to_two_hours() -> None:
    pauses = [pause_after(attempt) for attempt in range(1, 20)]

    assert pauses[0] == FIRST_PAUSE
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


def test_a_letter_has_run_out_with_its_link() -> None:
    assert not has_run_out(letter(), now=NOON + timedelta(minutes=59))
    assert has_run_out(letter(), now=NOON + timedelta(minutes=60))


def test_the_link_is_not_among_the_values_that_stay() -> None:
    assert not re.search("abc|invitation", str(without_secrets(VALUES)))
