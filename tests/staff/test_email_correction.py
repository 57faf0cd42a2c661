"""A manager corrects the email of somebody who has not come in; afterwards nobody but its holder (PC-01)."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from motlink.accounts.actions import write_set_up_link
from motlink.accounts.models import Account
from motlink.audit.undo import UndoRefused, undo
from motlink.errors import Invalid, MotlinkError, NotAllowed
from motlink.mail.models import Letter
from motlink.roles.models import RoleGrant
from motlink.sign_in.set_up import set_up_owner
from motlink.staff.actions import add_member, deactivate, edit_member
from motlink.staff.asking import ask_again
from motlink.staff.email_correction import (
    EmailIsTheirs,
    EmailMoved,
    FromUndoneImport,
    NotUsable,
    correct_email,
    invites_again,
)
from motlink.staff.errors import AlreadyHere, Inactive
from motlink.staff.models import Invitation, StaffMember
from motlink.staff.queries import profile
from motlink.work import begin_work, system
from tests.acts import (
    add_someone,
    cleo_and_strangers_may_not,
    count,
    do,
    faults,
    log,
    newest_token,
    refusal,
    see,
)
from tests.meeting import overtaken
from tests.people import Practice, add_person
from tests.test_races import ROUNDS, accept, at_once

pytestmark = [pytest.mark.req("PC-01")]
WRONG, RIGHT = "jo@riverbend.example", "joanna@riverbend.example"


@pytest.fixture
def jo(practice: Practice) -> UUID:
    """Invited by ben with a slip in the address."""
    return add_someone(practice, practice.ben, "Jo", "therapist").id


def correct(practice: Practice, who: UUID, member_id: UUID, email: str = RIGHT, was: str = WRONG) -> Any:
    return do(practice, who, correct_email, member_id=member_id, email=email, was=was)


def test_it_is_known_before_whether_a_new_invitation_goes(practice: Practice, jo: UUID) -> None:
    kim = {"first_name": "Kim", "last_name": "Li", "email": "kim@riverbend.example", "role_ids": []}
    quiet = do(practice, practice.ben, add_member, invite=False, **kim).id

    assert see(practice, practice.ben, invites_again, member_id=jo) is True
    assert see(practice, practice.ben, invites_again, member_id=quiet) is False
    cleo_and_strangers_may_not(practice, invites_again, member_id=jo)


def given(member_id: UUID, email: str = RIGHT, was: str = WRONG) -> dict[str, Any]:
    return {"member_id": member_id, "email": email, "was": was}


def links(member_id: UUID) -> list[Invitation]:
    with begin_work(system(), writes=False) as work:
        query = select(Invitation).where(Invitation.member_id == member_id)
        return list(work.session.exec(query.order_by(col(Invitation.sent_at), col(Invitation.id))))


def letters_to(email: str) -> list[Letter]:
    with begin_work(system(), writes=False) as work:
        return list(work.session.exec(select(Letter).where(Letter.to == email)))


def test_the_wrong_link_dies_and_a_new_invitation_goes_to_the_right_address(
    practice: Practice, jo: UUID
) -> None:
    done = correct(practice, practice.ben, jo, "  JOANNA@Riverbend.example ")

    assert RIGHT in done.sentence and see(practice, practice.ana, profile, member_id=jo).email == RIGHT
    old, new = links(jo)
    assert old.revoked_at and new.revoked_at is None
    # What still waited for the wrong mailbox never leaves.
    assert all(letter.failed_at and "link" not in (letter.values or {}) for letter in letters_to(WRONG))
    assert [letter.kind for letter in letters_to(RIGHT)] == ["invitation"]
    entry = next(one for one in log(practice) if one.action == "staff.email_corrected")
    assert entry.payload == {"before": {"email": WRONG}, "after": {"email": RIGHT}}
    assert faults() == []


@pytest.mark.asvs("8.2.1", "8.2.2")
def test_others_may_not(practice: Practice, jo: UUID) -> None:
    cleo_and_strangers_may_not(practice, correct_email, **given(jo))
    boss = add_someone(practice, practice.ana, "Bo", "manager").id
    refusal(practice, practice.sam, correct_email, NotAllowed, **given(boss, was="bo@riverbend.example"))


def test_once_somebody_has_come_in_nobody_else_changes_it(practice: Practice) -> None:
    refused = refusal(
        practice, practice.ana, correct_email, EmailIsTheirs, **given(practice.cleo, was="cleo@x.example")
    )

    assert "account page" in refused.next_step


def test_an_account_of_that_email_is_neither_shown_nor_changed(practice: Practice, jo: UUID) -> None:
    with begin_work(system(), writes=False) as work:
        dov = work.session.get_one(StaffMember, practice.dov)
        account = work.session.get_one(Account, dov.account_id)
        was = account.model_dump()

    done = correct(practice, practice.ben, jo, account.email)

    assert "A new invitation goes to" in done.sentence
    with begin_work(system(), writes=False) as work:
        assert work.session.get_one(Account, account.id).model_dump() == was
        assert work.session.get_one(StaffMember, jo).joined_at is None


def test_another_practice_that_typed_the_same_slip_keeps_its_own(practice: Practice, jo: UUID) -> None:
    with begin_work(system(), org=practice.other_org) as work:
        there = add_person(work, "Jo", "Li", "therapist", email=WRONG)

    correct(practice, practice.ben, jo)

    with begin_work(system(), writes=False) as work:
        here, elsewhere = (work.session.get_one(StaffMember, one) for one in (jo, there))
        assert (here.email, elsewhere.email) == (RIGHT, WRONG)
        assert here.account_id != elsewhere.account_id


@pytest.mark.parametrize("email", ["", "no address", "two@x.example, three@x.example", "a@b\n.example"])
def test_what_is_no_email_is_refused(practice: Practice, jo: UUID, email: str) -> None:
    refusal(practice, practice.ben, correct_email, Invalid, **given(jo, email))

    assert len(links(jo)) == 1


def test_an_email_of_this_practice_is_refused(practice: Practice, jo: UUID) -> None:
    add_someone(practice, practice.ben, "Ina")

    refusal(practice, practice.ben, correct_email, AlreadyHere, **given(jo, "ina@riverbend.example"))


def test_one_that_an_undone_import_has_left_is_refused_with_a_way_out(practice: Practice, jo: UUID) -> None:
    ina = add_someone(practice, practice.ben, "Ina").id
    with begin_work(system(), org=practice.org) as work:
        place = work.get(StaffMember, ina)
        place.withdrawn_at = work.now
        work.add(place)

    refusal(practice, practice.ben, correct_email, FromUndoneImport, **given(jo, "ina@riverbend.example"))


def test_two_managers_who_correct_at_once_do_not_overwrite_each_other(practice: Practice, jo: UUID) -> None:
    correct(practice, practice.ana, jo)

    refused = refusal(
        practice, practice.ben, correct_email, EmailMoved, **given(jo, "jona@riverbend.example")
    )

    assert RIGHT in refused.sentence


def test_the_same_again_changes_nothing(practice: Practice, jo: UUID) -> None:
    assert correct(practice, practice.ben, jo, WRONG.upper()).sentence == "Nothing has changed."

    assert len(links(jo)) == 1


def test_who_was_never_invited_gets_no_letter(practice: Practice) -> None:
    with begin_work(practice.as_(practice.ben), org=practice.org) as work:
        ina = add_person(work, "Ina", "Li", email="ina@riverbend.example")
        work.get(StaffMember, ina).joined_at = None

    correct(practice, practice.ben, ina, was="ina@riverbend.example")

    assert links(ina) == [] and letters_to(RIGHT) == []


def test_who_is_inactive_is_left_alone(practice: Practice, jo: UUID) -> None:
    do(practice, practice.ben, deactivate, member_id=jo)

    refusal(practice, practice.ben, correct_email, Inactive, **given(jo))
    assert not see(practice, practice.ben, profile, member_id=jo).may_correct_email


@pytest.mark.req("UX-02")
def test_it_is_undone_until_they_have_come_in(practice: Practice, jo: UUID) -> None:
    done = correct(practice, practice.ben, jo)

    do(practice, practice.ben, undo, entry_id=done.undo)

    assert see(practice, practice.ben, profile, member_id=jo).email == WRONG
    assert [link.revoked_at is None for link in links(jo)] == [False, False, True]
    again = correct(practice, practice.ben, jo)
    with begin_work(system(), org=practice.org) as work:
        work.get(StaffMember, jo).joined_at = work.now
    with pytest.raises((UndoRefused, EmailIsTheirs)):
        do(practice, practice.ben, undo, entry_id=again.undo)


def test_an_edit_of_the_details_leaves_the_email_alone(practice: Practice, jo: UUID) -> None:
    correct(practice, practice.ben, jo)
    shown = see(practice, practice.ben, profile, member_id=jo)
    details = {"first_name": "Joanna", "last_name": "Li", "phone": "", "designation": ""}

    do(practice, practice.ben, edit_member, member_id=jo, version=shown.version, **details)

    assert see(practice, practice.ben, profile, member_id=jo).email == RIGHT


@pytest.mark.soak
@pytest.mark.req("R9", "TA-10")
def test_of_accepting_and_correcting_at_once_one_wins(practice: Practice) -> None:
    for number in range(ROUNDS):
        wrong, right = f"jo{number}@riverbend.example", f"joanna{number}@riverbend.example"
        jo = add_someone(practice, practice.ben, "Jo", "therapist", email=wrong).id
        token = newest_token(wrong)
        accepted, corrected = at_once(
            lambda token=token, number=number: accept(practice, token, f"jo.{number}"),
            lambda jo=jo, wrong=wrong, right=right: correct(practice, practice.ben, jo, right, wrong),
        )
        assert isinstance(accepted, MotlinkError) != isinstance(corrected, MotlinkError), (
            accepted,
            corrected,
        )
        # Whoever held the link of the wrong address is in, or it opened nothing.
        assert count(Account, Account.email == wrong, col(Account.username).is_not(None)) == isinstance(
            corrected, EmailIsTheirs
        )
        assert see(practice, practice.ben, profile, member_id=jo).joined == isinstance(accepted, str)
    assert faults() == []


@pytest.mark.req("TA-27")
@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize(("who", "role"), [("sam", "biller"), ("ben", "records_custodian")])
def test_nobody_hands_on_a_role_by_it_that_they_may_not_give(practice: Practice, who: str, role: str) -> None:
    cora = add_someone(practice, practice.ana, "Cora", "scheduler", role).id

    given_on = given(cora, "second.mailbox@evil.example", "cora@riverbend.example")
    refusal(practice, getattr(practice, who), correct_email, NotAllowed, **given_on)

    assert len(links(cora)) == 1 and letters_to("second.mailbox@evil.example") == []
    # The Profile offers it to whoever may, and to nobody else.
    offers = [see(practice, one, profile, member_id=cora) for one in (getattr(practice, who), practice.ana)]
    assert [one.may_correct_email for one in offers] == [False, True]
    correct(practice, practice.ana, cora, was="cora@riverbend.example")


def test_a_role_that_begins_later_counts_as_well(practice: Practice) -> None:
    cora = add_someone(practice, practice.ana, "Cora", "scheduler", "records_custodian").id
    with begin_work(system(), org=practice.org) as work:
        for grant in work.session.exec(select(RoleGrant).where(RoleGrant.member_id == cora)):
            grant.starts_at = work.now + timedelta(days=3)
            work.add(grant)

    refusal(practice, practice.ben, correct_email, NotAllowed, **given(cora, was="cora@riverbend.example"))


def test_the_wrong_address_is_as_free_as_before_unless_another_practice_awaits_it(
    practice: Practice, jo: UUID
) -> None:
    correct(practice, practice.ben, jo)
    assert count(Account, Account.email == WRONG) == 0
    with begin_work(system(), org=practice.other_org) as work:
        add_person(work, "Jo", "Li", "therapist", email=RIGHT, joined=False)

    correct(practice, practice.ben, jo, "third@riverbend.example", RIGHT)

    assert count(Account, Account.email == RIGHT) == 1


def test_whoever_has_a_place_here_under_an_older_email_is_not_named(practice: Practice, jo: UUID) -> None:
    tom = add_someone(practice, practice.ben, "Tom").id
    with begin_work(system()) as work:
        account = work.session.get_one(Account, work.session.get_one(StaffMember, tom).account_id)
        account.email = "tom@private.example"
        work.add(account)

    refused = refusal(practice, practice.ben, correct_email, NotUsable, **given(jo, "tom@private.example"))

    assert "Tom" not in str(refused)


@pytest.mark.asvs("15.4.2")
def test_whoever_comes_in_by_the_operators_link_meanwhile_keeps_the_place(practice: Practice) -> None:
    kim = {"first_name": "Kim", "last_name": "Li", "email": "kim@riverbend.example", "role_ids": []}
    quiet = do(practice, practice.ben, add_member, invite=False, **kim).id
    with begin_work(system()) as work:
        account = work.session.exec(select(Account).where(Account.email == "kim@riverbend.example")).one().id
        token = write_set_up_link(work, account_id=account)

    refused = overtaken(
        lambda: correct(practice, practice.ben, quiet, was="kim@riverbend.example"),
        partial(set_up_owner, token=token, username="kim", password_hash="a hash"),
        org=None,
    )

    assert isinstance(refused, EmailIsTheirs)
    with begin_work(system(), writes=False) as work:
        place = work.session.get_one(StaffMember, quiet)
        assert place.account_id == account and place.joined_at


@pytest.mark.req("TA-11")
def test_the_wrong_mailbox_has_no_voice_any_more(practice: Practice, jo: UUID) -> None:
    stranger = newest_token(WRONG)
    correct(practice, practice.ben, jo)

    with begin_work(system(), org=practice.org) as work:
        ask_again(work, token=stranger)

    assert [link.asked_again_at for link in links(jo)] == [None, None]
    assert [bool(link.revoked_at) for link in links(jo)] == [True, False]
    with begin_work(system(), org=practice.org) as work:
        ask_again(work, token=newest_token(RIGHT))
    assert [bool(link.asked_again_at) for link in links(jo)] == [False, True]
