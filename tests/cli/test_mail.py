"""`motlink mail test`: one letter now, and what happened in words."""

from pathlib import Path

import pytest

from motlink.cli_mail import send_test
from motlink.errors import Invalid
from tests.installation import forget
from tests.mail.conftest import sendgrid as sendgrid
from tests.mail.stub import KEY, SendGrid, hangs, says

pytestmark = pytest.mark.req("TA-09")
TO = "ana@real.example"


def test_a_folder_says_that_nobody_receives_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert send_test(TO) == 0

    assert "Nobody receives it" in capsys.readouterr().out
    assert len(list((home / "mail").glob("*-test-*.eml"))) == 1


def test_sendgrid_has_taken_it(sendgrid: SendGrid, capsys: pytest.CaptureFixture[str]) -> None:
    assert send_test(TO) == 0

    assert f"SendGrid has taken a letter from no-reply@motlink.example to {TO}." in capsys.readouterr().out
    assert sendgrid.came[0][2]["subject"].startswith("Test email from motlink, sent ")


def test_a_refusal_says_what_to_mend(sendgrid: SendGrid, capsys: pytest.CaptureFixture[str]) -> None:
    sendgrid.will(says(401), hangs)

    assert (send_test(TO), send_test(TO)) == (1, 1)

    said = capsys.readouterr().err
    assert "SendGrid answered 401." in said and "MOTLINK_SENDGRID_KEY" in said
    assert "may or may not arrive" in said
    assert KEY not in said


def test_what_is_no_address_is_refused(home: Path) -> None:
    forget()
    with pytest.raises(Invalid):
        send_test("nobody")
