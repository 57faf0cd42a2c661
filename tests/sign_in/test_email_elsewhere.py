"""What a person's other practices learn of their email: those in which they work follow, all others keep what they had.

Decision 16: one that has let somebody go, or has merely invited them, learns no new address.
"""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from motlink.accounts.actions import write_set_up_link
from motlink.accounts.agent_keys import code_of, make_key
from motlink.accounts.models import Account, EmailChange
from motlink.audit.models import AuditEntry
from motlink.orgs.actions import found_organization
from motlink.permissions import Permission, Scope
from motlink.sign_in.actions import Proof, accept_invitation
from motlink.sign_in.email_change import CHANGED, PUT_BACK, STOPPED, Told, cancel_change, confirm_change
from motlink.sign_in.email_routes import tell_places
from motlink.sign_in.own_name import change_own_name
from motlink.sign_in.rules import DeadLink
from motlink.sign_in.set_up import set_up_owner
from motlink.staff.actions import add_member, deactivate, edit_member, reactivate
from motlink.staff.agents import add_agent
from motlink.staff.export import export_staff
from motlink.staff.import_actions import start_import
from motlink.staff.models import StaffMember
from motlink.staff.queries import profile
from motlink.staff.roster import roster
from motlink.staff.rows import RosterView
from motlink.work import Work, begin_work, nobody, system
from tests.acts import count, do, faults, newest_token
from tests.loops import run as in_own_loop
from tests.meeting import overtaken
from tests.people import Practice, add_person
from tests.sign_in.test_account import browser_at, is_in, signed_in
from tests.sign_in.test_email import (
    CLEO,
    NEW,
    account_of,
    act,
    ask,
    asked,
    cancel,
    confirm,
    email_of,
    on_list,
    token_in,
)
from tests.sign_in.test_everywhere import told
from tests.staff.imports import MINA, bring, fates, sheet

pytestmark = pytest.mark.req("PC-01", "AC-02")


@pytest.fixture
def there(practice: Practice) -> UUID:
    """Cleo works at Elsewhere, too."""
    with begin_work(system(), org=practice.other_org) as work:
        return add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)


@pytest.fixture
def left(practice: Practice, there: UUID) -> UUID:
    """A practice that Cleo has left; the practice's id."""
    with begin_work(system()) as work:
        found_organization(work, name="Third")
        deactivate(work, member_id=add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO))
        return work.org_id


@pytest.fixture
def invites(practice: Practice) -> UUID:
    """A practice that has merely invited her; the practice's id."""
    with begin_work(system()) as work:
        found_organization(work, name="Fourth")
        add_member(work, first_name="Cleo", last_name="M", email=CLEO)
        return work.org_id


def place(org: UUID) -> StaffMember:
    with begin_work(system(), writes=False) as work:
        query = select(StaffMember).where(StaffMember.org_id == org)
        return work.session.exec(query.where(StaffMember.first_name == "Cleo")).one()


def entries(action: str) -> list[AuditEntry]:
    with begin_work(system(), writes=False) as work:
        return list(work.session.exec(select(AuditEntry).where(AuditEntry.action == action)))


def changed(practice: Practice) -> None:
    asked(practice, practice.cleo, NEW)
    in_own_loop(tell_places(act(confirm_change, token_in(NEW, "email_confirm"), practice.org)))


# A change that is stopped ---------------------------------------------------------------------------------------------


@pytest.mark.req("AU-01", "AU-02")
def test_of_a_stopped_change_no_practice_reads_a_change_or_an_address(
    door: TestClient, practice: Practice, there: UUID, left: UUID, invites: UUID
) -> None:
    mine = signed_in(door)
    ask(mine)

    assert cancel(browser_at("192.0.2.9"), "email_asked").headers["location"] == "/email-back?done=1"

    # The one that has merely invited her hears nothing, as of every way in and out.
    assert told(STOPPED) == sorted([practice.org, practice.other_org, left], key=str)
    account = account_of(practice, practice.cleo)
    for entry in entries(STOPPED):
        assert (entry.subject_kind, entry.subject_id) == ("Account", account.id)
        assert not entry.payload and entry.actor_id is None
    assert account.email == CLEO and is_in(mine) and faults() == []


# Who follows ----------------------------------------------------------------------------------------------------------


