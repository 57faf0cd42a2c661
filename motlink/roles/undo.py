"""How what was done about a practice's own role is taken back: through the same checks (UX-02)."""

from motlink.audit.models import AuditEntry
from motlink.audit.undo import UndoRefused, WayBack, payload_of
from motlink.roles.custom import bring_back, design_told, edit_role, end_role
from motlink.roles.models import Role
from motlink.work import Done, Work


def _made_back(work: Work, entry: AuditEntry) -> Done:
    role = _unchanged(work, entry)
    return end_role(work, role_id=role.id)


def _edit_back(work: Work, entry: AuditEntry) -> Done:
    role, was = _unchanged(work, entry), design_told(payload_of(entry)["before"])
    return edit_role(
        work,
        role_id=role.id,
        version=role.version,
        name=was.name,
        description=was.description,
        section=was.section,
        privileges=was.privileges,
    )


def _end_back(work: Work, entry: AuditEntry) -> Done:
    role = _unchanged(work, entry)
    return bring_back(work, role_id=role.id, version=role.version)


def _unchanged(work: Work, entry: AuditEntry) -> Role:
    role = work.get(Role, entry.subject_id)
    if role.version != payload_of(entry)["version"]:
        raise UndoRefused
    return role


WAYS_BACK: dict[str, WayBack] = {
    "role.made": _made_back,
    "role.edited": _edit_back,
    "role.ended": _end_back,
}
