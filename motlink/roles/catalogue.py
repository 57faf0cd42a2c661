"""The built-in roles and their privileges, as data. The matrix on the Roles page and the guard's tests read it."""

from dataclasses import dataclass, field

from motlink.permissions import Permission as P
from motlink.permissions import Scope
from motlink.roles.prices import SEAT, listed, short_money

SECTIONS = {
    "provider": ("Provider / Therapy", f"from {short_money(listed(SEAT))} a month"),
    "administrative": ("Administrative", "free"),
    "auditing": ("Auditing / Compliance", "free"),
}


@dataclass(frozen=True)
class BuiltinRole:
    """A role every practice starts with."""

    key: str
    name: str
    section: str
    description: str
    privileges: dict[P, Scope] = field(default_factory=dict)
    paid: bool = False
    # An option (TA-26) stands under the role of this key, and is on only with it.
    option_of: str = ""
    # What it costs on top of the seat: an item of the price list.
    addon: str = ""


def _all(*permissions: P) -> dict[P, Scope]:
    return dict.fromkeys(permissions, Scope.ALL)


def _own(*permissions: P) -> dict[P, Scope]:
    return dict.fromkeys(permissions, Scope.OWN)


SCHEDULER = _all(
    P.EDIT_TAGS, P.VIEW_SCHEDULE, P.CHANGE_SCHEDULE, P.SEARCH_AVAILABILITY, P.BOOK, P.VIEW_CLIENTS
)
BILLER = _all(P.VIEW_CLIENTS, P.CLAIMS)
MANAGER = (
    SCHEDULER
    | BILLER
    | _all(P.MANAGE_STAFF, P.MANAGE_MANAGERS, P.REPORTS, P.CONNECT, P.READ_AUDIT)
    | _all(P.VIEW_CLINICAL, P.GRANT_CLINICAL, P.LINK_LEARNERS, P.EDIT_LEARNERS)
)
OWN_WORK = _own(P.VIEW_SCHEDULE, P.CHANGE_SCHEDULE, P.VIEW_CLIENTS, P.READ_NOTES, P.SIGN_NOTES)

BUILTIN = (
    BuiltinRole(
        "therapist",
        "Therapist",
        "provider",
        "Own clients, own schedule, own notes",
        OWN_WORK | _all(P.SEARCH_AVAILABILITY),
        paid=True,
    ),
    BuiltinRole(
        "supervisor",
        "Supervisor",
        "provider",
        "Reads and signs the notes of the people they supervise",
        OWN_WORK | _all(P.SEARCH_AVAILABILITY),
        paid=True,
    ),
    BuiltinRole(
        "intern",
        "Intern",
        "provider",
        "Works under a supervisor, cannot sign alone",
        _own(P.VIEW_SCHEDULE, P.VIEW_CLIENTS, P.READ_NOTES),
        paid=True,
    ),
    BuiltinRole(
        "owner",
        "Owner",
        "administrative",
        "Everything. Only an owner can make an owner",
        {permission: Scope.ALL for permission in P if permission != P.SIGN_NOTES},
    ),
    BuiltinRole(
        "manager", "Manager", "administrative", "Runs the practice; includes Scheduler and Biller", MANAGER
    ),
    BuiltinRole("scheduler", "Scheduler", "administrative", "The whole practice’s calendar", SCHEDULER),
    BuiltinRole("biller", "Biller", "administrative", "Claims, payments, statements", BILLER),
    BuiltinRole("reporting", "Reporting", "administrative", "Practice reports, read only", _all(P.REPORTS)),
    BuiltinRole(
        "records_custodian",
        "Records Custodian",
        "auditing",
        "Reads and prints the notes of chosen providers",
        _all(P.VIEW_CLIENTS) | {P.READ_NOTES: Scope.TEAM},
    ),
    BuiltinRole(
        "staff_administrator",
        "Staff Administrator",
        "auditing",
        "Adds and manages staff, never owners or managers",
        # Without Find Availability this role could not give Therapist to anyone (nobody grants what they lack).
        _all(P.MANAGE_STAFF, P.EDIT_TAGS, P.SEARCH_AVAILABILITY),
    ),
    BuiltinRole(
        "auditor",
        "Auditor",
        "auditing",
        "Sees who did what, changes nothing",
        _all(P.READ_AUDIT, P.REPORTS),
    ),
)

# Options of Therapist (TA-26): own work only, so that whoever may give Therapist may give them.
OPTIONS = (
    BuiltinRole(
        "telehealth",
        "Telehealth",
        "provider",
        "Sessions by video",
        _own(P.BOOK),
        option_of="therapist",
        addon="telehealth",
    ),
    BuiltinRole(
        "accept_client_payments",
        "Accept Client Payments",
        "provider",
        "Takes payments from own clients",
        _own(P.CLAIMS),
        option_of="therapist",
    ),
    BuiltinRole(
        "client_financials",
        "Client Financials",
        "provider",
        "Sees balances and statements of own clients",
        _own(P.VIEW_CLIENTS, P.CLAIMS),
        option_of="therapist",
    ),
    BuiltinRole(
        "own_reports",
        "Own Reports",
        "provider",
        "Reports about own work",
        _own(P.REPORTS),
        option_of="therapist",
    ),
)

# Places in the order of the screen: built-in roles, a practice's own, then options.
FIRST_OPTION = 100
