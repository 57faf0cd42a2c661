"""The off-boarding checklist: what it names comes true, and what it refuses is refused."""

import pytest

from motlink.accounts.actions import open_session
from motlink.errors import MotlinkError, NotAllowed, NotFound
from motlink.staff.actions import deactivate, switch_role
from motlink.staff.leaving import leaving_checklist
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.acts import add_someone, do, refusal, see, switching
from tests.people import Practice

pytestmark = pytest.mark.req("TA-20")


def test_the_checklist_names_sessions_invitations_own_link_and_bill(practice: Practice) -> None:
    with begin_work(system(), org=practice.org) as work:
        open_session(
            work, account_id=work.session.get_one(StaffMember, practice.ben).account_id, browser="Firefox"
        )
    do(practice, practice.ana, switch_role, **switching(practice, practice.ben, "therapist", on=True))
    jo = add_someone(practice, practice.ben, "Jo")

    ben = see(practice, practice.ana, leaving_checklist, member_id=practice.ben)
    own = see(practice, practice.ana, leaving_checklist, member_id=jo.id)

    words = " / ".join(f"{check.fact} {check.detail}" for check in ben.checks)
    assert "1 open session ends at once Firefox" in words
    assert "1 invitation they sent is open Jo L" in words
    assert "$10.00 a month less" in words
    assert [check.choice for check in ben.checks if check.choice] == ["revoke_invitations"]
    assert [check.fact for check in own.checks] == ["The open invitation ends"]


@pytest.mark.req("TA-01")
def test_the_checklist_refuses_exactly_whom_deactivating_refuses(practice: Practice) -> None:
    for who in (practice.ana, practice.ben, practice.sam):
        for whom in (practice.ana, practice.ben, practice.cleo, practice.sam):
            told = see(practice, who, leaving_checklist, member_id=whom).refusal
            try:
                with begin_work(practice.as_(who), org=practice.org) as work:
                    deactivate(work, member_id=whom)
                    raise Unmade
            except Unmade:
                assert told == "", (who, whom)
            except MotlinkError as refused:
                assert refused.sentence in told  # noqa: PT017 - either way out is looked at


def test_the_checklist_is_for_those_who_manage_staff_of_this_practice(practice: Practice) -> None:
    refusal(practice, practice.cleo, leaving_checklist, NotAllowed, member_id=practice.sam)
    refusal(practice, practice.ana, leaving_checklist, NotFound, member_id=practice.dov)
    with (
        pytest.raises(NotFound),
        begin_work(practice.as_(practice.dov), org=practice.other_org, writes=False) as work,
    ):
        leaving_checklist(work, member_id=practice.cleo)


class Unmade(Exception):
    """Takes the transaction back."""
