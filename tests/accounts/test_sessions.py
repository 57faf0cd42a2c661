"""Which tabs are still somebody's: a session is open, and the place it shows is still theirs."""

import pytest
from sqlmodel import select

from motlink.accounts.actions import open_session
from motlink.accounts.models import Account, AccountSession
from motlink.accounts.queries import places_open
from motlink.staff.actions import deactivate
from motlink.staff.models import StaffMember
from motlink.work import begin_work, system
from tests.acts import do
from tests.people import Practice, add_person


@pytest.mark.req("TA-20", "LV-01")
def test_whoever_is_let_go_in_one_practice_keeps_the_tabs_of_the_other_alone(practice: Practice) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email="cleo.marchetti@riverbend.example")
    with begin_work(system()) as work:
        cleo = work.session.exec(select(Account).where(Account.email.startswith("cleo."))).one()  # type: ignore[attr-defined]
        open_session(work, account_id=cleo.id)
    with begin_work(system(), writes=False) as work:
        session = work.session.exec(
            select(AccountSession.id).where(AccountSession.account_id == cleo.id)
        ).one()
        before = places_open(work.session, {session}, work.now)

    do(practice, practice.ana, deactivate, member_id=practice.cleo)

    with begin_work(system(), writes=False) as work:
        after = places_open(work.session, {session}, work.now)
        elsewhere = work.session.exec(select(StaffMember).where(StaffMember.org_id == practice.other_org))
        assert len(list(elsewhere)) == 2
    assert before.keys() == {(session, practice.org), (session, practice.other_org)}
    assert after.keys() == {(session, practice.other_org)}