def test_only_practices_in_which_the_person_works_learn_the_new_email(
    door: TestClient, practice: Practice, there: UUID, left: UUID, invites: UUID
) -> None:
    ask(signed_in(door)), confirm(browser_at("192.0.2.9"))

    assert NEW in on_list(practice) and NEW in on_list(practice, practice.other_org)
    assert on_list(practice, left) == on_list(practice, invites) == {CLEO}
    assert told(CHANGED) == sorted([practice.org, practice.other_org], key=str)
    for org in (left, invites):
        assert not any(NEW in str(entry.payload) for entry in entries_of(org))
    assert cancel(browser_at("192.0.2.9")).headers["location"] == "/email-back?done=2"
    assert told(PUT_BACK) == sorted([practice.org, practice.other_org], key=str)
    assert [entry.payload for entry in entries(PUT_BACK)] == [
        {"before": {"email": NEW}, "after": {"email": CLEO}}
    ] * 2
    assert faults() == []


def entries_of(org: UUID) -> list[AuditEntry]:
    with begin_work(system(), writes=False) as work:
        return list(work.session.exec(select(AuditEntry).where(AuditEntry.org_id == org)))


@pytest.mark.parametrize("which", ["left", "invites"])
def test_no_screen_and_no_file_of_such_a_practice_shows_it(
    practice: Practice, which: str, request: pytest.FixtureRequest
) -> None:
    org: UUID = request.getfixturevalue(which)
    changed(practice)

    with begin_work(system(), org=org, writes=False) as work:
        view = RosterView(inactive=which == "left")
        shown = [
            *(row.email for row in roster(work, view=view).rows),
            profile(work, member_id=place(org).id).email,
            *(cell for row in export_staff(work, view=view) for cell in row if "@" in cell),
        ]
        found = [roster(work, view=RosterView(q=text, inactive=True)).shown for text in (NEW, CLEO)]

    assert shown == [CLEO] * 3 and found == [0, 1]
    edit(org)
    assert on_list(practice, org) == {CLEO}


def edit(org: UUID) -> None:
    here = place(org)
    given: dict[str, Any] = {"last_name": "Edited", "phone": "", "designation": ""}
    with begin_work(system(), org=org) as work:
        edit_member(work, member_id=here.id, version=here.version, first_name="Cleo", **given)


def test_a_place_that_comes_back_follows_again(practice: Practice, left: UUID) -> None:
    changed(practice)

    with begin_work(system(), org=left) as work:
        reactivate(work, member_id=place(left).id)

    assert on_list(practice, left) == {NEW}
    changed_back = token_in(CLEO, "email_changed")
    act(cancel_change, changed_back, practice.org)
    assert on_list(practice, left) == {CLEO}


def test_who_was_invited_is_followed_once_they_accept(practice: Practice, invites: UUID) -> None:
    token = newest_token(CLEO)
    changed(practice)

    with begin_work(nobody(), org=invites) as work:
        work.session.get_one(Account, account_of(practice, practice.cleo).id).password_hash = "a hash"
        work.session.flush()
        accept_invitation(work, token=token, proof=Proof(True, "a hash"))

    assert on_list(practice, invites) == {NEW}


def test_a_place_that_the_operators_link_opens_follows(practice: Practice, invites: UUID) -> None:
    with begin_work(system()) as work:
        found_organization(work, name="Fifth")
        add_member(work, first_name="Cleo", last_name="M", email=CLEO, invite=False)
        fifth = work.org_id
    changed(practice)
    with begin_work(system()) as work:
        token = write_set_up_link(work, account_id=account_of(practice, practice.cleo).id)

    with begin_work(nobody(), org=practice.org) as work:
        set_up_owner(work, token=token, username="cleo", password_hash="a hash")

    assert on_list(practice, fifth) == {NEW} and on_list(practice, invites) == {CLEO}


# Two at once ----------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("15.4.2")
def test_a_stop_that_comes_just_after_the_confirmation_takes_the_change_back(
    practice: Practice, there: UUID
) -> None:
    """Each in another practice, as when a place has ended or begun between two looks at the link."""
    asked(practice, practice.cleo, NEW)
    stop = partial(act, cancel_change, token_in(CLEO, "email_asked"), practice.other_org)
    confirms = partial(confirm_change, token=token_in(NEW, "email_confirm"))

    done = overtaken(stop, confirms, org=practice.org)

    assert isinstance(done, Told) and done.action == PUT_BACK
    assert email_of(practice) == CLEO and on_list(practice, practice.other_org) >= {CLEO}


@pytest.mark.asvs("15.4.2")
def test_a_confirmation_that_comes_just_after_the_stop_finds_it_stopped(
    practice: Practice, there: UUID
) -> None:
    asked(practice, practice.cleo, NEW)
    confirms = partial(act, confirm_change, token_in(NEW, "email_confirm"), practice.other_org)

    refused = overtaken(
        confirms, partial(cancel_change, token=token_in(CLEO, "email_asked")), org=practice.org
    )

    assert isinstance(refused, DeadLink) and email_of(practice) == CLEO
    assert count(EmailChange) == 1


