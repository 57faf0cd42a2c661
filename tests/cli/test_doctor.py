"""`motlink doctor` on the address: whether browsers make passkeys there (AC-01)."""

from pathlib import Path

import pytest

from motlink.cli_doctor import findings, passkeys
from motlink.migrations import migrate
from motlink.settings import Settings
from tests.installation import forget

pytestmark = pytest.mark.req("AC-01")


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("http://127.0.0.1:3000", "a name, not a number"),
        ("https://10.0.0.5", "a name, not a number"),
        ("https://[2001:db8::1]:8443", "a name, not a number"),
        ("http://motlink.example", "https"),
        ("http://motlink:3000", "https"),
    ],
)
def test_an_address_without_passkeys_is_named_with_what_to_do(address: str, wanted: str) -> None:
    (found,) = passkeys(Settings(public_url=address))

    assert found.level == "warning"
    assert address in found.words and f"because browsers want {wanted}: " in found.words
    assert "set MOTLINK_PUBLIC_URL" in found.words and "Codes of an app work meanwhile." in found.words


@pytest.mark.parametrize(
    "address",
    ["", "http://localhost:3000", "http://demo.localhost", "https://motlink.example", "https://motlink:8443"],
)
def test_nothing_is_said_where_passkeys_work(address: str) -> None:
    assert list(passkeys(Settings(public_url=address))) == []


def test_the_doctor_looks_at_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTLINK_PUBLIC_URL", "https://10.0.0.5")
    forget()
    migrate()

    assert any("Nobody can use a passkey at https://10.0.0.5" in one.words for one in findings())
