"""How a place ends, at once or after a planned last working day: what deactivating does, once it is allowed."""

from motlink.accounts.actions import end_sessions
from motlink.accounts.queries import active_elsewhere
from motlink.accounts.resets import end_waiting_change, locked, revoke_reset_link
from motlink.facts import StaffDeactivated
from motlink.roles.grants import take_all
from motlink.staff.indexing import index_roles
from motlink.staff.invitations import end_invitation, sent_by
from motlink.staff.models import StaffMember
from motlink.staff.people import Person, keep_an_owner, person, role_names
from motlink.staff.places import drop_plan, has_left
from motlink.work import Done, Work


def end_access(work: Work, leaver: Person, *, revoke_invitations: bool) -> Done:
    """Do what deactivating does, once it is allowed: now, or as of a last working day that is over (TA-30).

    What ended by itself is no act of the actor's: no undo brings it back.
    """
    member = leaver.member
    # Two practices may let the same person go at once: the later one sees that it was the last.
    locked(work, member.account_id)
    if member.deactivated_at:
        return Done(f"{member.name} is inactive already.")
    left = has_left(member, work.now)
    at = member.leaves_at if left else None
    # A plan was checked when it was made; when its moment has passed, nothing is left to refuse.
    if leaver.is_owner and not left:
        keep_an_owner(work, member)
    taken, plan = take_all(work, member_id=member.id, at=at), drop_plan(member)
    member.deactivated_at, member.deactivated_by = at or work.now, work.actor.account_id
    index_roles(work, member)
    role_ids = [str(role.id) for role in taken]
    # Before what follows from it: an undo marks the first entry of its act.
    entry = work.record("staff.deactivated", member, roles=role_names(taken), role_ids=role_ids, **plan)
    end_invitation(work, member)
    if revoke_invitations:
        _revoke_sent(work, member)
    end_sessions(work, account_id=member.account_id, org_id=work.org_id)
    if not active_elsewhere(work.session, member.account_id, work.org_id, work.now):
        revoke_reset_link(work, account_id=member.account_id)
        end_waiting_change(work, account_id=member.account_id, how="revoked_at")
    work.announce(StaffDeactivated(member.id, member.account_id))
    work.notify("staff", member.id)
    if left:
        return Done(f"{member.name} has left already.")
    return Done(f"{member.name} is deactivated and signed out.", undo=entry)


def finish_leaving(work: Work, member: StaffMember) -> bool:
    """Tidy up after a last working day that is over, as it was planned. Returns whether there was anything to do."""
    if member.deactivated_at or not has_left(member, work.now):
        return False
    revoke = bool((member.leaves_with or {}).get("revoke_invitations", True))
    end_access(work, person(work, member.id), revoke_invitations=revoke)
    return True


def _revoke_sent(work: Work, sender: StaffMember) -> None:
    # Whoever may let the sender go may withdraw what the sender sent, also to someone the actor may not touch
    # (TA-20: the checklist lists these invitations and decides about them).
    for invited in sent_by(work, sender.account_id):
        end_invitation(work, invited)
        work.notify("staff", invited.id)
