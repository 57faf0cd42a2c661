"""How acts read in the audit log."""

from typing import Any

ACTIONS = {
    "organization.founded": "Practice founded",
    "staff.added": "Staff member added",
    "staff.invited": "Invitation sent",
    "staff.accepted": "Invitation accepted",
    "staff.role_on": "Role turned on",
    "staff.role_off": "Role turned off",
    "staff.deactivated": "Deactivated",
    "staff.reactivated": "Reactivated",
    "staff.edited": "Details changed",
    "staff.imported": "Imported from a file",
    "tag.made": "Tag made",
    "tag.put": "Tag put on",
    "signed_in": "Signed in",
    "sign_in.failed": "Sign-in failed",
    "signed_out": "Signed out",
    "refused": "Refused",
    "undone": "Undone",
}


def action_words(action: str) -> str:
    """Return an act in words."""
    return ACTIONS.get(action, action.replace(".", ": ").replace("_", " ").capitalize())


def detail_words(payload: dict[str, Any] | None) -> str:
    """Return what was before and after, or the other details, on one line."""
    if not payload:
        return ""
    before, after = payload.get("before"), payload.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        changed = [key for key in after if before.get(key) != after[key]]
        return "; ".join(
            f"{_plain(key)}: {before.get(key) or 'none'} → {after[key] or 'none'}" for key in changed
        )
    shown = {
        key: value
        for key, value in payload.items()
        if not key.endswith(("_id", "_ids")) and value not in ("", [], None)
    }
    return "; ".join(f"{_plain(key)}: {_text(value)}" for key, value in shown.items())


def _plain(key: str) -> str:
    return key.replace("_", " ")


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
