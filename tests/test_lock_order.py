"""The watch over locks itself: it sees what two works could wait for in a circle (ASVS 15.4.2)."""

import pytest
from sqlalchemy import text

from motlink.accounts.resets import locked
from motlink.staff.models import StaffMember
from motlink.work import Work, begin_work, system
from tests.lock_order import ACCOUNT, SHARED, fault, locked_by, watch
from tests.people import stranger_and_practice

pytestmark = pytest.mark.asvs("15.4.2")


@pytest.mark.parametrize(
    ("held", "wanted", "wrong"),
    [
        (["organization", ACCOUNT, "staffmember"], "accountsession", False),
        ([ACCOUNT, "accountsession"], "staffmember", False),
        (["organization", "staffmember"], "invitation", False),
        (["organization", "staffmember"], "staffmember", False),
        (["organization", SHARED, "staffmember"], SHARED, False),
        (["staffmember"], "invitation", True),
        (["organization", "staffmember"], "accountsession", True),
        (["organization", SHARED, "staffmember"], "accountsession", True),
        (["resetlink"], ACCOUNT, True),
        ([ACCOUNT], "organization", True),
        (["organization", ACCOUNT], "organization", False),
        (["organization", SHARED, "staffmember"], ACCOUNT, True),
    ],
)
def test_what_is_against_the_order_is_a_fault(held: list[str], wanted: str, wrong: bool) -> None:
    assert bool(fault(held, wanted)) is wrong


@pytest.mark.parametrize(
    ("statement", "locks"),
    [
        ("SELECT account.id FROM account WHERE account.id = 1 FOR NO KEY UPDATE", ACCOUNT),
        ("SELECT account.id \nFROM account WHERE account.id = 1 FOR KEY SHARE", SHARED),
        ("SELECT staffmember.id FROM staffmember", None),
        ("UPDATE staffmember SET first_name=%(x)s", "staffmember"),
        ("DELETE FROM account WHERE id = 1", ACCOUNT),
        ("INSERT INTO account (id) VALUES (1)", None),
    ],
)
def test_it_reads_what_a_statement_locks(statement: str, locks: str | None) -> None:
    assert locked_by(statement) == locks


def test_a_place_and_then_a_link_without_the_account_is_seen(postgresql: str) -> None:
    practice = stranger_and_practice()

    def renamed(work: Work) -> None:
        member = work.get(StaffMember, practice.cleo)
        member.first_name += "x"
        work.session.flush()

    with begin_work(system(), org=practice.org) as work:
        account = work.get(StaffMember, practice.cleo).account_id
        locked(work, account)
        renamed(work)
        _end_links(work)
    assert list(watch.drain()) == []

    with begin_work(system(), org=practice.org) as work:
        renamed(work)
        _end_links(work)

    (found,) = watch.drain()
    assert found.startswith("resetlink is locked after staffmember, and the account is not held")


def _end_links(work: Work) -> None:
    work.session.connection().execute(text("UPDATE resetlink SET superseded_at = NULL WHERE id IS NULL"))