@pytest.mark.asvs("15.4.2")
@pytest.mark.parametrize("who", ["a manager", "themselves"])
@pytest.mark.parametrize("first", ["the change", "the edit"])
def test_an_edit_elsewhere_at_that_moment_brings_no_old_email_back(
    practice: Practice, there: UUID, who: str, first: str
) -> None:
    asked(practice, practice.cleo, NEW)
    token = token_in(NEW, "email_confirm")
    edits: Any = partial(renamed, there) if who == "a manager" else renamed_alone

    def edit_alone() -> None:
        with begin_work(practice.as_(there), org=practice.other_org) as work:
            edits(work)

    def edit_first(work: Work) -> None:
        work.actor = practice.as_(there)(work.session, practice.other_org, work.now)
        edits(work)

    if first == "the change":
        overtaken(edit_alone, partial(confirm_change, token=token), org=practice.org)
    else:
        overtaken(partial(act, confirm_change, token, practice.org), edit_first, org=practice.other_org)

    # on_list looks into what is searched as well.
    assert NEW in on_list(practice) and NEW in on_list(practice, practice.other_org)
    assert place(practice.other_org).last_name == "Renamed"


def renamed(member_id: UUID, work: Work) -> None:
    given: dict[str, Any] = {"first_name": "Cleo", "last_name": "Renamed", "phone": "", "designation": ""}
    work.actor = replace(work.actor, privileges=dict.fromkeys(Permission, Scope.ALL))
    edit_member(work, member_id=member_id, version=work.get(StaffMember, member_id).version, **given)


def renamed_alone(work: Work) -> None:
    change_own_name(work, first_name="Cleo", last_name="Renamed", preferred_name="")


def test_a_practice_that_has_come_between_look_and_act_is_told_once(practice: Practice) -> None:
    """The older practice: its id is the smaller one, and the work is in the younger, as the look has said."""
    asked(practice, practice.cleo, NEW)
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Cleo", "Marchetti", "therapist", email=CLEO)

    done = act(confirm_change, token_in(NEW, "email_confirm"), practice.org)
    in_own_loop(tell_places(done))

    assert practice.other_org < practice.org
    assert told(CHANGED) == sorted([practice.org, practice.other_org], key=str)
    assert NEW in on_list(practice, practice.other_org) and faults() == []


def test_a_practice_that_lets_go_between_look_and_act_learns_no_address(
    practice: Practice, there: UUID
) -> None:
    asked(practice, practice.cleo, NEW)
    do(practice, practice.ana, deactivate, member_id=practice.cleo)

    in_own_loop(tell_places(act(confirm_change, token_in(NEW, "email_confirm"), practice.org)))

    assert {(entry.org_id, "after" in (entry.payload or {})) for entry in entries(CHANGED)} == {
        (practice.org, False),
        (practice.other_org, True),
    }
    assert CLEO in on_list(practice) and on_list(practice, practice.other_org) >= {NEW}


@pytest.mark.req("IE-01")
@pytest.mark.asvs("15.4.2")
def test_a_file_brings_no_email_in_that_is_just_being_replaced(practice: Practice) -> None:
    elsewhere = Practice(**(practice.__dict__ | {"org": practice.other_org}))
    batch = bring(elsewhere, practice.dov, sheet(MINA | {"Email": CLEO}))
    asked(practice, practice.cleo, NEW)

    overtaken(
        partial(do, elsewhere, practice.dov, start_import, batch_id=batch),
        partial(confirm_change, token=token_in(NEW, "email_confirm")),
        org=practice.org,
    )

    [(outcome, why)] = fates(elsewhere, practice.dov, batch).values()
    assert outcome == "refused" and "kept for 7 days" in why
    assert count(StaffMember, StaffMember.org_id == practice.other_org) == 1


@pytest.mark.req("TA-24")
@pytest.mark.asvs("15.4.2")
def test_an_agent_added_by_code_while_their_email_changes_stands_with_the_new_one(practice: Practice) -> None:
    account = account_of(practice, practice.cleo)
    with begin_work(system()) as work:
        key = make_key(work, account_id=account.id, first_name="Cleo", last_name="Marchetti")
        given = {"token": key.token, "code": code_of(key)}
    asked(practice, practice.cleo, NEW)

    def add() -> Any:
        with begin_work(practice.as_(practice.dov), org=practice.other_org) as work:
            return add_agent(work, **given)

    overtaken(add, partial(confirm_change, token=token_in(NEW, "email_confirm")), org=practice.org)

    assert on_list(practice, practice.other_org) >= {NEW}
