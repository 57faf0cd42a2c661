"""An invitation that is withdrawn leaves a trace on the person whose link it was (AU-01, TA-20)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from motlink.audit.queries import AuditView, entries
from motlink.staff.actions import add_member, deactivate, switch_role
from motlink.staff.errors import OwnersOnly
from motlink.staff.invitations import send_invitation
from motlink.staff.queries import history
from motlink.work import begin_work, system
from tests.acts import do, log, see
from tests.people import Practice, add_person

pytestmark = pytest.mark.req("AU-01", "TA-20")


def invited(practice: Practice, by: UUID, *role_keys: str) -> UUID:
    given = {"first_name": "Jo", "last_name": "Li", "email": "jo@new.example"}
    ids = [practice.roles[key] for key in role_keys]
    return do(practice, by, add_member, role_ids=ids, **given).id


def with_role(practice: Practice, name: str, key: str) -> UUID:
    with begin_work(system(), org=practice.org) as work:
        return add_person(work, name, "M", key)


def acts(practice: Practice, member: UUID) -> list[str]:
    lines = see(practice, practice.ana, history, member_id=member)
    return [line.what for line in lines]


def test_who_loses_a_link_because_the_sender_left_reads_so_in_their_history(practice: Practice) -> None:
    jo = invited(practice, practice.ben)

    do(practice, practice.ana, deactivate, member_id=practice.ben)

    assert acts(practice, jo) == ["Invitation withdrawn", "Invitation sent", "Added"]
    row = see(practice, practice.ana, entries, view=AuditView(action="staff.invitation_revoked")).rows[0]
    assert (row.who, row.whom) == ("Ana Castellanos", "Jo Li")


def test_the_leavers_own_link_is_withdrawn_and_said(practice: Practice) -> None:
    jo = invited(practice, practice.ben)

    do(practice, practice.ana, deactivate, member_id=jo)

    assert acts(practice, jo) == ["Invitation withdrawn", "Deactivated", "Invitation sent", "Added"]


def test_a_newer_link_and_one_past_its_hour_were_not_withdrawn(practice: Practice) -> None:
    jo = invited(practice, practice.ben)
    do(practice, practice.ben, send_invitation, member_id=jo)

    do(practice, practice.ana, deactivate, member_id=jo, at=datetime.now(UTC) + timedelta(minutes=61))

    assert "Invitation withdrawn" not in acts(practice, jo)


def test_no_id_stands_among_the_details(practice: Practice) -> None:
    invited(practice, practice.ben, "therapist")
    do(practice, practice.ana, deactivate, member_id=practice.ben)

    rows = see(practice, practice.ana, entries, view=AuditView()).rows

    ids = {str(entry.subject_id) for entry in log(practice)} | {str(one) for one in practice.roles.values()}
    assert [row.details for row in rows if any(one in row.details for one in ids)] == []


def test_a_manager_who_lets_a_manager_go_withdraws_what_that_one_sent_to_whomever(practice: Practice) -> None:
    # TA-20: whoever may let the sender go decides about these invitations, even one for an owner.
    mia = with_role(practice, "Mia", "manager")
    jo = invited(practice, practice.ben)
    do(
        practice,
        practice.ana,
        switch_role,
        member_id=jo,
        role_id=practice.roles["owner"],
        on=True,
        confirmed=True,
    )
    with pytest.raises(OwnersOnly):
        do(practice, mia, deactivate, member_id=jo)

    do(practice, mia, deactivate, member_id=practice.ben)

    assert acts(practice, jo)[0] == "Invitation withdrawn"
