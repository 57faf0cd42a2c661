"""The index of all tables (Alembic and the tests need them imported)."""

from sqlmodel import SQLModel

from motlink.accounts.models import (
    Account,
    AccountSession,
    AgentKey,
    AuthenticatorApp,
    EmailChange,
    HalfSession,
    Passkey,
    RecoveryCode,
    ResetLink,
    SetUpLink,
)
from motlink.audit.models import AuditEntry, AuditHead
from motlink.mail.models import Letter, MailEvent
from motlink.orgs.models import Location, Organization
from motlink.roles.models import GrantProvider, Role, RoleGrant, RolePermission
from motlink.staff.models import Batch, BatchItem, ImportFile, ImportMapping, Invitation, StaffMember
from motlink.tags.models import Tag, Tagging

metadata = SQLModel.metadata

__all__ = [
    "Account",
    "AccountSession",
    "AgentKey",
    "AuditEntry",
    "AuditHead",
    "AuthenticatorApp",
    "Batch",
    "BatchItem",
    "EmailChange",
    "GrantProvider",
    "HalfSession",
    "ImportFile",
    "ImportMapping",
    "Invitation",
    "Letter",
    "Location",
    "MailEvent",
    "Organization",
    "Passkey",
    "RecoveryCode",
    "ResetLink",
    "Role",
    "RoleGrant",
    "RolePermission",
    "SetUpLink",
    "StaffMember",
    "Tag",
    "Tagging",
    "metadata",
]
