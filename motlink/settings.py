"""What an operator can set, all through the environment (MOTLINK_…); README lists it in one table."""

import os
import secrets
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from motlink.errors import Conflict

# 128 bits even where someone takes hexadecimal digits, and README says so.
SHORTEST_SECRET = 32


class Settings(BaseSettings):
    """One frozen value for the whole process."""

    model_config = SettingsConfigDict(env_prefix="MOTLINK_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=1, le=65535)
    data: Path = Path("data")
    database_url: str = ""
    redis_url: str = ""
    public_url: str = ""
    secret: str = ""
    mail: Literal["folder", "smtp", "sendgrid"] = "folder"
    mail_from: str = "no-reply@motlink.example"
    smtp_url: str = ""
    smtp_tls: Literal["required", "offered"] = "required"
    sendgrid_key: str = ""
    sendgrid_url: str = "https://api.sendgrid.com"
    # The public key, in base64, with which SendGrid signs what it tells of letters.
    sendgrid_webhook_key: str = ""
    trusted_proxies: int = Field(default=0, ge=0)
    idle_minutes: int = Field(default=60, ge=5)
    session_hours: int = Field(default=12, ge=1)

    @model_validator(mode="before")
    @classmethod
    def fill_in(cls, given: dict[str, object]) -> dict[str, object]:
        """Derive the addresses that follow from others."""
        filled = dict(given)
        data = Path(str(filled.get("data") or "data"))
        if not filled.get("database_url"):
            filled["database_url"] = f"sqlite:///{data.resolve() / 'motlink.db'}"
        if not filled.get("public_url"):
            filled["public_url"] = f"http://localhost:{filled.get('port') or 3000}"
        filled["public_url"] = str(filled["public_url"]).rstrip("/")
        return filled

    @property
    def secure(self) -> bool:
        """Whether people reach us over TLS (cookies and HSTS depend on it)."""
        return self.public_url.startswith("https://")


@lru_cache
def settings() -> Settings:
    """Read the environment once."""
    return Settings()


class WeakSecret(Conflict):
    """A key that can be guessed seals nothing."""

    sentence = f"The installation's key is shorter than {SHORTEST_SECRET} characters."
    next_step = (
        "Put the right one into MOTLINK_SECRET or the file `secret`; `motlink doctor` says which is in use."
    )


@lru_cache
def secret() -> bytes:
    """Return the installation's key: from MOTLINK_SECRET, else made once and kept beside the data.

    The audit chain and the socket binding are keyed with it, so it must live outside the database. Raises WeakSecret.
    """
    found = settings().secret or _kept_secret(settings().data / "secret")
    if len(found) < SHORTEST_SECRET:
        raise WeakSecret
    return found.encode()


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_secret(path)
    return path.read_text().strip()


def _make_secret(path: Path) -> None:
    """Write a key, whole or not at all; of two processes at once the first one's is kept."""
    descriptor, made = tempfile.mkstemp(dir=path.parent, prefix="secret.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        Path(made).unlink()
