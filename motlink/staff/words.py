"""The staff slice's sentences for dates and acts, together, so that another language is a file."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

STATE_WORDS = {
    "active": "Active",
    "inactive": "Inactive",
    "expired": "Invitation expired",
    "no_role": "No role",
    "invited": "Invited",
    "not_invited": "Not invited",
}

# action -> (sentence, icon); {…} comes from the payload.
HISTORY = {
    "staff.added": ("Added", "user_plus"),
    "staff.invited": ("Invitation sent", "send"),
    "staff.accepted": ("Invitation accepted", "mail_check"),
    "staff.invitation_revoked": ("Invitation withdrawn", "mail_x"),
    "staff.role_on": ("{role} turned on", "toggle_right"),
    "staff.role_off": ("{role} turned off", "toggle_left"),
    "staff.deactivated": ("Deactivated", "user_x"),
    "staff.reactivated": ("Reactivated", "user_check"),
    "staff.edited": ("Details changed", "pencil"),
    "staff.imported": ("Imported from a file", "file_down"),
    "tag.put": ("Tag {tag} put on", "tag"),
    "owner.link_printed": ("Set-up link printed for the operator", "key_round"),
    "undone": ("Undone", "undo_2"),
}


def history_words(action: str, payload: dict[str, Any] | None) -> tuple[str, str]:
    """Return the sentence and the icon of an act."""
    sentence, icon = HISTORY.get(action, (action.replace(".", " ").replace("_", " ").capitalize(), "circle"))
    return sentence.format_map(_Given(payload or {})), icon


def day(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return "3 November", or "3 November 2024" where it is not this year's, in the practice's zone."""
    local = at.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    return f"{local.day} {local:%B}{year}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return "3 Nov 2026, 4:18 PM", in the practice's zone."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y}, {local.hour % 12 or 12}:{local:%M %p}"


class _Given(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "something"
