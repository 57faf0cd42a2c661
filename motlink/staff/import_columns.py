"""Which column of a staff list holds what: guessed from the words other systems use, put right by a person.

Imports nothing heavy: the reader that runs apart starts with it.
"""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence

from motlink.digits import whole_number
from motlink.staff.import_limits import MOST_COLUMNS

# Our field -> its word on the screen.
FIELDS = {
    "first_name": "First name",
    "last_name": "Last name",
    "full_name": "Whole name",
    "email": "Email",
    "phone": "Phone",
    "roles": "Roles",
    "tags": "Tags",
    "designation": "Job title",
    "active": "Active",
    "preferred_name": "Preferred name",
    "starts_on": "Start date",
    "location": "Location",
    "agent": "External Agent",
}

# Our field -> the words other systems use for it, folded: no accents, no case, letters only.
SYNONYMS = {
    "first_name": ("firstname", "givenname", "forename", "first", "vorname"),
    "last_name": ("lastname", "surname", "familyname", "last", "nachname"),
    "full_name": ("fullname", "wholename", "staffname", "employeename"),
    "email": ("email", "emailaddress", "mailaddress", "mail", "workemail"),
    "phone": ("phone", "mobile", "phonenumber", "mobilephone", "mobilenumber", "cell", "cellphone", "telephone", "tel"),
    "roles": ("roles", "role"),
    "tags": ("therapisttags", "stafftags", "tags", "tag"),
    "designation": ("designation", "jobtitle", "title", "position"),
    "active": ("active", "isactive", "enabled"),
    "preferred_name": ("preferredname", "nickname", "knownas"),
    "starts_on": ("startdate", "startson", "startingdate", "hiredate", "hiredon", "datehired", "dateofhire"),
    "location": ("location", "office", "site", "clinic", "branch"),
    "agent": ("externalagent",),
}  # fmt: skip

# Either both names apart or the whole name; and the email.
NEEDED = ("first_name", "last_name", "email")

# What our own file of refused rows has in front; a file that comes back is read without them.
IN_FRONT = ("Row", "Reason")


def guess_columns(header: Sequence[str]) -> dict[str, int]:
    """Return our field -> place for each column whose words leave no doubt; what two columns could be is left out.

    "Name" alone is the whole name; beside a column for the last name it is the first.
    """
    words = [folded(name) for name in header]
    found = {
        field: [place for place, word in enumerate(words) if word in synonyms]
        for field, synonyms in SYNONYMS.items()
    }
    field = "first_name" if found["last_name"] else "full_name"
    if not found["first_name"]:
        found[field] += [place for place, word in enumerate(words) if word == "name"]
    if found["first_name"] or found["last_name"]:
        found["full_name"] = []
    return {field: places[0] for field, places in found.items() if len(places) == 1}


def missing(columns: Mapping[str, int]) -> list[str]:
    """Return the words of the needed fields that have no column."""
    named = {"first_name", "last_name"} if "full_name" in columns else set()
    return [FIELDS[field] for field in NEEDED if field not in {*columns, *named}]


def not_taken(header: Sequence[str], columns: Mapping[str, int]) -> tuple[str, ...]:
    """Return the columns that are read for nothing; one without a name by its letter."""
    taken = set(columns.values())
    return tuple(
        name.strip() or f"Column {letters(place)}" for place, name in enumerate(header) if place not in taken
    )


def header_digest(header: Sequence[str]) -> str:
    """Return what files with the same columns in the same order share, whatever case and spacing."""
    words = ("".join(name.casefold().split()) for name in header)
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()


def folded(name: str) -> str:
    """Return a column's name for comparison: no accents, no case, letters only."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in plain if c.isalpha())


def letters(place: int) -> str:
    """Return a column as a spreadsheet names it: 0 is A, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        name = chr(65 + letter) + name
    return name


def columns_with(columns: Mapping[str, str], field: str, place: str) -> dict[str, int]:
    """Return where our fields are read once `field` is read at `place`: no two at one. What is no place is none."""
    places = {one: _place(at) for one, at in columns.items()}
    wanted = _place(place)
    kept = {one: at for one, at in places.items() if at not in (None, wanted)}
    return {one: at for one, at in {**kept, field: wanted}.items() if at is not None}


def _place(sent: str) -> int | None:
    return whole_number(sent, most=MOST_COLUMNS - 1)
