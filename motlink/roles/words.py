"""Privileges in words, in the groups of the matrix."""

from motlink.permissions import Permission as P
from motlink.permissions import Scope
from motlink.roles.prices import SEAT, TELEHEALTH, listed
from motlink.roles.rules import money

GROUPS: tuple[tuple[str, tuple[tuple[P, str], ...]], ...] = (
    (
        "People",
        (
            (P.MANAGE_STAFF, "Manage staff and their roles"),
            (P.MANAGE_MANAGERS, "Manage managers and staff administrators"),
            (P.MANAGE_OWNERS, "Decide about owners"),
            (P.GRANT_CUSTODIAN, "Grant Records Custodian"),
            (P.EDIT_TAGS, "Edit tags"),
        ),
    ),
    (
        "Schedule",
        (
            (P.VIEW_SCHEDULE, "See the schedule"),
            (P.CHANGE_SCHEDULE, "Change the schedule"),
            (P.SEARCH_AVAILABILITY, "Find Availability"),
            (P.BOOK, "Book"),
        ),
    ),
    (
        "Clients and records",
        ((P.VIEW_CLIENTS, "See clients"), (P.READ_NOTES, "Read notes"), (P.SIGN_NOTES, "Sign notes")),
    ),
    (
        "Money",
        (
            (P.CLAIMS, "Claims and payments"),
            (P.REPORTS, "Practice reports"),
            (P.BILLING, "Billing and seats"),
        ),
    ),
    (
        "Clinical module",
        (
            (P.VIEW_CLINICAL, "See members and learners"),
            (P.GRANT_CLINICAL, "Give clinical roles"),
            (P.EDIT_LEARNERS, "Edit learners"),
            (P.LINK_LEARNERS, "Link learners, with their names"),
        ),
    ),
    (
        "Practice",
        (
            (P.SECURITY, "Security settings"),
            (P.CONNECT, "Integrations"),
            (P.READ_AUDIT, "Read the audit log"),
        ),
    ),
)

WORDS: dict[P, str] = {permission: words for _, rows in GROUPS for permission, words in rows}

# How far a privilege reaches, as the cell says it; "chosen" are the providers a Records Custodian is given.
REACH = {Scope.OWN: "own", Scope.TEAM: "chosen", Scope.ALL: "yes"}
REACH_WORDS = {Scope.NONE: "no", **REACH}
PRICING = (
    f"One seat, {money(listed(SEAT))} a month, for each person with any Provider / Therapy role, however many of them.",
    "Administrative and Auditing / Compliance roles are free.",
    f"Telehealth adds {money(listed(TELEHEALTH))} a month for each therapist with it, from the next bill.",
    "A seat counts when it is on as the billing cycle closes; someone deactivated before that is not charged.",
)
