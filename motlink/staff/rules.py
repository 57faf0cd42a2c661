"""Pure rules of staff: names and phones as typed, who may switch what, the one most urgent state."""

import unicodedata
from datetime import date, datetime, timedelta
from enum import StrEnum

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from motlink.accounts.rules import canonical_email
from motlink.errors import Invalid
from motlink.folding import fold
from motlink.permissions import Permission, holds
from motlink.roles.rules import Privileges, is_owner, lacks, manages_staff, may_touch, reaches_records
from motlink.staff.errors import BeyondOwnPrivileges, ManagersOnly, OwnersOnly, OwnRoles

# One hour: the invitation email promises it.
INVITATION_LIFETIME = timedelta(hours=1)
LONGEST_NAME = 100

# Embeddings, overrides and isolates turn the text around them as well; the plain marks U+200E and U+200F do not.
BIDI_CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Letters by their category that show nothing.
BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"


# Nobody who works today began before; what lies beyond is a slip of the keys, or a spreadsheet's zero.
FIRST_START, LAST_START = date(1940, 1, 1), date(2099, 12, 31)


class MemberState(StrEnum):
    """What a roster row says about a person: one, the most urgent (TA-04)."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    LOCKED = "locked"
    EXPIRED = "expired"
    NO_ROLE = "no_role"
    LEAVING = "leaving"
    ON_LEAVE = "on_leave"
    INVITED = "invited"
    NOT_INVITED = "not_invited"


def clean_details(*, country: str, **typed: str) -> dict[str, str]:
    """Return what was typed in its one form, field by field. Raises Invalid that names every field that is wrong."""
    clean: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for field, text in typed.items():
        try:
            clean[field] = _clean(field, text, country)
        except Invalid as refusal:
            wrong[field] = refusal.sentence
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return clean


def _clean(field: str, text: str, country: str) -> str:
    if field == "email":
        return clean_email(text)
    if field == "phone":
        return clean_phone(text, country)
    return clean_name(text, field) if field.endswith("_name") else clean_line(text, field)


def clean_name(text: str, field: str) -> str:
    """Return a name with single spaces. Raises Invalid for none, for control characters, or over 100 letters."""
    words = {"first_name": "First name", "last_name": "Last name"}
    name = " ".join(str(text).split())
    if not any(_shows(c) for c in _printable(name, field)):
        raise Invalid(f"{words.get(field, 'A name')} is needed.", field=field)
    return name


def clean_line(text: str, field: str, *, longest: int = LONGEST_NAME) -> str:
    """Return an optional line of text with single spaces."""
    return _printable(" ".join(str(text).split()), field, longest)


def _printable(text: str, field: str, longest: int = LONGEST_NAME) -> str:
    if len(text) > longest:
        raise Invalid(f"This is too long: {longest} characters at most.", field=field)
    # Cc and Cs never belong in a name; Cf (joiners, direction marks) does in several scripts, bidi controls do not.
    if any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} or c in BIDI_CONTROLS for c in text):
        raise Invalid("This has characters that cannot be shown.", field=field)
    return text


def _shows(c: str) -> bool:
    return unicodedata.category(c)[0] in "LNSP" and c not in BLANK_LETTERS


def clean_email(text: str) -> str:
    """Return the canonical email. Raises Invalid where it is none."""
    # The canonical form is what is kept, so that form is what must be an address (a full-width ＠ turns into @).
    address = canonical_email(str(text))
    if not address:
        raise Invalid("Email is needed: the invitation goes there.", field="email")
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Invalid("This is not an email address.", field="email") from None
    return address


def clean_phone(text: str, country: str) -> str:
    """Return a phone in international form, "" for none. Raises Invalid for an impossible number."""
    typed = str(text).strip()
    if not typed:
        return ""
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        raise Invalid("This is not a phone number.", field="phone") from None
    if not phonenumbers.is_possible_number(number):
        raise Invalid("This phone number has too few or too many digits.", field="phone")
    if number.country_code == 1:
        # North America reads "+1 (617) 555-0142".
        return f"+1 {phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)}"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def is_start(day: date) -> bool:
    """Whether somebody may have begun to work on this day."""
    return FIRST_START <= day <= LAST_START


def sort_name(first: str, last: str) -> str:
    """Return the roster's order: last name, then first; cut to the column, since folding can lengthen a name."""
    return f"{fold(last)[:100]}\x1f{fold(first)[:100]}"


def search_text(first: str, last: str, email: str, phone: str, preferred: str = "") -> str:
    """Return what the roster's search looks through."""
    digits = "".join(c for c in phone if c.isdigit())
    text = f"{fold(first)[:150]} {fold(last)[:150]} {fold(email)[:320]} {digits}".strip()
    return f"{text} {fold(preferred)[:50]}".strip()


def state_of(
    *,
    deactivated: bool,
    joined: bool,
    has_role: bool,
    invited_until: datetime | None,
    now: datetime,
    leaves_at: datetime | None = None,
    on_leave: bool = False,
    locked: bool = False,
) -> MemberState:
    """Return the one state a row shows, the most urgent (TA-04)."""
    if deactivated or (leaves_at is not None and leaves_at <= now):
        return MemberState.INACTIVE
    if locked:
        return MemberState.LOCKED
    if not joined and invited_until is not None and invited_until <= now:
        return MemberState.EXPIRED
    if not has_role:
        return MemberState.NO_ROLE
    if leaves_at is not None or on_leave:
        return MemberState.LEAVING if leaves_at is not None else MemberState.ON_LEAVE
    if joined:
        return MemberState.ACTIVE
    return MemberState.INVITED if invited_until else MemberState.NOT_INVITED


def check_switch(
    *, actor: Privileges, target: Privileges, role: Privileges, role_name: str, on: bool, own: bool
) -> None:
    """Raise where the actor may not give (on) or take (off) a role of a member with `target` privileges (TA-01)."""
    if own and not is_owner(actor):
        raise OwnRoles
    if own and is_owner(role):
        raise OwnRoles("Nobody takes Owner from themselves.")
    if is_owner(role) and not is_owner(actor):
        raise OwnersOnly
    if not may_touch(actor, target) or (manages_staff(role) and not holds(actor, Permission.MANAGE_MANAGERS)):
        raise ManagersOnly
    if on and lacks(actor, role):
        raise BeyondOwnPrivileges(role_name)
    if on and reaches_records(role) and not holds(actor, Permission.GRANT_CUSTODIAN):
        raise OwnersOnly("Only an owner gives a role that reads other people’s records.")


def check_touch(*, actor: Privileges, target: Privileges, own: bool) -> None:
    """Raise where the actor may not deactivate or reactivate a member with `target` privileges."""
    if own:
        raise OwnRoles("Nobody deactivates their own account.")
    if is_owner(target) and not is_owner(actor):
        raise OwnersOnly
    if not may_touch(actor, target):
        raise ManagersOnly


def minutes_left(until: datetime, now: datetime) -> int:
    """Return whole minutes until a link closes, at least 0."""
    return max(0, -(-int((until - now).total_seconds()) // 60))
