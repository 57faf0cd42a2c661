"""The staff slice's sentences for acts, together, so that another language is a file."""

from typing import Any

STATE_WORDS = {
    "active": "Active",
    "inactive": "Inactive",
    "locked": "Locked out",
    "expired": "Invitation expired",
    "no_role": "No role",
    "leaving": "Leaves",
    "on_leave": "On leave until",
    "invited": "Invited",
    "not_invited": "Not invited",
    "agent": "External Agent",
    "no_baa": "No current BAA",
}

# How far an invitation has come.
LINK_WORDS = {
    "asked": "Asked for a new link",
    "bounced": "Came back",
    "failed": "Not sent",
    "withdrawn": "Withdrawn",
    "expired": "Expired",
    "opened": "Link opened",
    "delivered": "Delivered",
    "sent": "Sent",
    "waiting": "Waiting to be sent",
}

# action -> (sentence, icon); {…} comes from the payload.
HISTORY = {
    "staff.added": ("Added", "user_plus"),
    "staff.invited": ("Invitation sent", "send"),
    "staff.accepted": ("Invitation accepted", "mail_check"),
    "staff.invitation_revoked": ("Invitation withdrawn", "mail_x"),
    "staff.asked_again": ("Asked for a new link", "bell"),
    "staff.role_on": ("{role} turned on", "toggle_right"),
    "staff.role_off": ("{role} turned off", "toggle_left"),
    "staff.role_ended": ("{role} ended, as planned", "calendar_clock"),
    "staff.role_terms": ("{role}: {terms}", "calendar_clock"),
    "staff.deactivated": ("Deactivated", "user_x"),
    "staff.reactivated": ("Reactivated", "user_check"),
    "staff.locked": ("Locked out after {after_days} days without sign-in", "lock"),
    "staff.unlocked": ("Enabled", "lock_open"),
    "staff.unlock_undone": ("Enabling undone", "lock"),
    "staff.reminded": ("Reminded to sign in", "send"),
    "staff.edited": ("Details changed", "pencil"),
    "staff.email_corrected": ("Email corrected", "pencil"),
    "staff.leaving_planned": ("Last working day planned", "calendar_x_2"),
    "staff.leaving_cancelled": ("Last working day cancelled", "calendar_check_2"),
    "staff.leave_set": ("Leave noted", "plane"),
    "staff.leave_ended": ("Leave ended", "plane_landing"),
    "staff.imported": ("Imported from {file}, row {row}", "file_down"),
    "staff.withdrawn": ("Import taken back", "undo_2"),
    "agent.invited": ("Added as an External Agent", "building_2"),
    "agent.added": ("Added by Token and Code", "building_2"),
    "agent.left": ("Left the practice by themselves", "user_x"),
    "agent.agreement": ("Agreement (BAA) changed", "file_text"),
    "agent.agreement_asked": ("Managers written to about the agreement (BAA)", "bell"),
    "tag.put": ("Tag {tag} put on", "tag"),
    "tag.taken": ("Tag {tag} taken off", "tag"),
    "tag.until": ("Last day of tag {tag} changed", "tag"),
    "tag.ran_out": ("Tag {tag} ran out", "tag"),
    "owner.link_printed": ("Set-up link printed for the operator", "key_round"),
    "password.reset_sent": ("Link to a new password sent", "key_round"),
    "second_step.removed": ("Second step removed", "key_round"),
    "undone": ("Undone", "undo_2"),
}


def history_words(action: str, payload: dict[str, Any] | None) -> tuple[str, str]:
    """Return the sentence and the icon of an act."""
    sentence, icon = HISTORY.get(action, (action.replace(".", " ").replace("_", " ").capitalize(), "circle"))
    return sentence.format_map(_Given(payload or {})), icon


class _Given(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "something"
