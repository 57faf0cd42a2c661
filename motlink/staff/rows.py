"""What the staff screens show, as small frozen records: never tables."""

from dataclasses import dataclass, field
from uuid import UUID

from motlink.facts import Check
from motlink.staff.rules import MemberState
from motlink.staff.time_rows import Timeline

PAGE_SIZE = 50
SORTS = ("name", "phone", "email", "roles", "tags")
# What the list can be filtered by: facts, of which several may be true of one person; a row's badge says only one.
STATES = ("not_invited", "invited", "expired", "no_role", "leaving", "on_leave", "locked", "agent", "no_baa")


@dataclass(frozen=True)
class RosterView:
    """What the address of the roster says."""

    q: str = ""
    roles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    # Keys of locations; ids of supervisors.
    locations: tuple[str, ...] = ()
    supervisors: tuple[str, ...] = ()
    sort: str = "name"
    down: bool = False
    page: int = 1
    inactive: bool = False


@dataclass(frozen=True)
class RoleChip:
    """A role in a row; switched off ones are shown muted."""

    name: str
    paid: bool
    on: bool


@dataclass(frozen=True)
class TagChip:
    """A tag in a row; `until` says its last day in words, "" where it has none."""

    name: str
    color: str
    until: str = ""


@dataclass(frozen=True)
class RosterRow:
    """One person in the roster."""

    id: UUID
    # As the person is called, and with the first name that papers have where that is another.
    name: str
    whole_name: str
    initials: str
    phone: str
    email: str
    state: MemberState
    minutes_left: int
    # The day that a state is about: "30 Nov" of the last working day, "5 Jan" of coming back.
    on_day: str
    roles: tuple[RoleChip, ...]
    tags: tuple[TagChip, ...]
    # An External Agent; and whether without a current agreement (BAA).
    agent: bool = False
    no_baa: bool = False


@dataclass(frozen=True)
class Choice:
    """A role or tag to filter by: key in the address, name on the screen."""

    key: str
    name: str


@dataclass(frozen=True)
class RosterPage:
    """One page of the roster and the counts around it."""

    rows: tuple[RosterRow, ...]
    shown: int
    active: int
    inactive: int
    pages: int
    page: int
    # How many ask for a new link.
    asked: int = 0
    # Who reads; not for sharing.
    you: UUID | None = None
    role_choices: tuple[Choice, ...] = ()
    tag_choices: tuple[Choice, ...] = ()
    location_choices: tuple[Choice, ...] = ()
    supervisor_choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class RoleSwitch:
    """One switch of the Profile. `reason` says why it cannot be moved, "" where it can."""

    id: UUID
    key: str
    name: str
    description: str
    section: str
    paid: bool
    on: bool
    note: str
    reason: str
    # What it costs on top of the seat (an item of prices.py), and the key of the role it stands under.
    addon: str = ""
    option_of: str = ""
    # Whether it is given for all or for chosen providers (TA-27).
    records: bool = False
    # Whether nobody but staff may have it, and this is an External Agent.
    staff_only: bool = False


@dataclass(frozen=True)
class HistoryLine:
    """One act about a person, in words."""

    what: str
    who: str
    at: str
    icon: str


@dataclass(frozen=True)
class PlaceFacts:
    """The days and facts of a person's place."""

    # The day that the state is about: "30 Nov".
    on_day: str
    # "on 30 November, at the end of the day", "" where no last working day is planned; and the day back from leave.
    leaves: str
    away_until: str
    preferred_name: str
    location: str
    supervisor: str
    supervisor_id: str
    # As a date field has it, and in words.
    starts_on: str
    starts: str
    today: str
    # "1" for an External Agent; the day of the agreement as a date field has it, and in words; where it is kept.
    agent: str = ""
    baa_on: str = ""
    baa: str = ""
    baa_note: str = ""
    # "", "none" or "old".
    baa_fault: str = ""


@dataclass(frozen=True)
class SignIn:
    """One sign-in that reached this practice, in words."""

    at: str
    address: str
    browser: str


@dataclass(frozen=True)
class Profile:
    """A person's page."""

    id: UUID
    version: int
    name: str
    first_name: str
    last_name: str
    initials: str
    email: str
    phone: str
    designation: str
    username: str
    state: MemberState
    minutes_left: int
    place: PlaceFacts
    joined: bool
    you: bool
    touch_reason: str
    # Whether the actor may correct the email: only until the person has come in.
    may_correct_email: bool
    monthly: str
    last_sign_in: str
    # Since when there is a second step at sign-in, "" for none.
    second_step: str
    sign_ins: tuple[SignIn, ...]
    # "after 30 days without sign-in, since 3 November", "" where the place is not locked.
    locked: str
    switches: tuple[RoleSwitch, ...]
    # How many more roles there are for staff, said once; "" where none is left out.
    staff_only: str
    # What stands beside each role, by its key.
    prices: dict[str, str]
    history: tuple[HistoryLine, ...]
    timeline: Timeline
    tags: tuple[TagChip, ...]
    can_restore: bool


@dataclass(frozen=True)
class Checklist:
    """What a deactivation touches; `refusal` is not empty where it is impossible."""

    member_id: UUID
    name: str
    first_name: str
    checks: tuple[Check, ...]
    refusal: str = ""
    # The practice's day, as a date field has it, and its zone by city.
    today: str = ""
    zone: str = ""


@dataclass(frozen=True)
class EmailNotice:
    """Who already has an email here, and the ways out."""

    member_id: UUID
    name: str
    sentence: str
    ways: tuple[str, ...] = field(default_factory=tuple)
