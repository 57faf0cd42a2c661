"""Account: one person, one email, one set of secrets, over all organizations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, text
from sqlmodel import Field, SQLModel

from motlink.columns import key

OPEN = text("used_at IS NULL AND superseded_at IS NULL AND revoked_at IS NULL")
WAITING = text(
    "confirmed_at IS NULL AND superseded_at IS NULL AND revoked_at IS NULL AND cancelled_at IS NULL"
)


class Account(SQLModel, table=True):
    """Who signs in. `email` is the canonical form (NFKC, trimmed, case folded) and the one key of a person."""

    id: UUID = key()
    email: str = Field(max_length=320, unique=True)
    username: str | None = Field(default=None, max_length=40, unique=True)
    password_hash: str | None = Field(default=None, max_length=200)
    set_up_at: datetime | None = None
    # Since when there is a second step after the password, of whatever kind; None: there is none.
    second_step_at: datetime | None = None
    # Whether the password is shorter than it may be without a second step.
    short_password: bool = False
    created_at: datetime


class AccountSession(SQLModel, table=True):
    """One browser's sign-in; only the digest of the cookie is kept."""

    __table_args__ = (Index("ix_accountsession_open", "account_id", "ended_at"),)

    id: UUID = key()
    account_id: UUID = Field(foreign_key="account.id")
    digest: str = Field(max_length=64, unique=True)
    created_at: datetime
    last_seen_at: datetime
    # The longest time without use so far, in seconds: where a practice allows less, the session has ended, and use in
    # a practice that allows more does not bring it back.
    longest_pause: int = 0
    expires_at: datetime
    ended_at: datetime | None = None
    # "newer": another sign-in took its place, because only so many may be open; "over": its time was up. The door
    # says so. "put out": somebody ended it by force, and what it has begun in the background ends with it.
    ended_why: str = Field(default="", max_length=12)
    # When its holder last proved who they are; before grave acts that must not be long ago (ASVS 7.5.1).
    proved_at: datetime | None = None
    address: str = Field(default="", max_length=64)
    browser: str = Field(default="", max_length=120)


class SetUpLink(SQLModel, table=True):
    """A one-hour link from the command line to an owner's account; the token only as a digest."""

    id: UUID = key()
    account_id: UUID = Field(foreign_key="account.id")
    digest: str = Field(max_length=64, unique=True)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class ResetLink(SQLModel, table=True):
    """A one-hour link to a new password; open until used, superseded, revoked or past `expires_at`."""

    __table_args__ = (
        Index("uq_resetlink_open", "account_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_resetlink_account", "account_id", "sent_at"),
    )

    id: UUID = key()
    account_id: UUID = Field(foreign_key="account.id")
    digest: str = Field(max_length=64, unique=True)
    sent_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    superseded_at: datetime | None = None
    # The account's last place was shut, or its password was changed in another way.
    revoked_at: datetime | None = None


class AgentKey(SQLModel, table=True):
    """What an External Agent shows a practice that is to add them (TA-24): a Token, and a Code under it.

    The token is no secret. The code is kept nowhere: it is computed from `nonce` with the installation's key
    (agent_keys.py), so a copy of the database alone adds nobody.
    """

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    token: str = Field(max_length=12, unique=True)
    nonce: str = Field(max_length=64)
    # As the first practice named the agent, or they themselves since; a practice that adds them by their code takes it
    # over.
    first_name: str = Field(max_length=100)
    last_name: str = Field(max_length=100)
    made_at: datetime
    renewed_at: datetime | None = None


class AuthenticatorApp(SQLModel, table=True):
    """The app that shows an account's codes. What it shares with us is sealed (sealing.py) and never shown again."""

    id: UUID = key()
    account_id: UUID = Field(foreign_key="account.id", unique=True)
    sealed: str = Field(max_length=400)
    begun_at: datetime
    # The sign-in that began, and alone is shown what is shared.
    session_id: UUID | None = None
    # Before it has shown a right code it counts for nothing.
    confirmed_at: datetime | None = None
    # The half minute whose code was used last: neither it nor an earlier one is taken again.
    last_count: int | None = None
    # Wrong codes since the last right one, and until when no further one is looked at.
    wrong: int = 0
    waits_until: datetime | None = None


class RecoveryCode(SQLModel, table=True):
    """One of ten codes that stand in for the app, each once; 120 random bits, so a digest is enough (ASVS 6.5.2)."""

    __table_args__ = (Index("ix_recoverycode_account", "account_id", "used_at", "ended_at"),)

    id: UUID = key()
    account_id: UUID = Field(foreign_key="account.id")
    digest: str = Field(max_length=64, unique=True)
    made_at: datetime
    used_at: datetime | None = None
    # Another set took its place, or the second step was turned off.
    ended_at: datetime | None = None


class HalfSession(SQLModel, table=True):
    """Between a right password and the second step: opens nothing but that question, five minutes long, once."""

    __table_args__ = (Index("ix_halfsession_account", "account_id"),)

    id: UUID = key()
    account_id: UUID = Field(foreign_key="account.id")
    digest: str = Field(max_length=64, unique=True)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    # Wrong answers: after a few the password is asked for again.
    wrong: int = 0
    # The invitation that is accepted with the second step, if it was one that led here.
    invitation_id: UUID | None = Field(default=None, foreign_key="invitation.id")


class Passkey(SQLModel, table=True):
    """A key that a device of the holder keeps (WebAuthn); we know its public half."""

    __table_args__ = (Index("ix_passkey_account", "account_id"),)

    id: UUID = key()
    account_id: UUID = Field(foreign_key="account.id")
    name: str = Field(max_length=60)
    # Both in base64url, as the browser sends them.
    credential_id: str = Field(max_length=1400, unique=True)
    public_key: str = Field(max_length=2000)
    # How often it says it has signed; one that does not grow was copied. Some always say 0.
    sign_count: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    created_at: datetime
    last_used_at: datetime | None = None


class EmailChange(SQLModel, table=True):
    """A change of an account's email (PC-01): asked for, confirmed from the new address, taken back from the old one.

    What a link is for says the column that its digest stands in, so none can be used as another.
    """

    __table_args__ = (
        Index(
            "uq_emailchange_waiting",
            "account_id",
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index("ix_emailchange_account", "account_id", "asked_at"),
        Index("ix_emailchange_old", "old_email", "confirmed_at"),
    )

    id: UUID = key()
    account_id: UUID = Field(foreign_key="account.id")
    old_email: str = Field(max_length=320)
    new_email: str = Field(max_length=320)
    # In the letter to the new address.
    digest: str = Field(max_length=64, unique=True)
    # In the letters to the old one: that a change is asked for, and that it has been made.
    cancel_digest: str = Field(max_length=64, unique=True)
    back_digest: str | None = Field(default=None, max_length=64, unique=True)
    asked_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None = None
    superseded_at: datetime | None = None
    # The account's last place was shut.
    revoked_at: datetime | None = None
    # Called off before it was confirmed, or taken back afterwards.
    cancelled_at: datetime | None = None
