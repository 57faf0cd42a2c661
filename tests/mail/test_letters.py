"""Letters: what they say, and that a name can't write into their headers."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

import pytest

from motlink.mail.delivery import as_message
from motlink.mail.letters import TEMPLATES, day_words, local_words, render
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


def test_a_day_is_said_as_in_other_letters_and_what_is_in_words_stays() -> None:
    assert day_words("2026-12-01") == "Tuesday, December 1"
    assert day_words("1 December") == "1 December" and day_words("") == ""


@pytest.mark.req("TA-09")
@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.txt")), ids=lambda path: path.stem)
def test_a_letter_begins_with_a_capital_after_its_greeting(path: Path) -> None:
    begins = path.read_text().split("Hello", 1)[-1].partition("\n\n")[2] or path.read_text()

    assert begins[0] == "{" or begins[0].isupper()


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


RESET = {
    "person": "Mina",
    "username": "mina.li",
    "link": "https://motlink.example/reset?t=abc",
    "sent_at": NOON.isoformat(),
    "valid_until": (NOON + timedelta(hours=1)).isoformat(),
    "zone": "America/New_York",
    "address": "192.0.2.7",
    "asked_by": "",
    "practice": "",
}


@pytest.mark.req("TA-19")
@pytest.mark.parametrize("asked_by", ["", "Ben Okafor"])
def test_a_reset_letter_says_who_asked_until_when_and_that_nothing_need_happen(asked_by: str) -> None:
    practice = "Riverbend Therapy" if asked_by else ""
    rendered = render("reset", RESET | {"asked_by": asked_by, "practice": practice}, mail_from="a@b.example")

    assert "Sunday, November 22, 2026 at 9:05 AM EST" in rendered.subject
    for part in (rendered.text, rendered.html):
        assert RESET["link"] in part and "10:05 AM EST" in part and "mina.li" in part
        assert "ignore this email" in part
        assert ("Ben Okafor" in part and practice in part) if asked_by else "192.0.2.7" in part


@pytest.mark.req("AC-02")
@pytest.mark.asvs("6.3.7")
def test_the_letter_about_a_changed_password_says_when_from_where_and_what_to_do() -> None:
    values = {name: RESET[name] for name in ("person", "username", "sent_at", "zone", "address")}
    rendered = render("password_changed", values | {"browser": "Firefox on Linux"}, mail_from="a@b.example")

    assert "was changed, Sunday, November 22, 2026 at 9:05 AM EST" in rendered.subject
    for part in (rendered.text, rendered.html):
        assert all(word in part for word in ("192.0.2.7", "Firefox on Linux", "Forgot your password?"))
        assert "?t=" not in part
