"""What an account's email, username and password may be. Pure functions."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from motlink.accounts.guessable import SEPARATORS, canonical_password, is_common, is_run, repeats
from motlink.accounts.models import EmailChange, ResetLink, SetUpLink
from motlink.accounts.stolen import is_stolen
from motlink.errors import Conflict, Invalid

# Fifteen where the password stands alone, eight with a second step (NIST SP 800-63B-4); a thousand bounds the work of
# one guess.
SHORTEST_PASSWORD, SHORTEST_WITH_STEP, LONGEST_PASSWORD = 15, 8, 1000
# One hour: the letter promises it.
RESET_LIFETIME = timedelta(hours=1)
# Letters that anyone can ask for at the door. So many in the time that a link lives: when nobody can have another one
# sent, the newest still opens, so a stranger who asks all the time keeps the owner of the account from nothing.
RESETS_APART, MOST_RESETS = timedelta(minutes=2), 5
# The letter to the new address promises the hour, those to the old one the week (PC-01).
CHANGE_LIFETIME, TAKE_BACK_FOR = timedelta(hours=1), timedelta(days=7)
# Each is three letters, one of them to a stranger's mailbox.
MOST_CHANGES, CHANGES_WITHIN = 5, timedelta(hours=1)
USERNAME = re.compile(r"[a-z0-9._-]{3,40}")


class EmailTaken(Conflict):
    """Another account has this email, or could take it back."""

    sentence = "This email cannot be used: it belongs to another account."


def canonical_email(typed: str) -> str:
    """Return the one form of an email: NFKC, trimmed, case folded (PC-01)."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def canonical_username(typed: str) -> str:
    """Return the one form of a username: NFKC, trimmed, case folded (TA-10)."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def checked_username(typed: str) -> str:
    """Return the canonical username. Raises Invalid for the field `username`."""
    username = canonical_username(typed)
    if not username:
        raise Invalid("Choose a username.", field="username")
    if not USERNAME.fullmatch(username):
        raise Invalid("3 to 40 letters a to z, digits, dots, underscores or hyphens.", field="username")
    return username


def shortest_password(*, with_step: bool) -> int:
    """Return how many characters a password has at least, with a second step after it or without."""
    return SHORTEST_WITH_STEP if with_step else SHORTEST_PASSWORD


def is_short(password: str) -> bool:
    """Whether a password is only good with a second step."""
    return len(password) < SHORTEST_PASSWORD


GUESSED_FIRST: tuple[tuple[Callable[[str], bool], str], ...] = (
    (
        lambda folded: is_common(folded) or len(set(folded)) < 5,
        "This password is among the first that are guessed. Choose another.",
    ),
    (repeats, "This password repeats a short piece, which is easy to guess."),
    (is_run, "This password runs along the keyboard or the alphabet. Choose another."),
    (
        lambda folded: is_stolen(folded) or is_stolen(folded.translate(SEPARATORS)),
        "This password was stolen from another site and stands in lists that are tried first. Choose another.",
    ),
)


def check_password(
    password: str, *, own_words: Iterable[str] = (), shortest: int = SHORTEST_PASSWORD
) -> None:
    """Raise Invalid for the field `password`, naming why: length, guessed first, stolen, or about oneself."""
    if len(password) < shortest:
        raise Invalid(f"At least {shortest} characters; this has {len(password)}.", field="password")
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(f"At most {LONGEST_PASSWORD} characters.", field="password")
    folded = canonical_password(password)
    why = next((sentence for is_so, sentence in GUESSED_FIRST if is_so(folded)), "") or _of_oneself(
        folded, own_words
    )
    if why:
        raise Invalid(why, field="password")


def _of_oneself(folded: str, own_words: Iterable[str]) -> str:
    for word in (one.strip() for one in (*own_words, "motlink")):
        if len(word) >= 4 and canonical_password(word) in folded:
            return f"The password contains “{word}”, which is easy to guess."
    return ""


def set_up_link_is_open(link: SetUpLink, *, now: datetime) -> bool:
    """Whether an owner's set-up link can still be used."""
    return link.used_at is None and link.expires_at > now


def another_reset_may_go(sent: Sequence[datetime], *, now: datetime) -> bool:
    """Whether someone at the door has another reset letter sent; `sent` are those of the last hour, newest first."""
    return len(sent) < MOST_RESETS and (not sent or sent[0] <= now - RESETS_APART)


def why_reset_is_dead(link: ResetLink, *, now: datetime, has_place: bool = True) -> str:
    """Return "" for an open link, else used, superseded, revoked or expired."""
    if link.used_at:
        return "used"
    if link.superseded_at:
        return "superseded"
    if link.revoked_at or not has_place:
        return "revoked"
    return "" if link.expires_at > now else "expired"


def take_back_until(confirmed_at: datetime) -> datetime:
    """Return until when the old address can take a change of the email back."""
    return confirmed_at + TAKE_BACK_FOR


def why_change_is_dead(change: EmailChange, *, now: datetime, has_place: bool = True) -> str:
    """Return "" for a change that waits, else used, cancelled, superseded, revoked or expired."""
    if change.cancelled_at:
        return "cancelled"
    if change.confirmed_at:
        return "used"
    if change.superseded_at:
        return "superseded"
    if change.revoked_at or not has_place:
        return "revoked"
    return "" if change.expires_at > now else "expired"


def why_not_cancelled(change: EmailChange, *, now: datetime) -> str:
    """Return "" where the old address can still cancel, else cancelled, over (it never was) or expired."""
    if change.cancelled_at:
        return "cancelled"
    if change.confirmed_at:
        return "" if take_back_until(change.confirmed_at) > now else "expired"
    return "over" if change.superseded_at or change.revoked_at or change.expires_at <= now else ""


def masked(email: str) -> str:
    """Return an email as its owner knows it again and nobody else learns it: "j…@clinic.example"."""
    name, _, host = email.partition("@")
    return f"{name[:1]}…@{host}"
