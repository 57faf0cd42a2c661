"""Codes of the second step: those of an authenticator app (RFC 6238), and recovery codes. Pure functions."""

import base64
import hmac
import re
import unicodedata
from datetime import datetime, timedelta

import pyotp

from motlink.accounts.queries import digest_of

# As every app assumes: six digits, a new code every half minute.
SECONDS, DIGITS = 30, 6
# A clock may be one code fast or slow (RFC 6238, 5.2).
DRIFT = 1
APP_BYTES = 20
# 15 bytes are 120 random bits and 24 letters: where there are 112 or more, a plain digest may be kept (ASVS 6.5.2).
RECOVERY_CODES, RECOVERY_BYTES = 10, 15
APP_CODE = re.compile(r"[0-9]{6}")
# Of a million codes three are right: five guesses are free, then the wait doubles up to an hour. That leaves 24
# guesses a day, a chance of 1 in 14,000. The recovery codes are not guessable and are never waited for.
FREE_GUESSES, FIRST_WAIT, LONGEST_WAIT = 5, timedelta(minutes=1), timedelta(hours=1)


def clean_code(typed: str) -> str:
    """Return a code as it is compared: without the spaces and hyphens that make it readable, in small letters."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).lower()[:64]


def is_app_code(code: str) -> bool:
    """Whether a clean code has the form of those that an app shows."""
    return APP_CODE.fullmatch(code) is not None


def new_app_secret(random: bytes) -> str:
    """Return what an app and we share, in the letters that apps take (base32)."""
    return base64.b32encode(random).decode()


def app_address(shared: str, *, name: str) -> str:
    """Return what the QR code says (otpauth://)."""
    return str(pyotp.TOTP(shared).provisioning_uri(name=name, issuer_name="motlink"))


def count_at(now: datetime) -> int:
    """Return the number of the half minute."""
    return int(now.timestamp()) // SECONDS


def matching_count(shared: str, code: str, *, now: datetime, after: int | None) -> int | None:
    """Return the half minute whose code this is, of those around `now` and later than the last one that was used."""
    here = count_at(now)
    codes = pyotp.HOTP(shared, digits=DIGITS)
    found = None
    # All are computed, whichever it is.
    for count in range(here - DRIFT, here + DRIFT + 1):
        if hmac.compare_digest(codes.at(count), code) and (after is None or count > after):
            found = count
    return found


def wait_after(wrong: int) -> timedelta | None:
    """Return how long no further code is looked at after so many wrong ones, None for not at all."""
    if wrong < FREE_GUESSES:
        return None
    # No larger power than the longest wait needs.
    doublings: int = 2 ** min(wrong - FREE_GUESSES, 10)
    return min(LONGEST_WAIT, FIRST_WAIT * doublings)


def in_groups(letters: str) -> str:
    """Return letters in groups of four, for reading and typing."""
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def new_recovery_code(random: bytes) -> str:
    """Return a recovery code as it is shown: "k7mq-2fxd-…", letters and digits that are not mistaken for each other."""
    return in_groups(base64.b32encode(random).decode().lower())


def recovery_digest(code: str) -> str:
    """Return what is kept of a recovery code."""
    return digest_of(clean_code(code))
