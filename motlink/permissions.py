"""Every privilege there is, and how far it reaches. Which role has which is data: roles/catalogue.py."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum


class Scope(IntEnum):
    """How far a privilege reaches; OWN is one's own work only and gives no power over others."""

    NONE = 0
    OWN = 1
    TEAM = 2
    ALL = 3


class Permission(StrEnum):
    """A thing a person may do."""

    MANAGE_STAFF = "manage_staff"
    MANAGE_MANAGERS = "manage_managers"
    MANAGE_OWNERS = "manage_owners"
    GRANT_CUSTODIAN = "grant_custodian"
    EDIT_TAGS = "edit_tags"
    VIEW_SCHEDULE = "view_schedule"
    CHANGE_SCHEDULE = "change_schedule"
    SEARCH_AVAILABILITY = "search_availability"
    BOOK = "book"
    VIEW_CLIENTS = "view_clients"
    READ_NOTES = "read_notes"
    SIGN_NOTES = "sign_notes"
    CLAIMS = "claims"
    REPORTS = "reports"
    BILLING = "billing"
    SECURITY = "security"
    CONNECT = "connect"
    READ_AUDIT = "read_audit"
    VIEW_CLINICAL = "view_clinical"
    GRANT_CLINICAL = "grant_clinical"
    LINK_LEARNERS = "link_learners"
    EDIT_LEARNERS = "edit_learners"


def holds(privileges: Mapping[Permission, Scope], permission: Permission) -> bool:
    """Whether someone with these privileges has this one beyond their own work."""
    return privileges.get(permission, Scope.NONE) > Scope.OWN
