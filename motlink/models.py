"""The index of all tables (Alembic and the tests need them imported)."""

from sqlmodel import SQLModel

from motlink.accounts.models import Account, AccountSession, SetUpLink
from motlink.audit.models import AuditEntry, AuditHead
from motlink.mail.models import Letter
from motlink.orgs.models import Organization
from motlink.roles.models import Role, RoleGrant, RolePermission
from motlink.staff.models import Invitation, StaffMember
from motlink.tags.models import Tag, Tagging

metadata = SQLModel.metadata

__all__ = [
    "Account",
    "AccountSession",
    "AuditEntry",
    "AuditHead",
    "Invitation",
    "Letter",
    "Organization",
    "Role",
    "RoleGrant",
    "RolePermission",
    "SetUpLink",
    "StaffMember",
    "Tag",
    "Tagging",
    "metadata",
]
