"""The only file that imports all slices: who reacts to which news, who is asked before which act."""

from motlink import facts, models, work
from motlink.audit.actions import keep_refusal, seal_entries
from motlink.audit.undo import way_back
from motlink.roles import bill_undo
from motlink.roles.actions import make_builtin_roles
from motlink.roles.undo import WAYS_BACK as ROLES_BACK
from motlink.staff import leaving as staff
from motlink.staff.agreements import WAYS_BACK as AGREEMENTS_BACK
from motlink.staff.batches import batch_back
from motlink.staff.demands import WAYS_BACK as DEMANDS_BACK
from motlink.staff.email_correction import WAYS_BACK as EMAILS_BACK
from motlink.staff.import_writing import row_back
from motlink.staff.indexing import index_tags, index_wearers
from motlink.staff.locking import WAYS_BACK as LOCKS_BACK
from motlink.staff.session_limits import WAYS_BACK as LIMITS_BACK
from motlink.staff.undo import WAYS_BACK
from motlink.tags.undo import WAYS_BACK as TAGS_BACK


def wire() -> None:
    """Connect the slices; harmless when called twice. Every process calls it before its first work."""
    assert models.metadata.tables
    work.before_commit(seal_entries)
    work.on_refusal(keep_refusal)
    facts.on(facts.OrganizationFounded, make_builtin_roles)
    facts.on(facts.TagPut, index_tags)
    facts.on(facts.TagTaken, index_tags)
    facts.on(facts.TagChanged, index_wearers)
    for check in (
        staff.sessions_check,
        staff.own_invitation_check,
        staff.invitations_check,
        staff.supervisees_check,
        staff.bill_check,
    ):
        facts.pre_check(facts.StaffDeactivated, check)
    way_back("staff.imported", row_back)
    way_back("batch.started", batch_back)
    back = {
        **WAYS_BACK,
        **EMAILS_BACK,
        **ROLES_BACK,
        **TAGS_BACK,
        **LOCKS_BACK,
        **AGREEMENTS_BACK,
        **DEMANDS_BACK,
        **LIMITS_BACK,
        **bill_undo.WAYS_BACK,
    }
    for action, act in back.items():
        way_back(action, act)
