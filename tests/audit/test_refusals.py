"""A refusal in the log says who tried what, with whom and which role (AU-02)."""

from typing import Any
from uuid import UUID

import pytest

from motlink.accounts.actions import open_session
from motlink.accounts.queries import digest_of
from motlink.audit.queries import AuditRow, AuditView, entries
from motlink.audit.undo import undo
from motlink.errors import NotAllowed
from motlink.staff.actions import add_member, deactivate, switch_role
from motlink.staff.models import StaffMember
from motlink.staff.queries import history
from motlink.web.acting import _in_work
from motlink.web.guard import keep_note
from motlink.web.visitor import Visitor
from motlink.work import begin_work, system
from tests.acts import do, see, switching
from tests.people import Practice

pytestmark = [pytest.mark.req("AU-02"), pytest.mark.asvs("16.2.1", "16.3.2")]


def visitor(practice: Practice, who: UUID, slug: str = "riverbend-therapy") -> Visitor:
    """Return someone who is signed in, as a socket of theirs shows them."""
    with begin_work(system()) as work:
        token = open_session(work, account_id=work.session.get_one(StaffMember, who).account_id)
    return Visitor(digest_of(token), "192.0.2.7", "Firefox on Linux", slug)


def refused(practice: Practice, who: UUID, action: Any, **given: Any) -> AuditRow:
    """Try something on the screen, and return what the log says of it."""
    with pytest.raises(NotAllowed):
        _in_work(visitor(practice, who), action, given, writes=True)
    return newest(practice)


def newest(practice: Practice) -> AuditRow:
    page = see(practice, practice.ana, entries, view=AuditView(action="refused"))
    return page.rows[0]  # type: ignore[no-any-return]


def test_a_manager_who_tries_to_become_owner_is_named_with_the_role(practice: Practice) -> None:
    row = refused(
        practice,
        practice.ben,
        switch_role,
        **switching(practice, practice.ben, "owner", on=True, confirmed=True),
    )

    assert (row.who, row.what, row.whom) == ("Ben Okafor", "Refused", "Ben Okafor")
    assert "tried: Turn a role on or off" in row.details and "roles: Owner" in row.details
    assert "Nobody changes their own roles." in row.details
    assert (row.address, row.browser) == ("192.0.2.7", "Firefox on Linux")


def test_whom_it_was_about_is_said_where_the_privilege_is_missing_altogether(practice: Practice) -> None:
    row = refused(practice, practice.cleo, deactivate, member_id=practice.ana)

    assert (row.who, row.whom, row.whom_id) == ("Cleo Marchetti", "Ana Castellanos", str(practice.ana))
    assert "tried: Deactivate" in row.details


def test_the_roles_of_someone_who_was_to_be_added_are_said(practice: Practice) -> None:
    roles = [practice.roles["owner"], practice.roles["biller"]]

    row = refused(
        practice,
        practice.ben,
        add_member,
        first_name="Jo",
        last_name="Li",
        email="jo@new.example",
        role_ids=roles,
    )

    assert "tried: Add a staff member" in row.details and "roles: Owner, Biller" in row.details


def test_an_undo_of_somebody_elses_act_names_the_person_it_was_about(practice: Practice) -> None:
    done = do(
        practice,
        practice.ana,
        switch_role,
        **switching(practice, practice.cleo, "biller", on=True),
    )

    row = refused(practice, practice.ben, undo, entry_id=done.undo)

    assert (row.who, row.whom) == ("Ben Okafor", "Cleo Marchetti") and "tried: Undo" in row.details


def test_an_event_that_the_guard_refuses_says_the_screen_and_the_person(practice: Practice) -> None:
    cleo, sent = visitor(practice, practice.cleo), {"member_id": str(practice.ana), "on": True}

    keep_note(cleo, "reflex___state____state.x____profile_state.set_role", NotAllowed(), sent)

    row = newest(practice)
    assert (row.who, row.whom) == ("Cleo Marchetti", "Ana Castellanos")
    assert "tried: Profile: set role" in row.details


@pytest.mark.asvs("8.4.1")
@pytest.mark.parametrize(
    "sent", [{"member_id": "\0"}, {"member_id": ["x"]}, {"role_ids": "x" * 99}, {"role_ids": ["x", None, {}]}]
)
def test_ids_of_another_practice_and_nonsense_name_nobody(practice: Practice, sent: dict[str, Any]) -> None:
    cleo = visitor(practice, practice.cleo)

    keep_note(cleo, "____profile_state.load", NotAllowed(), {"member_id": str(practice.dov)})
    foreign = newest(practice)
    keep_note(cleo, "____profile_state.load", NotAllowed(), sent)

    assert foreign.whom == "" == newest(practice).whom
    assert "Dov" not in repr(foreign) and newest(practice).number == foreign.number + 1


def test_a_refusal_is_in_the_log_and_not_in_the_persons_history(practice: Practice) -> None:
    before = see(practice, practice.ana, history, member_id=practice.ana)

    refused(practice, practice.cleo, deactivate, member_id=practice.ana)

    assert see(practice, practice.ana, history, member_id=practice.ana) == before
