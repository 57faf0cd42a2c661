"""How acts read in the audit log."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from motlink.moments import moment

ACTIONS = {
    "organization.founded": "Practice founded",
    "organization.cycle_day": "Day of the bill changed",
    "organization.lock_after": "Lock-out changed",
    "organization.second_step": "Demand of a second step changed",
    "organization.session_limits": "Length of a sign-in changed",
    "location.made": "Location made",
    "owner.link_printed": "Set-up link printed",
    "account.set_up": "Account set up by a printed link",
    "staff.added": "Staff member added",
    "staff.invited": "Invitation sent",
    "staff.accepted": "Invitation accepted",
    "staff.invitation_revoked": "Invitation withdrawn",
    "staff.asked_again": "New link asked for",
    "staff.role_on": "Role turned on",
    "staff.role_off": "Role turned off",
    "staff.role_ended": "Role ended by its date",
    "staff.role_terms": "End or reach of a role changed",
    "staff.deactivated": "Deactivated",
    "staff.reactivated": "Reactivated",
    "staff.locked": "Locked out",
    "staff.unlocked": "Enabled",
    "staff.unlock_undone": "Enabling undone",
    "staff.reminded": "Reminded to sign in",
    "staff.edited": "Details changed",
    "staff.email_corrected": "Email corrected",
    "staff.leaving_planned": "Last working day planned",
    "staff.leaving_cancelled": "Last working day cancelled",
    "staff.leave_set": "Leave noted",
    "staff.leave_ended": "Leave ended",
    "staff.imported": "Imported from a file",
    "exported": "Exported as a file",
    "staff.withdrawn": "Import taken back",
    "agent.invited": "External Agent invited",
    "agent.added": "External Agent added by token and code",
    "agent.left": "External Agent left",
    "agent.agreement": "Agreement (BAA) changed",
    "agent.agreement_asked": "Managers asked about an agreement (BAA)",
    "agent.code_renewed": "Code of an External Agent renewed",
    "import.received": "File brought in",
    "role.made": "Role made",
    "role.edited": "Role changed",
    "role.ended": "Role deleted",
    "tag.made": "Tag made",
    "tag.put": "Tag put on",
    "batch.started": "Done for many at once",
    "batch.finished": "Finished for many",
    "batch.stopped": "Stopped for many",
    "tag.taken": "Tag taken off",
    "tag.until": "Last day of a tag changed",
    "tag.ran_out": "Tag ran out",
    "tag.renamed": "Tag renamed",
    "tag.colored": "Colour of a tag changed",
    "tag.grouped": "Group of a tag changed",
    "tag.kept_apart": "Tags that look alike kept",
    "tag.deleted": "Tag deleted",
    "tag.restored": "Deleted tag given back",
    "tag.merged": "Tags merged",
    "tag.unmerged": "Merged tags parted",
    "password.reset_sent": "Link to a new password sent",
    "password.reset_asked": "Link to a new password asked for at the sign-in page",
    "password.reset": "New password chosen by a link",
    "password.changed": "Password changed",
    "password.wrong": "Password not changed: the current one was wrong",
    "second_step.on": "Second step turned on",
    "second_step.off": "Second step turned off",
    "second_step.app_added": "Authenticator app added",
    "second_step.codes": "New recovery codes made",
    "second_step.removed": "Second step removed",
    "passkey.added": "Passkey added",
    "passkey.removed": "Passkey removed",
    "second_step.not_changed": "Second step not changed: the password or the code was wrong",
    "second_step.wrong": "Sign-in failed: the code was wrong",
    "proof.wrong": "Password asked again: it was wrong",
    "email.asked": "Another email asked for",
    "email.wrong": "Email not changed: the password was wrong",
    "email.given_up": "Change of the email called off",
    "email.stopped": "Change of the email stopped from the old address",
    "email.changed": "Email changed, confirmed from the new address",
    "email.put_back": "Change of the email taken back from the old address",
    "session.ended": "One session ended",
    "sessions.ended_elsewhere": "Signed out everywhere else",
    "signed_in": "Signed in",
    "sign_in.failed": "Sign-in failed",
    "signed_out": "Signed out",
    "sessions.ended": "Signed out everywhere by the operator",
    "letter.failed": "Mail could not be delivered",
    "letter.bounced": "Mail came back",
    "details.erased": "Details erased",
    "refused": "Refused",
    "undone": "Undone",
}


# What was tried and refused: an action, or by its state the screen whose event it was.
DOING = {
    "add_member": "Add a staff member",
    "add_agent": "Add an External Agent by token and code",
    "invite_agent": "Invite an External Agent",
    "set_agreement": "Change an agreement (BAA)",
    "billing": "Look at billing",
    "set_cycle_day": "Change the day of the bill",
    "choose_lock": "Change the lock-out",
    "session_limits": "Look at security",
    "choose_session_limits": "Change the length of a sign-in",
    "lock_outlook": "Look at security",
    "demand_outlook": "Look at security",
    "demand_second_step": "Change the demand of a second step",
    "remind": "Remind to sign in",
    "unlock": "Enable an account",
    "audit_csv": "Export the audit log",
    "everyone_in": "Select everyone who matches",
    "batch_progress": "See how far it is",
    "bring_forward": "Bring a last working day forward",
    "cancel_leaving": "Cancel a last working day",
    "deactivate": "Deactivate",
    "bring_back": "Bring a role back",
    "edit_role": "Change a role",
    "end_role": "Delete a role",
    "make_role": "Make a role",
    "may_edit": "Change a role",
    "matrix": "Read the roles",
    "design_rows": "Make a role",
    "last_role_of": "Turn a role off for many",
    "people_like": "Look people up",
    "reaches_of_person": "Compare two people",
    "people_without": "Look people up",
    "role_panel": "Read who has a role",
    "find_people": "Find people",
    "find_tags": "Find a tag",
    "delete_tag": "Delete a tag",
    "plan_leaving": "Plan a last working day",
    "plan_leaving_on": "Plan a last working day",
    "set_leave": "Note leave",
    "edit_member": "Change details",
    "email_notice": "Look an email up",
    "desk": "Read the invitations",
    "entries": "Read the audit log",
    "export": "Export the audit log",
    "note_export": "Export a list",
    "staff_csv": "Export the staff list",
    "receive_file": "Bring a file in",
    "start_import": "Import from a file",
    "grant_records": "Let someone read records",
    "keep_apart": "Keep two tags that look alike",
    "foresee": "Do for many at once",
    "leaving_checklist": "Deactivate",
    "merge_tags": "Merge tags",
    "new_tag": "Make a tag",
    "locations": "Read a profile",
    "people_named": "Read a profile",
    "profile": "Read a profile",
    "put_new_tag": "Put a tag on",
    "put_tag": "Put a tag on",
    "reactivate": "Reactivate",
    "providers_like": "Look providers up",
    "rename_tag": "Rename a tag",
    "restore_roles": "Restore previous roles",
    "role_off": "Turn a role off for many",
    "role_on": "Turn a role on for many",
    "import": "Import from a file",
    "invite": "Invite many",
    "tag": "Tag many",
    "revoke_invitation": "Withdraw an invitation",
    "role_choices": "Do for many at once",
    "start_batch": "Do for many at once",
    "start_tagging": "Tag many",
    "stop_own_batch": "Stop what is under way",
    "tag_choices": "Tag many",
    "roster": "Read the staff list",
    "send_invitation": "Send an invitation",
    "send_reset": "Reset a password",
    "remove_second_step": "Remove a second step",
    "set_role_end": "Set the end date of a role",
    "terms_shown": "Read the terms of a role",
    "set_color": "Change a tag’s colour",
    "set_group": "Change a tag’s group",
    "set_last_day": "Change the last day of a tag",
    "switch_role": "Turn a role on or off",
    "tag_panel": "Read a tag",
    "tags_page": "Read the tags",
    "tags_of_member": "Read a person’s tags",
    "take_tag": "Take a tag off",
    "undo": "Undo",
}
SCREENS = {
    "add_state": "New staff member",
    "billing_state": "Billing",
    "agent_state": "New External Agent",
    "agreement_state": "Agreement",
    "audit_state": "Audit log",
    "compare_state": "Compare",
    "demand_state": "Security",
    "design_state": "Make or change a role",
    "batch_state": "Under way",
    "bulk_state": "Do for many",
    "desk_state": "Invitations",
    "edit_state": "Edit details",
    "email_state": "Correct the email",
    "import_state": "Import from a file",
    "imports_state": "Imports",
    "leave_state": "Leave",
    "leaving_state": "Deactivate",
    "matrix_state": "Roles",
    "notice_state": "Notice",
    "panel_state": "Roles",
    "profile_state": "Profile",
    "roster_selection_state": "Staff list",
    "roster_state": "Staff list",
    "step_state": "Profile",
    "terms_state": "End date of a role",
    "assign_state": "Assign to many",
    "new_tag_state": "New tag",
    "security_state": "Security",
    "limits_state": "Security",
    "time_state": "Session",
    "tag_editor_state": "Tags of a person",
    "tag_panel_state": "Tag",
    "tags_state": "Tags",
    "who_state": "Settings",
}
# A moment as actions record it, with its offset.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:\d\d$")
ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def action_words(action: str) -> str:
    """Return an act in words."""
    return ACTIONS.get(action, action.replace(".", ": ").replace("_", " ").capitalize())


def doing_words(doing: str) -> str:
    """Return what somebody tried, in words: an action by itself, an event by its screen ("Staff list: load")."""
    if doing in DOING:
        return DOING[doing]
    state, _, handler = doing.rpartition(".")
    screen = SCREENS.get(state, _plain(state).capitalize())
    return f"{screen}: {_plain(handler)}" if screen else _plain(handler).capitalize()


def detail_words(payload: dict[str, Any] | None, zone: ZoneInfo) -> str:
    """Return what was before and after, or the other details, on one line, moments in the practice's zone.

    Ids and counters are no words.
    """
    if not payload:
        return ""
    before, after = payload.get("before"), payload.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        named = [key for key in after if not key.endswith("_id")]
        changed = [key for key in named if before.get(key) != after[key]]
        return "; ".join(
            f"{_plain(key)}: {before.get(key) or 'none'} → {after[key] or 'none'}" for key in changed
        )
    shown = {
        key: _text(value, zone)
        for key, value in payload.items()
        if key not in ("doing", "version", "login_digest") and not key.endswith(("_id", "_ids"))
    }
    if payload.get("doing"):
        shown = {"tried": doing_words(str(payload["doing"])), **shown}
    return "; ".join(f"{_plain(key)}: {text}" for key, text in shown.items() if text)


def _plain(key: str) -> str:
    return key.replace("_", " ")


def _text(value: Any, zone: ZoneInfo) -> str:
    many = [str(one) for one in (value if isinstance(value, list) else [value]) if one not in ("", None)]
    return ", ".join(
        moment(datetime.fromisoformat(one), zone) if MOMENT.match(one) else one
        for one in many
        if not ID.fullmatch(one)
    )
