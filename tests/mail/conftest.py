"""A SendGrid that stands in for the real one, and its key."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from motlink.mail import trip
from tests.installation import forget
from tests.mail.stub import KEY, SendGrid, Signer


@pytest.fixture
def sendgrid(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SendGrid]:
    """Mail leaves by the stub; nobody waits for long."""
    stub = SendGrid()
    monkeypatch.setenv("MOTLINK_MAIL", "sendgrid")
    monkeypatch.setenv("MOTLINK_SENDGRID_URL", stub.url)
    monkeypatch.setenv("MOTLINK_SENDGRID_KEY", KEY)
    monkeypatch.setattr("motlink.mail.sendgrid.TIMEOUT_SECONDS", 0.6)
    monkeypatch.setattr(trip, "DEADLINE_SECONDS", 1.2)
    forget()
    yield stub
    stub.close()


@pytest.fixture
def signer(home: Path, monkeypatch: pytest.MonkeyPatch) -> Signer:
    """The key with which events are signed."""
    made = Signer()
    monkeypatch.setenv("MOTLINK_SENDGRID_WEBHOOK_KEY", made.public)
    forget()
    return made
