"""Which screen stands at which address."""

from typing import Any

import reflex as rx

from motlink.audit.page import audit_page
from motlink.audit.state import AuditState
from motlink.roles.billing_page import billing_page
from motlink.roles.billing_state import BillingState
from motlink.roles.compare_state import CompareState
from motlink.roles.design_state import DesignState
from motlink.roles.matrix_page import matrix_page
from motlink.roles.matrix_state import MatrixState
from motlink.roles.panel_state import PanelState
from motlink.staff.add_page import add_page
from motlink.staff.add_state import AddState
from motlink.staff.agent_page import agent_page
from motlink.staff.agent_state import AgentState
from motlink.staff.agreement_state import AgreementState
from motlink.staff.bulk_state import BulkState
from motlink.staff.desk_page import desk_page
from motlink.staff.desk_state import DeskState
from motlink.staff.email_state import EmailState
from motlink.staff.import_page import import_page, imports_page
from motlink.staff.import_state import ImportsState, ImportState
from motlink.staff.leave_state import LeaveState
from motlink.staff.leaving_state import LeavingState
from motlink.staff.limits_state import LimitsState
from motlink.staff.profile_page import profile_page
from motlink.staff.profile_state import EditState, ProfileState
from motlink.staff.roster_page import roster_page
from motlink.staff.roster_state import RosterState
from motlink.staff.security_page import security_page
from motlink.staff.security_state import SecurityState
from motlink.staff.selection_state import RosterSelectionState
from motlink.staff.step_state import StepState
from motlink.staff.tag_editor_state import TagEditorState
from motlink.staff.terms_state import TermsState
from motlink.tags.new_state import AssignState, NewTagState
from motlink.tags.page import tags_page
from motlink.tags.state import TagsState
from motlink.web.front import front_page, lost_page, no_role_page
from motlink.web.who import WhoState

SETTINGS = "/p/[practice]/settings"
ROSTER = [
    LeavingState.close,
    TagEditorState.close,
    BulkState.close,
    AgentState.close,
    RosterState.load,
    RosterSelectionState.look,
]
# path, page, what reads its rows, title; a fresh screen has no dialog open
SCREENS: tuple[tuple[str, Any, Any, str], ...] = (
    (f"{SETTINGS}/staff", roster_page, ROSTER, "Staff"),
    (f"{SETTINGS}/staff/new", add_page, [AddState.load], "New Staff Member"),
    (f"{SETTINGS}/staff/new-agent", agent_page, [AgentState.load], "New External Agent"),
    (f"{SETTINGS}/staff/invitations", desk_page, [DeskState.load], "Invitations"),
    (f"{SETTINGS}/staff/import", imports_page, [ImportsState.load], "Bring people in"),
    (f"{SETTINGS}/staff/import/[batch_id]", import_page, [ImportState.load], "Import"),
    (
        f"{SETTINGS}/staff/[member_id]",
        profile_page,
        [
            LeavingState.close,
            EditState.close,
            LeaveState.close,
            AgreementState.close,
            EmailState.close,
            TermsState.close,
            TagEditorState.close,
            StepState.close,
            ProfileState.load,
        ],
        "Profile",
    ),
    (
        f"{SETTINGS}/roles",
        matrix_page,
        [PanelState.close, DesignState.close, CompareState.close, MatrixState.load],
        "Roles",
    ),
    (f"{SETTINGS}/tags", tags_page, [NewTagState.close, AssignState.close, TagsState.load], "Tags"),
    (f"{SETTINGS}/billing", billing_page, [BillingState.load], "Billing"),
    (f"{SETTINGS}/security", security_page, [SecurityState.load, LimitsState.load], "Security"),
    (f"{SETTINGS}/audit", audit_page, [AuditState.load], "Audit log"),
)


def add_pages(app: rx.App) -> None:
    """Add every screen; the shell's own state is always read first."""
    for path, page, loads, title in SCREENS:
        app.add_page(page, route=path, title=f"{title} · motlink", on_load=[WhoState.load, *loads])
    app.add_page(front_page, route="/p/[practice]", title="motlink", on_load=[WhoState.load, WhoState.enter])
    app.add_page(lost_page, route="404", title="Not here · motlink")
    app.add_page(no_role_page, route="/p/[practice]/no-role", title="No role yet · motlink")
